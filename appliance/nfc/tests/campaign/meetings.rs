//! Two units face to face, again and again, in every pair of modes: who has what, and how soon.

use std::io::{self, Write, stdout};
use std::thread;
use std::time::{Duration, Instant};

use tapcard_nfc::Event;

use crate::desk::{Desk, Kiosk, PATIENCE, Told, card};
use crate::hand::roles;
use crate::mode::Mode;
use crate::random::Random;

/// How long two that cannot meet lie together.
const IN_VAIN: Duration = Duration::from_millis(400);
/// In which a second exchange of the same meeting would show.
const AFTERWARDS: Duration = Duration::from_millis(100);
/// The longest time for which two are apart: as long as they take turns.
const APART_MS: usize = 500;
/// How long one is listened to before the other.
const GLANCE: Duration = Duration::from_millis(2);

/// One pair's meetings.
struct Pair {
    modes: [Mode; 2],
    /// How long each took, from coming near until both had what they should have.
    times: Vec<Duration>,
    /// Time-outs of a unit's own chip, which a busy machine causes and the next step mends.
    n_glitches: usize,
    broken: Vec<String>,
}

/// Plays all pairs at once and prints them; gives the broken rules.
pub(crate) fn play(n_meetings: usize, random: &mut Random) -> io::Result<Vec<String>> {
    let modes = Mode::ALL.into_iter().flat_map(|a| Mode::ALL.map(|b| [a, b]));
    let pairs: Vec<Pair> = thread::scope(|scope| {
        let start = |modes| {
            let random = Random::new(random.next());
            scope.spawn(move || meet(modes, n_meetings, random))
        };
        let pairs: Vec<_> = modes.map(start).collect();
        pairs.into_iter().map(|it| it.join().expect("a pair panics")).collect()
    });
    let mut out = stdout();
    writeln!(out, "two units face to face, {n_meetings} meetings a pair")?;
    writeln!(
        out,
        "{:<6}{:<6}{:>10}{:>12}{:>10}{:>10}   outcome",
        "A", "B", "right", "median ms", "p99 ms", "glitches"
    )?;
    for pair in &pairs {
        pair.print(&mut out)?;
    }
    writeln!(out)?;
    Ok(pairs.into_iter().flat_map(|it| it.broken).collect())
}

impl Pair {
    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let [a, b] = self.modes;
        let mut times = self.times.clone();
        times.sort_unstable();
        let at = |part: usize| times.get((times.len().max(1) - 1) * part / 100);
        let ms =
            |it: Option<&Duration>| it.map_or("–".to_owned(), |it| it.as_millis().to_string());
        let outcome = match (taken(a, b), taken(b, a)) {
            (true, true) => "both have the other's card",
            (true, false) => "A has B's card",
            (false, true) => "B has A's card",
            (false, false) => "nothing happens",
        };
        let n_right = self.times.len() - self.broken.len().min(self.times.len());
        let (median, p99) =
            if outcome == "nothing happens" { (None, None) } else { (at(50), at(99)) };
        let (median, p99) = (ms(median), ms(p99));
        let n_glitches = self.n_glitches;
        writeln!(out, "{a:<6}{b:<6}{n_right:>10}{median:>12}{p99:>10}{n_glitches:>10}   {outcome}")
    }
}

/// Whether one has the other's card after a meeting.
fn taken(mine: Mode, theirs: Mode) -> bool {
    mine.takes() && theirs.gives()
}

fn meet(modes: [Mode; 2], n_meetings: usize, mut random: Random) -> Pair {
    let mut pair = Pair { modes, times: vec![], n_glitches: 0, broken: vec![] };
    let desk = Desk::new();
    let orders = |cards: &[Vec<u8>; 2]| [0, 1].map(|at| modes[at].order(&cards[at]));
    let cards = |meeting| [card(&format!("Ada {meeting}")), card(&format!("Bob {meeting}"))];
    let [a, b] = orders(&cards(0));
    let units = [desk.run_and_reply("A", a), desk.run_and_reply("B", b)];
    for meeting in 1..=n_meetings {
        let cards = cards(meeting);
        desk.simulator.apart("A", "B").expect("two chips");
        for (unit, order) in units.iter().zip(orders(&cards)) {
            unit.obey(order);
        }
        // Both began their turns at once; they shall not stay in step.
        let early = units[0].all_within(Duration::from_millis(random.below(APART_MS) as u64));
        let start = Instant::now();
        desk.simulator.near("A", "B").expect("two chips");
        let mut meeting = Meeting { modes, cards, told: [early, vec![]] };
        let end = start + if meeting.is_over() { IN_VAIN } else { PATIENCE };
        meeting.listen(&units, end);
        pair.times.push(start.elapsed());
        meeting.afterwards(&units);
        let is_glitch = |it: &&Told| matches!(it, Told::Failed(_));
        pair.n_glitches += meeting.told.iter().flatten().filter(is_glitch).count();
        pair.broken.extend(meeting.broken());
    }
    for (mode, chip) in modes.into_iter().zip(["A", "B"]) {
        let (was_card, had_field) = roles(&desk.simulator, chip);
        if (was_card && !mode.gives()) || (had_field && !mode.takes()) {
            pair.broken.push(format!("{mode} did on the air what it must not"));
        }
    }
    pair
}

/// One time that two come near.
struct Meeting {
    modes: [Mode; 2],
    cards: [Vec<u8>; 2],
    told: [Vec<Told>; 2],
}

impl Meeting {
    /// Hears both until both have what they should have, or it is too late.
    fn listen(&mut self, units: &[Kiosk; 2], end: Instant) {
        let in_vain = self.is_over();
        while Instant::now() < end && (in_vain || !self.is_over()) {
            for (told, unit) in self.told.iter_mut().zip(units) {
                told.extend(unit.next_within(GLANCE));
            }
        }
    }

    fn afterwards(&mut self, units: &[Kiosk; 2]) {
        for (told, unit) in self.told.iter_mut().zip(units) {
            told.extend(unit.all_within(AFTERWARDS));
        }
    }

    fn is_over(&self) -> bool {
        [0, 1].iter().all(|&me| {
            let [mine, theirs] = [self.modes[me], self.modes[1 - me]];
            (!taken(mine, theirs) || self.n_got(me) > 0)
                && (!taken(theirs, mine) || self.knows_that_it_gave(me))
        })
    }

    /// How often one was told the other's card, read or written.
    fn n_got(&self, me: usize) -> usize {
        let theirs = &self.cards[1 - me];
        let is_theirs = |it: &&Told| match it {
            Told::Event(Event::Read(card) | Event::Written(card)) => card == theirs,
            _ => false,
        };
        self.told[me].iter().filter(is_theirs).count()
    }

    /// Of two that give and take, the one that reads replies, and need not be read.
    fn knows_that_it_gave(&self, me: usize) -> bool {
        let gave = [Told::Event(Event::Parted { read: true }), Told::Replied(true)];
        self.told[me].iter().any(|it| gave.contains(it))
    }

    fn broken(&self) -> Vec<String> {
        let [a, b] = self.modes;
        let mut broken = Vec::new();
        for me in [0, 1] {
            let expected = usize::from(taken(self.modes[me], self.modes[1 - me]));
            let n_cards = self.told[me].iter().filter(|it| is_card(it)).count();
            if (self.n_got(me), n_cards) != (expected, expected) || !self.is_over() {
                broken.push(format!(
                    "{a} with {b}: {} was told {:?}",
                    ["A", "B"][me],
                    self.told[me]
                ));
            }
        }
        broken
    }
}

fn is_card(told: &Told) -> bool {
    matches!(told, Told::Event(Event::Read(_) | Event::Written(_)))
}
