//! The log of erasures, kept outside the database: after a restore from an older copy it says what must be erased again.
//! It holds no personal data: account numbers, and the keyed hashes of phone numbers.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tapcard_protocol::AccountId;

use crate::store::barred::Why;
use crate::store::erasure::Doomed;

/// One line of the log.
#[derive(Debug, PartialEq, Deserialize, Serialize)]
struct Line {
    at: Timestamp,
    account: AccountId,
    why: Why,
    /// What is kept of its numbers, in hexadecimal.
    numbers: Vec<String>,
}

/// Notes an erasure that is about to be made; when this returns, it is on the disk.
///
/// # Errors
/// Fails with the file; then nothing may be erased.
pub(crate) fn append(log: &Path, it: &Doomed, why: Why) -> anyhow::Result<()> {
    let place = log.display();
    let numbers = it.sealed.iter().map(|it| HEXLOWER.encode(it)).collect();
    let line = Line { at: Timestamp::now(), account: it.account, why, numbers };
    let text = serde_json::to_string(&line).context("writing a line")? + "\n";
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(log)
        .with_context(|| format!("the log of erasures {place} cannot be opened"))?;
    let folder = log.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        // A new file is there for good only when its folder is on the disk as well.
        .and_then(|()| File::open(folder)?.sync_all())
        .with_context(|| format!("the log of erasures {place} cannot be written"))
}

/// Everything that was ever erased. A last line that was cut off was not carried out either.
///
/// # Errors
/// Names the line that cannot be read.
pub(crate) fn read(log: &Path) -> anyhow::Result<Vec<(Doomed, Why)>> {
    let text = match fs::read_to_string(log) {
        Ok(it) => it,
        Err(why) if why.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(why) => {
            return Err(why).with_context(|| format!("{} cannot be read", log.display()));
        }
    };
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole
        .lines()
        .enumerate()
        .map(|(at, it)| line(it).with_context(|| format!("line {}", at + 1)))
        .collect()
}

fn line(text: &str) -> anyhow::Result<(Doomed, Why)> {
    let it: Line = serde_json::from_str(text).context("this is no line of the log")?;
    let sealed =
        it.numbers.iter().map(|it| HEXLOWER.decode(it.as_bytes())).collect::<Result<_, _>>();
    Ok((Doomed { account: it.account, sealed: sealed.context("this is no hash")? }, it.why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read_back_and_half_a_line_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("erasures.jsonl");
        assert!(read(&log).unwrap().is_empty());
        for (number, why) in [(1, Why::Cancelled), (2, Why::OptOut)] {
            let doomed = Doomed { account: AccountId::new(number), sealed: vec![vec![7; 32]] };
            append(&log, &doomed, why).unwrap();
        }
        let whole = fs::read_to_string(&log).unwrap();
        fs::write(&log, whole.clone() + "{\"at\":\"2026-").unwrap();
        let lines = read(&log).unwrap();
        assert_eq!(lines.iter().map(|it| it.1).collect::<Vec<_>>(), [Why::Cancelled, Why::OptOut]);
        assert_eq!(
            (lines[1].0.account, &lines[1].0.sealed),
            (AccountId::new(2), &vec![vec![7; 32]])
        );
        fs::write(&log, format!("{whole}x\n{whole}")).unwrap();
        assert_eq!(read(&log).err().unwrap().to_string(), "line 3");
    }
}
