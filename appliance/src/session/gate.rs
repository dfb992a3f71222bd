//! The PIN, and how often it may be wrong.

use std::time::Duration;

use super::Screen;

/// Fewest digits of a PIN.
pub const MIN_PIN: usize = 4;
/// Wrong PINs in a row before the pad closes for a while.
const TRIES: u32 = 5;
/// How long it closes first; each further wrong PIN doubles it.
const CLOSED: Duration = Duration::from_secs(30);
/// It never closes for longer.
const MAX_CLOSED: Duration = Duration::from_secs(15 * 60);

/// The PIN pad, and what it remembers of wrong tries.
#[derive(Clone)]
pub(super) struct Gate {
    pin: Option<String>,
    typed: String,
    wrong: bool,
    n_wrong: u32,
    closed_until: Option<Duration>,
}

impl Gate {
    pub(super) fn new(pin: Option<String>) -> Gate {
        Gate { pin, typed: String::new(), wrong: false, n_wrong: 0, closed_until: None }
    }

    pub(super) fn exists(&self) -> bool {
        self.pin.is_some()
    }

    pub(super) fn screen(&self) -> Screen<'static> {
        let n_typed = self.typed.chars().count();
        Screen::Lock { n_typed, wrong: self.wrong, closed_until: self.closed_until }
    }

    pub(super) fn reopens(&self) -> Option<Duration> {
        self.closed_until
    }

    pub(super) fn reopen(&mut self, now: Duration) {
        if self.closed_until.is_some_and(|it| it <= now) {
            self.closed_until = None;
            self.wrong = false;
        }
    }

    /// Forgets what was typed, never how often it was wrong.
    pub(super) fn forget(&mut self) {
        self.typed.clear();
        self.wrong = false;
    }

    pub(super) fn erase(&mut self) {
        self.typed.pop();
    }

    /// Takes a digit; true if the PIN is complete and right.
    pub(super) fn open(&mut self, now: Duration, digit: char) -> bool {
        let Some(pin) = self.pin.as_deref().filter(|_| self.closed_until.is_none()) else {
            return false;
        };
        self.wrong = false;
        self.typed.push(digit);
        if self.typed.len() < pin.len() {
            return false;
        }
        let is_right = self.typed == pin;
        self.typed.clear();
        self.wrong = !is_right;
        self.n_wrong = if is_right { 0 } else { self.n_wrong.saturating_add(1) };
        if self.n_wrong >= TRIES {
            let doubled = CLOSED * 2u32.pow((self.n_wrong - TRIES).min(5));
            self.closed_until = Some(now + doubled.min(MAX_CLOSED));
        }
        is_right
    }
}
