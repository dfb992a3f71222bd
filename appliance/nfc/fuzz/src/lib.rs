//! What each fuzz target does with its bytes. Whatever they are: no panic, and nothing beyond the
//! limits. The tests of `tapcard-nfc` play the corpus through the same functions.

use tapcard_nfc::Unreadable;
use tapcard_nfc::chip::MAX_EXCHANGE;
use tapcard_nfc::ndef::{self, MAX_MESSAGE};
use tapcard_nfc::type2::ask::Ask;
use tapcard_nfc::type2::reach::Width;
use tapcard_nfc::type2::{self, FIRST_PAGE, PAGE_BYTES, Plan};
use tapcard_nfc::type4::card::{Limits, State, apdu};
use tapcard_nfc::type4::reader::Reading;

/// Decodes an NDEF message; what was decoded can be encoded and reads the same.
pub fn ndef_decode(message: &[u8]) {
    let Ok(records) = ndef::decode(message) else { return };
    let (_, _) = (ndef::content(&records), ndef::vcard(&records));
    let again = ndef::encode(&records).expect("what was decoded is sound");
    assert_eq!(ndef::decode(&again).as_ref(), Ok(&records));
}

/// Reads a Type 2 tag with this memory, as widely as the first byte says; zeros follow it.
pub fn type2_plan(bytes: &[u8]) {
    let Some((&width, tag)) = bytes.split_first() else { return };
    let width = [Width::Read, Width::Safe, Width::Large][usize::from(width) % 3];
    let (mut memory, mut n_commands) = (Vec::new(), 0);
    while let Ok(Plan::Read { first, last }) = type2::plan(&memory) {
        n_commands += 1;
        assert!(first <= last && n_commands <= 64, "64 READ are the whole sector");
        if let &[_, _, size, _, ..] = &memory[..] {
            let n_pages = usize::from(size) * 8 / PAGE_BYTES;
            assert!(usize::from(last) <= usize::from(FIRST_PAGE) + n_pages, "beyond the data area");
        }
        let ask = Ask::of(first, last, width);
        let start = memory.len();
        let answer = (start..start + ask.n_bytes()).map(|at| tag.get(at).copied().unwrap_or(0));
        memory.extend(answer);
    }
    if let Ok(Plan::Done(message)) = type2::plan(&memory) {
        assert!(!message.is_empty() && message.len() < memory.len());
    }
}

/// Reads a Type 4 tag that gives these answers, each behind its length. The one that follows the
/// last repeats it.
pub fn type4_reader(mut answers: &[u8]) {
    let mut reading = Reading::default();
    let mut answer: &[u8] = &[];
    // The way to the message, its bytes one by one, and a detour for each.
    for _ in 0..8 * MAX_MESSAGE {
        assert!(reading.command().len() <= MAX_EXCHANGE);
        if let Some((&length, rest)) = answers.split_first() {
            (answer, answers) = rest.split_at(usize::from(length).min(rest.len()));
        }
        match reading.hear(answer) {
            Ok(None) => {}
            Ok(Some(message)) => return assert!((1..=MAX_MESSAGE).contains(&message.len())),
            Err(reason) => return assert_ne!(reason, Unreadable::PulledAway),
        }
    }
    panic!("the reading does not end");
}

/// Talks to the card that a unit shows: whether it may be written to, then commands, each behind its
/// length; one of length 255 stands for the end of a touch.
pub fn type4_card(bytes: &[u8]) {
    const OWN: u8 = 0xee;
    const END_OF_TOUCH: u8 = 255;
    let Some((&first, mut commands)) = bytes.split_first() else { return };
    let is_writable = first & 1 != 0;
    let fresh = State::new(&[OWN; 300], is_writable, Limits::default());
    let mut state = fresh.clone();
    while let Some((&length, rest)) = commands.split_first() {
        commands = rest;
        if length == END_OF_TOUCH {
            state.end_touch();
            assert!(state == fresh, "something of the last touch is left");
            continue;
        }
        let (command, rest) = commands.split_at(usize::from(length).min(commands.len()));
        commands = rest;
        let answer = apdu(&mut state, command);
        let limit = usize::from(Limits::default().read) + 2;
        assert!((2..=limit).contains(&answer.len()), "no status word, or more than a frame");
        if let Some(written) = state.written() {
            assert!(is_writable && (1..=MAX_MESSAGE).contains(&written.len()));
            assert!(
                bytes.contains(&OWN) || !written.contains(&OWN),
                "some of it is the card's own"
            );
        }
    }
}
