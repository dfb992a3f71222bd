//! The only loop of a kiosk that was erased from afar: it serves nobody, and hands over what it had not sent.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::Result;
use tracing::info;

use crate::courier::Courier;
use crate::credentials::Taken;
use crate::driver::{Ended, Event};
use crate::pulse::Pulse;
use crate::screens::Display;
use crate::session::{Mode, Session};
use crate::store::Erased;
use crate::uplink::Enrolling;
use crate::view::{World, compose};

/// How long to wait after a box was not taken; doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_secs(1);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(60);
/// How often the loop looks up where nothing is due.
const IDLE: Duration = Duration::from_secs(3600);

/// When a box goes, and when it goes again.
#[derive(Debug)]
struct Pace {
    /// None while one is under way.
    due: Option<Duration>,
    pause: Duration,
}

impl Pace {
    fn new() -> Pace {
        Pace { due: Some(Duration::ZERO), pause: FIRST }
    }

    /// Whether a box is to go now; then it is under way.
    fn goes(&mut self, now: Duration) -> bool {
        let is_due = self.due.is_some_and(|it| it <= now);
        if is_due {
            self.due = None;
        }
        is_due
    }

    /// What became of it.
    fn came_back(&mut self, now: Duration, is_taken: bool) {
        if is_taken {
            (self.due, self.pause) = (Some(now), FIRST);
        } else {
            (self.due, self.pause) = (Some(now + self.pause), (self.pause * 2).min(LONGEST));
        }
    }
}

/// Shows that this kiosk is nobody's to use, and hands boxes over until all are, or the program is to end.
///
/// # Errors
/// Fails when the store cannot be used.
pub fn hand_over(
    erased: &Erased,
    courier: Option<&Courier>,
    (display, cloud): (&Display, &str),
    events: &Receiver<Event>,
) -> Result<Ended> {
    let (start, mut pulse, mut pace) = (Instant::now(), Pulse::new(), Pace::new());
    let world = World { cloud, enrolling: Some(Enrolling::Refused), ..World::default() };
    display.show(compose(&Session::new(Mode::Both, None), Duration::ZERO, &world));
    let mut under_way = None;
    loop {
        let now = start.elapsed();
        if pace.goes(now) {
            let Some((part, sealed)) = erased.next()? else {
                info!("the cloud has what was not sent; this kiosk is nobody's");
                return Ok(Ended::Left);
            };
            under_way = Some(part);
            if let Some(courier) = courier {
                courier.carry(sealed);
            }
        }
        if let Some(says) = pulse.beat(now) {
            display.do_next(says);
        }
        let due = pace.due.into_iter().chain(pulse.due()).min();
        match events.recv_timeout(due.map_or(IDLE, |it| it.saturating_sub(now))) {
            Ok(Event::HandedOver(Some(Taken::All))) => return Ok(Ended::Left),
            Ok(Event::HandedOver(taken)) => {
                let part = under_way.take().filter(|_| taken.is_some());
                part.map_or(Ok(()), |it| erased.handed_over(it))?;
                pace.came_back(start.elapsed(), taken.is_some());
            }
            Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => return Ok(Ended::Stopped),
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_that_is_not_taken_goes_again_ever_more_seldom() {
        let (mut pace, mut went_at) = (Pace::new(), Vec::new());
        for second in 0..400 {
            let now = Duration::from_secs(second);
            if pace.goes(now) {
                assert!(!pace.goes(now), "one at a time");
                went_at.push(second);
                pace.came_back(now, false);
            }
        }
        assert_eq!(went_at, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303, 363]);
        let now = Duration::from_secs(423);
        assert!(pace.goes(now));
        pace.came_back(now, true);
        assert!(pace.goes(now), "the next one goes at once");
        pace.came_back(now, false);
        assert!(!pace.goes(now) && pace.goes(now + FIRST));
    }
}
