//! Contacts in forms that other programs read: vCards, and a table for spreadsheets. Pure.

use std::collections::HashSet;

use anyhow::{Context, Result};
use tapcard_protocol::Card;
use tapcard_protocol::message::Remarks;
use tapcard_protocol::text::harmless_cell;
use tapcard_protocol::vcard::{self, Version};

use crate::store::Contact;
use crate::view::Face;

/// The columns of the table.
const COLUMNS: [&str; 9] =
    ["name", "title", "organisation", "phones", "mails", "note", "tags", "rating", "met at"];

/// All contacts as vCards 4.0, with what was written about them.
pub fn vcards(contacts: &[Contact]) -> String {
    let card = |it: &Contact| {
        let remarks = Remarks { note: it.note.clone(), tags: it.tags.clone(), rating: it.rating };
        vcard::write(&remarks.laid_on(&it.card), Version::V4)
    };
    contacts.iter().map(card).collect()
}

/// The cards that nobody here has: what was taken along may come back, and a stick may come twice.
pub fn unknown(cards: Vec<Card>, contacts: &[Contact]) -> Vec<Card> {
    let mut known: HashSet<Face> = contacts.iter().map(|it| Face::of(&it.card)).collect();
    cards.into_iter().filter(|it| known.insert(Face::of(it))).collect()
}

/// All contacts as a table.
///
/// # Errors
/// Fails only when there is no room.
pub fn table(contacts: &[Contact]) -> Result<String> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(COLUMNS).context("writing a table")?;
    for it in contacts {
        let numbers: Vec<&str> = it.card.phones().map(|it| it.number).collect();
        let mails: Vec<&str> = it.card.mails().collect();
        let row = [
            it.card.name(),
            it.card.title().to_owned(),
            it.card.organisation().to_owned(),
            numbers.join("; "),
            mails.join("; "),
            it.note.clone(),
            it.tags.join("; "),
            it.rating.to_string(),
            it.at.to_string(),
        ];
        csv.write_record(row.map(harmless_cell)).context("writing a table")?;
    }
    let bytes = csv.into_inner().ok().context("writing a table")?;
    // Spreadsheets take a file without the mark for one in their own code page.
    Ok(format!("\u{feff}{}", String::from_utf8(bytes).context("writing a table")?))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::store::{ContactId, Delivery};

    fn bo() -> Contact {
        Contact {
            id: ContactId(1),
            card: Card::named("=Bo Ek"),
            is_live: false,
            has_ended: false,
            at: Timestamp::UNIX_EPOCH,
            delivery: Delivery::Here,
            note: "call, soon".into(),
            tags: vec!["press".into(), "展会".into()],
            rating: 4,
        }
    }

    #[test]
    fn nobody_comes_twice() {
        let came = || ["Cy Oh", "=Bo Ek", "Cy Oh"].map(Card::named).to_vec();
        let names = |it: Vec<Card>| it.iter().map(Card::name).collect::<Vec<_>>();
        assert_eq!(names(unknown(came(), &[bo()])), ["Cy Oh"]);
        assert_eq!(names(unknown(came(), &[])), ["Cy Oh", "=Bo Ek"]);
        let again = vcard::read(vcards(&[bo()]).as_bytes()).unwrap().card;
        assert_eq!(unknown(vec![again], &[bo()]), [], "what was taken along comes back");
    }

    #[test]
    fn what_was_collected_can_be_read_by_others() {
        let contact = bo();
        let cards = vcards(&[contact.clone(), contact.clone()]);
        assert_eq!(cards.matches("BEGIN:VCARD").count(), 2, "{cards}");
        let read = vcard::read(cards.as_bytes()).unwrap().card;
        assert_eq!(read.name(), "=Bo Ek");
        assert!(cards.contains("NOTE:call\\, soon") && cards.contains("press"), "{cards}");
        let table = table(&[contact]).unwrap();
        let mut rows = csv::Reader::from_reader(table.trim_start_matches('\u{feff}').as_bytes());
        let row = rows.records().next().unwrap().unwrap();
        let row: Vec<&str> = row.iter().collect();
        assert_eq!(row[..3], ["'=Bo Ek", "", ""]);
        assert_eq!(row[5..], ["call, soon", "press; 展会", "4", "1970-01-01T00:00:00Z"]);
    }
}
