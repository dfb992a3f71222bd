//! What can be made to go wrong, and when: faults wait their turn and strike events of their kind.
//! Pure; `line` and `field` say when such an event happens and what a strike means.

use std::collections::{BTreeMap, VecDeque};

/// What can be made to go wrong. Each kind counts events of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The command is carried out, but its acknowledge is lost. Counts commands.
    DropAck,
    /// The answer's data checksum has a wrong bit; asked to repeat, the chip sends it right. Counts
    /// answers.
    BadChecksum,
    /// The command is acknowledged and then never answered. Counts commands.
    Stall,
    /// The target leaves the RF exchange unanswered: status 0x01. Counts frames sent to targets.
    Nak,
    /// The command is acknowledged and answered by the syntax error frame. Counts commands.
    ErrorFrame,
    /// Bytes without sense come instead of the answer; asked to repeat, the chip sends it right.
    /// Counts answers.
    Garbage,
    /// The answer's frame stops half-way; asked to repeat, the chip sends all of it. Counts answers.
    CutAnswer,
    /// The target's frame arrives with a wrong checksum: status 0x02. Counts frames from targets.
    BitError,
    /// The reader's field is gone when an emulated card's host next asks or answers: status 0x0A,
    /// and the emulation ends. Counts TgGetData, TgSetData and their raw forms.
    FieldLost,
    /// The chip hangs: it acknowledges no command until it is reset by hardware. Counts commands.
    Deaf,
}

impl Fault {
    /// All kinds with the names that control lines use.
    pub const NAMED: [(&'static str, Self); 10] = [
        ("drop-ack", Self::DropAck),
        ("bad-checksum", Self::BadChecksum),
        ("stall", Self::Stall),
        ("nak", Self::Nak),
        ("error-frame", Self::ErrorFrame),
        ("garbage", Self::Garbage),
        ("cut-answer", Self::CutAnswer),
        ("bit-error", Self::BitError),
        ("field-lost", Self::FieldLost),
        ("deaf", Self::Deaf),
    ];

    /// Reads a name such as `drop-ack`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|(_, fault)| *fault)
    }

    /// Whether it strikes on the air; the others strike between host and chip.
    pub(crate) fn is_on_air(self) -> bool {
        matches!(self, Self::Nak | Self::BitError | Self::FieldLost)
    }
}

/// Events of one kind that pass unharmed, and then those that do not.
#[derive(Debug, Clone, Copy)]
struct Blow {
    spared: u32,
    struck: u32,
}

/// The faults to come. Those of one kind follow one another.
#[derive(Debug, Default)]
pub(crate) struct Faults(BTreeMap<Fault, VecDeque<Blow>>);

impl Faults {
    /// Strikes so many events after so many have passed.
    pub(crate) fn inflict(&mut self, fault: Fault, times: u32, after: u32) {
        self.0.entry(fault).or_default().push_back(Blow { spared: after, struck: times });
    }

    /// An event happens; says whether it is struck.
    pub(crate) fn strikes(&mut self, fault: Fault) -> bool {
        let Some(blows) = self.0.get_mut(&fault) else { return false };
        blows.retain(|blow| blow.struck > 0);
        let Some(next) = blows.front_mut() else { return false };
        if next.spared > 0 {
            next.spared -= 1;
            return false;
        }
        next.struck -= 1;
        true
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn struck(faults: &mut Faults, fault: Fault, events: usize) -> Vec<bool> {
        (0..events).map(|_| faults.strikes(fault)).collect()
    }

    #[test]
    fn a_fault_strikes_as_often_as_asked_for() {
        let mut faults = Faults::default();
        faults.inflict(Fault::Stall, 2, 0);
        assert_eq!(struck(&mut faults, Fault::Stall, 3), [true, true, false]);
        assert!(!faults.strikes(Fault::DropAck));
    }

    #[test]
    fn a_fault_waits_until_so_many_events_have_passed() {
        let mut faults = Faults::default();
        faults.inflict(Fault::Nak, 1, 2);
        faults.inflict(Fault::Nak, 1, 1);
        faults.inflict(Fault::Nak, 0, 7);
        assert_eq!(
            struck(&mut faults, Fault::Nak, 6),
            [false, false, true, false, true, false],
            "the second counts from where the first has struck"
        );
    }

    #[test]
    fn cleared_faults_strike_nothing() {
        let mut faults = Faults::default();
        faults.inflict(Fault::Deaf, 5, 0);
        faults.clear();
        assert!(!faults.strikes(Fault::Deaf));
    }
}
