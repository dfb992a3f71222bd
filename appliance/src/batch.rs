//! A badge desk at work: one row after another onto one tag after another, and what it says. Pure: it is
//! told what lay on the reader and what came of it.

mod sentences;

use std::collections::VecDeque;

use tapcard_nfc::Unreadable;

use crate::badge::{Badge, Refusal, Written};
use crate::roster::{Form, Roster};

/// What holds for every tag of a batch.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The link of a card that has none.
    pub link: Option<String>,
    /// Tags are locked for good.
    pub lock: bool,
    /// What a tag holds does not matter.
    pub overwrite: bool,
    /// The first row, if not all of the file.
    pub from: Option<usize>,
}

/// The rows that wait, and what became of the others.
pub struct Batch {
    place: &'static str,
    is_single: bool,
    rules: Rules,
    waiting: VecDeque<Row>,
    last: Option<Row>,
    n_written: usize,
    n_skipped: usize,
}

struct Row {
    number: usize,
    badge: Badge,
}

impl Batch {
    /// All rows of a file, or those from one on.
    ///
    /// # Errors
    /// Says that no row is left.
    pub fn new(form: Form, roster: Roster, rules: Rules) -> Result<Batch, String> {
        let is_single = roster.entries.len() == 1;
        let row = |it: crate::roster::Entry| Row {
            number: it.row,
            badge: Badge::new(it.card, rules.link.as_deref()),
        };
        let rows = roster.entries.into_iter().map(row);
        let waiting: VecDeque<Row> =
            rows.filter(|it| rules.from.is_none_or(|from| it.number >= from)).collect();
        if waiting.is_empty() {
            return Err(format!(
                "there is no {0} {1} in this file, nor any behind it",
                form.place(),
                rules.from.unwrap_or_default()
            ));
        }
        let place = form.place();
        Ok(Batch { place, is_single, rules, waiting, last: None, n_written: 0, n_skipped: 0 })
    }

    /// Whether every row is written or passed over.
    pub fn is_over(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether tags are to be locked.
    pub fn locks(&self) -> bool {
        self.rules.lock
    }

    /// What to write on the tag on which this was found.
    ///
    /// # Errors
    /// Why it stays as it is.
    pub fn badge_for(&self, found: &Result<Vec<u8>, Unreadable>) -> Result<&Badge, Refusal> {
        let Some(row) = self.waiting.front() else { return Err(Refusal::JustWritten) };
        // Laid down again by mistake, it must not become the next one's, not even with --overwrite.
        let is_last =
            |it: &Row| it.badge != row.badge && matches!(found, Ok(found) if it.badge.is_on(found));
        if self.last.as_ref().is_some_and(is_last) {
            return Err(Refusal::JustWritten);
        }
        row.badge.may_go_on(found, self.rules.overwrite)?;
        Ok(&row.badge)
    }

    /// The tag holds the row's badge. Says so, and goes on to the next row.
    pub fn written(&mut self, written: &Written) -> String {
        let said = self.say_written(written);
        self.n_written += 1;
        self.last = self.waiting.pop_front();
        said
    }

    /// Somebody does not want this row. Says so, and goes on to the next one.
    pub fn skip(&mut self) -> String {
        let said = self.say_skipped();
        self.n_skipped += 1;
        drop(self.waiting.pop_front());
        said
    }
}

#[cfg(test)]
mod tests;
