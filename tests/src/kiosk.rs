//! A kiosk without a display: the same program and the same screens, driven line by line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tapcard_protocol::{AccountId, TerminalId};

use crate::patience::wait;
use crate::program::{Program, path};

/// The PIN of the staff's screens.
pub const PIN: &str = "2468";
/// Where every kiosk of these journeys stands.
pub const PLACE: &str = "Hall 3, B12";
/// How long an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where its links lead. Phones in tests take the touch out of one and go to the worker of their world.
const PAGE: &str = "https://cards.example.org";

/// The setting that the operator's command writes, and that most journeys do without.
const GUIDE: &str = "guide = true\n";

/// A kiosk that is not running: its folder holds the configuration, the token and the store.
#[derive(Clone)]
pub struct KioskPlan {
    /// The terminal; zero for one that is nobody's yet.
    pub terminal: TerminalId,
    folder: PathBuf,
}

impl KioskPlan {
    /// Writes a kiosk's folder; `broker` is the value of that setting.
    ///
    /// # Errors
    /// Fails with the file system.
    pub fn write(
        folder: &Path,
        account: AccountId,
        terminal: TerminalId,
        token: &str,
        broker: &str,
        reader: &Path,
    ) -> anyhow::Result<KioskPlan> {
        fs::create_dir_all(folder.join("screens")).context("making a kiosk's folder")?;
        fs::write(folder.join("token"), token).context("writing a token")?;
        let configuration = format!(
            "account = \"{account}\"\nterminal = \"{terminal}\"\ntoken_file = {:?}\nregion = \"CN\"\n\
             broker = {broker}\nstore = {:?}\nplace = \"{PLACE}\"\npage = \"{PAGE}\"\nmode = \"both\"\n\
             staff_pin = \"{PIN}\"\n[reader]\nport = {reader:?}\nbaud = 115200\n",
            folder.join("token"),
            folder.join("kiosk.db"),
        );
        fs::write(folder.join("kiosk.toml"), configuration)
            .context("writing a kiosk's configuration")?;
        Ok(KioskPlan { terminal, folder: folder.to_owned() })
    }

    /// A plan from a folder that the operator's command made, for a chip of the radio.
    ///
    /// # Errors
    /// Fails with the file system.
    pub fn ready(folder: &Path, terminal: TerminalId, reader: &Path) -> anyhow::Result<KioskPlan> {
        fs::create_dir_all(folder.join("screens")).context("making a kiosk's folder")?;
        let file = folder.join("kiosk.toml");
        // It is not root's here, and no Raspberry Pi's.
        let settings = fs::read_to_string(&file)?.replace(GUIDE, "");
        let more = format!(
            "store = {:?}\nkey_file = {:?}\nregion = \"CN\"\n[reader]\nport = {reader:?}\n",
            folder.join("kiosk.db"),
            folder.join("terminal.key")
        );
        fs::write(file, settings + &more).context("writing a kiosk's configuration")?;
        Ok(KioskPlan { terminal, folder: folder.to_owned() })
    }

    /// A kiosk as it comes out of its box: it knows the cloud and the broker, and nobody's name.
    ///
    /// # Errors
    /// Fails with the file system.
    pub fn unpacked(
        folder: &Path,
        broker: &str,
        cloud: &str,
        reader: &Path,
    ) -> anyhow::Result<KioskPlan> {
        fs::create_dir_all(folder.join("screens")).context("making a kiosk's folder")?;
        let settings = format!(
            "cloud = {cloud:?}\nbroker = {broker:?}\nplace = \"{PLACE}\"\npage = \"{PAGE}\"\n\
             store = {:?}\nkey_file = {:?}\n[reader]\nport = {reader:?}\n",
            folder.join("kiosk.db"),
            folder.join("terminal.key"),
        );
        fs::write(folder.join("kiosk.toml"), settings)
            .context("writing a kiosk's configuration")?;
        Ok(KioskPlan { terminal: TerminalId::new(0), folder: folder.to_owned() })
    }

    /// Leads whoever starts it first, as the operator's command has it.
    ///
    /// # Errors
    /// Fails with the file system.
    pub fn guided(self) -> anyhow::Result<KioskPlan> {
        self.set(GUIDE.trim_end())
    }

    /// Lets the thanks stand for so many seconds, where a test looks for what comes in that time.
    ///
    /// # Errors
    /// Fails with the file system.
    pub fn thanking_for(self, seconds: u32) -> anyhow::Result<KioskPlan> {
        let file = self.configuration();
        let settings =
            fs::read_to_string(&file)? + &format!("[screen]\nthanks_seconds = {seconds}\n");
        fs::write(file, settings).context("writing a kiosk's configuration")?;
        Ok(self)
    }

    /// Adds a setting, as a line of the file.
    ///
    /// # Errors
    /// Fails with the file system.
    pub fn set(self, line: &str) -> anyhow::Result<KioskPlan> {
        let file = self.configuration();
        let settings = format!("{line}\n{}", fs::read_to_string(&file)?);
        fs::write(file, settings).context("writing a kiosk's configuration")?;
        Ok(self)
    }

    /// The configuration file.
    pub fn configuration(&self) -> PathBuf {
        self.folder.join("kiosk.toml")
    }

    /// Where the pictures of its screens are.
    pub fn screens(&self) -> PathBuf {
        self.folder.join("screens")
    }

    /// Where its SQLite file is.
    pub fn store(&self) -> PathBuf {
        self.folder.join("kiosk.db")
    }

    /// What it logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("kiosk.log")).unwrap_or_default()
    }

    /// Starts it with a window on this desk's display.
    ///
    /// # Errors
    /// Fails when the program is missing.
    pub fn start_with_window(&self) -> anyhow::Result<Program> {
        let mut command = Command::new(path("tapcard-kiosk")?);
        command.arg("--config").arg(self.configuration());
        Program::start("kiosk", &mut command, &self.folder.join("kiosk.log"))
    }

    /// Starts it and waits for its first screen.
    ///
    /// # Errors
    /// Fails when it does not come up.
    pub fn start(&self) -> anyhow::Result<Kiosk> {
        self.start_at("attract", &[])
    }

    /// The same where the first screen is another one, with more in its environment.
    ///
    /// # Errors
    /// Fails when it does not come up.
    pub fn start_at(&self, screen: &str, environment: &[(&str, &str)]) -> anyhow::Result<Kiosk> {
        let mut command = Command::new(path("tapcard-kiosk")?);
        command.envs(environment.iter().copied());
        command.arg("--config").arg(self.configuration()).arg("--headless").arg(self.screens());
        let program = Program::start("kiosk", &mut command, &self.folder.join("kiosk.log"))?;
        let mut kiosk = Kiosk { plan: self.clone(), program, shown: Vec::new() };
        kiosk.see(screen).with_context(|| format!("the kiosk logged:\n{}", self.log()))?;
        Ok(kiosk)
    }
}

/// A running kiosk. It is killed when it is dropped.
pub struct Kiosk {
    /// What it was started from.
    pub plan: KioskPlan,
    program: Program,
    /// Screens that were shown and not yet waited for.
    shown: Vec<String>,
}

impl Kiosk {
    /// Waits until a screen is shown; those before it are forgotten.
    ///
    /// # Errors
    /// Fails when it is not shown in time.
    pub fn see(&mut self, screen: &str) -> anyhow::Result<()> {
        self.see_one_of(&[screen]).map(drop)
    }

    /// Waits until one of these screens is shown, and says which.
    ///
    /// # Errors
    /// Fails when none is shown in time.
    pub fn see_one_of(&mut self, screens: &[&str]) -> anyhow::Result<String> {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.shown.iter().position(|it| screens.contains(&it.as_str())) {
                let screen = self.shown.remove(at);
                self.shown.drain(..at);
                return Ok(screen);
            }
            let line = self.program.line(end.saturating_duration_since(Instant::now()));
            let line = line.with_context(|| format!("waiting for the screen {screens:?}"))?;
            self.note(&line)?;
        }
    }

    fn note(&mut self, line: &str) -> anyhow::Result<()> {
        let screen =
            line.strip_prefix("screen ").with_context(|| format!("the kiosk said {line:?}"))?;
        self.shown.push(screen.to_owned());
        Ok(())
    }

    /// Presses a button by its label.
    ///
    /// # Errors
    /// Fails when the screen has none of that name.
    pub fn press(&mut self, label: &str) -> anyhow::Result<()> {
        self.command(&format!("press {label}")).map(drop)
    }

    /// Presses a button and does not wait for what comes of it.
    ///
    /// # Errors
    /// Fails when the kiosk has ended.
    pub fn press_unheard(&mut self, label: &str) -> anyhow::Result<()> {
        self.program.say(&format!("press {label}"))
    }

    /// Types on the physical keyboard.
    ///
    /// # Errors
    /// Fails when the kiosk has ended.
    pub fn write(&mut self, text: &str) -> anyhow::Result<()> {
        self.command(&format!("type {text}")).map(drop)
    }

    /// What the screen says, line by line.
    ///
    /// # Errors
    /// Fails when the kiosk has ended.
    pub fn read(&mut self) -> anyhow::Result<Vec<String>> {
        self.command("read")
    }

    /// Waits until the screen says something that contains `text`.
    ///
    /// # Errors
    /// Fails with what it says instead.
    pub fn see_text(&mut self, text: &str) -> anyhow::Result<()> {
        let mut said = Vec::new();
        wait(&format!("{text:?} on the kiosk"), PATIENCE, || {
            said = self.read()?;
            Ok(said.iter().any(|it| it.contains(text)).then_some(()))
        })
        .with_context(|| format!("the screen says {said:?}"))
    }

    /// Waits until the cloud has answered: its key of the day is in the code for a camera.
    ///
    /// # Errors
    /// Fails with what the kiosk says instead.
    pub fn see_cloud(&mut self) -> anyhow::Result<()> {
        self.see_text("Scan this with your camera")
    }

    /// Gives the kiosk a line and returns the `text` lines before its `ok`.
    ///
    /// # Errors
    /// Fails with its `error`.
    pub fn command(&mut self, line: &str) -> anyhow::Result<Vec<String>> {
        self.program.say(line)?;
        let mut said = Vec::new();
        loop {
            let answer = self
                .program
                .line(PATIENCE)
                .with_context(|| format!("the kiosk does not answer {line:?}"))?;
            if answer == "ok" || answer.starts_with("ok ") {
                return Ok(said);
            } else if let Some(why) = answer.strip_prefix("error") {
                bail!("the kiosk answers {line:?} with {why}");
            } else if let Some(text) = answer.strip_prefix("text ") {
                said.push(text.to_owned());
            } else {
                self.note(&answer)?;
            }
        }
    }

    /// Opens the staff's contacts.
    ///
    /// # Errors
    /// Fails when the PIN is not taken.
    pub fn unlock(&mut self) -> anyhow::Result<()> {
        self.press("Staff")?;
        self.see("lock")?;
        self.write(PIN)?;
        self.see("contacts")
    }

    /// Ends it at once, as a power cut would.
    ///
    /// # Errors
    /// Fails when it cannot be ended.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.program.kill()
    }

    /// Asks it to end; its last pictures are written then.
    ///
    /// # Errors
    /// Fails when it does not end in time.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        self.program.stop(PATIENCE)
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.program.is_running()
    }
}
