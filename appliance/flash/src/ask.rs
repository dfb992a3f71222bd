//! Asks for the name of the disk, since what is on it will be gone.

use std::io::{self, BufRead, Write};

use anyhow::{Result, bail};

use crate::disks::{Disk, size};
use crate::list::title;

/// Goes on only if the disk's own name is given: on the command line, or by whoever is asked.
///
/// # Errors
/// When another name is given, or none.
pub fn confirm(disk: &Disk, given: Option<&str>) -> Result<()> {
    let name = match given {
        Some(name) => name.to_owned(),
        None => ask(disk, io::stdin().lock(), io::stderr().lock())?,
    };
    if name == disk.name() {
        return Ok(());
    }
    bail!(
        "the disk to be written is called {}, not {name:?}. Nothing was written; `tapcard-flash list` \
         shows which is which",
        disk.name()
    );
}

fn ask(disk: &Disk, mut answers: impl BufRead, mut questions: impl Write) -> io::Result<String> {
    let (name, title, size) = (disk.name(), title(disk), size(disk.size));
    writeln!(questions, "Everything on /dev/{name} ({title}, {size}) will be lost.")?;
    write!(questions, "Type the name of this disk, without /dev/, to go on: ")?;
    questions.flush()?;
    let mut answer = String::new();
    answers.read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}
