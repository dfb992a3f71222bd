//! Tests of the parent: the writes are played on a memory that obeys the data sheet, whole and cut
//! off at every point.

use super::*;
use crate::type2::ntag::Ntag;
use crate::type2::{Plan, plan};
use crate::unreadable::Unreadable;

fn tags() -> [Ntag; 3] {
    [0x0f, 0x11, 0x13].map(|size| Ntag::recognise(&[0, 4, 4, 2, 1, 0, size, 3]).unwrap())
}

/// A tag without a capability container and without a message, AUTH0 at FFh.
fn blank(tag: Ntag) -> Vec<u8> {
    let mut memory = vec![0; (usize::from(tag.last_page()) + 1) * PAGE_BYTES];
    *memory.last_mut().unwrap() = 0xff;
    memory
}

fn play(memory: &mut [u8], writes: &[PageWrite]) {
    for write in writes {
        let page = &mut memory[usize::from(write.page) * PAGE_BYTES..][..PAGE_BYTES];
        let is_one_way = write.page < USER_PAGE || usize::from(write.page) * PAGE_BYTES > 16 + 870;
        for (old, new) in page.iter_mut().zip(write.bytes) {
            *old = if is_one_way { *old | new } else { new };
        }
    }
}

/// The tag with this message, written by the plan.
fn written(tag: Ntag, message: &[u8]) -> Vec<u8> {
    let mut memory = blank(tag);
    let plan = WritePlan::new(tag, &memory, message, false).unwrap();
    play(&mut memory, &plan.writes);
    assert!(plan.is_done(&memory));
    memory
}

fn read(memory: &[u8]) -> Result<Vec<u8>, Unreadable> {
    match plan(&memory[CC_ADDRESS..])? {
        Plan::Done(message) => Ok(message),
        Plan::Read { .. } => panic!("all was read"),
    }
}

fn message(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 7 + at / 251).to_le_bytes()[0] | 1).collect()
}

#[test]
fn a_message_of_any_size_is_written_as_the_reader_reads_it() {
    for tag in tags() {
        for length in [1, 2, 3, 100, 254, 255, 256, tag.capacity()] {
            if length <= tag.capacity() {
                assert_eq!(read(&written(tag, &message(length))), Ok(message(length)));
            }
        }
        assert_eq!(read(&written(tag, &[])), Err(Unreadable::Empty));
    }
}

#[test]
fn a_tag_has_the_form_of_the_data_sheet() {
    let [small, middle, _] = tags();
    let memory = written(small, b"abc");
    assert_eq!(memory[12..16], [0xe1, 0x10, 0x12, 0]);
    assert_eq!(memory[16..28], *b"\x01\x03\xa0\x0c\x34\x03\x03abc\xfe\0");
    let memory = written(middle, &[7; 300]);
    assert_eq!(memory[12..21], [0xe1, 0x10, 0x3e, 0, 3, 0xff, 0x01, 0x2c, 7]);
}

#[test]
fn a_torn_tag_reads_as_before_or_as_empty_or_as_done() {
    for tag in tags() {
        let odd = {
            // A message of another writer, without the prefix of the NTAG213.
            let mut memory = written(tag, &[]);
            let area = [&[0x03, 60][..], &message(60), &[0xfe]].concat();
            memory[16..16 + area.len()].copy_from_slice(&area);
            memory
        };
        let starts = [blank(tag), written(tag, &[]), written(tag, &message(130)), odd];
        for start in starts {
            for length in [0, 5, 60, 137] {
                let plan = WritePlan::new(tag, &start, &message(length), true).unwrap();
                let steps = [&plan.writes[..], &plan.locks].concat();
                let before = read(&start);
                for n_done in 0..=steps.len() {
                    let mut memory = start.clone();
                    play(&mut memory, &steps[..n_done]);
                    let now = read(&memory);
                    let is_fine = now == before
                        || matches!(now, Err(Unreadable::Empty | Unreadable::NotNdef))
                        || now == Ok(message(length));
                    assert!(is_fine, "{n_done} of {}: {now:?}", steps.len());
                }
            }
        }
    }
}

#[test]
fn only_pages_that_change_are_written_and_the_switch_twice() {
    let [small, middle, _] = tags();
    for tag in [small, middle] {
        let memory = written(tag, &message(100));
        let same = WritePlan::new(tag, &memory, &message(100), false).unwrap();
        assert_eq!(same.writes, []);
        let mut other = message(100);
        other[50] = 0;
        let pages: Vec<u8> = WritePlan::new(tag, &memory, &other, false)
            .unwrap()
            .writes
            .iter()
            .map(|write| write.page)
            .collect();
        // Byte 50 of the message lies 7 bytes into the user memory of the one, 2 of the other.
        let expected = if tag == small { [5, 4 + 57 / 4, 5] } else { [4, 4 + 52 / 4, 4] };
        assert_eq!(pages, expected);
    }
}

#[test]
fn nothing_of_the_message_before_is_left() {
    for tag in tags() {
        let mut memory = written(tag, &message(130));
        let plan = WritePlan::new(tag, &memory, b"x", false).unwrap();
        play(&mut memory, &plan.writes);
        assert_eq!(memory, written(tag, b"x"));
    }
}

#[test]
fn a_tag_is_locked_whole_and_then_refuses_all_but_what_it_holds() {
    for tag in tags() {
        let mut memory = written(tag, b"hello");
        let plan = WritePlan::new(tag, &memory, b"hello", true).unwrap();
        assert_eq!(plan.writes, []);
        assert!(!plan.is_locked(&memory));
        play(&mut memory, &plan.locks);
        assert!(plan.is_locked(&memory));
        assert_eq!(read(&memory), Ok(b"hello".to_vec()));
        assert_eq!(WritePlan::new(tag, &memory, b"other", false), Err(Unwritable::Locked));
        assert_eq!(WritePlan::new(tag, &memory, b"hello", true).map(|it| it.writes), Ok(vec![]));
    }
}

#[test]
fn a_locking_that_was_torn_can_be_finished() {
    for tag in tags() {
        let plan = WritePlan::new(tag, &blank(tag), b"hello", true).unwrap();
        for n_done in 0..=plan.locks.len() {
            let mut memory = written(tag, b"hello");
            play(&mut memory, &plan.locks[..n_done]);
            let again = WritePlan::new(tag, &memory, b"hello", true).unwrap();
            play(&mut memory, &again.locks);
            assert!(again.writes.is_empty() && again.is_locked(&memory));
        }
    }
}

#[test]
fn a_tag_that_cannot_be_written_says_why() {
    for tag in tags() {
        let refuse = |at: usize, value: u8| {
            let mut memory = written(tag, &message(100));
            memory[at] = value;
            WritePlan::new(tag, &memory, b"hello", false).err()
        };
        assert_eq!(refuse(15, 0x0f), Some(Unwritable::Locked));
        assert_eq!(refuse(10, 1 << 5), Some(Unwritable::Locked), "page 5");
        assert_eq!(refuse(10, 1 << 3), None, "the container, which is as it shall be");
        assert_eq!(refuse(12, 0xe3), Some(Unwritable::OtherUse), "a bit too many");
        let auth0 = usize::from(tag.last_page()) * PAGE_BYTES + 3;
        assert_eq!(refuse(auth0, 4), Some(Unwritable::Locked), "a password");
        let long = message(tag.capacity() + 1);
        let too_small = Err(Unwritable::TooSmall { capacity: tag.capacity() });
        assert_eq!(WritePlan::new(tag, &blank(tag), &long, false), too_small);
    }
}

#[test]
fn every_single_byte_change_of_the_memory_is_planned_for_or_refused() {
    let [tag, ..] = tags();
    let good = written(tag, &message(20));
    for at in 0..good.len() {
        for value in 0..=u8::MAX {
            let mut memory = good.clone();
            memory[at] = value;
            if let Ok(plan) = WritePlan::new(tag, &memory, b"hello", true) {
                play(&mut memory, &plan.writes);
                assert!(plan.is_done(&memory));
            }
        }
    }
}
