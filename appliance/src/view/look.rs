//! How the screens look now.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit, ZonedRound};

use super::World;
use crate::session::{Night, Session};

/// How everything on the screen looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "`session::Appearance` says it")]
pub struct Look {
    pub dark: bool,
    pub larger: bool,
    pub contrast: bool,
    pub still: bool,
    /// Nobody has come for a while.
    pub dim: bool,
}

pub(super) fn look(session: &Session, world: &World<'_>) -> Look {
    let it = session.appearance();
    let hour = world.now.to_zoned(world.zone.clone()).hour();
    Look {
        dark: it.night.is_dark(hour),
        larger: it.larger,
        contrast: it.contrast,
        still: it.still,
        dim: session.is_dim(),
    }
}

/// How long it is until the next hour begins, if the screens follow the clock.
pub fn hour_ends(night: Night, now: Timestamp, zone: &TimeZone) -> Option<Duration> {
    if night != Night::ByClock {
        return None;
    }
    let here = now.to_zoned(zone.clone());
    let hour = ZonedRound::new().smallest(Unit::Hour).mode(jiff::RoundMode::Expand);
    let next = here.round(hour).ok()?;
    let left = Duration::try_from(next.duration_since(&here)).unwrap_or_default();
    Some(left.max(Duration::from_secs(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Appearance, Mode};

    #[test]
    fn the_screens_follow_the_clock_of_the_place() {
        let zone = TimeZone::fixed(jiff::tz::offset(8));
        let night = Appearance { night: Night::ByClock, ..Appearance::default() };
        let session = Session::new(Mode::Both, None).looking(night);
        for (utc, dark, left) in [("10:59:00", false, 60), ("11:00:01", true, 3599)] {
            let now: Timestamp = format!("2026-11-29T{utc}Z").parse().unwrap();
            let world = World { now, zone: &zone, ..World::default() };
            assert_eq!(look(&session, &world).dark, dark, "{utc}");
            assert_eq!(hour_ends(Night::ByClock, now, &zone), Some(Duration::from_secs(left)));
        }
        assert_eq!(hour_ends(Night::Always, Timestamp::UNIX_EPOCH, &zone), None);
    }
}
