//! The wire form, letter by letter, and what a worker does with a message that is none.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use expect_test::expect;
use jiff::Timestamp;
use serde_json::{Value, json};
use tapcard_protocol::enrolment::Base64;
use tapcard_protocol::message::{
    Direction, Down, Exchange, LinkState, NoTask, Notice, Outcome, Receipt, Refusal, Settled, Task,
    TaskId, down, read_down, read_up, up,
};
use tapcard_protocol::{AccountId, Card, Identifier, TerminalId};

const TERMINAL: TerminalId = TerminalId::new(0x7e3);
const ID: TaskId = TaskId { epoch: 0x0123_4567_89ab_cdef, seq: 7 };

fn at() -> Timestamp {
    "2026-11-22T09:30:00Z".parse().unwrap()
}

fn exchange() -> Task {
    Task::Exchange(Box::new(Exchange {
        direction: Direction::Both,
        partner: Identifier::phone("+447700900142", None).ok(),
        card: Some(Card::named("Bo")),
        touch: "t1".into(),
        at: at(),
        clock_synced: true,
        boot: None,
        place: "Hall 3".into(),
        note: String::new(),
        consent: true,
        agreed: String::new(),
    }))
}

/// A task's event with one field replaced; `null` takes it away.
fn changed(field: &str, value: Value) -> Vec<u8> {
    let mut event: Value = serde_json::from_slice(&up(ID, TERMINAL, at(), &exchange())).unwrap();
    event[field] = value;
    event.to_string().into_bytes()
}

#[test]
fn a_task_looks_like_this() {
    let text = String::from_utf8(up(ID, TERMINAL, at(), &exchange())).unwrap();
    expect![[r#"{"specversion":"1.0","id":"0123456789abcdef-7","type":"org.tapcard.task.exchange","source":"tapcard/terminal/00000000001z3","time":"2026-11-22T09:30:00Z","datacontenttype":"application/json","data":{"at":"2026-11-22T09:30:00Z","boot":null,"card":{"@type":"Card","name":{"full":"Bo"},"version":"1.0"},"clock_synced":true,"consent":true,"direction":"both","note":"","partner":"+447700900142","place":"Hall 3","touch":"t1"}}"#]]
        .assert_eq(&text);
    assert_eq!(read_up(TERMINAL, text.as_bytes()), Ok((ID, exchange())));
}

#[test]
fn a_receipt_looks_like_this() {
    let result =
        Some(Settled::Linked { owner: Some(AccountId::new(9)), state: LinkState::Offered });
    let receipt = Down::Receipt(Receipt { task: ID, outcome: Outcome::Done { result } });
    let text = String::from_utf8(down(at(), &receipt)).unwrap();
    expect![[r#"{"specversion":"1.0","id":"0123456789abcdef-7","type":"org.tapcard.receipt","source":"tapcard/worker","time":"2026-11-22T09:30:00Z","datacontenttype":"application/json","data":{"outcome":"done","result":{"owner":"0000000000009","state":"offered"},"task":"0123456789abcdef-7"}}"#]]
        .assert_eq(&text);
    assert_eq!(read_down(text.as_bytes()), Ok(receipt));
}

#[test]
fn a_message_that_is_no_task_is_answered_when_it_shows_an_id() {
    let refusal = |payload: &[u8]| read_up(TERMINAL, payload).map_err(|it| (it.id, it.reason));
    let cases: [(Vec<u8>, Option<TaskId>, Refusal); 9] = [
        (b"\xff\x00".to_vec(), None, Refusal::Undecodable),
        (b"[]".to_vec(), None, Refusal::Undecodable),
        (vec![b'x'; 65 * 1024], None, Refusal::Undecodable),
        (changed("id", json!("1")), None, Refusal::Undecodable),
        (changed("specversion", json!("2.0")), Some(ID), Refusal::Undecodable),
        (changed("type", json!("org.tapcard.task.dance")), Some(ID), Refusal::UnknownTask),
        (changed("source", json!("tapcard/terminal/0000000000001")), Some(ID), Refusal::NotYours),
        (changed("data", json!({ "partner": 5 })), Some(ID), Refusal::Undecodable),
        (changed("source", Value::Null), Some(ID), Refusal::Undecodable),
    ];
    for (payload, id, reason) in cases {
        assert_eq!(refusal(&payload), Err((id, reason)));
    }
}

#[test]
fn a_nul_in_a_name_never_reaches_a_database() {
    let mut event: Value = serde_json::from_slice(&up(ID, TERMINAL, at(), &exchange())).unwrap();
    event["data"]["card"]["name"]["full"] = json!("B\u{0}o");
    let refused: NoTask = read_up(TERMINAL, event.to_string().as_bytes()).unwrap_err();
    assert_eq!((refused.id, refused.reason), (Some(ID), Refusal::Undecodable));
    assert!(!refused.text.contains('B'), "the reason quotes the card");
}

#[test]
fn a_time_that_no_database_holds_is_refused() {
    for (at, is_sound) in [
        ("1970-01-01T00:00:00Z", true),
        ("-009999-01-02T00:00:00Z", false),
        ("9999-01-01T00:00:00Z", false),
    ] {
        let mut event: Value =
            serde_json::from_slice(&up(ID, TERMINAL, self::at(), &exchange())).unwrap();
        event["data"]["at"] = json!(at);
        assert_eq!(read_up(TERMINAL, event.to_string().as_bytes()).is_ok(), is_sound, "{at}");
    }
}

#[test]
fn unknown_fields_are_passed_over() {
    assert_eq!(read_up(TERMINAL, &changed("extra", json!([1]))), Ok((ID, exchange())));
}

#[test]
fn no_cut_and_no_changed_byte_breaks_the_reader() {
    let bytes = up(ID, TERMINAL, at(), &exchange());
    for end in 0..bytes.len() {
        assert!(read_up(TERMINAL, &bytes[..end]).is_err());
    }
    for at in 0..bytes.len() {
        for changed in [0, b'"', b'{', 0xff, bytes[at] ^ 0x20] {
            let mut bytes = bytes.clone();
            bytes[at] = changed;
            let _ = read_up(TERMINAL, &bytes);
        }
    }
}

#[test]
fn an_order_to_erase_a_kiosk_looks_like_this() {
    let notice = Down::Notice(Notice::Wipe {
        owner: AccountId::new(9),
        terminal: TERMINAL,
        nonce: Base64([1; 16]),
        seal_key: Base64([2; 32]),
        signature: Base64([3; 64]),
    });
    let text = String::from_utf8(down(at(), &notice)).unwrap();
    expect![[r#"{"specversion":"1.0","id":"wipe-00000000001z3-AQEBAQEBAQEBAQEBAQEBAQ","type":"org.tapcard.notice","source":"tapcard/worker","time":"2026-11-22T09:30:00Z","datacontenttype":"application/json","data":{"kind":"wipe","nonce":"AQEBAQEBAQEBAQEBAQEBAQ","owner":"0000000000009","seal_key":"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI","signature":"AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw","terminal":"00000000001z3"}}"#]].assert_eq(&text);
    assert_eq!(read_down(text.as_bytes()), Ok(notice));
    let short = text.replace("\"nonce\":\"AQEB", "\"nonce\":\"");
    assert!(read_down(short.as_bytes()).is_err());
}
