use super::*;

const MESSAGE: &[u8] = b"\xd1\x01\x08\x55\x01nfc.com";

const SELECT_APPLICATION: &[u8] = b"\x00\xa4\x04\x00\x07\xd2\x76\x00\x00\x85\x01\x01\x00";
const SELECT_CC: &[u8] = b"\x00\xa4\x00\x0c\x02\xe1\x03";
const SELECT_NDEF: &[u8] = b"\x00\xa4\x00\x0c\x02\xe1\x04";
const READ_CC: &[u8] = b"\x00\xb0\x00\x00\x0f";
const READ_NLEN: &[u8] = b"\x00\xb0\x00\x00\x02";
const READ_MESSAGE: &[u8] = b"\x00\xb0\x00\x02\x0c";
const ERASE: &[u8] = b"\x00\xd6\x00\x00\x02\x00\x00";
const WRITE_HALLO: &[u8] = b"\x00\xd6\x00\x02\x05hallo";
const WRITE_NLEN: &[u8] = b"\x00\xd6\x00\x00\x02\x00\x05";

/// What a reader that reads and writes sends, in its order.
const GOLDEN: [&[u8]; 9] = [
    SELECT_APPLICATION,
    SELECT_CC,
    READ_CC,
    SELECT_NDEF,
    READ_NLEN,
    READ_MESSAGE,
    ERASE,
    WRITE_HALLO,
    WRITE_NLEN,
];

fn card(is_writable: bool) -> State {
    State::new(MESSAGE, is_writable, Limits::default())
}

/// A card whose file with the message is selected.
fn opened(is_writable: bool) -> State {
    let mut state = card(is_writable);
    for command in [SELECT_APPLICATION, SELECT_NDEF] {
        assert_eq!(apdu(&mut state, command), OK);
    }
    state
}

fn ok(bytes: &[u8]) -> Vec<u8> {
    [bytes, &OK].concat()
}

#[track_caller]
fn check(state: &mut State, command: &[u8], answer: [u8; 2]) {
    assert_eq!(apdu(state, command), answer, "{command:02x?}");
}

#[test]
fn a_reader_finds_its_way_to_the_message() {
    let mut state = card(true);
    assert_eq!(apdu(&mut state, SELECT_APPLICATION), OK);
    assert_eq!(apdu(&mut state, SELECT_CC), OK);
    let container = b"\x00\x0f\x20\x00\xf6\x00\xf6\x04\x06\xe1\x04\x20\x02\x00\x00";
    assert_eq!(apdu(&mut state, READ_CC), ok(container));
    assert_eq!(apdu(&mut state, SELECT_NDEF), OK);
    assert!(!state.was_used());
    assert_eq!(apdu(&mut state, READ_NLEN), ok(&[0, 12]));
    assert!(state.was_met() && !state.was_read());
    assert_eq!(apdu(&mut state, READ_MESSAGE), ok(MESSAGE));
    assert!(state.was_read());
    assert_eq!(state.written(), None);
}

#[test]
fn the_name_is_heard_with_le_and_without_and_the_file_in_both_spellings() {
    let without_le = &SELECT_APPLICATION[..12];
    for name in [SELECT_APPLICATION, without_le] {
        for p2 in [0x00, 0x0c] {
            let mut state = card(true);
            let (mut name, mut file) = (name.to_vec(), SELECT_NDEF.to_vec());
            (name[3], file[3]) = (p2, p2);
            assert_eq!(apdu(&mut state, &name), OK);
            assert_eq!(apdu(&mut state, &file), OK);
            file.push(0);
            assert_eq!(apdu(&mut state, &file), OK);
        }
    }
}

#[test]
fn a_card_that_is_only_given_says_so_and_takes_nothing() {
    let mut state = opened(false);
    assert_eq!(apdu(&mut state, SELECT_CC), OK);
    let container = apdu(&mut state, READ_CC);
    assert_eq!(container[13..15], [FREE, NEVER]);
    assert_eq!(apdu(&mut state, SELECT_NDEF), OK);
    for command in [ERASE, WRITE_HALLO, WRITE_NLEN, &b"\x00\xd6\x7f\xff\x01\x00"[..]] {
        check(&mut state, command, NOT_ALLOWED);
    }
    assert_eq!(apdu(&mut state, READ_MESSAGE), ok(MESSAGE));
    assert_eq!(state.written(), None);
}

#[test]
fn what_is_written_is_read_back_in_the_same_touch_and_gone_in_the_next() {
    let mut state = opened(true);
    for command in [ERASE, WRITE_HALLO] {
        assert_eq!(apdu(&mut state, command), OK);
        assert_eq!(state.written(), None);
    }
    assert_eq!(apdu(&mut state, WRITE_NLEN), OK);
    assert_eq!(state.written(), Some(&b"hallo"[..]));
    assert!(state.was_used() && !state.was_met() && !state.was_read());
    let read_back = apdu(&mut state, b"\x00\xb0\x00\x00\x07");
    assert_eq!(read_back, ok(b"\x00\x05hallo"));
    assert!(!state.was_read(), "that was not the own message");

    state.end_touch();
    assert!(!state.was_used());
    assert_eq!(state.written(), None);
    check(&mut state, READ_MESSAGE, NO_FILE_SELECTED);
    assert_eq!(apdu(&mut state, SELECT_APPLICATION), OK);
    assert_eq!(apdu(&mut state, SELECT_NDEF), OK);
    assert_eq!(apdu(&mut state, READ_MESSAGE), ok(MESSAGE));
    assert_eq!(state.file[2 + MESSAGE.len()..], [0; MAX_MESSAGE - MESSAGE.len()]);
}

#[test]
fn the_next_reader_sees_nothing_of_what_was_written_wherever_the_last_one_stopped() {
    let mut fresh = card(true);
    let commands = [&GOLDEN[..], &[b"\x00\xd6\x1f\xfe\x02zz"]].concat();
    for n_commands in 0..=commands.len() {
        let mut state = card(true);
        for command in &commands[..n_commands] {
            apdu(&mut state, command);
        }
        state.end_touch();
        assert!(state == fresh && !state.was_used(), "after {n_commands} commands");
        for command in GOLDEN {
            assert_eq!(apdu(&mut state, command), apdu(&mut fresh, command));
        }
        fresh.end_touch();
    }
}

#[test]
fn a_message_in_one_command_and_a_length_before_the_message_are_taken_too() {
    let mut state = opened(true);
    assert_eq!(apdu(&mut state, b"\x00\xd6\x00\x00\x07\x00\x05hallo"), OK);
    assert_eq!(state.written(), Some(&b"hallo"[..]));
    assert_eq!(apdu(&mut state, b"\x00\xd6\x00\x00\x05\x00\x06abc"), OK);
    assert_eq!(state.written(), None, "one byte is missing");
    assert_eq!(apdu(&mut state, b"\x00\xd6\x00\x05\x03def"), OK);
    assert_eq!(state.written(), Some(&b"abcdef"[..]));
}

#[test]
fn a_length_alone_does_not_make_the_own_message_a_written_one() {
    let mut state = opened(true);
    assert_eq!(apdu(&mut state, WRITE_NLEN), OK);
    assert_eq!(state.written(), None);
    assert_eq!(apdu(&mut state, b"\x00\xd6\x00\x02\x04hall"), OK);
    assert_eq!(state.written(), None, "the fifth byte is not the writer's");
    assert_eq!(apdu(&mut state, ERASE), OK);
    assert_eq!(apdu(&mut state, WRITE_NLEN), OK);
    assert_eq!(state.written(), None, "what was written before the erasing does not count");
}

#[test]
fn a_length_that_comes_in_halves_is_whole_with_its_second_half() {
    let mut state = opened(true);
    for start in [0_u8, 0xf0] {
        let chunk = [&[0x00, 0xd6, 0x00, start + 2, 0xf0][..], &[7; 0xf0]].concat();
        apdu(&mut state, ERASE);
        assert_eq!(apdu(&mut state, &chunk), OK);
        assert_eq!(apdu(&mut state, b"\x00\xd6\x00\xf2\x20________________________________"), OK);
        assert_eq!(apdu(&mut state, b"\x00\xd6\x00\x00\x01\x01"), OK);
        assert_eq!(state.written(), None);
        assert_eq!(apdu(&mut state, b"\x00\xd6\x00\x01\x01\x05"), OK);
        assert_eq!(state.written().map(<[u8]>::len), (start == 0).then_some(0x105));
    }
}

#[test]
fn unknown_commands_are_refused_and_the_conversation_goes_on() {
    let mut state = opened(true);
    for (command, answer) in [
        (&b"\x90\x60\x00\x00\x00"[..], UNKNOWN_COMMAND),
        (b"\x00\xa4\x04\x00\x07\xa0\x00\x00\x03\x96\x54\x53\x00", NOT_FOUND),
        (b"\x00\xa4\x04\x00\x0e2PAY.SYS.DDF01\x00", NOT_FOUND),
        (b"\x00\xa4\x00\x0c\x02\xe1\x05", NOT_FOUND),
        (b"\x00\xa4\x02\x0c\x02\xe1\x04", WRONG_PARAMETERS),
        (b"\x00\xa4\x00\x02\x02\xe1\x04", WRONG_PARAMETERS),
        (b"\x00\xca\x00\x00\x00", UNKNOWN_COMMAND),
        (b"\x80\xb0\x00\x00\x02", WRONG_CLASS),
        (b"\x0c\xa4\x04\x00\x00", WRONG_CLASS),
        (b"\x00\xb0\x84\x00\x02", WRONG_PARAMETERS),
        (b"\x00\xb0\x20\x02\x02", WRONG_OFFSET),
        (b"\x00\xd6\x20\x02\x01x", WRONG_OFFSET),
        (b"\x00\xd6\x20\x01\x02xx", FILE_IS_FULL),
        (b"\x00\xb0\x00\x00", WRONG_LENGTH),
        (b"\x00\xb0\x00\x00\xf7", WRONG_LENGTH),
        (b"\x00\xb0\x00\x00\x00\x01\x00", WRONG_LENGTH),
        (b"\x00\xd6\x00\x00\x02\x00", WRONG_LENGTH),
        (b"\x00\xd6\x00\x00\x00", WRONG_LENGTH),
        (b"\x00\xa4\x00\x0c\x02\xe1", WRONG_LENGTH),
        (b"\x00\xa4", WRONG_LENGTH),
        (b"\x60", WRONG_LENGTH),
        (b"", WRONG_LENGTH),
    ] {
        check(&mut state, command, answer);
        assert!(!state.was_used());
        let mut next = state.clone();
        assert_eq!(apdu(&mut next, READ_MESSAGE), ok(MESSAGE), "after {command:02x?}");
    }
}

#[test]
fn no_file_is_found_before_the_application_and_none_read_before_it_is_selected() {
    let mut state = card(true);
    check(&mut state, SELECT_NDEF, NOT_FOUND);
    check(&mut state, READ_NLEN, NO_FILE_SELECTED);
    check(&mut state, ERASE, NO_FILE_SELECTED);
    check(&mut state, SELECT_APPLICATION, OK);
    check(&mut state, READ_NLEN, NO_FILE_SELECTED);
    check(&mut state, SELECT_CC, OK);
    check(&mut state, ERASE, NOT_ALLOWED);
    check(&mut state, b"\x00\xb0\x00\x0f\x01", WRONG_OFFSET);
    assert_eq!(apdu(&mut state, b"\x00\xb0\x00\x0e\x00"), ok(&[FREE]));
}

#[test]
fn a_message_of_the_greatest_length_is_read_and_written_to_the_last_byte() {
    let longest: Vec<u8> = (0..MAX_MESSAGE).map(|at| (at % 251).to_le_bytes()[0]).collect();
    let mut state = State::new(&longest, true, Limits::default());
    for command in [SELECT_APPLICATION, SELECT_NDEF] {
        assert_eq!(apdu(&mut state, command), OK);
    }
    let mut file: Vec<u8> = Vec::new();
    while file.len() < FILE_BYTES {
        let [p1, p2] = u16::try_from(file.len()).unwrap().to_be_bytes();
        let answer = apdu(&mut state, &[0x00, 0xb0, p1, p2, 0x00]);
        file.extend(answer.strip_suffix(&OK).unwrap());
    }
    assert_eq!(file, [&[0x20, 0x00], &longest[..]].concat());
    assert!(state.was_read());

    apdu(&mut state, ERASE);
    for (n_chunks, chunk) in longest.chunks(0xf6).enumerate() {
        let [p1, p2] = u16::try_from(2 + n_chunks * 0xf6).unwrap().to_be_bytes();
        let lc = u8::try_from(chunk.len()).unwrap();
        assert_eq!(apdu(&mut state, &[&[0x00, 0xd6, p1, p2, lc], chunk].concat()), OK);
    }
    assert_eq!(apdu(&mut state, b"\x00\xd6\x00\x00\x02\x20\x01"), OK);
    assert_eq!(state.written(), None, "NLEN goes beyond the file");
    assert_eq!(apdu(&mut state, b"\x00\xd6\x00\x00\x02\x20\x00"), OK);
    assert_eq!(state.written(), Some(&longest[..]));

    let too_long = State::new(&[0; MAX_MESSAGE + 1], true, Limits::default());
    assert!(too_long.file.iter().all(|byte| *byte == 0));
}

/// Every answer fits a frame, ends with a status word, and shows nothing but the two files.
#[track_caller]
fn check_any(state: &State, command: &[u8]) {
    let mut state = state.clone();
    let before = state.file.clone();
    let answer = apdu(&mut state, command);
    let (bytes, status) = answer.split_last_chunk::<2>().expect("a status word");
    assert!(matches!(status[0], 0x90 | 0x67 | 0x69 | 0x6a | 0x6b | 0x6d | 0x6e), "{command:02x?}");
    assert!(bytes.is_empty() || *status == OK);
    assert!(bytes.len() <= usize::from(state.limits.read));
    let shown = |file: &[u8]| file.windows(bytes.len().max(1)).any(|part| part == bytes);
    assert!(bytes.is_empty() || shown(&before) || shown(&state.capability_container()));
    assert_eq!(state.file.len(), FILE_BYTES);
    if !state.is_writable {
        assert!(state.file == before, "{command:02x?}");
    }
}

#[test]
fn every_single_byte_change_and_every_truncation_is_answered() {
    for is_writable in [true, false] {
        let mut state = card(is_writable);
        for command in GOLDEN {
            for length in 0..=command.len() {
                check_any(&state, &command[..length]);
            }
            for at in 0..command.len() {
                for value in 0..=u8::MAX {
                    let mut changed = command.to_vec();
                    changed[at] = value;
                    check_any(&state, &changed);
                }
            }
            apdu(&mut state, command);
        }
    }
}

#[test]
fn every_short_command_is_answered() {
    const BYTES: [u8; 9] = [0x00, 0x01, 0x02, 0x04, 0x0c, 0x7f, 0x80, 0xe1, 0xff];
    const INSTRUCTIONS: [u8; 6] = [SELECT, READ_BINARY, UPDATE_BINARY, 0x00, 0xc0, 0xff];
    for state in [card(true), opened(true), opened(false)] {
        for first in 0..=u8::MAX {
            check_any(&state, &[first]);
            for second in 0..=u8::MAX {
                check_any(&state, &[first, second]);
            }
        }
        for instruction in INSTRUCTIONS {
            for length in 0..=4_u32 {
                for mut number in 0..9_usize.pow(length) {
                    let mut command = vec![0x00, instruction];
                    for _ in 0..length {
                        command.push(BYTES[number % 9]);
                        number /= 9;
                    }
                    check_any(&state, &command);
                }
            }
        }
    }
}
