//! Whose badges are to be written: the cards in a file, each with its row. All of a file is checked before
//! anything is written, and what is wrong with it is said for whoever made it. Pure.

mod cards;
mod table;
mod text;

use std::fmt;

use serde_json::Value;
use tapcard_protocol::{Card, Identifier, Region};
use thiserror::Error;

/// More problems than this are counted, not told.
const MAX_TOLD: usize = 20;

/// The cards in a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Roster {
    /// In the file's order.
    pub entries: Vec<Entry>,
    /// What was passed over, one sentence each.
    pub warnings: Vec<String>,
}

/// One card.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Where it stands: the row of a table as spreadsheets count them, or the number of the card.
    pub row: usize,
    /// It.
    pub card: Card,
}

/// What is wrong with a file, one sentence a line.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub struct BadRoster(Vec<String>);

impl fmt::Display for BadRoster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = &self.0[..self.0.len().min(MAX_TOLD)];
        f.write_str(&told.join("\n"))?;
        match self.0.len() - told.len() {
            0 => Ok(()),
            n_more => write!(f, "\nand {n_more} more like these"),
        }
    }
}

impl BadRoster {
    fn one(problem: &str) -> BadRoster {
        BadRoster(vec![problem.to_owned()])
    }
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A table with headings, one card a row.
    Csv,
    /// vCards, one after another.
    Vcf,
}

impl Form {
    /// What one place in such a file is called.
    pub fn place(self) -> &'static str {
        match self {
            Form::Csv => "row",
            Form::Vcf => "card",
        }
    }
}

/// Where something stands: a card, or what is wrong there.
type Found = (usize, Result<Card, String>);

/// Reads a file; numbers without `+` belong to `region`.
///
/// # Errors
/// Everything that must be put right before a tag is written.
pub fn read(form: Form, bytes: &[u8], region: Option<Region>) -> Result<Roster, BadRoster> {
    let mut warnings = Vec::new();
    let found = match form {
        Form::Csv => table::read(bytes, &mut warnings)?,
        Form::Vcf => cards::read(bytes)?,
    };
    if found.is_empty() {
        return Err(BadRoster::one("there is no card in this file"));
    }
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for (row, card) in found {
        match card.and_then(|it| checked(it, region)) {
            Ok(card) => entries.push(Entry { row, card }),
            Err(problem) => problems.push(format!("{} {row}: {problem}", form.place())),
        }
    }
    if problems.is_empty() { Ok(Roster { entries, warnings }) } else { Err(BadRoster(problems)) }
}

/// The cards in a file of vCards, whatever they are good for; none for one that cannot be read.
pub fn cards(bytes: &[u8]) -> Vec<Option<Card>> {
    let found = cards::read(bytes).unwrap_or_default();
    found.into_iter().map(|(_, card)| card.ok()).collect()
}

/// A card with a name, its numbers as they are dialled from everywhere: whoever reads the badge may not
/// know its country.
fn checked(card: Card, region: Option<Region>) -> Result<Card, String> {
    let name = card.name();
    if name.is_empty() {
        return Err("there is no name".into());
    }
    let mut value = Value::from(card);
    let phones = value.get_mut("phones").and_then(Value::as_object_mut);
    for phone in phones.into_iter().flat_map(|it| it.values_mut()) {
        let Some(number) = phone.get("number").and_then(Value::as_str) else { continue };
        let number = number.strip_prefix("tel:").unwrap_or(number).to_owned();
        match Identifier::phone(&number, region) {
            Ok(whole) => phone["number"] = whole.as_str().into(),
            Err(_) => return Err(bad_number(&name, &number, region)),
        }
    }
    Card::try_from(value).map_err(|it| format!("{name}: {it}"))
}

fn bad_number(name: &str, number: &str, region: Option<Region>) -> String {
    let what = format!("{name}: “{number}” is not a phone number that can exist");
    let is_whole = number.trim_start().starts_with('+');
    match region {
        None if !is_whole => format!(
            "{what} as it stands; write it with + and the country in front, or say the country with \
             --region, such as --region DE"
        ),
        Some(_) | None => what,
    }
}

#[cfg(test)]
mod tests;
