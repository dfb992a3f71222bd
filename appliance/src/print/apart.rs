//! A program of its own for each picture that somebody brings. Decoders read what strangers wrote; what goes wrong in one
//! ends that program alone, with the memory and the time that it took.
//!
//! It reads the file from its standard input. What it writes is the picture, or a letter that says why there is none.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result};
use rustix::process::{Resource, Rlimit, setrlimit};
use tapcard_protocol::picture::Unread;

use super::{Portrait, SIZE, take};

/// How the program is asked for; not for people.
pub const COMMAND: &str = "portrait";
/// Most bytes of memory that it may take.
const MEMORY: u64 = 1 << 30;
/// Most seconds of a processor.
const SECONDS: u64 = 10;
/// Most bytes of a file.
const MAX_SENT: u64 = 16 * 1024 * 1024;

/// Takes a picture in a program of its own, which is `program` itself; one that ends it counts as damaged.
///
/// # Errors
/// Says why there is none.
pub fn take_apart(program: &Path, sent: &[u8]) -> Result<Portrait, Unread> {
    ask(program, sent).unwrap_or(Err(Unread::Damaged))
}

fn ask(program: &Path, sent: &[u8]) -> Result<Result<Portrait, Unread>> {
    let mut child = Command::new(program)
        .arg(COMMAND)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("starting a program for a picture")?;
    let mut stdin = child.stdin.take().context("a program without an input")?;
    let output = thread::scope(|scope| {
        scope.spawn(move || {
            // One that has ended reads no further.
            let _ = stdin.write_all(sent);
        });
        child.wait_with_output()
    });
    Ok(parted(output?.stdout))
}

fn parted(said: Vec<u8>) -> Result<Portrait, Unread> {
    match said.as_slice() {
        b"u" => Err(Unread::Unknown),
        b"m" => Err(Unread::TooManyPoints),
        it if it.len() == SIZE => Ok(Portrait(said)),
        _ => Err(Unread::Damaged),
    }
}

/// What that program does.
///
/// # Errors
/// Fails when its limits cannot be set or its output is closed.
pub fn run() -> Result<()> {
    for (resource, most) in [(Resource::As, MEMORY), (Resource::Cpu, SECONDS), (Resource::Core, 0)]
    {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
            .context("limiting")?;
    }
    let mut sent = Vec::new();
    io::stdin().lock().take(MAX_SENT).read_to_end(&mut sent).context("reading a picture")?;
    let answer = match take(&sent) {
        Ok(Portrait(pixels)) => pixels,
        Err(Unread::Unknown) => b"u".to_vec(),
        Err(Unread::TooManyPoints) => b"m".to_vec(),
        Err(Unread::Damaged) => b"d".to_vec(),
    };
    io::stdout().lock().write_all(&answer).context("answering")
}
