//! What is heard and what shines: tones by a program that plays files, and a lamp on a line of the board. A thread of its own
//! does both, since a player may take as long as it likes.

mod tone;

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use anyhow::{Context, Result};
use tapcard_nfc::link::{Output, Pin};
use tracing::warn;

use crate::view::Sound;

/// How the kiosk is heard and seen from afar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The program that plays a WAV file from its standard input, and its arguments; none for silence.
    pub player: Vec<String>,
    /// From 0 to 100.
    pub volume: u8,
    /// A lamp that shines while a card is read.
    pub lamp: Option<Pin>,
}

enum Job {
    Play(Sound),
    Shine(bool),
}

/// The way to the thread.
pub struct Signals {
    jobs: Sender<Job>,
    has_sound: bool,
    shines: bool,
}

impl Signals {
    /// Starts it.
    ///
    /// # Errors
    /// Fails when the thread cannot be started.
    pub fn start(settings: Settings) -> Result<Signals> {
        let (jobs, received) = channel();
        let has_sound = !settings.player.is_empty();
        thread::Builder::new()
            .name("signals-out".into())
            .spawn(move || work(&settings, &received))
            .context("starting the thread of signals")?;
        Ok(Signals { jobs, has_sound, shines: false })
    }

    /// Whether anything can be heard.
    pub fn has_sound(&self) -> bool {
        self.has_sound
    }

    /// Plays a sound.
    pub fn play(&self, sound: Sound) {
        // Fails when the thread has ended, and then it is silent.
        let _ = self.jobs.send(Job::Play(sound));
    }

    /// Lights the lamp, or puts it out.
    pub fn shine(&mut self, shines: bool) {
        if self.shines != shines {
            self.shines = shines;
            let _ = self.jobs.send(Job::Shine(shines));
        }
    }
}

fn work(settings: &Settings, jobs: &Receiver<Job>) {
    let mut lamp = settings.lamp.as_ref().and_then(|pin| match Output::open(pin) {
        Ok(it) => Some(it),
        Err(error) => {
            warn!("there is no lamp: {error}");
            None
        }
    });
    let mut fails = false;
    for job in jobs {
        match job {
            Job::Shine(shines) => {
                if let Some(Err(error)) = lamp.as_mut().map(|it| it.set(shines)) {
                    warn!("the lamp does not obey: {error}");
                    lamp = None;
                }
            }
            Job::Play(sound) => {
                let played = play(settings, sound);
                // Said once, and again when it had worked meanwhile.
                if let Err(error) = &played
                    && !fails
                {
                    warn!("nothing is heard: {error:#}");
                }
                fails = played.is_err();
            }
        }
    }
}

fn play(settings: &Settings, sound: Sound) -> Result<()> {
    let Some((program, arguments)) = settings.player.split_first() else { return Ok(()) };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("starting {program}"))?;
    let mut stdin = child.stdin.take().context("a player without an input")?;
    let given = stdin.write_all(&sound.wav(settings.volume));
    drop(stdin);
    let status = child.wait().context("waiting for the player")?;
    given.context("giving the player a sound")?;
    anyhow::ensure!(status.success(), "{program} ended with {status}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(command: &str) -> Settings {
        let player = ["sh", "-c", command].map(str::to_owned).to_vec();
        Settings { player, volume: 50, lamp: None }
    }

    #[test]
    fn a_player_gets_the_whole_sound() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("heard.wav");
        play(&by(&format!("cat > '{}'", file.display())), Sound::Done).unwrap();
        assert_eq!(std::fs::read(file).unwrap(), Sound::Done.wav(50));
    }

    #[test]
    fn a_player_that_fails_says_why() {
        let why = |it: &Settings| format!("{:#}", play(it, Sound::Felt).unwrap_err());
        assert!(why(&by("cat > /dev/null; exit 3")).contains("exit status: 3"));
        let missing = Settings { player: vec!["/nowhere/aplay".into()], ..Settings::default() };
        assert!(why(&missing).starts_with("starting /nowhere/aplay"));
        assert!(play(&Settings::default(), Sound::Felt).is_ok(), "silence is no failure");
    }
}
