//! Cells, one for each row and listener; each is played, and printed where it belongs.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;

use crate::listener::LISTENERS;

/// Cells under way at once: most of each goes by in waiting for a program.
const AT_ONCE: usize = 6;

/// One cell: a word for the matrix when it holds, a panic when it does not.
pub(crate) struct Cell<'a> {
    pub(crate) row: String,
    pub(crate) listener: &'static str,
    pub(crate) act: Box<dyn Fn() -> String + Send + Sync + 'a>,
}

/// What came of all cells.
pub(crate) struct Matrix(Vec<Outcome>);

struct Outcome {
    row: String,
    listener: &'static str,
    /// None when it failed; why stands on standard error.
    word: Option<String>,
}

impl Matrix {
    pub(crate) fn play<'a>(cells: impl Iterator<Item = Cell<'a>>) -> Matrix {
        let cells: Vec<Cell<'a>> = cells.collect();
        let next = Mutex::new(0..cells.len());
        let words = Mutex::new(vec![None; cells.len()]);
        thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    let take = || next.lock().unwrap().next();
                    while let Some(at) = take() {
                        let word = catch_unwind(AssertUnwindSafe(|| (cells[at].act)())).ok();
                        words.lock().unwrap()[at] = word;
                    }
                });
            }
        });
        let outcome =
            |(cell, word): (Cell<'a>, _)| Outcome { row: cell.row, listener: cell.listener, word };
        Matrix(cells.into_iter().zip(words.into_inner().unwrap()).map(outcome).collect())
    }

    pub(crate) fn is_fine(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|it| it.word.is_some())
    }

    pub(crate) fn print(&self, out: &mut impl Write) -> io::Result<()> {
        write!(out, "{:<58}", "the gate")?;
        LISTENERS.iter().try_for_each(|it| write!(out, "{:>26}", it.name))?;
        writeln!(out)?;
        let mut rows: Vec<&str> = self.0.iter().map(|it| it.row.as_str()).collect();
        rows.dedup();
        for row in rows {
            write!(out, "{row:<58}")?;
            for listener in LISTENERS {
                let cell = self.0.iter().find(|it| it.row == row && it.listener == listener.name);
                let word = cell.map_or("", |it| it.word.as_deref().unwrap_or("FAILED"));
                write!(out, "{word:>26}")?;
            }
            writeln!(out)?;
        }
        let n_passed = self.0.iter().filter(|it| it.word.is_some()).count();
        writeln!(out, "\n{n_passed} passed, {} failed", self.0.len() - n_passed)
    }
}
