//! Sticks: files are written and read on a thread of their own, since a stick may be as slow as it likes.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;

use tapcard_protocol::Card;

use crate::roster;

/// Most bytes of a file of cards that is read.
const MAX_FILE: u64 = 16 * 1024 * 1024;
/// Most cards that are taken at once.
const MAX_CARDS: usize = 2_000;

/// What became of a stick.
pub enum Carried {
    /// So many contacts are on it.
    Written(usize),
    /// Cards that were on it, and how many could not be read.
    Brought {
        /// Those that could.
        cards: Vec<Card>,
        /// How many could not.
        n_bad: usize,
    },
    /// There is none.
    Missing,
    /// It failed, and why.
    Failed(io::Error),
}

/// Where sticks appear, and whom to tell what became of them.
pub struct Stick {
    folder: Option<PathBuf>,
    tell: Teller,
}

/// Takes what became of a stick, on any thread.
type Teller = std::sync::Arc<dyn Fn(Carried) + Send + Sync>;

impl Stick {
    /// A stick's folder is there as long as the stick is.
    pub fn new(folder: Option<PathBuf>, tell: impl Fn(Carried) + Send + Sync + 'static) -> Stick {
        Stick { folder, tell: std::sync::Arc::new(tell) }
    }

    /// Writes files of one name, told apart by their endings.
    pub fn write(&self, name: String, forms: Vec<(&'static str, String)>, n_contacts: usize) {
        self.work(move |folder| {
            for (ending, text) in &forms {
                write(&folder.join(format!("{name}.{ending}")), text)?;
            }
            Ok(Carried::Written(n_contacts))
        });
    }

    /// Reads the cards in all files of cards.
    pub fn read(&self) {
        self.work(read);
    }

    fn work(&self, job: impl FnOnce(&Path) -> io::Result<Carried> + Send + 'static) {
        let (folder, tell) = (self.folder.clone(), self.tell.clone());
        let started = thread::Builder::new().name("stick".into()).spawn(move || {
            let Some(folder) = folder.filter(|it| it.is_dir()) else {
                return tell(Carried::Missing);
            };
            tell(job(&folder).unwrap_or_else(Carried::Failed));
        });
        if let Err(error) = started {
            (self.tell)(Carried::Failed(error));
        }
    }
}

/// A file is there whole or not at all, and stays when the stick is pulled out.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let unfinished = path.with_extension("part");
    let written = File::create(&unfinished).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    if let Err(error) = written.and_then(|()| fs::rename(&unfinished, path)) {
        let _ = fs::remove_file(&unfinished);
        return Err(error);
    }
    File::open(path.parent().unwrap_or(path))?.sync_all()
}

fn read(folder: &Path) -> io::Result<Carried> {
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_card = path.extension().is_some_and(|it| it.eq_ignore_ascii_case("vcf"));
        if is_card && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    let (mut cards, mut n_bad) = (Vec::new(), 0);
    for file in files {
        let mut bytes = Vec::new();
        File::open(file)?.take(MAX_FILE).read_to_end(&mut bytes)?;
        for card in roster::cards(&bytes) {
            match card {
                Some(card) if cards.len() < MAX_CARDS => cards.push(card),
                _ => n_bad += 1,
            }
        }
    }
    Ok(Carried::Brought { cards, n_bad })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    fn stick(folder: Option<&Path>) -> (Stick, Receiver<Carried>) {
        let (tell, told) = channel();
        let stick = Stick::new(folder.map(Path::to_owned), move |it| drop(tell.send(it)));
        (stick, told)
    }

    #[test]
    fn what_was_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let (stick, told) = stick(Some(folder.path()));
        let card = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Bo\r\nEND:VCARD\r\n";
        let broken = "BEGIN:VCARD\r\nVERSION:9.0\r\n";
        stick.write("a".into(), vec![("vcf", format!("{card}{card}")), ("csv", "x".into())], 2);
        assert!(matches!(told.recv().unwrap(), Carried::Written(2)));
        fs::write(folder.path().join("B.VCF"), broken).unwrap();
        stick.read();
        let Carried::Brought { cards, n_bad } = told.recv().unwrap() else { panic!("not read") };
        let names: Vec<String> = cards.iter().map(Card::name).collect();
        assert_eq!((names, n_bad), (vec!["Bo".to_owned(); 2], 1));
        let left = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 3, "an unfinished file stays");
    }

    #[test]
    fn a_stick_that_is_not_there_or_takes_nothing_says_so() {
        let folder = tempfile::tempdir().unwrap();
        for missing in [None, Some(folder.path().join("none"))] {
            let (stick, told) = stick(missing.as_deref());
            stick.read();
            assert!(matches!(told.recv().unwrap(), Carried::Missing));
        }
        // A folder in the way of the file: it cannot be written, and nothing half-made stays.
        fs::create_dir_all(folder.path().join("a.vcf/x")).unwrap();
        let (stick, told) = stick(Some(folder.path()));
        stick.write("a".into(), vec![("vcf", "x".into())], 1);
        assert!(matches!(told.recv().unwrap(), Carried::Failed(_)));
        assert!(!folder.path().join("a.part").exists());
    }
}
