//! `make test-nfc`: this driver and programs that nobody here wrote, PyPI's nfcpy and Debian's
//! libnfc, over every link. Prints a matrix. A word on the command line runs only the rows that
//! contain it.

mod card;
#[path = "../desk/mod.rs"]
mod desk;
#[path = "../machine/mod.rs"]
mod machine;
#[path = "../python/nfcpy.rs"]
mod nfcpy;
#[path = "../python/mod.rs"]
mod python;
mod reader;
#[path = "../tags/table.rs"]
mod table;
mod tags;
mod tools;

use std::io::{self, Write, stdout};
use std::panic::catch_unwind;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;

use reader::Link;

/// What a row of the matrix does.
#[derive(Clone, Copy)]
enum Act {
    /// Over whichever link.
    Over(fn(Link)),
    /// What goes over a serial port as over any other link.
    Line(fn()),
}

/// The matrix, row by row.
const ROWS: [(&str, Act); 13] = [
    ("reads the card that libnfc emulates", Act::Over(reader::reads_the_card_of_libnfc)),
    ("reads NTAGs written by nfcpy", Act::Over(reader::reads_what_nfcpy_writes)),
    ("reads NTAGs written by libnfc", Act::Over(reader::reads_what_libnfc_writes)),
    ("reads tags of both types that nfcpy rewrites", Act::Line(tags::reads_what_nfcpy_writes)),
    ("writes the card that libnfc emulates", Act::Line(tags::writes_the_card_of_libnfc)),
    ("writes NTAGs that nfcpy reads", Act::Line(tags::nfcpy_reads_what_we_write)),
    ("writes NTAGs that libnfc reads", Act::Line(tags::libnfc_reads_what_we_write)),
    ("writes Type 4 tags that nfcpy reads", Act::Line(tags::nfcpy_reads_our_type_4_tag)),
    ("is read by nfcpy, and takes nothing", Act::Line(card::nfcpy_reads_what_is_given)),
    ("is read by nfcpy while it alternates", Act::Line(card::nfcpy_reads_one_that_alternates)),
    ("is written by nfcpy, once", Act::Line(card::nfcpy_writes_and_reads_it_back)),
    ("is read and written by libnfc", Act::Line(card::libnfc_reads_and_writes)),
    ("is read by libnfc, and takes nothing", Act::Line(card::libnfc_is_refused)),
];

/// Cells under way at once: most of each goes by in waiting for a program.
const AT_ONCE: usize = 4;

/// One cell of the matrix.
struct Cell {
    row: &'static str,
    link: Link,
    act: Act,
}

impl Cell {
    fn play(&self) {
        match self.act {
            Act::Over(act) => act(self.link),
            Act::Line(act) => act(),
        }
    }
}

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    let cells: Vec<Cell> =
        cells().into_iter().filter(|it| wanted.iter().all(|word| it.row.contains(word))).collect();
    let passed = play(&cells);
    print(&cells, &passed).expect("somebody reads the matrix");
    let is_fine = !cells.is_empty() && passed.iter().all(|it| *it);
    if is_fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn cells() -> Vec<Cell> {
    let links = |act| if matches!(act, Act::Over(_)) { &Link::ALL[..] } else { &[Link::Hsu] };
    let row = |(row, act)| links(act).iter().map(move |&link| Cell { row, link, act });
    ROWS.into_iter().flat_map(row).collect()
}

/// Plays all cells; says which held. A cell that fails has said why on standard error.
fn play(cells: &[Cell]) -> Vec<bool> {
    let next = Mutex::new(0..cells.len());
    let passed = Mutex::new(vec![false; cells.len()]);
    let take = || next.lock().expect("nobody panics with it").next();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(at) = take() {
                    let held = catch_unwind(|| cells[at].play()).is_ok();
                    passed.lock().expect("nobody panics with it")[at] = held;
                }
            });
        }
    });
    passed.into_inner().expect("nobody panics with it")
}

fn print(cells: &[Cell], passed: &[bool]) -> io::Result<()> {
    let mut out = stdout();
    write!(out, "{:<48}", "our driver")?;
    Link::ALL.iter().try_for_each(|link| write!(out, "{:>14}", link.name()))?;
    writeln!(out)?;
    let mut rows: Vec<&str> = cells.iter().map(|it| it.row).collect();
    rows.dedup();
    for row in rows {
        write!(out, "{row:<48}")?;
        for link in Link::ALL {
            let at = cells.iter().position(|it| it.row == row && it.link == link);
            let word = at.map_or("", |at| if passed[at] { "ok" } else { "FAILED" });
            write!(out, "{word:>14}")?;
        }
        writeln!(out)?;
    }
    let n_passed = passed.iter().filter(|it| **it).count();
    writeln!(out, "\n{n_passed} passed, {} failed", passed.len() - n_passed)
}
