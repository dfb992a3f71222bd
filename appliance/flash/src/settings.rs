//! The file of first settings, judged before anything is written. Its keys are the kiosk's business; here it must be
//! TOML of a sensible size. What it says is never repeated: it holds codes.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use thiserror::Error;

/// Its name on the card.
pub const NAME: &str = "tapcard.toml";
/// Most bytes of it.
const MAX_SIZE: usize = 64 * 1024;
/// The exit code when it cannot be used (`EX_CONFIG` of `sysexits.h`).
pub const EXIT_CODE: u8 = 78;

/// Why a file of settings is not taken.
#[derive(Debug, Error)]
#[error("{file}: {flaw}; nothing was written. Put it right and run the same command again")]
pub struct BadSettings {
    file: String,
    flaw: Flaw,
}

#[derive(Debug, Error)]
enum Flaw {
    #[error("it cannot be read: {0}")]
    Unreadable(std::io::Error),
    #[error("it is larger than 64 KiB")]
    TooLarge,
    #[error("line {0} is not text in UTF-8")]
    NotText(usize),
    #[error("line {0} is not TOML, or says a key a second time")]
    NotToml(usize),
}

/// Reads a file of settings.
///
/// # Errors
/// What is wrong with it, and in which line.
pub fn load(path: &Path) -> Result<Vec<u8>, BadSettings> {
    let bad = |flaw| BadSettings { file: path.display().to_string(), flaw };
    let mut bytes = Vec::new();
    let limit = MAX_SIZE as u64 + 1;
    let file = File::open(path).and_then(|it| it.take(limit).read_to_end(&mut bytes));
    file.map_err(|it| bad(Flaw::Unreadable(it)))?;
    check(&bytes).map_err(bad)?;
    Ok(bytes)
}

fn check(bytes: &[u8]) -> Result<(), Flaw> {
    if bytes.len() > MAX_SIZE {
        return Err(Flaw::TooLarge);
    }
    let text =
        std::str::from_utf8(bytes).map_err(|it| Flaw::NotText(line(bytes, it.valid_up_to())))?;
    let Err(error) = toml::from_str::<toml::Table>(text) else {
        return Ok(());
    };
    Err(Flaw::NotToml(line(bytes, error.span().unwrap_or_default().start)))
}

/// Which line a byte stands in.
fn line(bytes: &[u8], at: usize) -> usize {
    1 + bytes.iter().take(at).filter(|&&it| it == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(bytes: &[u8]) -> String {
        check(bytes).map_or_else(|it| it.to_string(), |()| "good".into())
    }

    #[test]
    fn what_is_wrong_is_said_by_its_line_and_not_repeated() {
        assert_eq!(said(b"account = 'a'\n[cloud]\ncode = '1'\n"), "good");
        assert_eq!(said(b""), "good");
        let wrong = said(b"a = 1\ncode = hunter2\n");
        assert_eq!(wrong, "line 2 is not TOML, or says a key a second time");
        assert_eq!(
            said(b"a = 1\nb = 2\na = 3\n"),
            "line 3 is not TOML, or says a key a second time"
        );
        assert_eq!(said(b"a = 1\nb = '\xff'\n"), "line 2 is not text in UTF-8");
    }

    #[test]
    fn as_much_as_64_kib_is_taken() {
        let mut bytes = vec![b'#'; MAX_SIZE];
        assert_eq!(said(&bytes), "good");
        bytes.push(b'#');
        assert_eq!(said(&bytes), "it is larger than 64 KiB");
    }

    #[test]
    fn a_file_that_is_not_there_is_said() {
        let error = load(Path::new("/nowhere/tapcard.toml")).unwrap_err().to_string();
        assert!(error.starts_with("/nowhere/tapcard.toml: it cannot be read"), "{error}");
    }
}
