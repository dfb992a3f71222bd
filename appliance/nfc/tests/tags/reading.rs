//! Whole messages, in few commands, and everything that goes wrong.

use std::time::{Duration, Instant};

use pn532_simulator::{Fault, Lay, Model, TagKind};
use tapcard_nfc::Unreadable;
use tapcard_nfc::tag::ReadError;
use tapcard_nfc::type2::reach::Reach;

use crate::table::{Table, message, ntag};

const NTAGS: [Model; 3] = [Model::Ntag213, Model::Ntag215, Model::Ntag216];
const REACHES: [Reach; 3] = [Reach::ReadOnly, Reach::Safe, Reach::Large];
/// Whoever holds a tag is told after this time at the latest, whatever happens.
const IN_TIME: Duration = Duration::from_secs(2);

#[test]
fn a_message_of_any_size_on_any_type_2_tag_is_read_whole_at_any_width() {
    let mut table = Table::new();
    for model in [Model::Ultralight, Model::Ntag213, Model::Ntag215, Model::Ntag216] {
        for length in [1, 5, 6, 7, 22, 40, 100, 253, 254, 255, 256, 490, model.capacity()] {
            if length <= model.capacity() {
                table.lay_ntag(model, &message(length));
                for reach in REACHES {
                    table.reach = reach;
                    assert_eq!(table.read(), Ok(message(length)), "{model:?}, {reach:?}");
                }
            }
        }
    }
}

#[test]
fn a_type_4_tag_of_any_mapping_is_read_whole() {
    let mut table = Table::new();
    for kind in [TagKind::Type4, TagKind::Type4V3] {
        for length in [1, 50, 57, 58, 250, 251, 1000, 8192] {
            for mle in [15, 59, 255, 0xffff] {
                table.lay(&Lay::new(kind, &message(length)).mle(mle));
                assert_eq!(table.read(), Ok(message(length)), "{kind:?} {length} {mle}");
            }
        }
    }
    table.lay(&Lay::new(TagKind::Type4V3, &message(300)).extended());
    assert_eq!(table.read(), Ok(message(300)));
    table.lay(&Lay::new(TagKind::Type4, &message(300)).locked());
    assert_eq!(table.read(), Ok(message(300)), "read-only is fine");
}

/// Commands from finding the tag to its message.
fn commands(table: &mut Table) -> u64 {
    table.find();
    table.counters();
    assert_eq!(table.read(), Ok(message(395)));
    // The field-off before it does not count.
    table.counters().commands - 1
}

#[test]
fn a_card_of_400_bytes_costs_few_commands() {
    let mut table = Table::new();
    table.lay_ntag(Model::Ntag215, &message(395));
    for (reach, n_commands) in [(Reach::ReadOnly, 27), (Reach::Safe, 9), (Reach::Large, 4)] {
        table.reach = reach;
        assert_eq!(commands(&mut table), n_commands, "{reach:?}");
    }
}

#[test]
fn a_chip_that_carries_large_spans_is_found_out_by_the_first_tag_that_needs_one() {
    let mut table = Table::new();
    table.reach = Reach::Auto;
    table.lay_ntag(Model::Ntag213, &message(60));
    assert_eq!(table.read(), Ok(message(60)));
    assert_eq!(table.reach, Reach::Auto, "nothing large was wanted");
    table.lay_ntag(Model::Ntag215, &message(395));
    assert_eq!(table.read(), Ok(message(395)));
    assert_eq!(table.reach, Reach::Large);
}

#[test]
fn a_chip_that_chokes_on_large_spans_is_spared_after_two_tags() {
    for fault in [Fault::Nak, Fault::BitError, Fault::Garbage, Fault::Stall, Fault::ErrorFrame] {
        let mut table = Table::new();
        table.reach = Reach::Auto;
        for learned in [Reach::Doubted, Reach::Safe] {
            table.lay_ntag(Model::Ntag215, &message(395));
            let target = table.find();
            // READ is spared, the large span after it is struck.
            table.inflict(fault, 1, 1);
            let start = Instant::now();
            assert_eq!(table.read_found(&target).ok(), Some(message(395)), "{fault:?}");
            assert!(start.elapsed() < IN_TIME, "{fault:?}");
            assert_eq!(table.reach, learned, "{fault:?}");
        }
        table.lay_ntag(Model::Ntag215, &message(395));
        assert_eq!(commands(&mut table), 9);
    }
}

#[test]
fn a_tag_that_knows_no_fast_read_is_read_all_the_same() {
    let mut table = Table::new();
    for reach in [Reach::Safe, Reach::Large, Reach::Auto] {
        table.reach = reach;
        table.lay_ntag(Model::Ultralight, &message(44));
        assert_eq!(table.read(), Ok(message(44)));
        assert_eq!(table.reach, reach, "it tells nothing about the chip");
    }
}

#[test]
fn each_of_two_tags_can_be_read() {
    let mut table = Table::new();
    for other in [ntag(Model::Ntag216, &message(500)), Lay::new(TagKind::Type4, &message(500))] {
        table.lay_ntag(Model::Ntag215, &message(395));
        table.simulator.lay("A", &other).expect("there is such a tag");
        for reach in REACHES {
            table.reach = reach;
            let [first, second] = table.find_two();
            let read = |table: &mut Table, target| table.read_found(target).ok();
            let reads = [read(&mut table, &second), read(&mut table, &first)];
            let expected = [Some(message(395)), Some(message(500))];
            assert!(reads.iter().all(|read| expected.contains(read)) && reads[0] != reads[1]);
            // One that misses a frame is found again beside the other.
            table.inflict(Fault::Nak, 1, 1);
            assert!(read(&mut table, &first).is_some(), "{reach:?}");
        }
    }
}

#[test]
fn a_tag_pulled_away_is_told_at_every_point_and_teaches_nothing() {
    let mut table = Table::new();
    for reach in [Reach::ReadOnly, Reach::Safe, Reach::Large, Reach::Auto] {
        table.reach = reach;
        for n_exchanges in 0..20 {
            table.lay(&ntag(Model::Ntag215, &message(395)).torn(n_exchanges));
            let target = table.find();
            match table.read_found(&target) {
                Ok(read) => assert_eq!(read, message(395)),
                Err(error) => assert!(
                    matches!(error, ReadError::Unreadable(Unreadable::PulledAway)),
                    "{n_exchanges}: {error}"
                ),
            }
            if table.reach != reach {
                // It did show one large span before it went.
                assert_eq!((reach, table.reach), (Reach::Auto, Reach::Large));
                table.reach = reach;
            }
        }
    }
    // The first one activates it.
    for n_exchanges in 1..10 {
        table.lay(&Lay::new(TagKind::Type4, &message(200)).torn(n_exchanges));
        let target = table.find();
        let error = table.read_found(&target).expect_err("it went");
        assert!(matches!(error, ReadError::Unreadable(Unreadable::PulledAway)), "{error}");
    }
}

#[test]
fn a_tag_that_misses_up_to_two_frames_is_read_all_the_same() {
    let mut table = Table::new();
    let type4 = Lay::new(TagKind::Type4, &message(120));
    for (what, kind) in [(ntag(Model::Ntag215, &message(120)), "Type 2"), (type4, "Type 4")] {
        for fault in [Fault::Nak, Fault::BitError] {
            for after in 0..4 {
                for n_misses in 1..=2 {
                    table.lay(&what);
                    let target = table.find();
                    table.inflict(fault, n_misses, after);
                    let read = table.read_found(&target).ok();
                    assert_eq!(read, Some(message(120)), "{kind}: {fault:?} {after} {n_misses}");
                    table.simulator.spare("A").expect("A is a chip");
                }
            }
        }
    }
}

#[test]
fn a_tag_that_misses_three_frames_is_to_be_held_still() {
    let mut table = Table::new();
    table.lay_ntag(Model::Ntag215, &message(120));
    let target = table.find();
    table.inflict(Fault::Nak, 3, 0);
    let error = table.read_found(&target).expect_err("three misses");
    assert!(matches!(error, ReadError::Unreadable(Unreadable::PulledAway)), "{error}");
    assert_eq!(table.read(), Ok(message(120)));
}

#[test]
fn each_kind_of_bad_tag_has_its_reason() {
    let mut table = Table::new();
    let mut read = |what: &Lay| {
        table.lay(what);
        table.read()
    };
    for model in NTAGS {
        assert_eq!(read(&ntag(model, &[])), Err(Unreadable::Empty));
        assert_eq!(read(&ntag(model, &[]).blank()), Err(Unreadable::NotNdef));
        assert_eq!(read(&ntag(model, &message(100)).protected()), Err(Unreadable::Protected));
        assert_eq!(read(&ntag(model, &message(100)).locked()), Ok(message(100)));
    }
    let garbage: Vec<u8> = (0..888_u32).map(|at| (at * at + 7).to_le_bytes()[0] | 0x80).collect();
    let tag = [&[0xe1, 0x10, 0x6d, 0][..], &garbage].concat();
    assert_eq!(read(&Lay::image(Model::Ntag216, &tag)), Err(Unreadable::Damaged));
    let lying = [0xe1, 0x10, 0x12, 0, 3, 0xff, 0x03, 0xe8, 1, 2, 3];
    assert_eq!(read(&Lay::image(Model::Ntag213, &lying)), Err(Unreadable::Damaged));
    let huge = [0xe1, 0x10, 0xff, 0, 3, 0xff, 0x06, 0xe8, 1, 2, 3];
    assert_eq!(read(&Lay::image(Model::Ntag216, &huge)), Err(Unreadable::TooBig));
    let type4 = |length| Lay::new(TagKind::Type4, &message(length));
    assert_eq!(read(&type4(0)), Err(Unreadable::Empty));
    assert_eq!(read(&type4(8193)), Err(Unreadable::TooBig));
    assert_eq!(read(&Lay::new(TagKind::Type4V3, &message(40_000))), Err(Unreadable::TooBig));
    assert_eq!(read(&Lay::new(TagKind::Classic, &[])), Err(Unreadable::Classic));
    assert_eq!(read(&Lay::new(TagKind::Payment, &[])), Err(Unreadable::OtherCard));
}
