//! The second witness: libnfc, which nobody here wrote, as a reader near the unit and as a card.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::python::PYTHON;

/// What libnfc met as a reader.
#[derive(Default)]
pub(super) struct Met {
    /// How often it looked for a card.
    pub(super) n_looked: usize,
    pub(super) n_read: usize,
    /// Of those, how many refused to be written to.
    pub(super) n_refused: usize,
    /// What it read, in hex.
    messages: Vec<String>,
}

impl Met {
    /// How many were no such card.
    pub(super) fn n_foreign(&self, own: &[u8]) -> usize {
        let own: String = own.iter().map(|byte| format!("{byte:02x}")).collect();
        self.messages.iter().filter(|it| **it != own).count()
    }
}

/// A reader that touches, reads and tries to write, again and again.
pub(super) struct Reader(Child);

impl Reader {
    /// It looks for so long.
    pub(super) fn start(terminal: &Path, time: Duration) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/libnfc_witness.py");
        let mut command = Command::new(&*PYTHON);
        command.arg(script).arg(terminal).arg(time.as_secs_f64().to_string());
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        Self(child.expect("start libnfc's reader"))
    }

    /// Waits for its end.
    pub(super) fn end(mut self) -> Met {
        let mut met = Met::default();
        for line in BufReader::new(self.0.stdout.take().expect("it is piped")).lines() {
            let line = line.expect("it says text");
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["met", message, status] => {
                    met.n_read += 1;
                    met.n_refused += usize::from(status == "6982");
                    met.messages.push(message.to_owned());
                }
                ["looked", n_looked] => met.n_looked = n_looked.parse().expect("a number"),
                _ => {}
            }
        }
        assert!(self.0.wait().expect("it ends").success(), "libnfc's reader fails");
        met
    }
}

/// A card that is shown anew whenever a reader has let it go.
pub(super) struct Card<'a> {
    folder: &'a Path,
    chip: &'a str,
    tool: Child,
    n_met: usize,
}

impl<'a> Card<'a> {
    pub(super) fn start(folder: &'a Path, chip: &'a str) -> Self {
        Self { folder, chip, tool: emulate(folder, chip), n_met: 0 }
    }

    /// Shows it anew if need be.
    pub(super) fn stir(&mut self) {
        if self.tool.try_wait().expect("it can be asked").is_some() {
            let mut said = String::new();
            let stderr = self.tool.stderr.as_mut().expect("it is piped");
            stderr.read_to_string(&mut said).expect("it says text");
            // Its status says whether the reader took its leave.
            assert!(said.contains("Target Released"), "nfc-emulate-forum-tag4: {said}");
            self.n_met += 1;
            self.tool = emulate(self.folder, self.chip);
        }
    }

    /// How often a reader has met it.
    pub(super) fn end(mut self) -> usize {
        self.stir();
        // It waits for a reader, so it must be ended; whether it just has does not matter.
        let _ = self.tool.kill();
        self.tool.wait().expect("it ends");
        self.n_met
    }
}

fn emulate(folder: &Path, chip: &str) -> Child {
    let device = format!("pn532_uart:{}:115200", folder.join(chip).display());
    let mut command = Command::new("nfc-emulate-forum-tag4");
    command.env("LIBNFC_DEVICE", device).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().expect("start libnfc's card")
}
