//! `make test-broker`: clients that nobody here wrote, over every listener that they know, and what each
//! role may say and hear. Prints a matrix and counts. A word on the command line runs only the rows that
//! contain it.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod access;
mod clients;
mod listener;
mod matrix;
mod peers;
mod relay;
#[path = "../broker/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "written for another target too")]
mod support;

use std::process::ExitCode;

use matrix::Matrix;

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    let broker = support::Broker::start();
    let cells = clients::cells(&broker).into_iter().chain(access::cells(&broker));
    let matrix = Matrix::play(cells.filter(|it| wanted.iter().all(|word| it.row.contains(word))));
    let mut out = std::io::stdout();
    matrix.print(&mut out).unwrap();
    if matrix.is_fine() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
