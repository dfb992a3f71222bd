//! The kiosk's program: reads the settings, starts the edges, hands them to the driver.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use jiff::{SignedDuration, Timestamp};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tapcard_appliance::config::{self, BadConfig, Config, OwnerConfig};
use tapcard_appliance::darkroom::Darkroom;
use tapcard_appliance::desk;
use tapcard_appliance::driver::{Driver, Edges, Event, Identity};
#[cfg(feature = "headless")]
use tapcard_appliance::headless::Headless;
use tapcard_appliance::inspect::inspect;
use tapcard_appliance::portrait::apart;
use tapcard_appliance::screens::{Display, Screens};
use tapcard_appliance::session::Session;
use tapcard_appliance::signals;
use tapcard_appliance::stick::Stick;
use tapcard_appliance::store::Store;
use tapcard_appliance::uplink::{Address, Uplink};
use tapcard_appliance::{chance, reader, visitor};
use tapcard_protocol::{Card, Edition};
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
    Portrait,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if cli.print_config {
        return print(config::DEFAULT);
    }
    if let Some(Command::Inspect { file }) = &cli.command {
        return print_card(file);
    }
    if let Some(Command::Portrait) = &cli.command {
        return apart::run().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
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
    let driver = start(config, events, received, screens.display())?;
    screens.run(size.width, size.height).context("showing the screens")?;
    driver.finish()
}

#[cfg(feature = "headless")]
fn run_headless(config: Config, folder: &Path) -> Result<()> {
    let headless = Headless::prepare(folder, config.screen.width, config.screen.height)?;
    let (events, received) = channel();
    let screens = open_screens(config.screen.thanks(), &events)?;
    let driver = start(config, events, received, screens.display())?;
    headless.run(&screens)?;
    driver.finish()
}

fn open_screens(thanks: Duration, events: &Sender<Event>) -> Result<Screens> {
    let people = events.clone();
    // Fails only when the driver is gone, which also closes the screens.
    let send = move |input| drop(people.send(Event::Person(input)));
    Screens::open(thanks, send).context("opening the window")
}

/// The driver at work on its thread.
struct Running {
    events: Sender<Event>,
    thread: thread::JoinHandle<Result<()>>,
}

impl Running {
    /// Lets the driver finish what it is at.
    fn finish(self) -> Result<()> {
        // Fails when it has stopped already.
        let _ = self.events.send(Event::Stop);
        self.thread.join().unwrap_or_else(|_| anyhow::bail!("the driver panicked"))
    }
}

fn start(
    config: Config,
    events: Sender<Event>,
    received: Receiver<Event>,
    display: Display,
) -> Result<Running> {
    let owner = config.owner.as_ref().map(owner_card);
    let mut store = Store::open(&config.store, config.terminal, chance::number()?)?;
    if let Some(card) = &owner {
        store.take_own_card(Edition(0), card)?;
    }
    store.register(Timestamp::now(), owner)?;
    thread::Builder::new().name("warm-up".into()).spawn(visitor::warm_up)?;
    let to_driver = events.clone();
    let seed = chance::number()?;
    let place = reader::Place {
        settings: config.reader.settings(),
        appearance: config.card.appearance(seed),
        region: config.region,
        seed,
    };
    let reader = reader::start(place, move |it| drop(to_driver.send(Event::Reader(it))))?;
    let to_driver = events.clone();
    let credentials = config.credentials()?;
    let developed = events.clone();
    let program = std::env::current_exe().context("finding this program")?;
    let tell = move |it| drop(developed.send(Event::Portrait(it)));
    let darkroom = Darkroom::start(program, config.gallery()?, tell)?;
    let cloud = config.cloud.clone();
    let address = Address { brokers: config.broker, terminal: config.terminal, credentials };
    let uplink = Uplink::start(address, move |it| drop(to_driver.send(Event::Uplink(it))))?;
    let identity = Identity {
        account: config.account,
        terminal: config.terminal,
        place: config.place,
        retention: SignedDuration::from_hours(i64::from(config.retention_hours)),
        page: config.page,
        cloud,
        region: config.region,
    };
    let to_driver = events.clone();
    let stick = Stick::new(config.stick, move |it| drop(to_driver.send(Event::Stick(it))));
    let signals = signals::Signals::start(config.signals.settings())?;
    let edges = Edges { store, uplink, reader, display, stick, darkroom, signals };
    let session = Session::new(config.mode, config.staff_pin)
        .thanking_for(config.screen.thanks())
        .speaking(config.language)
        .asking(config.cloud_consent)
        .unattended(config.unattended)
        .introducing(config.introduces)
        .standing_in(config.region);
    let driver = Driver::new(identity, edges, session)?;
    obey_signals(events.clone())?;
    let thread =
        thread::Builder::new().name("driver".into()).spawn(move || driver.run(&received))?;
    Ok(Running { events, thread })
}

fn obey_signals(events: Sender<Event>) -> Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT]).context("listening for signals")?;
    thread::Builder::new().name("signals".into()).spawn(move || {
        signals.forever().next();
        // Fails when the driver has stopped already.
        let _ = events.send(Event::Stop);
    })?;
    Ok(())
}

fn owner_card(owner: &OwnerConfig) -> Card {
    let mut card = Card::named(&owner.name);
    card.set_title(&owner.title);
    card.set_organisation(&owner.organisation);
    card
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
