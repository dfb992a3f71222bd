//! The command line: what was asked for, and what becomes of it.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::list::table;
use crate::machine::Machine;
use crate::progress::say;

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
}

/// Runs the program: 1 when something was refused or failed.
pub fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::List => Machine::here().and_then(|it| print(&table(&it))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("tapcard-flash: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn print(text: &str) -> Result<()> {
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}
