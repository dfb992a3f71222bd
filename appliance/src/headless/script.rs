//! Obeys lines on standard input and tells on standard output what the screens do.
//!
//! ```text
//! press LABEL            a button, or a field to type into
//! type TEXT              keys; \b rubs out, \t goes to the next field
//! clear                  rubs out the whole field
//! wait SCREEN SECONDS    until that screen is shown, or was since the last wait
//! shot NAME              a picture now
//! read                   what the screen says, one `text …` each
//! ```

use std::collections::VecDeque;
use std::io::{BufRead, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use slint::Weak;
use tapcard_canvas::Event;

use super::hands;
use crate::screens::window::App;

/// What the script hears.
pub(super) enum Happening {
    /// Another screen is shown.
    Screen(&'static str),
    /// A line to obey.
    Line(String),
}

/// How long the screens may take to obey.
const OBEY: Duration = Duration::from_secs(10);

/// The one who obeys.
pub(super) struct Script {
    happenings: Receiver<Happening>,
    app: Weak<App>,
    canvas: Sender<Event>,
    past: Past,
    /// Lines that came during a wait.
    lines: VecDeque<String>,
}

/// Which screens were shown, and up to which of them a wait has come.
#[derive(Default)]
struct Past {
    screens: Vec<&'static str>,
    seen: usize,
}

impl Past {
    /// Whether that screen is shown, or was since the last one that was waited for.
    fn has(&mut self, screen: &str) -> bool {
        let later = self.screens.iter().skip(self.seen).position(|it| *it == screen);
        if let Some(place) = later {
            self.seen += place + 1;
        }
        // The one that was waited for last counts again only while it is still there.
        later.is_some() || self.screens.last().is_some_and(|it| *it == screen)
    }
}

/// Reads standard input to its end, which ends nothing else.
pub(super) fn listen(tell: Sender<Happening>) -> Result<()> {
    thread::Builder::new().name("stdin".into()).spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if tell.send(Happening::Line(line)).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}

impl Script {
    pub(super) fn new(
        happenings: Receiver<Happening>,
        app: Weak<App>,
        canvas: Sender<Event>,
    ) -> Script {
        Script { happenings, app, canvas, past: Past::default(), lines: VecDeque::new() }
    }

    /// Obeys until the screens are gone.
    pub(super) fn run(mut self) {
        loop {
            let line = match self.lines.pop_front() {
                Some(line) => line,
                None => match self.happenings.recv() {
                    Ok(Happening::Line(line)) => line,
                    Ok(Happening::Screen(name)) => {
                        self.note(name);
                        continue;
                    }
                    Err(_) => return,
                },
            };
            match self.obey(line.trim_end()) {
                Ok(()) => say("ok"),
                Err(reason) => say(&format!("error {reason}")),
            }
        }
    }

    fn obey(&mut self, line: &str) -> Result<(), String> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.to_owned();
        match verb {
            "press" => self.ask(move |app| hands::press(app, &rest))?,
            "type" => self.ask(move |app| hands::type_text(app, &rest))?,
            "clear" => self.ask(hands::clear)?,
            "read" => {
                let lines = self.ask(|app| Ok(hands::read(app)))?;
                lines.iter().for_each(|it| say(&format!("text {it}")));
            }
            "shot" => self.shot(&rest)?,
            "wait" => self.wait(&rest)?,
            _ => return Err(format!("{verb:?} is not press, type, clear, wait, shot or read")),
        }
        Ok(())
    }

    fn shot(&self, name: &str) -> Result<(), String> {
        let plain = |it: u8| it.is_ascii_alphanumeric() || it == b'-';
        if name.is_empty() || !name.bytes().all(plain) {
            return Err("a picture's name is of letters, digits and hyphens".into());
        }
        self.canvas.send(Event::Shot(name.to_owned())).map_err(|it| it.to_string())
    }

    fn wait(&mut self, rest: &str) -> Result<(), String> {
        let parsed = rest.split_once(' ').and_then(|it| Some((it.0, it.1.trim().parse().ok()?)));
        let (screen, seconds): (&str, f64) = parsed.ok_or("say wait SCREEN SECONDS")?;
        let patience = Duration::try_from_secs_f64(seconds).map_err(|it| it.to_string())?;
        let until = Instant::now() + patience;
        while !self.past.has(screen) {
            let left = until.saturating_duration_since(Instant::now());
            match self.happenings.recv_timeout(left) {
                Ok(Happening::Screen(name)) => self.note(name),
                Ok(Happening::Line(line)) => self.lines.push_back(line),
                Err(RecvTimeoutError::Timeout) => {
                    let now = self.past.screens.last().unwrap_or(&"nothing");
                    return Err(format!("{screen} was not shown in {seconds} s; {now} is"));
                }
                Err(RecvTimeoutError::Disconnected) => return Err("the screens are gone".into()),
            }
        }
        Ok(())
    }

    fn note(&mut self, name: &'static str) {
        say(&format!("screen {name}"));
        self.past.screens.push(name);
    }

    /// Has something done on the screens' thread.
    fn ask<T: Send + 'static>(
        &self,
        act: impl FnOnce(&App) -> Result<T, String> + Send + 'static,
    ) -> Result<T, String> {
        let (answer, answered) = channel();
        let asked = self.app.upgrade_in_event_loop(move |app| drop(answer.send(act(&app))));
        asked.map_err(|it| it.to_string())?;
        answered.recv_timeout(OBEY).map_err(|_| "the screens do not answer".to_owned())?
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Whoever started the kiosk may have stopped listening.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_that_passed_since_the_last_wait_counts_once() {
        let mut past = Past { screens: vec!["attract", "hold", "confirm"], seen: 0 };
        assert!(past.has("confirm"));
        assert!(past.has("confirm"), "it is still there");
        assert!(!past.has("hold"), "that was before");
        past.screens.extend(["done", "attract", "hold", "confirm"]);
        assert!(past.has("done"));
        assert!(past.has("attract"), "it passed after done");
        assert!(!past.has("done"));
        assert!(past.has("confirm"));
    }
}
