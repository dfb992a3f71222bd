//! Every fault at every command of a reading and of an emulation. Whatever happens: it ends in time,
//! in success or in a clear error, nobody gets a wrong card, and the next touch works.

mod reading;
mod showing;

use std::io::{self, Write, stdout};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use pn532_simulator::{Fault, Simulator};

/// Whatever happens, it has ended by then.
const IN_TIME: Duration = Duration::from_secs(2);
/// Scenes under way at once: most of the time goes by in waiting.
const AT_ONCE: usize = 30;

/// What is struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scene {
    Reading(reading::What),
    Showing(showing::What),
}

const SCENES: [Scene; 6] = [
    Scene::Reading(reading::What::Safe),
    Scene::Reading(reading::What::Large),
    Scene::Reading(reading::What::Ultralight),
    Scene::Reading(reading::What::Type4),
    Scene::Showing(showing::What::Given),
    Scene::Showing(showing::What::Exchanged),
];

impl Scene {
    fn name(self) -> &'static str {
        match self {
            Self::Reading(what) => what.name(),
            Self::Showing(what) => what.name(),
        }
    }

    fn play(self, fault: Fault) -> Tally {
        match self {
            Self::Reading(what) => reading::play(what, fault),
            Self::Showing(what) => showing::play(what, fault),
        }
    }
}

/// How one strike ended.
enum End {
    /// As if nothing had happened.
    Whole,
    /// In an error that says what it is.
    Clear,
    /// In breach of a rule.
    Broken(String),
}

/// What came of one fault at every command of a scene.
#[derive(Default)]
struct Tally {
    n_whole: usize,
    n_clear: usize,
    slowest: Duration,
    broken: Vec<String>,
}

impl Tally {
    fn add(&mut self, what: &str, took: Duration, end: End) {
        self.slowest = self.slowest.max(took);
        match end {
            End::Broken(rule) => self.broken.push(format!("{what}: {rule}")),
            _ if took > IN_TIME => {
                self.broken.push(format!("{what}: took {} ms", took.as_millis()));
            }
            End::Whole => self.n_whole += 1,
            End::Clear => self.n_clear += 1,
        }
    }
}

/// Plays all scenes with all faults and prints them; gives the broken rules.
pub(crate) fn play() -> io::Result<Vec<String>> {
    let cells: Vec<(Fault, Scene)> =
        Fault::NAMED.iter().flat_map(|(_, fault)| SCENES.map(|scene| (*fault, scene))).collect();
    let tallies = Mutex::new(vec![]);
    let next = Mutex::new(cells.iter().enumerate());
    let take = || next.lock().expect("nobody panics with it").next();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((at, (fault, scene))) = take() {
                    let tally = scene.play(*fault);
                    tallies.lock().expect("nobody panics with it").push((at, tally));
                }
            });
        }
    });
    let mut tallies = tallies.into_inner().expect("nobody panics with it");
    tallies.sort_by_key(|(at, _)| *at);
    let tallies: Vec<Tally> = tallies.into_iter().map(|(_, tally)| tally).collect();
    print(&tallies)?;
    Ok(tallies.into_iter().flat_map(|it| it.broken).collect())
}

fn print(tallies: &[Tally]) -> io::Result<()> {
    let mut out = stdout();
    writeln!(out, "every fault at every command: ended whole + in a clear error, slowest ms")?;
    write!(out, "{:<14}", "")?;
    SCENES.iter().try_for_each(|it| write!(out, "{:>18}", it.name()))?;
    writeln!(out)?;
    for ((name, _), row) in Fault::NAMED.iter().zip(tallies.chunks(SCENES.len())) {
        write!(out, "{name:<14}")?;
        for Tally { n_whole, n_clear, slowest, .. } in row {
            let ms = slowest.as_millis();
            write!(out, "{:>18}", format!("{n_whole} + {n_clear}, {ms:>4}"))?;
        }
        writeln!(out)?;
    }
    writeln!(out)
}

/// Takes back what has not struck, and resets a chip that hangs, as a kiosk with a reset line does.
fn mend(simulator: &Simulator, chip: &str, fault: Fault) {
    simulator.spare(chip).expect("it is a chip");
    if fault == Fault::Deaf {
        simulator.reset(chip).expect("it is a chip");
    }
}
