//! An account in forms that other programs read: JSContact in JSON with everything, vCards, and a table. Pure.

use anyhow::Context;
use tapcard_protocol::Card;
use tapcard_protocol::message::Ended;
use tapcard_protocol::text::harmless_cell;
use tapcard_protocol::vcard::{self, Version};

use crate::store::archive::{Archive, Kept};

/// Which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Form {
    /// Everything: cards as JSContact, links, exchanges, what was agreed.
    Json,
    /// The contacts as vCards 4.0.
    Vcf,
    /// The contacts as a table for spreadsheets.
    Csv,
}

/// The columns of the table.
const COLUMNS: [&str; 12] = [
    "name",
    "title",
    "organisation",
    "phones",
    "mails",
    "note",
    "tags",
    "rating",
    "link",
    "ended",
    "met at",
    "place",
];

/// Writes an account down.
///
/// # Errors
/// Fails only when there is no room.
pub(crate) fn write(archive: &Archive, form: Form) -> anyhow::Result<String> {
    match form {
        Form::Json => serde_json::to_string_pretty(archive).context("writing JSON"),
        Form::Vcf => Ok(archive.contacts.iter().filter_map(vcard).collect()),
        Form::Csv => table(&archive.contacts),
    }
}

fn ended(it: &Kept) -> &'static str {
    match it.ended {
        None => "",
        Some(Ended::Withdrawn) => "withdrawn",
        Some(Ended::Cancelled) => "cancelled",
    }
}

/// A contact with the holder's own words in it, and whether its owner has ended the link.
fn vcard(it: &Kept) -> Option<String> {
    let card = it.remarks.laid_on(it.card.as_ref()?);
    let text = vcard::write(&card, Version::V4);
    let flag = format!("X-TAPCARD-ENDED:{}\r\nEND:VCARD", ended(it));
    Some(if it.ended.is_some() { text.replacen("END:VCARD", &flag, 1) } else { text })
}

fn table(contacts: &[Kept]) -> anyhow::Result<String> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(COLUMNS).context("writing a table")?;
    for it in contacts {
        let none = Card::named("");
        let card = it.card.as_ref().unwrap_or(&none);
        let numbers: Vec<&str> = card.phones().map(|it| it.number).collect();
        let mails: Vec<&str> = card.mails().collect();
        let row = [
            card.name(),
            card.title().to_owned(),
            card.organisation().to_owned(),
            numbers.join("; "),
            mails.join("; "),
            it.remarks.note.clone(),
            it.remarks.tags.join("; "),
            it.remarks.rating.to_string(),
            it.link.clone(),
            ended(it).to_owned(),
            it.met.as_ref().map(|it| it.at.to_string()).unwrap_or_default(),
            it.met.as_ref().map(|it| it.place.clone()).unwrap_or_default(),
        ];
        csv.write_record(row.map(harmless_cell)).context("writing a table")?;
    }
    let bytes = csv.into_inner().ok().context("writing a table")?;
    // Spreadsheets take a file without the mark for one in their own code page.
    Ok(format!("\u{feff}{}", String::from_utf8(bytes).context("writing a table")?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tapcard_protocol::AccountId;
    use tapcard_protocol::message::Remarks;

    use super::*;

    fn kept(name: &str, note: &str) -> Kept {
        let remarks = Remarks { note: note.to_owned(), tags: vec!["buyer".to_owned()], rating: 3 };
        let (owner, card) = (AccountId::new(5), Some(Card::named(name)));
        Kept { owner, card, remarks, link: "live".to_owned(), ended: None, met: None }
    }

    #[test]
    fn no_cell_is_a_formula() {
        let text =
            table(&[kept("=HYPERLINK(\"http://x\")", "@SUM(1)"), kept("-1+2", "a\r\n=1")]).unwrap();
        let mut csv = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        for record in csv.records().map(Result::unwrap) {
            assert!(record.iter().all(|it| !it.starts_with(['=', '+', '-', '@'])), "{record:?}");
        }
        assert!(text.contains("'=HYPERLINK"));
    }

    #[test]
    fn a_strangers_card_of_any_shape_is_taken_along() {
        for odd in [json!("x"), json!(["x"]), json!(7), json!(null), json!({ "buyer": "x" })] {
            let card = json!({ "@type": "Card", "name": { "full": "Eve" }, "notes": odd, "keywords": odd });
            let it = Kept { card: Card::try_from(card).ok(), ..kept("Eve", "call") };
            let text = vcard(&it).unwrap();
            assert!(text.contains("call") && text.contains("CATEGORIES:buyer"), "{odd}: {text}");
        }
    }

    #[test]
    fn a_vcard_carries_the_holders_words_and_the_end() {
        let mut it = kept("Ada", "call on Monday");
        it.ended = Some(Ended::Withdrawn);
        let text = vcard(&it).unwrap();
        assert!(text.starts_with("BEGIN:VCARD\r\nVERSION:4.0"), "{text}");
        for line in ["call on Monday", "CATEGORIES:buyer", "X-TAPCARD-ENDED:withdrawn\r\nEND:VCARD"]
        {
            assert!(text.contains(line), "{line} is not in {text}");
        }
        let read = vcard::read(text.as_bytes()).unwrap();
        assert_eq!(read.card.name(), "Ada");
        it.ended = None;
        assert!(!vcard(&it).unwrap().contains("X-TAPCARD"));
    }
}
