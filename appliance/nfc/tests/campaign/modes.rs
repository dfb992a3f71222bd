//! What each mode does on the air, as the simulator's journal has it, with a tag, a phone, another
//! unit and libnfc around: as a reader that tries to write, and as a card. A fourth unit changes its
//! mode all the time.

mod around;
mod libnfc;
mod log;

use std::io::{self, Write, stdout};
use std::thread;
use std::time::{Duration, Instant};

use crate::desk::{Desk, Kiosk, Told, card};
use crate::mode::Mode;
use crate::random::Random;
use around::Around;
use libnfc::Met;
use log::Log;

/// How long a mode lasts when it changes all the time, at least and at most.
const CHANGE_MS: (usize, usize) = (100, 900);
/// How long the unit is listened to before something else happens.
const GLANCE: Duration = Duration::from_millis(20);

/// What one unit did, and what the others saw of it.
struct Watched {
    /// None for the one that changes.
    mode: Option<Mode>,
    log: Log,
    met: Met,
    /// How often the card that libnfc emulates was activated.
    n_read: usize,
    n_phones: usize,
    broken: Vec<String>,
}

/// Watches all at once and prints them; gives the broken rules.
pub(crate) fn play(time: Duration, random: &mut Random) -> io::Result<Vec<String>> {
    let who = Mode::ALL.map(Some).into_iter().chain([None]);
    let watched: Vec<Watched> = thread::scope(|scope| {
        let start = |mode| {
            let random = Random::new(random.next());
            scope.spawn(move || watch(mode, time, random))
        };
        let watched: Vec<_> = who.map(start).collect();
        watched.into_iter().map(|it| it.join().expect("a mode panics")).collect()
    });
    let mut out = stdout();
    let seconds = time.as_secs();
    writeln!(out, "{seconds} s on the air with a tag, a phone, another unit and libnfc around")?;
    writeln!(
        out,
        "{:<9}{:>9}{:>11}{:>14}{:>9}{:>14}{:>12}{:>13}{:>9}",
        "mode",
        "field on",
        "activated",
        "write tries",
        "refused",
        "libnfc reads",
        "is refused",
        "its card met",
        "phones"
    )?;
    for it in &watched {
        let mode = it.mode.map_or("changing".to_owned(), |mode| mode.to_string());
        writeln!(
            out,
            "{mode:<9}{:>9}{:>11}{:>14}{:>9}{:>14}{:>12}{:>13}{:>9}",
            it.log.n_fields,
            it.log.n_activated,
            it.log.n_writes,
            it.log.n_refused,
            it.met.n_read,
            it.met.n_refused,
            it.n_read,
            it.n_phones
        )?;
    }
    writeln!(out)?;
    Ok(watched.into_iter().flat_map(|it| it.broken).collect())
}

fn watch(mode: Option<Mode>, time: Duration, mut random: Random) -> Watched {
    let desk = Desk::with(&["A", "other", "reader", "card"]);
    let own = card("Ada");
    let mut now = mode.unwrap_or(Mode::Both);
    let unit = desk.run("A", now.order(&own));
    let mut around = Around::new(&desk, time);
    let mut log = Log::default();
    let mut broken = Vec::new();
    let end = Instant::now() + time;
    while Instant::now() < end {
        if mode.is_none() {
            let n_before = broken.len();
            log.add(now, &desk.simulator.journal("A").expect("A is a chip"), &mut broken);
            if broken.len() > n_before {
                broken.push(format!("… in mode {now} among changes"));
            }
            now = Mode::ALL[random.below(Mode::ALL.len())];
            unit.obey(now.order(&own));
            // What it did until it obeyed is the last mode's.
            desk.simulator.journal("A").expect("A is a chip");
        }
        let (least, most) = CHANGE_MS;
        let span = Duration::from_millis((least + random.below(most - least)) as u64);
        serve(&unit, now, &own, (Instant::now() + span).min(end), &mut around, &mut broken);
    }
    log.add(now, &desk.simulator.journal("A").expect("A is a chip"), &mut broken);
    drop(unit);
    let n_phones = around.n_phones();
    let (met, n_read) = around.end();
    let mut watched = Watched { mode, log, met, n_read, n_phones, broken };
    watched.judge(&own);
    watched
}

/// Brings a new offer whenever one is used up, as a kiosk does.
fn serve(
    unit: &Kiosk,
    mode: Mode,
    own: &[u8],
    end: Instant,
    around: &mut Around<'_>,
    broken: &mut Vec<String>,
) {
    while Instant::now() < end {
        around.stir();
        match unit.next_within(GLANCE) {
            Some(Told::Event(tapcard_nfc::Event::Parted { .. })) => unit.order(mode.order(own)),
            Some(Told::Failed(error)) => broken.push(format!("{mode}: {error}")),
            Some(Told::Obeyed | Told::Event(_) | Told::Replied(_)) | None => {}
        }
    }
}

impl Watched {
    /// What the others saw must be what the mode allows; and each of them must have seen it.
    fn judge(&mut self, own: &[u8]) {
        let mut rule = |holds: bool, what: String| {
            if !holds {
                self.broken.push(what);
            }
        };
        rule(self.met.n_foreign(own) == 0, "libnfc read what was not offered".to_owned());
        rule(self.met.n_looked > 0, "libnfc did not look".to_owned());
        let Some(mode) = self.mode else { return };
        rule(
            (self.met.n_read > 0) == mode.gives(),
            format!("{mode}: libnfc read {}", self.met.n_read),
        );
        rule(
            (self.n_read > 0) == mode.takes(),
            format!("{mode}: libnfc's card met {}", self.n_read),
        );
        rule(mode.gives() || self.n_phones == 0, format!("{mode}: {} phones", self.n_phones));
        let n_refused = if mode == Mode::Give { self.met.n_read } else { 0 };
        rule(self.met.n_refused == n_refused, format!("{mode}: refused {}", self.met.n_refused));
    }
}
