//! Takes in the operator's file at the start of a flashed card: what follows from it goes to the data partition, then the file
//! is emptied. A power cut at any moment leaves the file or what follows from it, or both.

mod remains;

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::config;
use crate::credentials::Owned;
use crate::durable::{self, Draft};
use crate::provisioning::{self, AUTHORITY, FILE, Held, INBOX, KIOSK, MAX_FILE, NETWORK, Placed};

/// Where everything is.
pub struct Places {
    /// The card's first partition.
    pub boot: PathBuf,
    /// The data partition.
    pub data: PathBuf,
    /// Where to say what is wrong, for the screen.
    pub fault: PathBuf,
}

impl Places {
    /// Takes the operator's file in, if there is one. What is wrong with it is said in a file of its own, and the settings of
    /// before stay as they are.
    ///
    /// # Errors
    /// Fails when a partition cannot be read or written.
    pub fn take_in(&self) -> Result<()> {
        match self.fault()? {
            Some(fault) => {
                // The first thing that a person sees of it is the screen.
                write(&self.fault, &format!("{fault}\n"), 0o644)
            }
            None => remove(&self.fault),
        }
    }

    fn fault(&self) -> Result<Option<String>> {
        remains::clear(&self.data)?;
        let file = self.boot.join(FILE);
        let is_set_up = self.data.join(KIOSK).join("kiosk.toml").exists();
        let text = match read(&file) {
            Ok(text) => text,
            Err(problem) => return Ok(Some(format!("{FILE}: {problem}"))),
        };
        let brought = self.data.join(KIOSK).join(INBOX).join(FILE);
        if !is_empty(&text) {
            return match self.plan(&text)? {
                Ok(placed) => {
                    self.apply(&placed)?;
                    // Who has the card in hand has the last word.
                    remove(&brought)?;
                    empty(&file, text.len())
                        .with_context(|| format!("emptying {}", file.display()))?;
                    Ok(None)
                }
                Err(problem) => Ok(Some(format!("{FILE}: {problem}"))),
            };
        }
        if brought.exists() {
            return self.take_brought(&brought);
        }
        Ok((!is_set_up).then(|| format!("{FILE}: there is none on the card's first partition")))
    }

    /// What the staff has brought on a stick. Nobody could mend it where it is: if it is wrong, it goes.
    fn take_brought(&self, file: &Path) -> Result<Option<String>> {
        let planned = match read(file) {
            Ok(text) => self.plan(&text)?,
            Err(problem) => Err(problem),
        };
        let fault = match planned {
            Ok(placed) => self.apply(&placed).map(|()| None)?,
            Err(problem) => Some(format!("{FILE} of a stick: {problem}")),
        };
        remove(file)?;
        Ok(fault)
    }

    fn plan(&self, text: &str) -> Result<Result<Vec<Placed>, String>> {
        let data = self.data.display().to_string();
        Ok(provisioning::plan(text, &data, self.held()?))
    }

    /// Whose the kiosk is by now.
    fn held(&self) -> Result<Held> {
        let found = Owned::load(&self.data.join(KIOSK).join("terminal.key"))?;
        let settings = fs::read_to_string(self.data.join(KIOSK).join("kiosk.toml")).ok();
        let config = settings.and_then(|it| config::parse(&it).ok());
        let said = config.and_then(|it| it.account.zip(it.terminal));
        let said = said.map(|(account, terminal)| Owned { account, terminal });
        Ok(Held { owned: said.or(found), found })
    }

    fn apply(&self, placed: &[Placed]) -> Result<()> {
        for it in placed {
            let mode = if it.is_public { 0o644 } else { 0o600 };
            write(&self.data.join(&it.path), &it.text, mode)?;
        }
        let authority = self.data.join(KIOSK).join(AUTHORITY);
        if !self.is_placed(&authority, placed) {
            remove(&authority)?;
        }
        self.forget_networks(placed)
    }

    fn is_placed(&self, path: &Path, placed: &[Placed]) -> bool {
        placed.iter().any(|it| self.data.join(&it.path) == path)
    }

    /// Removes networks of an earlier file that are in this one no more; those that somebody chose at the screen stay.
    fn forget_networks(&self, placed: &[Placed]) -> Result<()> {
        let folder = self.data.join(NETWORK);
        let wrong = || format!("looking through {}", folder.display());
        for entry in fs::read_dir(&folder).with_context(wrong)? {
            let entry = entry.with_context(wrong)?;
            let is_ours = entry.file_name().to_string_lossy().starts_with("tapcard-");
            if is_ours && !self.is_placed(&entry.path(), placed) {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }
}

/// The text of a file; nothing if there is none, and why it cannot be used.
fn read(path: &Path) -> Result<String, String> {
    match durable::read(path, MAX_FILE) {
        Ok(bytes) => provisioning::text(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error.to_string()),
    }
}

fn is_empty(text: &str) -> bool {
    text.lines().all(|it| it.trim().is_empty() || it.trim_start().starts_with('#'))
}

/// A file is there whole or not at all, also after a power cut; it is the owner's of its folder.
fn write(path: &Path, text: &str, mode: u32) -> Result<()> {
    let written = || -> io::Result<()> {
        let mut draft = Draft::begin(path, mode)?;
        draft.file().write_all(text.as_bytes())?;
        let owner = fs::metadata(path.parent().unwrap_or(Path::new("/")))?;
        std::os::unix::fs::fchown(draft.file(), Some(owner.uid()), Some(owner.gid()))?;
        draft.finish()
    };
    written().with_context(|| format!("writing {}", path.display()))
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// The secrets are written over where they stand, before the file becomes shorter. An empty one costs the next start nothing:
/// its unit is passed over.
fn empty(path: &Path, n_bytes: usize) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.write_all(&vec![b'\n'; n_bytes])?;
    file.sync_all()?;
    file.set_len(0)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const FILE_TEXT: &str = "cloud = \"https://a.example\"\nstaff_pin = \"2468\"\n[[image.wifi]]\nname = \"Hall\"\npassword = \"correct horse\"\n";

    struct Flashed {
        _folder: tempfile::TempDir,
        places: Places,
    }

    impl Flashed {
        fn new() -> Flashed {
            let folder = tempfile::tempdir().unwrap();
            let place = |it: &str| folder.path().join(it);
            for it in ["boot", "data/tapcard", "data/network", "data/system", "run"] {
                fs::create_dir_all(place(it)).unwrap();
            }
            let places =
                Places { boot: place("boot"), data: place("data"), fault: place("run/fault") };
            Flashed { _folder: folder, places }
        }

        fn put(&self, text: impl AsRef<[u8]>) {
            fs::write(self.places.boot.join(FILE), text).unwrap();
        }

        fn start(&self) -> Option<String> {
            self.places.take_in().unwrap();
            fs::read_to_string(&self.places.fault).ok()
        }

        fn data(&self, name: &str) -> Option<String> {
            fs::read_to_string(self.places.data.join(name)).ok()
        }

        fn boot(&self) -> String {
            fs::read_to_string(self.places.boot.join(FILE)).unwrap()
        }
    }

    #[test]
    fn a_card_without_a_file_says_so() {
        let card = Flashed::new();
        assert!(card.start().unwrap().contains("tapcard.toml: there is none"));
    }

    #[test]
    fn secrets_leave_the_boot_partition() {
        let card = Flashed::new();
        card.put(FILE_TEXT);
        assert_eq!(card.start(), None);
        assert_eq!(card.boot(), "");
        assert!(card.data("tapcard/kiosk.toml").unwrap().contains("2468"));
        assert!(!card.data("tapcard/kiosk.toml").unwrap().contains("correct horse"));
        for secret in ["tapcard/kiosk.toml", "network/tapcard-wifi-0.nmconnection"] {
            let mode = fs::metadata(card.places.data.join(secret)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{secret}");
        }
        // The next start finds nothing to do.
        assert_eq!(card.start(), None);
        assert!(card.data("network/tapcard-wifi-0.nmconnection").is_some());
    }

    #[test]
    fn a_wrong_file_changes_nothing() {
        let card = Flashed::new();
        card.put(FILE_TEXT);
        card.start();
        let wrong = "cloud = \"https://b.example\"\nstaff_pin = 12345\n";
        card.put(wrong);
        let said = card.start().unwrap();
        assert!(
            said.starts_with("tapcard.toml: line 2, `staff_pin`") && !said.contains("12345"),
            "{said}"
        );
        assert_eq!(card.boot(), wrong);
        assert!(card.data("tapcard/kiosk.toml").unwrap().contains("https://a.example"));
    }

    #[test]
    fn a_later_file_takes_the_earlier_ones_place() {
        let card = Flashed::new();
        let ca = "[image]\nca = \"-----BEGIN CERTIFICATE-----\"\n[[image";
        card.put(FILE_TEXT.replace("[[image", ca));
        assert_eq!(card.start(), None);
        assert!(card.data("tapcard/ca.pem").is_some());
        let chosen = card.places.data.join("network/chosen.nmconnection");
        fs::write(&chosen, "").unwrap();
        card.put("cloud = \"https://b.example\"\r\n");
        assert_eq!(card.start(), None);
        assert!(card.data("tapcard/kiosk.toml").unwrap().contains("https://b.example"));
        assert!(card.data("network/tapcard-wifi-0.nmconnection").is_none() && chosen.exists());
        assert_eq!(card.data("tapcard/ca.pem"), None);
    }

    #[test]
    fn what_the_staff_brought_counts_unless_somebody_had_the_card_in_hand() {
        let card = Flashed::new();
        card.put(FILE_TEXT);
        card.start();
        let inbox = card.places.data.join("tapcard/inbox");
        fs::create_dir_all(&inbox).unwrap();
        let bring = |text: &str| fs::write(inbox.join(FILE), text).unwrap();
        bring("cloud = \"https://b.example\"\n");
        assert_eq!(card.start(), None);
        assert!(card.data("tapcard/kiosk.toml").unwrap().contains("https://b.example"));
        assert!(!inbox.join(FILE).exists());

        bring("cloud = 7\n");
        assert!(card.start().unwrap().starts_with("tapcard.toml of a stick: line 1"));
        assert_eq!(card.start(), None, "nobody can mend it there");
        assert!(card.data("tapcard/kiosk.toml").unwrap().contains("https://b.example"));

        fs::write(inbox.join(FILE), [0xff, 0xfe, 0]).unwrap();
        assert!(card.start().unwrap().contains("UTF-8"));
        assert_eq!(card.start(), None, "what a failing disk made of it stops no start");

        bring("cloud = \"https://c.example\"\n");
        card.put("cloud = \"https://d.example\"\n");
        assert_eq!(card.start(), None);
        assert!(card.data("tapcard/kiosk.toml").unwrap().contains("https://d.example"));
        assert!(!inbox.join(FILE).exists());
    }

    #[test]
    fn what_an_editor_made_of_it_is_read_or_refused_in_words() {
        let card = Flashed::new();
        card.put([b"\xef\xbb\xbf", FILE_TEXT.as_bytes()].concat());
        assert_eq!(card.start(), None);
        let utf16: Vec<u8> = FILE_TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
        card.put(utf16);
        assert!(card.start().unwrap().contains("UTF-8"));
        card.put("#".repeat(70_000));
        assert!(card.start().unwrap().contains("64 KiB"));
    }
}
