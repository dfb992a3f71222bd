//! The cloud worker: takes tasks from the broker into Postgres and tells the terminals what came of them.

mod config;
mod database;
mod draw;
mod http;
mod inbox;
mod ingest;
mod keys;
mod link;
mod operator;
mod plan;
mod reason;
mod relay;
mod store;

use std::io::{self, Write};
use std::panic;
use std::path::PathBuf;
use std::process::{self, ExitCode};
use std::thread;

use anyhow::Context;
use clap::{Parser, Subcommand};
use jiff::SignedDuration;
use tapcard_protocol::{AccountId, TerminalId};
use tracing::error;

use config::Config;
use reason::reason;

/// `EX_CONFIG` of sysexits(3).
const WRONG_CONFIGURATION: u8 = 78;

#[derive(Parser)]
#[command(version, about = "The cloud worker of Tapcard")]
struct Cli {
    /// The configuration file.
    #[arg(long, default_value = "/etc/tapcard/worker.toml", global = true)]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Bring the database up to date.
    Migrate,
    /// Take tasks in.
    Ingest,
    /// Publish receipts and notices.
    Relay,
    /// Serve the phone's page.
    Http,
    /// All of these in one program.
    All,
    /// Print the default configuration.
    PrintConfig,
    /// Make the two key pairs that sign tokens.
    Keygen {
        /// The folder; `public/jwks.json` in it is the broker's.
        folder: PathBuf,
    },
    /// Accounts.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Terminals.
    #[command(subcommand)]
    Terminal(TerminalCommand),
    /// Sign a token for a terminal and print it.
    Token {
        /// The terminal.
        terminal: TerminalId,
        /// How long it lasts, such as 12h; 31 days at most.
        #[arg(long, default_value = "1h")]
        ttl: SignedDuration,
    },
}

#[derive(Subcommand)]
enum AccountCommand {
    /// Make an active account and print its id.
    Add {
        /// Its phone number with country code.
        #[arg(long)]
        phone: String,
        /// Its own card.
        #[arg(long)]
        card: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum TerminalCommand {
    /// Enrol a terminal and print its id.
    Add {
        /// Its account.
        #[arg(long)]
        account: AccountId,
        /// kiosk, organiser-kiosk or phone.
        #[arg(long)]
        kind: String,
    },
    /// Make every token void that a terminal has, and cut its connection.
    Revoke {
        /// The terminal.
        terminal: TerminalId,
    },
}

fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false).init();
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |it| {
        report(it);
        process::abort();
    }));
    let cli = Cli::parse();
    let config = match &cli.command {
        Command::PrintConfig | Command::Keygen { .. } => None,
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
        (Command::Migrate, Some(config)) => {
            database::migrate(&mut database::connect(&config.postgres)?)
        }
        (Command::Ingest, Some(config)) => ingest::run(&config),
        (Command::Relay, Some(config)) => relay::run(&config),
        (Command::Http, Some(config)) => serve(config),
        (Command::All, Some(config)) => all(config),
        (Command::Account(AccountCommand::Add { phone, card }), Some(config)) => {
            say(&operator::add_account(&config, &phone, card.as_deref())?.to_string())
        }
        (Command::Terminal(TerminalCommand::Add { account, kind }), Some(config)) => {
            say(&operator::add_terminal(&config, account, &kind)?.to_string())
        }
        (Command::Terminal(TerminalCommand::Revoke { terminal }), Some(config)) => {
            operator::revoke(&config, terminal)
        }
        (Command::Token { terminal, ttl }, Some(config)) => {
            say(&operator::token(&config, terminal, ttl)?)
        }
        (_, None) => unreachable!("every other command has read its configuration"),
    }
}

fn all(config: Config) -> anyhow::Result<()> {
    database::migrate(&mut database::connect_patiently(&config.postgres))?;
    for (name, part) in [("ingest", ingest::run as fn(&Config) -> !), ("relay", relay::run)] {
        let config = config.clone();
        thread::Builder::new()
            .name(name.into())
            .spawn(move || part(&config))
            .context("starting a thread")?;
    }
    serve(config)
}

fn serve(config: Config) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("starting the web part")?;
    runtime.block_on(http::run(config.http))
}

fn say(line: &str) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{line}").context("printing")
}
