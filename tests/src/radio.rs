//! The simulated radio: antennas on pseudo-terminals, and the badges that are laid on them.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use data_encoding::HEXLOWER;
use tapcard_nfc::ndef::{self, Record};
use tapcard_protocol::touch::TouchToken;

use crate::patience::wait;
use crate::program::{Program, path};

/// How long a phone may take to read the card.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running simulator.
pub struct Radio {
    field: Field,
    _simulator: Program,
}

impl Radio {
    /// Starts a simulator with these chips at the pace of a real serial line.
    ///
    /// # Errors
    /// Fails when it does not come up.
    pub fn start(folder: &Path, chips: &[&str]) -> anyhow::Result<Radio> {
        Radio::at_baud(folder, chips, 115_200)
    }

    /// Starts a simulator whose serial lines take no time.
    ///
    /// # Errors
    /// Fails when it does not come up.
    pub fn quick(folder: &Path, chips: &[&str]) -> anyhow::Result<Radio> {
        Radio::at_baud(folder, chips, 0)
    }

    fn at_baud(folder: &Path, chips: &[&str], baud: u32) -> anyhow::Result<Radio> {
        let mut command = Command::new(path("pn532-simulator")?);
        for chip in chips {
            command.arg("--chip").arg(format!("{chip}={}", folder.join(chip).display()));
        }
        command.arg("--baud").arg(baud.to_string()).arg("--control").arg(folder.join("radio.sock"));
        let simulator = Program::start("simulator", &mut command, &folder.join("simulator.log"))?;
        let line = simulator.line(Duration::from_secs(10))?;
        anyhow::ensure!(line == "ready", "the simulator said {line}");
        Ok(Radio { field: Field { folder: folder.to_owned() }, _simulator: simulator })
    }

    /// What lies on the antennas; can be handed to another thread.
    pub fn field(&self) -> Field {
        self.field.clone()
    }
}

impl std::ops::Deref for Radio {
    type Target = Field;

    fn deref(&self) -> &Field {
        &self.field
    }
}

/// The antennas of a simulator, and what lies on them.
#[derive(Clone)]
pub struct Field {
    folder: PathBuf,
}

impl Field {
    /// A chip's serial port.
    pub fn port(&self, chip: &str) -> PathBuf {
        self.folder.join(chip)
    }

    /// Says one line to the simulator and returns its answer behind `ok`.
    ///
    /// # Errors
    /// Fails with what the simulator says is wrong.
    pub fn control(&self, line: &str) -> anyhow::Result<String> {
        let mut stream = UnixStream::connect(self.folder.join("radio.sock"))
            .context("reaching the simulator")?;
        writeln!(stream, "{line}").context("talking to the simulator")?;
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).context("listening to the simulator")?;
        match answer.trim_end().strip_prefix("ok") {
            Some(rest) => Ok(rest.trim_start().to_owned()),
            None => bail!("the simulator answers {answer:?} to {line:?}"),
        }
    }

    /// Lays a badge with a vCard on a chip's antenna; takes away what lay there.
    ///
    /// # Errors
    /// Fails when the card does not fit the badge.
    pub fn lay(&self, chip: &str, vcard: &[u8]) -> anyhow::Result<()> {
        let message =
            ndef::encode(&[Record::mime("text/vcard", vcard)]).context("writing a badge")?;
        self.lay_message(chip, &message, "")
    }

    /// Lays a badge with any NDEF message on a chip's antenna; `more` is added to the control line.
    ///
    /// # Errors
    /// Fails when the message does not fit the badge.
    pub fn lay_message(&self, chip: &str, message: &[u8], more: &str) -> anyhow::Result<()> {
        let file = self.folder.join(format!("badge-{chip}.ndef"));
        fs::write(&file, message).context("writing a badge")?;
        self.clear(chip)?;
        self.control(format!("tag {chip} ntag216 {} {more}", file.display()).trim_end()).map(drop)
    }

    /// Somebody holds an iPhone to a chip's antenna until it has read the card there; the touch in the link that it opens.
    ///
    /// # Errors
    /// Fails when it reads no such link.
    pub fn hold_a_phone(&self, chip: &str) -> anyhow::Result<TouchToken> {
        self.control(&format!("phone {chip} iphone"))?;
        let heard = wait("the phone's reading", PATIENCE, || {
            let heard = self.control(&format!("heard {chip}"))?;
            Ok((heard != "nothing").then_some(heard))
        })?;
        self.control(&format!("phone {chip} away"))?;
        let message = HEXLOWER.decode(heard.as_bytes()).context("the phone read no message")?;
        let records = ndef::decode(&message).context("the phone read no NDEF")?;
        let links = records.iter().filter_map(Record::as_uri);
        let mut tokens = links.filter_map(|it| it.rsplit_once("/T/")?.1.parse().ok());
        tokens.next().context("the phone read no link of ours")
    }

    /// Takes everything from a chip's antenna.
    ///
    /// # Errors
    /// Fails when the simulator is gone.
    pub fn clear(&self, chip: &str) -> anyhow::Result<()> {
        self.control(&format!("clear {chip}")).map(drop)
    }
}
