//! What systemd hears of the kiosk: that it is there, and that it goes on. It decides nothing.
//!
//! Both loops must turn for that: the one that serves visitors asks the screens' own to say it.

use std::time::Duration;

use sd_notify::NotifyState;
use tracing::warn;

/// The kiosk's pulse.
pub struct Pulse {
    /// Half of the time after which systemd starts the program again; none if it does not watch.
    every: Option<Duration>,
    due: Duration,
}

impl Pulse {
    /// As systemd has started the program, if it has.
    #[must_use]
    pub fn new() -> Pulse {
        Pulse { every: sd_notify::watchdog_enabled().map(|it| it / 2), due: Duration::ZERO }
    }

    /// When it is to beat next.
    #[must_use]
    pub fn due(&self) -> Option<Duration> {
        self.every.map(|_| self.due)
    }

    /// What is to be said by the screens' loop, if it is time; the first time, that the kiosk is there.
    pub fn beat(&mut self, now: Duration) -> Option<impl FnOnce() + Send + 'static> {
        if now < self.due {
            return None;
        }
        let says = if self.due.is_zero() { NotifyState::Ready } else { NotifyState::Watchdog };
        self.due = now + self.every.unwrap_or(Duration::MAX / 2);
        Some(move || {
            if let Err(error) = sd_notify::notify(&[says]) {
                warn!("telling systemd: {error}");
            }
        })
    }
}

impl Default for Pulse {
    fn default() -> Pulse {
        Pulse::new()
    }
}
