//! Shows whether a PN532 is wired as one believes: starts it, reads what lies on it, and waits as a
//! card.
//!
//! ```text
//! nfc-probe i2c /dev/i2c-1 reset=/dev/gpiochip0:20 irq=/dev/gpiochip0:16
//! nfc-probe hsu /dev/ttyAMA0 baud=921600 save=card.ndef show=5000
//! ```
//!
//! `save` writes the NDEF message of a tag to a file, `wait` waits for one so many milliseconds,
//! `show` shows a card for so many.

use std::error::Error;
use std::io::{Write, stdout};
use std::path::Path;
use std::time::{Duration, Instant};

use tapcard_nfc::Settings;
use tapcard_nfc::chip::{Appearance, Chip};
use tapcard_nfc::tag::read_message;
use tapcard_nfc::target::Field;
use tapcard_nfc::type2::reach::Reach;

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [kind, port, options @ ..] = &words[..] else {
        return Err(
            "usage: nfc-probe hsu|spi|i2c DEVICE [baud=N] [reset=PIN] [irq=PIN] [save=FILE] \
                    [wait=MILLISECONDS] [show=MILLISECONDS]"
                .into(),
        );
    };
    let mut settings = Settings { kind: kind.parse()?, ..Settings::i2c(Path::new(port)) };
    let (mut save, mut show) = (None, None);
    let mut patience = Duration::ZERO;
    for option in options {
        match option.split_once('=') {
            Some(("baud", baud)) => settings.baud = baud.parse()?,
            Some(("reset", pin)) => settings.reset = Some(pin.parse()?),
            Some(("irq", pin)) => settings.irq = Some(pin.parse()?),
            Some(("save", file)) => save = Some(Path::new(file)),
            Some(("wait", limit)) => patience = Duration::from_millis(limit.parse()?),
            Some(("show", limit)) => show = Some(Duration::from_millis(limit.parse()?)),
            _ => return Err(format!("{option}: not understood").into()),
        }
    }

    let mut chip = Chip::open(&settings, Box::new(|| false))?;
    writeln!(stdout(), "the PN532 answers")?;
    if let Some(limit) = show {
        show_card(&mut chip, limit)?;
    }
    match find(&mut chip, patience)? {
        Field::Empty => writeln!(stdout(), "nothing lies on it")?,
        Field::Two(_) => writeln!(stdout(), "two things lie on it")?,
        Field::One(tag) => {
            let message = read_message(&mut chip, &tag, &mut Reach::default())?;
            writeln!(stdout(), "a message of {} bytes lies on it", message.len())?;
            save.map_or(Ok(()), |file| std::fs::write(file, message))?;
        }
    }
    Ok(())
}

/// Who lies there, at once or within `patience`.
fn find(chip: &mut Chip, patience: Duration) -> Result<Field, Failure> {
    let until = Instant::now() + patience;
    loop {
        let field = chip.poll()?;
        if field != Field::Empty || Instant::now() >= until {
            return Ok(field);
        }
    }
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
