//! The kiosk's program: reads the settings, starts the edges, hands them to the driver.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use tapcard_appliance::assembly;
use tapcard_appliance::config::{self, BadConfig, Config};
use tapcard_appliance::desk;
use tapcard_appliance::driver::Event;
#[cfg(feature = "headless")]
use tapcard_appliance::headless::Headless;
use tapcard_appliance::inspect::inspect;
use tapcard_appliance::print::{Place, apart};
use tapcard_appliance::screens::Screens;
use tracing::error;

/// The Tapcard kiosk: touch, confirm, keep, send.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    /// The settings.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Print commented settings to start from.
    #[arg(long)]
    print_config: bool,
    /// Draw into PNG files in this folder, and obey lines on standard input.
    #[cfg(feature = "headless")]
    #[arg(long, value_name = "DIR", requires = "config")]
    headless: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Print the card in a .vcf or .ndef file as JSContact, or the reason for refusing it.
    Inspect {
        /// A vCard, or a raw NDEF message.
        file: PathBuf,
    },
    /// Write cards to blank NTAGs, one after another, and read each back: a badge desk.
    ///
    /// Of the settings only `[reader]`, `page` and `region` count, and no account is needed.
    Write(desk::Options),
    /// Makes a picture harmless: from standard input to standard output.
    #[command(name = apart::COMMAND, hide = true)]
    Develop {
        /// Where it is shown.
        #[arg(value_parser = place)]
        place: Place,
    },
}

fn place(name: &str) -> Result<Place, String> {
    let known = Place::ALL.into_iter().find(|it| it.name() == name);
    known.ok_or_else(|| "there is no such place for a picture".to_owned())
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if cli.print_config {
        return print(config::DEFAULT);
    }
    if let Some(Command::Inspect { file }) = &cli.command {
        return print_card(file);
    }
    if let Some(Command::Develop { place }) = &cli.command {
        return apart::run(*place).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    let Some(path) = &cli.config else {
        return complain("say --config FILE; --print-config shows what belongs in it");
    };
    if let Some(Command::Write(options)) = &cli.command {
        return write(options, path);
    }
    let config = match config::load(path) {
        Ok(config) => config,
        Err(error) => return bad_config(&error),
    };
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
    #[cfg(feature = "headless")]
    let outcome = match cli.headless {
        Some(folder) => run_headless(config, &folder),
        None => run(config),
    };
    #[cfg(not(feature = "headless"))]
    let outcome = run(config);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(config: Config) -> Result<()> {
    let size = config.screen;
    let (events, received) = channel();
    let screens = open_screens(config.screen.thanks(), &events)?;
    let driver = assembly::start(config, events, received, screens.display())?;
    screens.run(size.width, size.height).context("showing the screens")?;
    driver.finish()
}

#[cfg(feature = "headless")]
fn run_headless(config: Config, folder: &Path) -> Result<()> {
    let headless = Headless::prepare(folder, config.screen.width, config.screen.height)?;
    let (events, received) = channel();
    let screens = open_screens(config.screen.thanks(), &events)?;
    let driver = assembly::start(config, events, received, screens.display())?;
    headless.run(&screens)?;
    driver.finish()
}

fn open_screens(thanks: Duration, events: &Sender<Event>) -> Result<Screens> {
    let people = events.clone();
    // Fails only when the driver is gone, which also closes the screens.
    let send = move |input| drop(people.send(Event::Person(input)));
    Screens::open(thanks, send).context("opening the window")
}

fn print_card(file: &Path) -> ExitCode {
    match inspect(file) {
        Ok(found) => {
            if let Some(photo) = found.photo {
                complain(&photo);
            }
            print(&(found.json + "\n"))
        }
        Err(error) => complain(&format!("{error:#}")),
    }
}

fn write(options: &desk::Options, config: &Path) -> ExitCode {
    let config = match config::load_desk(config) {
        Ok(config) => config,
        Err(error) => return bad_config(&error),
    };
    desk::run(options, &config).unwrap_or_else(|error| complain(&format!("{error:#}")))
}

fn bad_config(error: &BadConfig) -> ExitCode {
    complain(&error.to_string());
    ExitCode::from(config::EXIT_CODE)
}

fn print(text: &str) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// One line to whoever started the program.
fn complain(text: &str) -> ExitCode {
    // Nobody is left to tell that this failed.
    let _ = writeln!(std::io::stderr(), "{text}");
    ExitCode::FAILURE
}
