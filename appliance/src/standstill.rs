//! The only loop of a kiosk whose operator's file is missing, or cannot be used: the screen says why.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tracing::warn;

use crate::driver::Event;
use crate::pulse::Pulse;
use crate::screens::Display;
use crate::session::{Input, Mode, Session};
use crate::view::{Page, Unset, View, World, compose};

/// How often the loop looks up where nothing is due.
const IDLE: Duration = Duration::from_secs(3600);

/// Shows what is wrong until somebody goes on with the settings of before; false if the program is to end.
pub fn stand(unset: Unset, display: &Display, events: &Receiver<Event>) -> bool {
    warn!("{}", unset.fault);
    let (start, mut pulse) = (Instant::now(), Pulse::new());
    let view = compose(&Session::new(Mode::Both, None), Duration::ZERO, &World::default());
    let can_go_on = unset.can_go_on;
    display.show(View { page: Page::Unset(unset), ..view });
    loop {
        let now = start.elapsed();
        if let Some(says) = pulse.beat(now) {
            display.do_next(says);
        }
        let left = pulse.due().map_or(IDLE, |it| it.saturating_sub(now));
        match events.recv_timeout(left) {
            Ok(Event::Person(Input::Onward)) if can_go_on => return true,
            Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
        }
    }
}
