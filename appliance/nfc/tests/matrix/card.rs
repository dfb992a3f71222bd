//! The card that a unit is, read and written by programs that nobody here wrote: PyPI's nfcpy and
//! Debian's libnfc.

use tapcard_nfc::{Event, Radio};

use crate::desk::{Desk, card, order};
use crate::tools::{hex, run_libnfc, run_nfcpy};

pub(crate) fn nfcpy_reads_what_is_given() {
    for message in [card("Ada"), card(&"A".repeat(7000))] {
        let desk = Desk::near();
        let unit = desk.run("A", order(Radio::Emulate, &message, false));
        let said = run_nfcpy(desk.folder(), "B", &[]);
        assert_eq!(said("type"), "Type4Tag");
        assert_eq!(said("writable"), "False");
        assert_eq!(said("message"), hex(&message));
        unit.expect(Event::Met);
        unit.expect(Event::Parted { read: true });
    }
}

pub(crate) fn nfcpy_writes_and_reads_it_back() {
    for theirs in [card("B"), card(&"B".repeat(400)), card(&"B".repeat(3000))] {
        let desk = Desk::near();
        let own = card("Ada");
        let unit = desk.run("A", order(Radio::Emulate, &own, true));
        let said = run_nfcpy(desk.folder(), "B", &[&hex(&theirs)]);
        assert_eq!(said("writable"), "True");
        assert_eq!(said("capacity"), "8192");
        assert_eq!(said("message"), hex(&own));
        assert_eq!(said("after"), hex(&theirs));
        unit.expect(Event::Met);
        unit.expect(Event::Written(theirs));
        unit.expect(Event::Parted { read: true });

        unit.obey(order(Radio::Emulate, &own, true));
        let said = run_nfcpy(desk.folder(), "B", &[]);
        assert_eq!(said("message"), hex(&own), "nothing of what the last one wrote");
    }
}

pub(crate) fn nfcpy_reads_one_that_alternates() {
    let desk = Desk::near();
    let unit = desk.run("A", order(Radio::Alternate, &card("Ada"), true));
    let said = run_nfcpy(desk.folder(), "B", &[]);
    assert_eq!(said("message"), hex(&card("Ada")));
    unit.expect(Event::Met);
    unit.expect(Event::Parted { read: true });
}

pub(crate) fn libnfc_reads_and_writes() {
    read_with_libnfc(true, "9000");
}

pub(crate) fn libnfc_is_refused() {
    read_with_libnfc(false, "6982");
}

/// `answer` is what comes when it tries to write.
#[track_caller]
fn read_with_libnfc(writable: bool, answer: &str) {
    let desk = Desk::near();
    let message = card(&"A".repeat(400));
    let unit = desk.run("A", order(Radio::Emulate, &message, writable));
    let said = run_libnfc(desk.folder(), "B");
    assert_eq!(said("unknown"), "6d00");
    assert_eq!(said("application"), "9000");
    assert_eq!(said("file"), "9000");
    assert_eq!(said("message"), hex(&message));
    assert_eq!(said("write"), answer);
    unit.expect(Event::Met);
    unit.expect(Event::Parted { read: true });
}
