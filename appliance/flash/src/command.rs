//! The command line: what was asked for, and what becomes of it.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::list::table;
use crate::machine::Machine;
use crate::os_list;
use crate::progress::say;
use crate::settings::{self, BadSettings};
use crate::write;

/// Writes a kiosk's image and its first settings to a card, and reads both back.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show which disks may be written, and why the others may not.
    List,
    /// Write an image to a disk, and the first settings into it.
    Write(write::Order),
    /// Print the list from which Raspberry Pi Imager offers an image.
    OsList(os_list::Entry),
}

/// Runs the program: 1 when something was refused or failed, 78 for settings that cannot be used.
pub fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::List => Machine::here().and_then(|it| print(&table(&it))),
        Command::Write(order) => write::run(&order),
        Command::OsList(entry) => os_list::json(&entry).and_then(|it| print(&it)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("tapcard-flash: {error:#}"));
            let is_settings = error.downcast_ref::<BadSettings>().is_some();
            ExitCode::from(if is_settings { settings::EXIT_CODE } else { 1 })
        }
    }
}

fn print(text: &str) -> Result<()> {
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}
