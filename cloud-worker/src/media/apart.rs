//! A program of its own for each file that somebody sends. Decoders read what strangers wrote; what goes wrong in one
//! ends that program alone, with the memory and the time that it took.
//!
//! It reads the file from its standard input and writes a line of JSON, then the bytes, then the small picture's.

use std::env;
use std::io::{self, Read, Write};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::{Form, MAX_SENT, Medium, Refused, take};

/// How the program is asked for; not for people.
pub(crate) const COMMAND: &str = "make-harmless";
/// Most bytes of memory that it may take.
const MEMORY: u64 = 2 << 30;
/// Most seconds of a processor.
const SECONDS: u64 = 20;
/// How long anybody waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

/// What stands in front of the bytes.
#[derive(Serialize, Deserialize)]
enum Head {
    Taken { form: Form, bytes: usize, small: Option<usize> },
    Refused(Refused),
}

/// Takes a file in a program of its own; one that ends it counts as damaged.
///
/// # Errors
/// Fails when the program cannot be started, and says why the file is not taken.
pub(crate) async fn take_apart(sent: Vec<u8>) -> anyhow::Result<Result<Medium, Refused>> {
    let own = env::current_exe().context("finding this program")?;
    let mut child = Command::new(own)
        .arg(COMMAND)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("starting a program for a file")?;
    let mut stdin = child.stdin.take().context("a program without an input")?;
    let feed = async move {
        // One that has ended reads no further.
        let _ = stdin.write_all(&sent).await;
    };
    let ended =
        tokio::time::timeout(PATIENCE, async { tokio::join!(feed, child.wait_with_output()).1 });
    let Ok(output) = ended.await else { return Ok(Err(Refused::Damaged)) };
    let output = output.context("waiting for a program")?.stdout;
    Ok(parted(&output).unwrap_or(Err(Refused::Damaged)))
}

/// What the program said; none if it ended before.
fn parted(output: &[u8]) -> Option<Result<Medium, Refused>> {
    let end = output.iter().position(|it| *it == b'\n')?;
    let (head, rest) = (serde_json::from_slice(&output[..end]).ok()?, &output[end + 1..]);
    match head {
        Head::Refused(why) => Some(Err(why)),
        Head::Taken { form, bytes, small } => {
            let (bytes, rest) = rest.split_at_checked(bytes)?;
            let small = small.map(|it| rest.get(..it).map(<[u8]>::to_vec));
            let small = match small {
                Some(None) => return None,
                it => it.flatten(),
            };
            Some(Ok(Medium { form, bytes: bytes.to_vec(), small }))
        }
    }
}

/// What that program does.
///
/// # Errors
/// Fails when its limits cannot be set or its output is closed.
pub(crate) fn run() -> anyhow::Result<()> {
    for (resource, most) in [(Resource::As, MEMORY), (Resource::Cpu, SECONDS), (Resource::Core, 0)]
    {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
            .context("limiting")?;
    }
    let mut sent = Vec::new();
    io::stdin()
        .lock()
        .take(MAX_SENT as u64 + 1)
        .read_to_end(&mut sent)
        .context("reading a file")?;
    let (head, bytes, small) = match take(&sent) {
        Ok(Medium { form, bytes, small }) => {
            let head =
                Head::Taken { form, bytes: bytes.len(), small: small.as_ref().map(Vec::len) };
            (head, bytes, small.unwrap_or_default())
        }
        Err(why) => (Head::Refused(why), vec![], vec![]),
    };
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &head).context("answering")?;
    for part in [&b"\n"[..], &bytes, &small] {
        out.write_all(part).context("answering")?;
    }
    out.flush().context("answering")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_off_is_not_taken() {
        let head =
            serde_json::to_string(&Head::Taken { form: Form::Png, bytes: 3, small: Some(2) })
                .unwrap();
        let whole = format!("{head}\nabcde");
        let it = parted(whole.as_bytes()).unwrap().unwrap();
        assert_eq!(
            (it.form, &it.bytes[..], it.small.as_deref()),
            (Form::Png, &b"abc"[..], Some(&b"de"[..]))
        );
        assert!((0..whole.len()).all(|end| parted(&whole.as_bytes()[..end]).is_none()));
        let refused = serde_json::to_string(&Head::Refused(Refused::Locked)).unwrap() + "\n";
        assert_eq!(parted(refused.as_bytes()).unwrap().err(), Some(Refused::Locked));
    }
}
