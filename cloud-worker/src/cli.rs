//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use jiff::SignedDuration;
use tapcard_protocol::{AccountId, TerminalId};

use crate::export::Form;
use crate::kiosks;

/// What the command line asks for.
#[derive(Parser)]
#[command(version, about = "The cloud worker of Tapcard")]
pub(crate) struct Cli {
    /// The configuration file.
    #[arg(long, default_value = "/etc/tapcard/worker.toml", global = true)]
    pub(crate) config: PathBuf,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Bring the database up to date.
    Migrate,
    /// Make the database roles tapcard_worker, tapcard_http and tapcard_report, or renew what they may do.
    Roles,
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
    /// Make the two key pairs that sign tokens, and those of orders to erase a kiosk.
    Keygen {
        /// The folder; `public/jwks.json` in it is the broker's.
        folder: PathBuf,
    },
    /// For the web part alone: make a file from the standard input harmless.
    #[command(name = crate::media::apart::COMMAND, hide = true)]
    MakeHarmless,
    /// Accounts.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Terminals.
    #[command(subcommand)]
    Terminal(TerminalCommand),
    /// Kiosks by the dozen.
    #[command(subcommand)]
    Kiosk(KioskCommand),
    /// Which version of its program each kind of terminal is offered.
    #[command(subcommand)]
    Client(ClientCommand),
    /// Messages that were set aside since they cannot be carried out.
    #[command(subcommand)]
    DeadLetter(DeadLetterCommand),
    /// Do what is due: erase accounts whose end has come, drop what was kept for a time only. `all` does it by itself.
    Housekeep,
    /// Erase again what the log of erasures names, after the database was restored from an older copy.
    ReplayErasures,
    /// Sign a token for a terminal and print it.
    Token {
        /// The terminal.
        terminal: TerminalId,
        /// How long it lasts, such as 12h; 31 days at most.
        #[arg(long, default_value = "1h")]
        ttl: SignedDuration,
    },
}

/// What to do with programs of terminals.
#[derive(Subcommand)]
pub(crate) enum ClientCommand {
    /// Offer a version, in place of the one before; terminals hear of it when they come back, at the latest in a day.
    Offer {
        /// For kiosk, organiser-kiosk or phone.
        #[arg(long)]
        kind: String,
        /// Its version, such as 0.3.0.
        #[arg(long)]
        version: String,
        /// Where it is.
        #[arg(long)]
        url: String,
        /// The SHA-256 of what is there, in hexadecimal.
        #[arg(long)]
        sha256: Option<String>,
    },
    /// Print what is offered.
    List,
    /// Offer nothing any more.
    Withdraw {
        /// To kiosk, organiser-kiosk or phone.
        #[arg(long)]
        kind: String,
    },
}

/// What to do with accounts.
#[derive(Subcommand)]
pub(crate) enum AccountCommand {
    /// Make an active account and print its id.
    Add {
        /// Its phone number with country code.
        #[arg(long)]
        phone: String,
        /// Its own card.
        #[arg(long)]
        card: Option<PathBuf>,
    },
    /// Print an account's state, and when it ends; nothing of its card.
    Show {
        /// The account.
        account: AccountId,
    },
    /// Close an account in seven days. All that is its own is erased then; partners keep what they have read.
    Cancel {
        /// The account.
        account: AccountId,
        /// Erase it at once.
        #[arg(long)]
        now: bool,
        /// Erase it at once, and open none for its number until its owner proves it.
        #[arg(long)]
        opt_out: bool,
    },
    /// Print all that an account holds.
    Export {
        /// The account.
        account: AccountId,
        /// In which form.
        #[arg(long, value_enum, default_value = "json")]
        form: Form,
    },
    /// Call the end of an account off.
    Keep {
        /// The account.
        account: AccountId,
    },
}

/// What to do with kiosks.
#[derive(Subcommand)]
pub(crate) enum KioskCommand {
    /// Make a folder for each of some kiosks with `kiosk.toml`, ready to be copied to /etc/tapcard on it. Each redeems the
    /// code in it once, within thirty days, and works when its owner has confirmed it on the account's page.
    Add {
        /// Whose they are.
        #[arg(long)]
        owner: AccountId,
        /// Where they stand, as visitors read it; of several each has a number behind it.
        #[arg(long)]
        name: String,
        /// How many.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=i64::from(kiosks::MOST)))]
        count: u16,
        /// They only introduce visitors to one another, and take no cards.
        #[arg(long)]
        organiser: bool,
        /// The broker as the kiosks reach it, such as mqtts://mqtt.example.org:8883.
        #[arg(long)]
        broker: String,
        /// The cloud as the kiosks reach it; the web part's own address if it is not said.
        #[arg(long)]
        cloud: Option<String>,
        /// Where the folders go.
        #[arg(long, default_value = "kiosks")]
        out: PathBuf,
        /// A table of them with their codes; the file must not be there yet.
        #[arg(long)]
        csv: Option<PathBuf>,
    },
    /// Switch a kiosk off for good, and make a folder for another in its place.
    Replace {
        /// The kiosk.
        terminal: TerminalId,
        /// The broker as the kiosks reach it, such as mqtts://mqtt.example.org:8883.
        #[arg(long)]
        broker: String,
        /// The cloud as the kiosk reaches it; the web part's own address if it is not said.
        #[arg(long)]
        cloud: Option<String>,
        /// Where the folder goes.
        #[arg(long, default_value = "kiosks")]
        out: PathBuf,
    },
    /// Print a line for each kiosk of an account: terminal, place, state, program, when it was heard last.
    List {
        /// Whose they are.
        #[arg(long)]
        owner: AccountId,
    },
}

/// What to do with terminals.
#[derive(Subcommand)]
pub(crate) enum TerminalCommand {
    /// Enrol a terminal and print its id.
    Add {
        /// Its account.
        #[arg(long)]
        account: AccountId,
        /// kiosk, organiser-kiosk or phone.
        #[arg(long)]
        kind: String,
        /// Where it stands, as visitors read it.
        #[arg(long, default_value = "")]
        place: String,
    },
    /// Make every token void that a terminal has, and cut its connection.
    Revoke {
        /// The terminal.
        terminal: TerminalId,
    },
    /// Erase a stolen kiosk as soon as it is heard: it hands over what it had not sent, and is switched off for good.
    Wipe {
        /// The kiosk.
        terminal: TerminalId,
    },
}

/// What to do with messages that were set aside.
#[derive(Subcommand)]
pub(crate) enum DeadLetterCommand {
    /// Print a line for each: number, time, terminal, size, why.
    List,
    /// Try again what may be possible by now, after a newer version or a mended database.
    Replay {
        /// Which; all if none is named.
        id: Option<i64>,
    },
    /// Drop one for good.
    Drop {
        /// Which.
        id: i64,
    },
}
