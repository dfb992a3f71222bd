//! Shows whether a PN532 is wired as one believes: starts it, reads what lies on it, and waits as a
//! card.
//!
//! ```text
//! nfc-probe i2c /dev/i2c-1 reset=/dev/gpiochip0:20 irq=/dev/gpiochip0:16
//! nfc-probe hsu /dev/ttyAMA0 baud=921600 save=tag.bin show=5000
//! ```
//!
//! `save` writes the memory of a Type 2 tag to a file, `show` shows a card for so many milliseconds.

use std::error::Error;
use std::io::{Write, stdout};
use std::path::Path;
use std::time::{Duration, Instant};

use tapcard_nfc::Settings;
use tapcard_nfc::chip::{Appearance, Chip};
use tapcard_nfc::target::{Field, Target};

type Failure = Box<dyn Error>;

/// READ and FAST_READ (NTAG213/215/216 data sheet §10.2, §10.3).
const READ: u8 = 0x30;
const FAST_READ: u8 = 0x3a;
/// The capability container, of which the third byte counts eights of bytes (§8.5.6).
const CONTAINER: u8 = 3;
/// As many pages as the PN532 passes on at once.
const STEP: u8 = 60;

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [kind, port, options @ ..] = &words[..] else {
        return Err(
            "usage: nfc-probe hsu|spi|i2c DEVICE [baud=N] [reset=PIN] [irq=PIN] [save=FILE] \
                    [show=MILLISECONDS]"
                .into(),
        );
    };
    let mut settings = Settings { kind: kind.parse()?, ..Settings::i2c(Path::new(port)) };
    let (mut save, mut show) = (None, None);
    for option in options {
        match option.split_once('=') {
            Some(("baud", baud)) => settings.baud = baud.parse()?,
            Some(("reset", pin)) => settings.reset = Some(pin.parse()?),
            Some(("irq", pin)) => settings.irq = Some(pin.parse()?),
            Some(("save", file)) => save = Some(Path::new(file)),
            Some(("show", limit)) => show = Some(Duration::from_millis(limit.parse()?)),
            _ => return Err(format!("{option}: not understood").into()),
        }
    }

    let mut chip = Chip::open(&settings, Box::new(|| false))?;
    writeln!(stdout(), "the PN532 answers")?;
    if let Some(limit) = show {
        show_card(&mut chip, limit)?;
    }
    match chip.poll()? {
        Field::Empty => writeln!(stdout(), "nothing lies on it")?,
        Field::Two(_) => writeln!(stdout(), "two things lie on it")?,
        Field::One(tag) => {
            let memory = read(&mut chip, &tag)?;
            writeln!(stdout(), "a tag of {} bytes lies on it", memory.len())?;
            save.map_or(Ok(()), |file| std::fs::write(file, memory))?;
        }
    }
    Ok(())
}

fn show_card(chip: &mut Chip, limit: Duration) -> Result<(), Failure> {
    let until = Instant::now() + limit;
    chip.show_card(&Appearance::default())?;
    let mut is_activated = false;
    while !is_activated && Instant::now() < until {
        is_activated = chip.is_activated(until.saturating_duration_since(Instant::now()))?;
    }
    chip.hide_card()?;
    let outcome = if is_activated { "a reader came" } else { "no reader came" };
    Ok(writeln!(stdout(), "{outcome}")?)
}

/// The memory of a Type 2 tag after its capability container.
fn read(chip: &mut Chip, tag: &Target) -> Result<Vec<u8>, Failure> {
    let head = chip.exchange(tag, &[READ, CONTAINER])?;
    let eights = *head.get(2).ok_or("the tag's answer is too short")?;
    let end = u16::from(CONTAINER) + 1 + 2 * u16::from(eights);
    let end =
        u8::try_from(end).map_err(|_| "the tag says that it has more pages than there are")?;
    let mut memory = Vec::new();
    for first in (CONTAINER + 1..end).step_by(usize::from(STEP)) {
        let last = first.saturating_add(STEP - 1).min(end - 1);
        memory.extend(chip.exchange_raw(&[FAST_READ, first, last])?);
    }
    Ok(memory)
}
