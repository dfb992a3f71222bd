//! A table with headings, as spreadsheets write it: separated by commas, semicolons or tabs.

use csv::{ReaderBuilder, StringRecord};
use serde_json::{Map, Value, json};
use tapcard_protocol::Card;

use super::{BadRoster, Found, text};

/// The headings, in any order and case.
const COLUMNS: [&str; 8] =
    ["name", "title", "organisation", "mobile", "phone", "mail", "url", "address"];

/// Each row that is not empty, or what is wrong with it.
pub(super) fn read(bytes: &[u8], warnings: &mut Vec<String>) -> Result<Vec<Found>, BadRoster> {
    let not_text =
        "this file is not in UTF-8; save it again and choose “CSV UTF-8” as the kind of file";
    let text = text::decode(bytes).ok_or_else(|| BadRoster::one(not_text))?;
    let mut reader = ReaderBuilder::new()
        .delimiter(separator(&text))
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let (mut found, mut columns, mut lines) = (Vec::new(), Vec::new(), Lines::default());
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(|it| BadRoster::one(&it.to_string()))? {
        let row = lines.row(&text, &reader, &record);
        let fields: Vec<String> = record.iter().map(tidy).collect();
        if fields.iter().all(String::is_empty) {
            continue;
        }
        if columns.is_empty() {
            columns = headings(&fields, warnings)?;
        } else {
            found.push((row, card(&columns, &fields)));
        }
    }
    Ok(found)
}

/// Counts rows as a spreadsheet does: empty ones too, and one with line breaks within once.
#[derive(Default)]
struct Lines {
    n_inner: u64,
}

impl Lines {
    fn row(&mut self, text: &str, reader: &csv::Reader<&[u8]>, record: &StringRecord) -> usize {
        let n_breaks = record.iter().map(|it| it.matches('\n').count()).sum::<usize>();
        self.n_inner += n_breaks as u64;
        // The reader stands behind the line's end, if the line has one.
        let at = reader.position().byte() as usize;
        let is_ended = text.as_bytes()[..at].ends_with(b"\n");
        (reader.position().line() - u64::from(is_ended) - self.n_inner) as usize
    }
}

/// What separates the headings most often.
fn separator(text: &str) -> u8 {
    let headings = text.lines().find(|it| !it.trim().is_empty()).unwrap_or_default();
    let count = |wanted: u8| headings.bytes().filter(|it| *it == wanted).count();
    // Of equals the last one counts: a single column is separated by nothing.
    [b'\t', b';', b','].into_iter().max_by_key(|it| count(*it)).unwrap_or(b',')
}

/// One line without blanks at the ends: what comes from a spreadsheet often has both.
fn tidy(field: &str) -> String {
    field.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Which column each field belongs to.
fn headings(
    fields: &[String],
    warnings: &mut Vec<String>,
) -> Result<Vec<Option<&'static str>>, BadRoster> {
    let mut columns: Vec<Option<&'static str>> = Vec::new();
    for heading in fields {
        let known = COLUMNS.into_iter().find(|it| heading.eq_ignore_ascii_case(it));
        let is_second = known.is_some() && columns.contains(&known);
        if is_second {
            warnings.push(format!("the column “{heading}” is there twice; the first one counts"));
        } else if known.is_none() && !heading.is_empty() {
            let all = COLUMNS.join(", ");
            warnings.push(format!("the column “{heading}” is passed over; known are {all}"));
        }
        columns.push(known.filter(|_| !is_second));
    }
    if columns.contains(&Some("name")) {
        return Ok(columns);
    }
    let all = COLUMNS.join(", ");
    Err(BadRoster::one(&format!(
        "there is no column “name”: the first row must hold the headings, such as {all}"
    )))
}

fn card(columns: &[Option<&str>], fields: &[String]) -> Result<Card, String> {
    if fields.iter().skip(columns.len()).any(|it| !it.is_empty()) {
        return Err("there are more fields than headings".into());
    }
    let field = |column: &str| {
        let at = columns.iter().position(|it| *it == Some(column));
        at.and_then(|it| fields.get(it)).filter(|it| !it.is_empty())
    };
    let name = field("name").ok_or("there is no name")?;
    let mut card = Value::from(Card::named(name));
    let mut put = |kind: &str, entries: Vec<Value>| {
        let keyed = |(at, it)| (format!("k{}", at + 1), it);
        let entries: Map<_, _> = entries.into_iter().enumerate().map(keyed).collect();
        if !entries.is_empty() {
            card[kind] = entries.into();
        }
    };
    let one = |column, key: &str| field(column).map(|it| json!({ key: it })).into_iter().collect();
    put("titles", one("title", "name"));
    put("organizations", one("organisation", "name"));
    put("emails", one("mail", "address"));
    put("links", one("url", "uri"));
    // As the street: what is written as a whole only, most address books pass over.
    let street = |it| json!({ "components": [{ "kind": "name", "value": it }] });
    put("addresses", field("address").map(street).into_iter().collect());
    let mobile = field("mobile").map(|it| json!({ "number": it, "features": { "mobile": true } }));
    let phone = field("phone").map(|it| json!({ "number": it }));
    put("phones", mobile.into_iter().chain(phone).collect());
    Card::try_from(card).map_err(|it| it.to_string())
}
