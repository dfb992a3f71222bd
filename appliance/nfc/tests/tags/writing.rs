//! Tags written by us: what they hold, what they refuse, and how they look when they are torn away.

use pn532_simulator::{Fault, Lay, Model, TagKind};
use tapcard_nfc::{Unreadable, Unwritable};

use crate::table::{Table, message, ntag};

const NTAGS: [Model; 3] = [Model::Ntag213, Model::Ntag215, Model::Ntag216];

#[test]
fn a_tag_is_written_as_it_would_be_delivered_with_the_message() {
    for model in NTAGS {
        for length in [1, 120, 254, 255, model.capacity()] {
            if length > model.capacity() {
                continue;
            }
            let fresh = Table::new();
            fresh.lay_ntag(model, &message(length));
            let wanted = fresh.dump();
            let mut table = Table::new();
            let starts = [
                ntag(model, &[]),
                ntag(model, &[]).blank(),
                ntag(model, &message(130)),
                ntag(model, &message(length)),
            ];
            for start in starts {
                table.lay(&start);
                let written = table.write(&message(length), false).expect("it is writable");
                assert_eq!((written.capacity, written.is_locked), (model.capacity(), false));
                // From the capability container on; before it is the identifier.
                assert_eq!(table.dump()[12..], wanted[12..], "{model:?} {length}");
                assert_eq!(table.read(), Ok(message(length)));
            }
        }
    }
}

#[test]
fn what_is_there_already_is_not_written() {
    let mut table = Table::new();
    table.lay_ntag(Model::Ntag215, &message(100));
    assert_eq!(table.write(&message(100), false).map(|it| it.n_writes), Ok(0));
    let mut other = message(100);
    other[50] ^= 1;
    assert_eq!(table.write(&other, false).map(|it| it.n_writes), Ok(3));
    assert_eq!(table.read(), Ok(other));
}

#[test]
fn a_locked_tag_is_read_but_takes_nothing_more() {
    for model in NTAGS {
        let mut table = Table::new();
        table.lay(&ntag(model, &[]).blank());
        let written = table.write(&message(100), true).expect("it is writable");
        assert!(written.is_locked);
        let dump = table.dump();
        assert_eq!(dump[10..16], [0xff, 0xff, 0xe1, 0x10, dump[14], 0x0f]);
        assert_eq!(table.read(), Ok(message(100)));
        assert_eq!(table.write(&message(101), false), Err(Unwritable::Locked));
        let again = table.write(&message(100), true).expect("it is so already");
        assert_eq!((again.n_writes, again.is_locked), (0, true));
        assert_eq!(table.dump(), dump);
    }
}

#[test]
fn each_refusal_has_its_reason() {
    let mut table = Table::new();
    let mut write = |what: &Lay, length: usize| {
        table.lay(what);
        let before = table.dump();
        let refusal = table.write(&message(length), true).expect_err("it is no good");
        assert_eq!(table.dump(), before, "nothing was changed");
        refusal
    };
    for model in NTAGS {
        let capacity = model.capacity();
        let too_small = Unwritable::TooSmall { capacity };
        assert_eq!(write(&ntag(model, &[]), capacity + 1), too_small);
        assert_eq!(write(&ntag(model, &message(9)).locked(), 50), Unwritable::Locked);
        assert_eq!(write(&ntag(model, &message(9)).protected(), 50), Unwritable::Locked);
        let other_use = Lay::image(model, &[0xe3, 0x10, 0x12, 0]);
        assert_eq!(write(&other_use, 50), Unwritable::OtherUse);
    }
    assert_eq!(write(&ntag(Model::Ultralight, &[]), 10), Unwritable::NotNtag);
    assert_eq!(write(&Lay::new(TagKind::Type4, &[]), 10), Unwritable::NotNtag);
    assert_eq!(write(&Lay::new(TagKind::Classic, &[]), 10), Unwritable::NotNtag);
}

#[test]
fn a_tag_torn_away_while_it_is_written_never_holds_a_part_and_can_be_written_again() {
    let (old, new) = (message(100), [message(60), vec![0x55; 30]].concat());
    for model in [Model::Ntag213, Model::Ntag215] {
        let mut n_torn = 0;
        for n_exchanges in 0.. {
            let mut table = Table::new();
            table.lay_ntag(model, &old);
            let target = table.find();
            // It falls silent for long enough that nobody waits for it.
            table.inflict(Fault::Nak, 1000, n_exchanges);
            let torn = table.write_found(&target, &new, true);
            table.simulator.spare("A").expect("A is a chip");
            match table.read() {
                Ok(read) => assert!(read == old || read == new, "{n_exchanges}"),
                Err(reason) => assert_eq!(reason, Unreadable::Empty, "{n_exchanges}"),
            }
            let written = table.write(&new, true).expect("nothing is lost");
            assert!(written.is_locked);
            assert_eq!(table.read(), Ok(new.clone()));
            if torn.is_ok() {
                break;
            }
            n_torn += 1;
        }
        assert!(n_torn > 20, "{model:?} was torn at {n_torn} points");
    }
}

#[test]
fn a_tag_that_misses_a_frame_is_written_all_the_same() {
    for after in 0..30 {
        let mut table = Table::new();
        table.lay_ntag(Model::Ntag213, &message(100));
        let target = table.find();
        table.inflict(Fault::Nak, 1, after);
        table.write_found(&target, &message(50), false).expect("it is still there");
        table.simulator.spare("A").expect("A is a chip");
        assert_eq!(table.read(), Ok(message(50)), "{after}");
    }
}

#[test]
fn a_tag_that_is_gone_is_told() {
    let mut table = Table::new();
    for n_exchanges in 0..12 {
        table.lay(&ntag(Model::Ntag213, &message(100)).torn(n_exchanges));
        assert_eq!(table.write(&message(50), false), Err(Unwritable::PulledAway));
    }
}

#[test]
fn a_type_4_tag_takes_a_message_right_after_it_was_read() {
    let mut table = Table::new();
    for kind in [TagKind::Type4, TagKind::Type4V3] {
        for (length, mlc) in [(1, 52), (400, 52), (400, 13), (1000, 0xffff)] {
            table.lay(&Lay::new(kind, &message(200)).mlc(mlc));
            let mut new = message(length);
            new.reverse();
            assert_eq!(table.reply(&new), Ok(()), "{kind:?} {length} {mlc}");
            assert_eq!(table.read(), Ok(new));
        }
    }
    table.lay(&Lay::new(TagKind::Type4V3, &message(200)).extended());
    assert_eq!(table.reply(&message(300)), Ok(()));
    assert_eq!(table.read(), Ok(message(300)));
}

#[test]
fn a_type_4_tag_that_takes_nothing_says_why() {
    let mut table = Table::new();
    table.lay(&Lay::new(TagKind::Type4, &message(20)).locked());
    assert_eq!(table.reply(b"x"), Err(Unwritable::Locked));
    table.lay(&Lay::new(TagKind::Type4, &message(20)));
    let too_small = table.reply(&message(9000)).expect_err("the file has 8 KiB");
    assert!(matches!(too_small, Unwritable::TooSmall { .. }));
    table.lay(&Lay::new(TagKind::Payment, &[]));
    assert_eq!(table.reply(b"x"), Err(Unwritable::NoNdef));
    table.lay_ntag(Model::Ntag213, &message(20));
    assert_eq!(table.reply(b"x"), Err(Unwritable::NoNdef));
    let torn = Lay::new(TagKind::Type4, &message(20)).torn(9);
    table.lay(&torn);
    assert_eq!(table.reply(b"x"), Err(Unwritable::PulledAway));
}
