//! The kiosk's program: reads the settings, starts the edges, hands them to the driver.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use tapcard_appliance::assembly::{self, Running};
use tapcard_appliance::config::{self, BadConfig, Config, ScreenConfig};
use tapcard_appliance::desk;
use tapcard_appliance::driver::Event;
use tapcard_appliance::floor;
#[cfg(feature = "headless")]
use tapcard_appliance::headless::Headless;
use tapcard_appliance::inspect::inspect;
use tapcard_appliance::intake::Places;
use tapcard_appliance::print::{Place, apart};
use tapcard_appliance::screens::{Display, Screens};
use tapcard_appliance::timekeeper::{Kept, Sources};
use tapcard_appliance::view::Unset;
use tracing::error;

/// The Tapcard kiosk: touch, confirm, keep, send.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    /// The settings.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// What `provision` found wrong, to be said on the screen before anything else.
    #[arg(long, value_name = "FILE", requires = "config")]
    fault: Option<PathBuf>,
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
    /// Take in `tapcard.toml` from a flashed card's first partition; the system does it at each start.
    Provision {
        /// The card's first partition.
        #[arg(long, value_name = "DIR")]
        boot: PathBuf,
        /// The data partition.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Where to write what is wrong.
        #[arg(long, value_name = "FILE")]
        report: PathBuf,
    },
    /// Set the clock by the cloud's, unless a time server has done so; the system does it again and again.
    Clock {
        /// A file that is there once a time server has answered.
        #[arg(long, value_name = "FILE")]
        synchronized: PathBuf,
        /// A file that no clock is older than.
        #[arg(long, value_name = "FILE")]
        epoch: PathBuf,
    },
    /// Say by the exit code whether an update may be installed; the system asks before it does so.
    VetUpdate {
        /// The version that was good last.
        #[arg(long, value_name = "FILE")]
        floor: PathBuf,
        /// What the update says of itself, as RAUC has it in a mounted bundle.
        #[arg(long, value_name = "FILE")]
        manifest: PathBuf,
    },
    /// Remember that this version was good: none before it is installed any more.
    Vouch {
        /// Where to remember it.
        #[arg(long, value_name = "FILE")]
        floor: PathBuf,
    },
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
    if let Some(Command::Provision { boot, data, report }) = cli.command {
        return finish(Places { boot, data, fault: report }.take_in());
    }
    if let Some(Command::VetUpdate { floor, manifest }) = &cli.command {
        return finish(floor::vet(floor, manifest));
    }
    if let Some(Command::Vouch { floor }) = &cli.command {
        return finish(floor::vouch(floor));
    }
    let Some(path) = &cli.config else {
        return complain("say --config FILE; --print-config shows what belongs in it");
    };
    if let Some(Command::Write(options)) = &cli.command {
        return write(options, path);
    }
    if let Some(Command::Clock { synchronized, epoch }) = cli.command {
        return finish(keep_time(path, synchronized, epoch));
    }
    let fault = cli.fault.as_deref().and_then(|it| std::fs::read_to_string(it).ok());
    let config = match config::load(path) {
        Ok(config) => Some(config),
        Err(_) if fault.is_some() && !path.exists() => None,
        Err(error) => return bad_config(&error),
    };
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
    let plan = Plan { config, fault };
    #[cfg(feature = "headless")]
    let outcome = match cli.headless {
        Some(folder) => run_headless(plan, &folder),
        None => run(plan),
    };
    #[cfg(not(feature = "headless"))]
    let outcome = run(plan);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What a kiosk is started with: settings, or what is wrong with them, or both.
struct Plan {
    config: Option<Config>,
    fault: Option<String>,
}

impl Plan {
    fn screen(&self) -> ScreenConfig {
        self.config.as_ref().map(|it| it.screen).unwrap_or_default()
    }

    fn start(
        self,
        events: Sender<Event>,
        received: Receiver<Event>,
        display: Display,
    ) -> Result<Running> {
        match (self.fault, self.config) {
            (None, Some(config)) => assembly::start(config, events, received, display),
            (fault, config) => {
                let fault = fault.unwrap_or_default().trim_end().to_owned();
                let unset = Unset { fault, can_go_on: config.is_some() };
                assembly::start_by((unset, config), events, received, display)
            }
        }
    }
}

fn run(plan: Plan) -> Result<()> {
    let size = plan.screen();
    let (events, received) = channel();
    let screens = open_screens(size.thanks(), &events)?;
    let driver = plan.start(events, received, screens.display())?;
    screens.run(size.width, size.height).context("showing the screens")?;
    driver.finish()
}

#[cfg(feature = "headless")]
fn run_headless(plan: Plan, folder: &Path) -> Result<()> {
    let size = plan.screen();
    let headless = Headless::prepare(folder, size.width, size.height)?;
    let (events, received) = channel();
    let screens = open_screens(size.thanks(), &events)?;
    let driver = plan.start(events, received, screens.display())?;
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

/// One line about what became of the clock, if anything did.
fn keep_time(config: &Path, synchronized: PathBuf, epoch: PathBuf) -> Result<()> {
    let config = config::load(config)?;
    let authorities = config.authorities();
    let Some(cloud) = config.cloud else { return Ok(()) };
    let sources = Sources { cloud, authorities, synchronized, epoch };
    if let Kept::Set(by) = sources.keep()? {
        writeln!(std::io::stderr(), "the clock was wrong by {by:#}; it goes by the cloud's now")?;
    }
    Ok(())
}

fn finish(outcome: Result<()>) -> ExitCode {
    outcome.map_or_else(|error| complain(&format!("{error:#}")), |()| ExitCode::SUCCESS)
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
