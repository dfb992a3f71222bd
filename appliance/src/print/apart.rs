//! A program of its own for each picture that somebody brings. Decoders read what strangers wrote; what goes wrong in one
//! ends that program alone, with the memory and the time that it took.
//!
//! It reads the file from its standard input. What it writes is the picture, or a letter that says why there is none. Of a
//! picture first come width, height, how many frames and for how many milliseconds each, in four bytes each, the lowest
//! first; then the frames.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Resource, Rlimit, setrlimit};
use tapcard_protocol::picture::Unread;

use super::{Place, Print, take};

/// How the program is asked for, with the place behind it; not for people.
pub const COMMAND: &str = "develop";
/// Bytes in front of the frames.
const HEAD: usize = 16;
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
pub fn take_apart(program: &Path, sent: &[u8], place: Place) -> Result<Print, Unread> {
    ask(program, sent, place).unwrap_or(Err(Unread::Damaged))
}

fn ask(program: &Path, sent: &[u8], place: Place) -> Result<Result<Print, Unread>> {
    let mut child = Command::new(program)
        .args([COMMAND, place.name()])
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
    Ok(parted(&output?.stdout, place))
}

fn parted(said: &[u8], place: Place) -> Result<Print, Unread> {
    match said {
        b"u" => Err(Unread::Unknown),
        b"m" => Err(Unread::TooManyPoints),
        it => unpacked(it, place).ok_or(Unread::Damaged),
    }
}

fn packed(it: &Print) -> Vec<u8> {
    let millis = it.pace.as_millis() as u32;
    let head = [it.width, it.height, it.frames.len() as u32, millis].map(u32::to_le_bytes);
    [head.concat(), it.frames.concat()].concat()
}

/// What reads strangers' files is not believed either.
fn unpacked(said: &[u8], place: Place) -> Option<Print> {
    let (head, pixels) = said.split_at_checked(HEAD)?;
    let mut numbers = head.chunks_exact(4).map(|it| it.try_into().map_or(0, u32::from_le_bytes));
    let (width, height) = (numbers.next()?, numbers.next()?);
    let (n_frames, millis) = (numbers.next()? as usize, numbers.next()?);
    let most = place.box_of();
    let is_sound = (1..=most.0).contains(&width) && (1..=most.1).contains(&height) && n_frames > 0;
    let size = if is_sound { (width * height * 4) as usize } else { return None };
    if n_frames.checked_mul(size) != Some(pixels.len()) {
        return None;
    }
    let frames = pixels.chunks_exact(size).map(<[u8]>::to_vec).collect();
    Some(Print { width, height, frames, pace: Duration::from_millis(millis.into()) })
}

/// What that program does.
///
/// # Errors
/// Fails when its limits cannot be set or its output is closed.
pub fn run(place: Place) -> Result<()> {
    for (resource, most) in [(Resource::As, MEMORY), (Resource::Cpu, SECONDS), (Resource::Core, 0)]
    {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
            .context("limiting")?;
    }
    let mut sent = Vec::new();
    io::stdin().lock().take(MAX_SENT).read_to_end(&mut sent).context("reading a picture")?;
    let answer = match take(&sent, place) {
        Ok(it) => packed(&it),
        Err(Unread::Unknown) => b"u".to_vec(),
        Err(Unread::TooManyPoints) => b"m".to_vec(),
        Err(Unread::Damaged) => b"d".to_vec(),
    };
    io::stdout().lock().write_all(&answer).context("answering")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let pace = Duration::from_millis(90);
        let it = Print { width: 2, height: 1, frames: vec![vec![7; 8], vec![9; 8]], pace };
        let said = packed(&it);
        assert_eq!(parted(&said, Place::Wall), Ok(it));
        for wrong in [&said[..said.len() - 1], &said[..HEAD], &said[..3], b"", b"d"] {
            assert_eq!(parted(wrong, Place::Wall), Err(Unread::Damaged));
        }
        for (at, byte) in [(0, 0), (0, 3), (3, 0x40), (8, 0), (8, 3), (11, 0x80)] {
            let mut wrong = said.clone();
            wrong[at] = byte;
            assert_eq!(parted(&wrong, Place::Wall), Err(Unread::Damaged), "{at}");
        }
        let wide = packed(&Print { width: 300, height: 1, frames: vec![vec![0; 1200]], pace });
        assert_eq!(parted(&wide, Place::Sign), Err(Unread::Damaged), "larger than its place");
        assert_eq!(parted(b"m", Place::Wall), Err(Unread::TooManyPoints));
    }
}
