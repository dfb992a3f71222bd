//! A real browser with the phone's page, driven line by line through `tests/browser/phone.mjs`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::program::{Program, output};

/// How long an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one page per phone.
pub struct Browser {
    program: Program,
}

impl Browser {
    /// Starts Debian's Chromium; installs its driver first when that is missing.
    ///
    /// # Errors
    /// Fails when Node or Chromium are not installed.
    pub fn start(log: &Path) -> anyhow::Result<Browser> {
        let project = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
        output(&mut Command::new(project.join("tests/browser/install")))?;
        let mut command = Command::new("node");
        command.arg(project.join("target/browser/phone.mjs"));
        Ok(Browser { program: Program::start("browser", &mut command, log)? })
    }

    /// Opens an address on a page.
    ///
    /// # Errors
    /// Fails when it cannot be opened.
    pub fn open(&mut self, page: &str, address: &str) -> anyhow::Result<()> {
        self.command(&format!("open {page} {address}")).map(drop)
    }

    /// Opens an address on a page that runs no script.
    ///
    /// # Errors
    /// Fails when it cannot be opened.
    pub fn open_plain(&mut self, page: &str, address: &str) -> anyhow::Result<()> {
        self.command(&format!("plain {page} {address}")).map(drop)
    }

    /// Waits until a page shows a text.
    ///
    /// # Errors
    /// Fails with what it shows instead.
    pub fn see(&mut self, page: &str, text: &str) -> anyhow::Result<()> {
        let seen = self.command(&format!("see {page} 20 {text}"));
        match seen {
            Ok(_) => Ok(()),
            Err(why) => {
                let shown = self.command(&format!("text {page}")).unwrap_or_default();
                Err(why).with_context(|| format!("page {page} shows {shown}"))
            }
        }
    }

    /// Presses a button by its name.
    ///
    /// # Errors
    /// Fails when the page has none of that name.
    pub fn press(&mut self, page: &str, button: &str) -> anyhow::Result<()> {
        self.command(&format!("press {page} {button}")).map(drop)
    }

    /// Follows a link by its name.
    ///
    /// # Errors
    /// Fails when the page has none of that name.
    pub fn follow(&mut self, page: &str, link: &str) -> anyhow::Result<()> {
        self.command(&format!("follow {page} {link}")).map(drop)
    }

    /// Waits until a picture is drawn that is described so.
    ///
    /// # Errors
    /// Fails when there is none in time, or it is broken.
    pub fn see_picture(&mut self, page: &str, description: &str) -> anyhow::Result<()> {
        self.command(&format!("pictured {page} {description}")).map(drop)
    }

    /// Plays the film of this name.
    ///
    /// # Errors
    /// Fails when there is none in time, or it does not play.
    pub fn play(&mut self, page: &str, name: &str) -> anyhow::Result<()> {
        self.command(&format!("played {page} {name}")).map(drop)
    }

    /// Replaces a field's text.
    ///
    /// # Errors
    /// Fails when the page has no such field.
    pub fn fill(&mut self, page: &str, label: &str, text: &str) -> anyhow::Result<()> {
        self.command(&format!("fill {page} {label}={text}")).map(drop)
    }

    /// Takes a picture of a page.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn shot(&mut self, page: &str, file: &Path) -> anyhow::Result<()> {
        self.command(&format!("shot {page} {}", file.display())).map(drop)
    }

    /// What a page shows.
    ///
    /// # Errors
    /// Fails when the page is not open.
    pub fn text(&mut self, page: &str) -> anyhow::Result<String> {
        self.command(&format!("text {page}"))
    }

    fn command(&mut self, line: &str) -> anyhow::Result<String> {
        self.program.say(line)?;
        let answer = self.program.line(PATIENCE)?;
        match answer.strip_prefix("ok") {
            Some(rest) => Ok(rest.trim_start().to_owned()),
            None => {
                // The address of a page holds its token.
                let verb: Vec<&str> = line.split(' ').take(2).collect();
                bail!("the browser answers {verb:?} with {answer}")
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser is the driver's child: it ends with it only when asked.
        let _ = self.program.say("quit");
        let _ = self.program.line(PATIENCE);
    }
}
