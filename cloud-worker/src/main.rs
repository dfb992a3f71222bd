//! The cloud worker: takes tasks from the broker into Postgres and tells the terminals what came of them.

mod addressee;
mod cli;
mod config;
mod database;
mod dead_letters;
mod draw;
mod erasures;
mod export;
mod housekeeping;
mod http;
mod inbox;
mod ingest;
mod keys;
mod kiosks;
mod lease;
mod link;
mod mail;
mod media;
mod media_link;
mod nonce;
mod number_key;
mod one_time;
mod operator;
mod plan;
mod post;
mod reason;
mod recovery;
mod relay;
mod roles;
mod share;
mod spool;
mod store;
mod watchdog;

use std::convert::Infallible;
use std::io::{self, Write};
use std::panic;
use std::process::{self, ExitCode};
use std::thread;

use anyhow::Context;
use clap::Parser;
use tapcard_protocol::AccountId;
use tapcard_protocol::access::Kind;
use tracing::error;

use cli::{
    AccountCommand, Cli, ClientCommand, Command, DeadLetterCommand, KioskCommand, TerminalCommand,
};
use config::Config;
use kiosks::{Awaited, Order};
use reason::reason;
use store::barred::Why;

/// `EX_CONFIG` of sysexits(3).
const WRONG_CONFIGURATION: u8 = 78;

fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false).init();
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |it| {
        report(it);
        process::abort();
    }));
    let cli = Cli::parse();
    let config = match &cli.command {
        Command::PrintConfig | Command::Keygen { .. } | Command::MakeHarmless => None,
        _ => match Config::read(&cli.config) {
            Ok(it) => Some(it),
            Err(why) => {
                error!("{}", reason(&why));
                return ExitCode::from(WRONG_CONFIGURATION);
            }
        },
    };
    match run(cli.command, config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            error!("{}", reason(&why));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command, config: Option<Config>) -> anyhow::Result<()> {
    match (command, config) {
        (Command::PrintConfig, _) => say(config::DEFAULT.trim_end()),
        (Command::Keygen { folder }, _) => keys::generate(&folder),
        (Command::MakeHarmless, _) => media::apart::run(),
        (Command::Migrate, Some(config)) => {
            database::migrate(&mut database::connect(&config.postgres)?)
        }
        (Command::Roles, Some(config)) => roles::make(&mut database::connect(&config.postgres)?),
        (Command::Ingest, Some(config)) => {
            let key = keys::numbers(&config.keys)?;
            work(&config, "ingest", move |it| ingest::run(it, &key))
        }
        (Command::Relay, Some(config)) => work(&config, "relay", relay::run),
        (Command::Http, Some(config)) => serve(config),
        (Command::All, Some(config)) => all(config),
        (Command::Account(it), Some(config)) => account(&config, it),
        (Command::Terminal(TerminalCommand::Add { account, kind, place }), Some(config)) => {
            say(&operator::add_terminal(&config, account, &kind, &place)?.to_string())
        }
        (Command::Terminal(TerminalCommand::Revoke { terminal }), Some(config)) => {
            operator::revoke(&config, terminal)
        }
        (Command::Terminal(TerminalCommand::Wipe { terminal }), Some(config)) => {
            operator::wipe(&config, terminal)
        }
        (Command::Housekeep, Some(config)) => {
            let key = keys::numbers(&config.keys)?;
            let mut db = database::connect(&config.postgres)?;
            housekeeping::keep(&mut db, &config.retention, &key)?;
            housekeeping::sweep(&mut db, &config.retention)
        }
        (Command::ReplayErasures, Some(config)) => {
            let mut db = database::connect(&config.postgres)?;
            let n_erased = housekeeping::replay(&mut db, &config.retention)?;
            say(&format!("erased {n_erased} accounts again"))
        }
        (Command::Client(it), Some(config)) => client(&config, it),
        (Command::Kiosk(it), Some(config)) => kiosk(&config, it),
        (Command::Token { terminal, ttl }, Some(config)) => {
            say(&operator::token(&config, terminal, ttl)?)
        }
        (Command::DeadLetter(it), Some(config)) => dead_letter(&config, &it),
        (_, None) => unreachable!("every other command has read its configuration"),
    }
}

fn account(config: &Config, command: AccountCommand) -> anyhow::Result<()> {
    match command {
        AccountCommand::Add { phone, card } => {
            say(&operator::add_account(config, &phone, card.as_deref())?.to_string())
        }
        AccountCommand::Show { account } => say(&operator::show_account(config, account)?),
        AccountCommand::Cancel { account, opt_out: true, .. } => {
            operator::cancel(config, account, Some(Why::OptOut))
        }
        AccountCommand::Cancel { account, now, .. } => {
            operator::cancel(config, account, now.then_some(Why::Cancelled))
        }
        AccountCommand::Export { account, form } => {
            say(operator::export(config, account, form)?.trim_end())
        }
        AccountCommand::Keep { account } => operator::keep(config, account),
    }
}

fn client(config: &Config, command: ClientCommand) -> anyhow::Result<()> {
    match command {
        ClientCommand::Offer { kind, version, url, sha256 } => {
            operator::offer_client(config, (&kind, &version), &url, sha256.as_deref())
        }
        ClientCommand::List => operator::clients(config)?.iter().try_for_each(|it| say(it)),
        ClientCommand::Withdraw { kind } => operator::withdraw_client(config, &kind),
    }
}

fn kiosk(config: &Config, command: KioskCommand) -> anyhow::Result<()> {
    // A desk's own address would lead each kiosk to itself.
    let own = Some(&config.http.url).filter(|it| it.starts_with("https://")).cloned();
    let address = |it: Option<String>| {
        it.or(own).context("say --cloud, or set `url` of [http] to the page's own https address")
    };
    match command {
        KioskCommand::Add { owner, name, count, organiser, broker, cloud, out, csv } => {
            let kind = if organiser { Kind::OrganiserKiosk } else { Kind::Kiosk };
            let order = Order { owner, kind, name, count, broker, cloud: address(cloud)?, out };
            let kiosks = kiosks::add(config, &order)?;
            if let Some(path) = csv {
                kiosks::table(&path, &kiosks)?;
            }
            kiosks.iter().try_for_each(say_kiosk)
        }
        KioskCommand::Replace { terminal, broker, cloud, out } => {
            let (owner, kind, name) = (AccountId::new(0), Kind::Kiosk, String::new());
            let order = Order { owner, kind, name, count: 1, broker, cloud: address(cloud)?, out };
            say_kiosk(&kiosks::replace(config, terminal, order)?)
        }
        KioskCommand::List { owner } => {
            operator::kiosks(config, owner)?.iter().try_for_each(|it| say(it))
        }
    }
}

fn say_kiosk(it: &Awaited) -> anyhow::Result<()> {
    say(&format!("{}\t{}\t{}", it.terminal, it.place, it.folder.display()))
}

fn dead_letter(config: &Config, command: &DeadLetterCommand) -> anyhow::Result<()> {
    match command {
        DeadLetterCommand::List => dead_letters::list(config)?.iter().try_for_each(|it| say(it)),
        DeadLetterCommand::Replay { id } => dead_letters::replay(config, *id),
        DeadLetterCommand::Drop { id } => dead_letters::drop(config, *id),
    }
}

fn all(config: Config) -> anyhow::Result<()> {
    database::migrate(&mut database::connect_patiently(&config.postgres))?;
    let n_connections = config.work.connections.get();
    let key = keys::numbers(&config.keys)?;
    start(&config, "relay", relay::run, n_connections)?;
    let keeper = key.clone();
    start(&config, "housekeeping", move |it| housekeeping::run(it, &keeper), 1)?;
    start(&config, "ingest", move |it| ingest::run(it, &key), n_connections)?;
    serve(config)
}

/// Starts one part of the work on some connections.
fn start(
    config: &Config,
    name: &str,
    work: impl Fn(&Config) -> Infallible + Clone + Send + 'static,
    n_connections: u8,
) -> anyhow::Result<()> {
    for number in 0..n_connections {
        let (config, work) = (config.clone(), work.clone());
        let thread = thread::Builder::new().name(format!("{name}-{number}"));
        thread.spawn(move || match work(&config) {}).context("starting a thread")?;
    }
    Ok(())
}

/// Does one part of the work alone.
fn work(
    config: &Config,
    name: &str,
    work: impl Fn(&Config) -> Infallible + Clone + Send + 'static,
) -> anyhow::Result<()> {
    start(config, name, work, config.work.connections.get())?;
    loop {
        thread::park();
    }
}

fn serve(config: Config) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("starting the web part")?;
    runtime.block_on(http::run(config))
}

fn say(line: &str) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{line}").context("printing")
}
