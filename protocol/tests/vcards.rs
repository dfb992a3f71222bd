//! vCards as real phones write them, through our card and back.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;

use serde_json::json;
use tapcard_protocol::card::Card;
use tapcard_protocol::vcard::{ReadCard, Refused, Version, read, write};

fn file(name: &str) -> Vec<u8> {
    fs::read(format!("{}/../tests/cards/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn card(text: &str) -> Result<ReadCard, Refused> {
    read(format!("BEGIN:VCARD\r\nVERSION:3.0\r\n{text}\r\nEND:VCARD\r\n").as_bytes())
}

#[test]
fn an_iphones_card_is_read_whole() {
    let it = read(&file("ios.vcf")).unwrap().card;
    assert_eq!(
        (it.name().as_str(), it.title(), it.organisation()),
        ("Bo Okafor", "Supply Chain Lead", "Brightwater Foods")
    );
    assert_eq!(it.owner(None).unwrap().as_str(), "+447700900142");
    assert_eq!(it.mails().collect::<Vec<_>>(), ["bo@brightwater.example"]);
    assert_eq!(it.as_object()["phones"]["k2"]["label"], "Desk");
    assert_eq!(it.as_object()["notes"]["k1"]["note"], "Fish, fruit; and more");
}

#[test]
fn an_androids_quoted_printable_card_is_read_whole() {
    let it = read(&file("android.vcf")).unwrap().card;
    assert_eq!((it.name().as_str(), it.title()), ("张三", "总经理"));
    assert_eq!(it.organisation(), "深圳光启示例科技有限公司");
    assert_eq!(it.owner("CN".parse().ok()).unwrap().as_str(), "+8613800138000");
}

#[test]
fn text_in_gb2312_is_read_by_the_charset_it_names() {
    let it = read(&file("gb2312.vcf")).unwrap().card;
    assert_eq!((it.name().as_str(), it.organisation()), ("张三", "深圳光启"));
}

#[test]
fn a_folded_photo_is_taken_out_and_kept_beside() {
    let it = read(&file("ios-photo.vcf")).unwrap();
    let photo = it.photo.unwrap();
    assert_eq!(photo.media_type, "image/png");
    assert_eq!(photo.bytes[..8], *b"\x89PNG\r\n\x1a\n");
    assert!(!it.card.to_json().contains("base64"));
    assert_eq!(it.card, read(&file("ios.vcf")).unwrap().card);
}

#[test]
fn a_photo_of_two_megabytes_is_refused_with_its_reason() {
    let photo =
        format!("FN:Bo\r\nPHOTO;ENCODING=b;TYPE=JPEG:{}", "AAAA".repeat(2 * 1024 * 1024 / 3));
    assert_eq!(card(&photo), Err(Refused::PhotoTooLarge));
}

#[test]
fn unknown_properties_survive_both_versions() {
    let first = read(&file("ios.vcf")).unwrap().card;
    for version in [Version::V3, Version::V4] {
        let text = write(&first, version);
        for line in ["X-SOCIALPROFILE", "item3.X-ABADR:gb", "item1.X-ABLABEL:Desk"] {
            assert!(text.contains(line), "{version:?} has no {line}");
        }
        let second = read(text.as_bytes()).unwrap().card;
        for path in [
            "/phones",
            "/name/full",
            "/titles",
            "/organizations",
            "/notes",
            "/links",
            "/vCard/properties",
        ] {
            let value = |it: &Card| json!(it.as_object()).pointer(path).cloned();
            assert!(value(&first).is_some(), "{path}");
            assert_eq!(sorted(value(&first)), sorted(value(&second)), "{version:?} {path}");
        }
    }
}

/// Groups and contexts may be told in another order; what is said is the same.
fn sorted(value: Option<serde_json::Value>) -> Vec<String> {
    let text = value.unwrap_or_default().to_string();
    let mut words: Vec<String> = text.split(['{', '}', '[', ']', ',']).map(str::to_owned).collect();
    words.retain(|it| !it.is_empty() && !it.contains("pref") && !it.contains("contexts"));
    words.sort();
    words
}

#[test]
fn what_is_written_has_no_marks_of_the_conversion() {
    for name in ["ios.vcf", "android.vcf"] {
        let text = write(&read(&file(name)).unwrap().card, Version::V3);
        for mark in ["PROP-ID", "JSCOMPS", "CHARSET"] {
            assert!(!text.contains(mark), "{name} has {mark}:\n{text}");
        }
        let of = |name: &str| {
            text.lines().find(|it| it.starts_with(name)).map(|it| it.matches(';').count())
        };
        assert_eq!(of("N:"), Some(4), "{text}");
    }
}

#[test]
fn a_card_with_only_a_full_name_gets_the_n_that_version_3_demands() {
    assert!(write(&Card::named("Ada Maria Lind"), Version::V3).contains("N:Lind;Ada Maria;;;"));
    assert!(!write(&Card::named("Ada Maria Lind"), Version::V4).contains("N:Lind"));
}

#[test]
fn what_is_no_card_is_refused_with_a_reason() {
    assert_eq!(read(b""), Err(Refused::NoCard));
    assert_eq!(read(b"hello"), Err(Refused::NoCard));
    assert_eq!(read(b"BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n"), Err(Refused::Empty));
    assert_eq!(card("NOTE:only a note"), Err(Refused::Empty));
    assert_eq!(read(&vec![b' '; 9 * 1024 * 1024]), Err(Refused::TooLarge));
    assert!(matches!(
        card(&format!("FN:Bo\r\nNOTE:{}", "x".repeat(20_000))),
        Err(Refused::Card(_))
    ));
    assert!(matches!(card("FN:B\0o"), Err(Refused::Card(_))));
}

#[test]
fn no_cut_and_no_changed_byte_breaks_the_reader() {
    for name in ["ios.vcf", "android.vcf", "gb2312.vcf"] {
        let bytes = file(name);
        for end in 0..bytes.len() {
            let _ = read(&bytes[..end]);
        }
        for at in 0..bytes.len() {
            for changed in [0, b'=', b':', b'\n', 0xff, bytes[at] ^ 0x20] {
                let mut bytes = bytes.clone();
                bytes[at] = changed;
                if let Ok(it) = read(&bytes) {
                    write(&it.card, Version::V3);
                }
            }
        }
    }
}
