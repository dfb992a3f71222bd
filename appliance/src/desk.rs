//! `tapcard-kiosk write`: a badge desk. It needs a reader and a terminal, no account, store or network.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tapcard_nfc::chip::Appearance;
use tapcard_nfc::{ChipError, Event, Habits, Order, Radio, Settings, Unit, Unreadable};
use tapcard_protocol::Region;

use crate::badge::{Refusal, web_address};
use crate::batch::{Batch, Rules};
use crate::config::DeskConfig;
use crate::roster::{self, Form};
use crate::writer;

/// The exit code of a batch that was stopped, as a shell has it for SIGINT.
const STOPPED: u8 = 130;
/// How long to wait before a reader that failed is opened again.
const REOPEN: Duration = Duration::from_secs(2);
/// Failures in a row after which it is opened again; one alone is a glitch that it mends.
const MAX_GLITCHES: u32 = 2;

/// What is to be written, and how.
#[derive(Args)]
pub struct Options {
    /// The cards: a .vcf file with one or several, or a .csv table with the headings name, title,
    /// organisation, mobile, phone, mail, url, address (any of them, in any order, but always name).
    file: PathBuf,
    /// The link beside a card that has no web address of its own, instead of the settings' page.
    #[arg(long, value_name = "URL")]
    link: Option<String>,
    /// Lock each tag after it was read back: it can never be changed again.
    #[arg(long)]
    lock: bool,
    /// Write over what a tag holds; without this only blank tags are written.
    #[arg(long)]
    overwrite: bool,
    /// The country of phone numbers that have no + in front, such as DE, instead of the settings'.
    #[arg(long)]
    region: Option<Region>,
    /// Begin at this row (a table's headings are row 1), or at this card of a .vcf file.
    #[arg(long, value_name = "ROW")]
    from: Option<usize>,
}

/// What somebody at the terminal does.
enum Hand {
    /// Writes a line.
    Line(String),
    /// Wants to stop.
    Stop,
}

/// Writes one tag after another until all rows are done or somebody stops it.
///
/// # Errors
/// A sentence, before anything is written: about the file, the options or the reader.
pub fn run(options: &Options, config: &DeskConfig) -> Result<ExitCode> {
    let batch = batch(options, config)?;
    let settings = config.reader.settings();
    let unit = open(&settings).map_err(|error| {
        let port = settings.port.display();
        anyhow!("the reader at {port} does not answer: {error}. Is it connected, and are the settings right?")
    })?;
    let (tell, hands) = channel();
    listen(&tell)?;
    Ok(Desk { batch, settings, hands, is_stopped: false }.serve(unit))
}

fn batch(options: &Options, config: &DeskConfig) -> Result<Batch> {
    let file = options.file.display();
    let form = form(&options.file)
        .with_context(|| format!("{file}: only .vcf and .csv files can be written to tags"))?;
    let bytes = std::fs::read(&options.file).with_context(|| format!("reading {file}"))?;
    let region = options.region.or(config.region);
    let roster = roster::read(form, &bytes, region)
        .map_err(|it| anyhow!("nothing was written, for {file} must be put right first\n{it}"))?;
    roster.warnings.iter().for_each(|it| say(&format!("Note: {it}.")));
    let link = match &options.link {
        Some(link) => match web_address(link) {
            Some(link) => Some(link),
            None => bail!("--link must be a web address, such as https://cards.example.org"),
        },
        None => config.page.clone(),
    };
    let Options { lock, overwrite, from, .. } = *options;
    Batch::new(form, roster, Rules { link, lock, overwrite, from }).map_err(|it| anyhow!(it))
}

fn form(file: &Path) -> Option<Form> {
    match file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" => Some(Form::Csv),
        "vcf" => Some(Form::Vcf),
        _ => None,
    }
}

/// Nothing interrupts it on the air: a tag is written to its end.
fn open(settings: &Settings) -> Result<Unit, ChipError> {
    let habits = Habits { appearance: Appearance::default(), is_wanted: |_| false, seed: 0 };
    let mut unit = Unit::open(settings, habits, Box::new(|| false))?;
    unit.obey(Order { radio: Radio::Write, offer: None })?;
    Ok(unit)
}

/// Hears lines and signals from now on. The end of the lines is no wish to stop.
fn listen(tell: &Sender<Hand>) -> Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT]).context("listening for signals")?;
    let stop = tell.clone();
    thread::Builder::new().name("signals".into()).spawn(move || {
        // Sending fails when the desk is closed.
        signals.forever().for_each(|_| drop(stop.send(Hand::Stop)));
    })?;
    let lines = tell.clone();
    thread::Builder::new().name("lines".into()).spawn(move || {
        let all = std::io::stdin().lock().lines().map_while(Result::ok);
        all.for_each(|it| drop(lines.send(Hand::Line(it))));
    })?;
    Ok(())
}

struct Desk {
    batch: Batch,
    settings: Settings,
    hands: Receiver<Hand>,
    /// Somebody wanted to stop while a tag was written.
    is_stopped: bool,
}

/// Why a desk does not go on.
enum End {
    /// All rows are done.
    Over,
    /// Somebody wants to stop.
    Stopped,
}

impl Desk {
    fn serve(mut self, mut unit: Unit) -> ExitCode {
        self.batch.greet().iter().for_each(|it| say(it));
        loop {
            self.ask();
            let error = match self.work(&mut unit) {
                Ok(end) => return self.close(&end),
                Err(error) => error,
            };
            say(&format!(
                "The reader does not answer: {error}. Check its cable; it is tried again by itself."
            ));
            // A port has one owner.
            drop(unit);
            unit = match self.reopen() {
                Ok(unit) => unit,
                Err(end) => return self.close(&end),
            };
            say("The reader is back.");
        }
    }

    /// Works until the end, or until the reader fails for good.
    fn work(&mut self, unit: &mut Unit) -> Result<End, ChipError> {
        let mut n_glitches = 0;
        loop {
            if let Some(end) = self.heed(unit.pause()) {
                return Ok(end);
            }
            n_glitches = match self.step(unit) {
                Ok(()) => 0,
                Err(error) if n_glitches + 1 == MAX_GLITCHES => return Err(error),
                Err(_) => n_glitches + 1,
            };
        }
    }

    /// Does what people at the terminal want, for so long.
    fn heed(&mut self, pause: Duration) -> Option<End> {
        let until = Instant::now() + pause;
        while !self.batch.is_over() {
            if self.is_stopped {
                return Some(End::Stopped);
            }
            match self.hands.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Hand::Line(line)) => {
                    say(&self.batch.hear(&line));
                    self.ask();
                }
                Ok(Hand::Stop) | Err(RecvTimeoutError::Disconnected) => return Some(End::Stopped),
                Err(RecvTimeoutError::Timeout) => return None,
            }
        }
        Some(End::Over)
    }

    fn reopen(&mut self) -> Result<Unit, End> {
        loop {
            if let Some(end) = self.heed(REOPEN) {
                return Err(end);
            }
            if let Ok(unit) = open(&self.settings) {
                return Ok(unit);
            }
        }
    }

    fn step(&mut self, unit: &mut Unit) -> Result<(), ChipError> {
        match unit.step()? {
            Event::Laid(found) => self.laid(unit, &found)?,
            Event::Two => say(&self.batch.refuse(Refusal::Two)),
            Event::Gone => self.ask(),
            // It is no card and reads nobody.
            Event::Nothing | Event::Interrupted | Event::Felt | Event::Read(_) => {}
            Event::Unreadable(_) | Event::Met | Event::Written(_) | Event::Parted { .. } => {}
        }
        Ok(())
    }

    fn laid(
        &mut self,
        unit: &mut Unit,
        found: &Result<Vec<u8>, Unreadable>,
    ) -> Result<(), ChipError> {
        let outcome = match self.batch.badge_for(found) {
            Ok(badge) => {
                self.batch.writing().iter().for_each(|it| say(it));
                writer::write(unit, badge, self.batch.locks())?
            }
            Err(reason) => Err(reason),
        };
        say(&match outcome {
            Ok(written) => self.batch.written(&written),
            Err(reason) => self.batch.refuse(reason),
        });
        self.pass_over_late_lines();
        Ok(())
    }

    /// What was typed while a tag was written meant that one, not the row that is next now.
    fn pass_over_late_lines(&mut self) {
        for hand in self.hands.try_iter() {
            match hand {
                Hand::Stop => self.is_stopped = true,
                Hand::Line(line) => say(&format!("Too late for “{}”.", line.trim())),
            }
        }
    }

    fn ask(&self) {
        self.batch.ask().iter().for_each(|it| say(it));
    }

    fn close(&self, end: &End) -> ExitCode {
        match end {
            End::Over => {
                say(&self.batch.summary());
                ExitCode::SUCCESS
            }
            End::Stopped => {
                say(&self.batch.stopped());
                ExitCode::from(STOPPED)
            }
        }
    }
}

/// One line for whoever stands at the desk.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody is left to tell that this failed.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
