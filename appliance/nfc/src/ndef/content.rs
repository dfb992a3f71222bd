//! What a message is to a person: a card, a link, a Wi-Fi password. Pure; it reads no card and
//! follows no link.

use super::{Record, Tnf, decode, vcard};

/// Content types (TNF 2) and others' types (TNF 4) that have a name of their own.
const WIFI: &[u8] = b"application/vnd.wfa.wsc";
const ANDROID_APP: &[u8] = b"android.com:pkg";
/// Well-known types.
const TEXT: &[u8] = b"T";
const SMART_POSTER: &[u8] = b"Sp";

/// What a message is, by its most telling record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A vCard, see [`vcard`].
    Card,
    /// A web address under which a vCard lies: it ends with `.vcf`.
    CardLink(String),
    /// A web address or another URI, such as `tel:`.
    Link(String),
    /// An Android app, by its package.
    App(String),
    /// A Smart Poster, with its URI.
    SmartPoster(String),
    /// The name and password of a Wi-Fi network.
    Wifi,
    /// Plain text.
    Text,
    /// Records that contradict themselves, such as a Smart Poster whose inner lengths lie.
    Broken,
    /// Records, but none with anything in it.
    Empty,
    /// Something else.
    Other,
}

/// What the message of these records is. A card anywhere wins, then the first record that has a name
/// here: so phones judge, too.
#[must_use]
pub fn content(records: &[Record]) -> Content {
    if vcard(records).is_some() {
        return Content::Card;
    }
    let mut seen = Content::Empty;
    for record in records {
        match one(record) {
            Content::Empty => {}
            Content::Other => seen = Content::Other,
            named => return named,
        }
    }
    seen
}

fn one(record: &Record) -> Content {
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).map(ToOwned::to_owned);
    match (record.tnf, &record.kind[..]) {
        (Tnf::Empty, _) => Content::Empty,
        (Tnf::WellKnown, super::uri::TYPE) => record.as_uri().map_or(Content::Broken, link),
        (Tnf::WellKnown, SMART_POSTER) => poster(&record.payload),
        (Tnf::WellKnown, TEXT) => Content::Text,
        // The type field itself is the URI.
        (Tnf::AbsoluteUri, uri) => text(uri).map_or(Content::Broken, link),
        (Tnf::Mime, kind) if kind.eq_ignore_ascii_case(WIFI) => Content::Wifi,
        (Tnf::Mime, kind) if kind.starts_with(b"text/plain") => Content::Text,
        (Tnf::External, kind) if kind.eq_ignore_ascii_case(ANDROID_APP) => {
            text(&record.payload).map_or(Content::Broken, Content::App)
        }
        _ => Content::Other,
    }
}

fn link(uri: String) -> Content {
    let lower = uri.to_ascii_lowercase();
    let is_web = lower.starts_with("http://") || lower.starts_with("https://");
    let path = lower.split(['?', '#']).next().unwrap_or_default();
    if is_web && path.ends_with(".vcf") { Content::CardLink(uri) } else { Content::Link(uri) }
}

/// A Smart Poster is a message within a record, with exactly one URI (RTD Smart Poster 1.0 §3.3).
fn poster(payload: &[u8]) -> Content {
    let uri = decode(payload).ok().and_then(|inner| inner.iter().find_map(Record::as_uri));
    uri.map_or(Content::Broken, Content::SmartPoster)
}

#[cfg(test)]
mod tests {
    use super::super::encode;
    use super::*;

    fn record(tnf: Tnf, kind: &str, payload: &[u8]) -> Record {
        let (kind, payload) = (kind.as_bytes().to_vec(), payload.to_vec());
        Record { tnf, kind, id: Vec::new(), payload }
    }

    fn well_known(kind: &str, payload: &[u8]) -> Record {
        record(Tnf::WellKnown, kind, payload)
    }

    fn poster_of(records: &[Record]) -> Record {
        well_known("Sp", &encode(records).unwrap())
    }

    #[test]
    fn each_kind_of_content_has_its_name() {
        let url = "https://a.example/x";
        let vcf = "HTTPS://A.example/me.VCF?v=1#top";
        for (records, expected) in [
            (vec![Record::uri(url)], Content::Link(url.into())),
            (vec![Record::uri("tel:+491")], Content::Link("tel:+491".into())),
            (vec![Record::uri(vcf)], Content::CardLink(vcf.into())),
            (vec![Record::uri("file:///me.vcf")], Content::Link("file:///me.vcf".into())),
            (vec![record(Tnf::AbsoluteUri, url, b"")], Content::Link(url.into())),
            (vec![Record::mime("application/vnd.wfa.wsc", b"\x10\x0e")], Content::Wifi),
            (
                vec![record(Tnf::External, "android.com:pkg", b"org.a")],
                Content::App("org.a".into()),
            ),
            (vec![well_known("T", b"\x02enhello")], Content::Text),
            (vec![Record::mime("text/plain; charset=utf-8", b"hello")], Content::Text),
            (vec![Record::mime("image/png", b"")], Content::Other),
            (vec![record(Tnf::Unknown, "", b"x")], Content::Other),
            (vec![record(Tnf::Empty, "", b"")], Content::Empty),
            (vec![], Content::Empty),
        ] {
            assert_eq!(content(&records), expected);
        }
    }

    #[test]
    fn a_card_wins_and_then_the_first_that_has_a_name() {
        let (url, card) = (Record::uri("https://a.example/x"), Record::mime("text/vcard", b""));
        assert_eq!(content(&[url.clone(), card]), Content::Card);
        let (app, odd) = (record(Tnf::External, "android.com:pkg", b"a"), Record::mime("a/b", b""));
        assert_eq!(content(&[odd, url, app]), Content::Link("https://a.example/x".into()));
    }

    #[test]
    fn a_smart_poster_has_its_uri_or_is_broken() {
        let url = "https://a.example/x";
        let title = well_known("T", b"\x02enTitle");
        let whole = poster_of(&[title.clone(), Record::uri(url)]);
        assert_eq!(content(std::slice::from_ref(&whole)), Content::SmartPoster(url.into()));
        assert_eq!(content(&[poster_of(&[title])]), Content::Broken, "no URI");
        for length in 0..whole.payload.len() {
            let cut = well_known("Sp", &whole.payload[..length]);
            assert_eq!(content(&[cut]), Content::Broken);
        }
    }

    #[test]
    fn lengths_that_lie_inside_a_poster_are_noticed() {
        let inner = poster_of(&[Record::uri("https://a.example/x")]);
        // The outer lengths are right, the inner record says 255 bytes.
        let mut lying = inner.clone();
        lying.payload[2] = 0xff;
        let message = encode(&[lying]).unwrap();
        assert_eq!(content(&decode(&message).unwrap()), Content::Broken);
        // A poster in a poster is not looked into, however deep they go.
        let mut deep = inner;
        for _ in 0..20 {
            deep = poster_of(&[deep]);
        }
        assert_eq!(content(&[deep]), Content::Broken);
    }

    #[test]
    fn every_single_byte_change_has_some_content() {
        let message = encode(&[
            poster_of(&[Record::uri("https://a.example/x"), well_known("T", b"\x02enhello")]),
            record(Tnf::External, "android.com:pkg", b"org.a"),
        ])
        .unwrap();
        for at in 0..message.len() {
            for value in 0..=u8::MAX {
                let mut changed = message.clone();
                changed[at] = value;
                let _ = decode(&changed).map(|records| content(&records));
            }
        }
    }
}
