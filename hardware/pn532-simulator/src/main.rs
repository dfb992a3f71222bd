//! The program `pn532-simulator`: starts chips and their control socket, and ends on a signal.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Parser;
use pn532_simulator::control::ControlSocket;
use pn532_simulator::{Port, Simulator};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Simulates PN532 chips on pseudo-terminals and buses, with tags in one shared RF field.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// A chip and the path that becomes a link to its terminal, as NAME=PATH; NAME=i2c:PATH and
    /// NAME=spi:PATH are sockets for the stand-in for bus devices
    #[arg(long = "chip", value_name = "NAME=PATH", required = true, value_parser = named_port)]
    chips: Vec<(String, Port)>,
    /// Pace of the lines in bit/s; 0 for as fast as possible
    #[arg(long, default_value_t = 115_200)]
    baud: u32,
    /// A chip on a serial line and the path of a socket to its reset line, as NAME=PATH
    #[arg(long, value_name = "NAME=PATH", value_parser = named_path)]
    pins: Vec<(String, PathBuf)>,
    /// Path of the control socket
    #[arg(long)]
    control: PathBuf,
}

fn named_port(argument: &str) -> Result<(String, Port), String> {
    let (name, port) = named(argument)?;
    Ok((name, port.parse()?))
}

fn named_path(argument: &str) -> Result<(String, PathBuf), String> {
    let (name, path) = named(argument)?;
    Ok((name, path.into()))
}

fn named(argument: &str) -> Result<(String, &str), String> {
    match argument.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok((name.to_owned(), value))
        }
        Some(_) | None => Err("expected NAME=PATH".to_owned()),
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("waiting for signals")?;
    let simulator = Arc::new(Simulator::start_on(&arguments.chips, arguments.baud)?);
    for (chip, path) in &arguments.pins {
        simulator.open_pins(chip, path)?;
    }
    let control = ControlSocket::open(&arguments.control, Arc::clone(&simulator))?;
    writeln!(stdout(), "ready")?;

    signals.forever().next();
    drop(control);
    simulator.stop();
    Ok(())
}
