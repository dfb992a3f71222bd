//! How long one command may take, and what ends the wait earlier.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use pn532::{CountDown, nb};

/// Says whether somebody wants the radio to do something else; asked often, so it must be quick.
pub type Interrupt = Box<dyn Fn() -> bool + Send>;

/// The time limit of one command, for the crate `pn532`.
pub(super) struct Deadline {
    until: Option<Instant>,
    interrupt: Interrupt,
    /// Whether this command ends at an interrupt.
    heeds: bool,
}

impl Deadline {
    pub(super) fn new(interrupt: Interrupt) -> Self {
        Self { until: None, interrupt, heeds: false }
    }

    /// Whether the next command ends at an interrupt.
    pub(super) fn heed(&mut self, heeds: bool) {
        self.heeds = heeds;
    }

    pub(super) fn is_interrupted(&self) -> bool {
        (self.interrupt)()
    }
}

impl CountDown for Deadline {
    type Time = Duration;

    fn start<T: Into<Duration>>(&mut self, count: T) {
        self.until = Some(Instant::now() + count.into());
    }

    fn wait(&mut self) -> nb::Result<(), Infallible> {
        let is_over = self.until.is_none_or(|until| Instant::now() >= until);
        if is_over || (self.heeds && self.is_interrupted()) {
            Ok(())
        } else {
            Err(nb::Error::WouldBlock)
        }
    }
}
