use tapcard_protocol::vcard;

use super::*;

const NTAG213: usize = 137;
const NTAG215: usize = 492;

fn card(more: &str) -> Card {
    let card = format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada Lind\r\nORG:Halden Instruments\r\nTITLE:Buyer\r\n\
         TEL;TYPE=CELL:+46701740612\r\nEMAIL:ada@halden.example\r\n{more}END:VCARD\r\n"
    );
    vcard::read(card.as_bytes()).unwrap().card
}

fn parts(message: &[u8]) -> (Option<String>, Card) {
    let records = ndef::decode(message).unwrap();
    let link = records.first().and_then(Record::as_uri);
    let card = ndef::vcard(&records).unwrap();
    (link, vcard::read(card).unwrap().card)
}

#[test]
fn the_link_is_the_cards_own_or_the_one_that_was_said() {
    let link = |more: &str, said| parts(&Badge::new(card(more), said).fitted(NTAG215).message).0;
    let said = Some("https://cards.example.org");
    assert_eq!(link("URL:https://halden.example\r\n", said).unwrap(), "https://halden.example");
    assert_eq!(link("URL:www.halden.example\r\n", said).unwrap(), "https://www.halden.example");
    assert_eq!(link("URL:mailto:a@b.example\r\n", said).as_deref(), said);
    assert_eq!(link("", said).as_deref(), said);
    assert_eq!(link("", None), None);
}

#[test]
fn a_large_tag_holds_all_and_a_small_one_says_what_it_lacks() {
    let badge = Badge::new(card("URL:https://halden.example\r\n"), None);
    let large = badge.fitted(NTAG215);
    assert_eq!(large.left_out, []);
    assert_eq!(parts(&large.message).1.mails().count(), 1);
    let small = badge.fitted(NTAG213);
    assert!(small.message.len() <= NTAG213);
    let (link, read) = parts(&small.message);
    assert_eq!(link.as_deref(), Some("https://halden.example"));
    assert_eq!((read.name().as_str(), read.phones().count()), ("Ada Lind", 1));
    let lacks = [Part::Organisation, Part::Title, Part::Mail];
    assert_eq!(small.left_out, lacks, "the web address is the link");
}

#[test]
fn a_long_name_and_its_number_come_before_the_link() {
    let mut card = card("");
    let name = "Maximiliane Hohenfels";
    card.set_name(name);
    let small = Badge::new(card.clone(), Some("https://cards.example.org")).fitted(NTAG213);
    let (link, read) = parts(&small.message);
    assert_eq!((link, read.name().as_str()), (None, name));
    assert_eq!(small.left_out[0], Part::Link);
    card.set_name("Dr. Maximiliane von Hohenfels-Sankt Georgen");
    let small = Badge::new(card, Some("https://cards.example.org")).fitted(NTAG213);
    let (_, read) = parts(&small.message);
    assert!(read.name().starts_with("Dr. Maximiliane von"), "{}", read.name());
    assert_eq!((read.phones().count(), small.left_out[1]), (1, Part::NameEnd));
}

#[test]
fn a_badge_is_known_again_on_a_tag_of_any_size() {
    let badge = Badge::new(card("URL:https://halden.example\r\n"), None);
    for capacity in 100..NTAG215 {
        let message = badge.fitted(capacity).message;
        assert!(badge.is_on(&message), "{capacity}");
        assert!(!badge.is_on(&message[1..]), "{capacity}");
    }
}

#[test]
fn only_a_blank_tag_is_written_unless_it_was_said_otherwise() {
    let badge = Badge::new(card(""), None);
    let own = badge.fitted(NTAG213).message;
    let other = Badge::new(Card::named("Bo Ek"), None).fitted(NTAG213).message;
    for (found, blank, overwritten) in [
        (Err(Unreadable::Empty), Ok(()), Ok(())),
        (Err(Unreadable::NotNdef), Ok(()), Ok(())),
        (Ok(vec![0xd0, 0, 0]), Ok(()), Ok(())),
        (Ok(own), Ok(()), Ok(())),
        (Ok(other), Err(Refusal::Holds), Ok(())),
        (Ok(vec![1, 2, 3]), Err(Refusal::Holds), Ok(())),
        (Err(Unreadable::Damaged), Err(Refusal::Holds), Ok(())),
        (Err(Unreadable::TooBig), Err(Refusal::Holds), Ok(())),
        (Err(Unreadable::PulledAway), Err(Refusal::PulledAway), Err(Refusal::PulledAway)),
        (Err(Unreadable::Protected), Err(Refusal::Locked), Err(Refusal::Locked)),
        (Err(Unreadable::OtherCard), Err(Refusal::OtherKind), Err(Refusal::OtherKind)),
    ] {
        assert_eq!(badge.may_go_on(&found, false), blank, "{found:?}");
        assert_eq!(badge.may_go_on(&found, true), overwritten, "{found:?}");
    }
}

#[test]
fn a_web_address_is_one_that_a_phone_opens() {
    for (text, address) in [
        ("https://a.example/x?y", Some("https://a.example/x?y")),
        ("HTTP://a.example", Some("http://a.example")),
        ("a.example", Some("https://a.example")),
        ("ftp://a.example", None),
        ("a@b.example", None),
        ("a b.example", None),
        ("", None),
        ("hello", None),
    ] {
        assert_eq!(web_address(text).as_deref(), address, "{text}");
    }
}
