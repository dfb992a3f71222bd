//! The program `pn532-simulator`: starts chips and their control socket, and ends on a signal.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Parser;
use pn532_simulator::Simulator;
use pn532_simulator::control::ControlSocket;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Simulates PN532 chips on pseudo-terminals, with tags in one shared RF field.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// A chip and the path that becomes a link to its terminal, as NAME=PATH
    #[arg(long = "chip", value_name = "NAME=PATH", required = true, value_parser = named_path)]
    chips: Vec<(String, PathBuf)>,
    /// Pace of the lines in bit/s; 0 for as fast as possible
    #[arg(long, default_value_t = 115_200)]
    baud: u32,
    /// Path of the control socket
    #[arg(long)]
    control: PathBuf,
}

fn named_path(argument: &str) -> Result<(String, PathBuf), String> {
    match argument.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => {
            Ok((name.to_owned(), PathBuf::from(path)))
        }
        Some(_) | None => Err("expected NAME=PATH".to_owned()),
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("waiting for signals")?;
    let chips: Vec<_> =
        arguments.chips.iter().map(|(name, path)| (name.as_str(), path.as_path())).collect();
    let simulator = Arc::new(Simulator::start(&chips, arguments.baud)?);
    let control = ControlSocket::open(&arguments.control, Arc::clone(&simulator))?;
    writeln!(stdout(), "ready")?;

    signals.forever().next();
    drop(control);
    simulator.stop();
    Ok(())
}
