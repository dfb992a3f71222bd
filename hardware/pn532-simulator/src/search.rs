//! A chip as reader, first half: finding targets and selecting them.
//! Source: PN532 User Manual UM0701-02 §7.3.5 and §7.3.13. Type A at 106 kbit/s only; searches for
//! other modulations find nothing.

use std::time::Duration;

use crate::chip::{ChipId, ENDLESS, Poll, Purpose, Reader, Session, Target, Waiting};
use crate::emulation::ISO_DEP;
use crate::field::{Echo, Field};
use crate::iso_dep;
use crate::journal::Event;
use crate::timing;

const LIST: u8 = 0x4A;
const AUTO_POLL: u8 = 0x60;
/// How long one try to find a target takes.
const TRY: Duration = Duration::from_millis(5);
/// Unit of InAutoPoll's period (§7.3.13).
const PERIOD: Duration = Duration::from_millis(150);
/// InAutoPoll's target types: generic Type A, MIFARE, ISO/IEC 14443-4 A (§7.3.13).
const MIFARE: u8 = 0x10;
const ISO_DEP_A: u8 = 0x20;
const TYPE_A: [u8; 3] = [0x00, MIFARE, ISO_DEP_A];

impl Field {
    pub(crate) fn list_targets(
        &mut self,
        chip: ChipId,
        most: usize,
        modulation: u8,
        wanted: Vec<u8>,
        now: Duration,
    ) {
        let retries = self.chips[chip].retries;
        let until = (retries != ENDLESS).then(|| now + TRY * (u32::from(retries) + 1));
        let most = if modulation == 0 { most } else { 0 };
        self.begin_search(
            chip,
            Poll { automatic: false, most, wanted, until, again: None, found: vec![] },
            now,
        );
    }

    pub(crate) fn poll_automatically(
        &mut self,
        chip: ChipId,
        rounds: u8,
        period: u8,
        kinds: &[u8],
        now: Duration,
    ) {
        let most = if kinds.iter().any(|kind| TYPE_A.contains(kind)) { 2 } else { 0 };
        let turns = u32::from(rounds) * u32::try_from(kinds.len()).unwrap_or(u32::MAX);
        let until = (rounds != ENDLESS).then(|| now + PERIOD * u32::from(period) * turns);
        let poll =
            Poll { automatic: true, most, wanted: vec![], until, again: None, found: vec![] };
        self.begin_search(chip, poll, now);
    }

    /// Forgets all targets; those that were active can be found again, those asleep cannot.
    fn begin_search(&mut self, chip: ChipId, poll: Poll, now: Duration) {
        self.end_emulation(chip, now);
        self.switch_on(chip);
        self.chips[chip].sessions.clear();
        self.chips[chip].chained.clear();
        self.antennas[chip].deactivate();
        for card in 0..self.chips.len() {
            if self.is_selected_by(card, chip) {
                self.lose_reader(card, now);
            }
        }
        self.search(chip, poll, now);
    }

    pub(crate) fn search(&mut self, chip: ChipId, mut poll: Poll, now: Duration) {
        poll.again = None;
        while poll.found.len() < poll.most {
            let Some(target) = self.next_target(chip, &poll) else { break };
            let Some(sel_res) = self.select(chip, target, &mut poll) else { break };
            self.chips[chip].sessions.push(Session { target, dep: None, released: false });
            self.chips[chip].current = self.chips[chip].sessions.len() - 1;
            if sel_res & ISO_DEP != 0 && self.chips[chip].selects_iso_dep() {
                let echo = self.send(chip, target, &iso_dep::RATS);
                return self.hear(chip, Purpose::AnswerToSelect(poll), echo, now);
            }
        }
        if poll.found.is_empty() && poll.until.is_none_or(|until| now < until) {
            self.chips[chip].waiting = Some(Waiting::Poll(poll));
        } else {
            self.report_targets(chip, &poll);
        }
    }

    /// Selects a target and notes what it says of itself; gives its SEL_RES.
    fn select(&mut self, chip: ChipId, target: Target, poll: &mut Poll) -> Option<u8> {
        let (sens_res, sel_res, uid) = match target {
            Target::Tag(number) => {
                let identity = self.antennas[chip].select(number)?;
                (identity.sens_res, identity.sel_res, identity.uid)
            }
            Target::Card(card) => {
                let emulation = self.chips[card].emulation.as_mut()?;
                emulation.select(Reader::Chip(chip));
                let (sens_res, sel_res) = (emulation.sens_res(), emulation.sel_res());
                let uid = emulation.uid().to_vec();
                self.note(card, Event::Activated);
                self.spend(card, timing::activation(uid.len()));
                (sens_res, sel_res, uid)
            }
        };
        self.note(chip, Event::Found { sel_res });
        self.spend(chip, timing::activation(uid.len()));
        let number = u8::try_from(poll.found.len() + 1).expect("two targets at most");
        let length = u8::try_from(uid.len()).expect("an identifier has 4 or 7 bytes");
        let [high, low] = sens_res;
        poll.found.push([&[number, high, low, sel_res, length], &uid[..]].concat());
        Some(sel_res)
    }

    /// The answer to select of the last target found; without one the target does not count.
    pub(crate) fn complete_target(
        &mut self,
        chip: ChipId,
        mut poll: Poll,
        echo: Echo,
        now: Duration,
    ) {
        let session = self.chips[chip].sessions.last_mut();
        if let (Echo::Frame(ats), Some(entry), Some(session)) =
            (echo, poll.found.last_mut(), session)
        {
            entry.extend_from_slice(&ats);
            session.dep = Some(iso_dep::Reader::new(&ats));
            return self.search(chip, poll, now);
        }
        poll.found.pop();
        match self.chips[chip].sessions.pop().map(|failed| failed.target) {
            Some(Target::Card(card)) => self.drop_reader(card),
            Some(Target::Tag(number)) => self.antennas[chip].unselect(number),
            None => {}
        }
        if poll.found.is_empty() {
            poll.again = Some(now + TRY);
            self.chips[chip].waiting = Some(Waiting::Poll(poll));
        } else {
            self.report_targets(chip, &poll);
        }
    }

    fn report_targets(&mut self, chip: ChipId, poll: &Poll) {
        let mut answer = vec![u8::try_from(poll.found.len()).expect("two targets at most")];
        for (entry, session) in poll.found.iter().zip(&self.chips[chip].sessions) {
            if poll.automatic {
                let kind = if session.dep.is_some() { ISO_DEP_A } else { MIFARE };
                answer.extend([kind, u8::try_from(entry.len()).unwrap_or(u8::MAX)]);
            }
            answer.extend_from_slice(entry);
        }
        let code = if poll.automatic { AUTO_POLL } else { LIST };
        self.answer(chip, code, &answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::{A, B, Desk};
    use crate::fault::Fault;
    use crate::lay::{Lay, TagKind};

    const LIST_ONE: [u8; 3] = [0x4A, 0x01, 0x00];
    const LIST_TWO: [u8; 3] = [0x4A, 0x02, 0x00];
    const ONE_TRY: [u8; 5] = [0x32, 0x05, 0xFF, 0x01, 0x00];

    fn tag(number: u8, last_byte: u8) -> Vec<u8> {
        vec![number, 0x00, 0x44, 0x00, 0x07, 0x04, 1, 2, 3, 4, 5, last_byte]
    }

    #[test]
    fn a_search_waits_until_a_tag_comes() {
        let mut desk = Desk::new();
        assert_eq!(desk.ask(A, &LIST_ONE), None);
        desk.pass(Duration::from_secs(100));
        desk.lay(B, 7, None);
        assert_eq!(desk.answer(A), None, "it lies on the other chip");
        desk.lay(A, 6, None);
        assert_eq!(desk.answer(A), Some([&[0x4B, 1], &tag(1, 6)[..]].concat()));
    }

    #[test]
    fn with_few_retries_a_search_ends_empty() {
        let mut desk = Desk::new();
        assert_eq!(desk.ask(A, &ONE_TRY), Some(vec![0x33]));
        assert_eq!(desk.ask(A, &LIST_ONE), None);
        desk.pass(TRY);
        assert_eq!(desk.answer(A), Some(vec![0x4B, 0]));
    }

    #[test]
    fn a_cancelled_search_finds_nothing() {
        let mut desk = Desk::new();
        assert_eq!(desk.ask(A, &LIST_ONE), None);
        desk.field.cancel(A);
        desk.lay(A, 6, None);
        assert_eq!(desk.answer(A), None);
    }

    #[test]
    fn two_tags_are_found_together_or_one_by_one_or_by_name() {
        let mut desk = Desk::new();
        desk.lay(A, 6, None);
        desk.lay(A, 7, None);
        let both = [&[0x4B, 2], &tag(1, 6)[..], &tag(2, 7)[..]].concat();
        assert_eq!(desk.ask(A, &LIST_TWO), Some(both));
        let name = [0x4A, 0x01, 0x00, 0x88, 0x04, 1, 2, 3, 4, 5, 7];
        assert_eq!(desk.ask(A, &name), Some([&[0x4B, 1], &tag(1, 7)[..]].concat()));
        assert_eq!(desk.ask(A, &LIST_ONE), Some([&[0x4B, 1], &tag(1, 6)[..]].concat()));
        assert_eq!(desk.ask(A, &[0x44, 0x01]), Some(vec![0x45, 0x00]));
        assert_eq!(desk.ask(A, &LIST_ONE), Some([&[0x4B, 1], &tag(1, 7)[..]].concat()));
    }

    #[test]
    fn a_released_tag_is_found_again_once_the_field_was_off() {
        let mut desk = Desk::new();
        desk.lay(A, 6, None);
        assert_eq!(desk.ask(A, &ONE_TRY), Some(vec![0x33]));
        assert!(desk.ask(A, &LIST_ONE).is_some());
        assert_eq!(desk.ask(A, &[0x52, 0x00]), Some(vec![0x53, 0x00]));
        assert_eq!(desk.ask(A, &LIST_ONE), None);
        assert_eq!(desk.ask(A, &[0x32, 0x01, 0x00]), Some(vec![0x33]));
        assert!(desk.ask(A, &LIST_ONE).is_some());
    }

    #[test]
    fn without_a_field_releasing_puts_no_tag_to_sleep() {
        let mut desk = Desk::new();
        desk.lay(A, 6, None);
        assert!(desk.ask(A, &LIST_ONE).is_some());
        assert_eq!(desk.ask(A, &[0x32, 0x01, 0x00]), Some(vec![0x33]));
        assert_eq!(desk.ask(A, &[0x52, 0x00]), Some(vec![0x53, 0x00]));
        assert!(desk.ask(A, &LIST_ONE).is_some());
    }

    #[test]
    fn a_card_whose_activation_fails_is_tried_again() {
        let mut desk = Desk::new();
        desk.lay_any(A, &Lay::new(TagKind::Payment, &[]));
        desk.field.faults(A).inflict(Fault::Nak, 1, 0);
        desk.field.faults(A).inflict(Fault::BitError, 1, 0);
        desk.field.faults(B).inflict(Fault::Nak, 2, 0);
        desk.emulate_on_a(true);
        for chip in [B, A] {
            assert_eq!(desk.ask(chip, &LIST_ONE), None);
            desk.pass(TRY);
            assert_eq!(desk.answer(chip), None);
            desk.pass(TRY);
            assert_eq!(desk.answer(chip).unwrap()[..2], [0x4B, 1]);
        }
    }

    #[test]
    fn being_a_card_switches_the_own_field_off() {
        let mut desk = Desk::new();
        desk.lay(A, 6, None);
        assert!(desk.ask(A, &LIST_ONE).is_some());
        assert_eq!(desk.ask(A, &[0x52, 0x00]), Some(vec![0x53, 0x00]));
        desk.emulate_on_a(true);
        assert!(desk.ask(A, &LIST_ONE).is_some());
    }

    #[test]
    fn other_modulations_find_nothing() {
        let mut desk = Desk::new();
        desk.lay(A, 6, None);
        assert_eq!(desk.ask(A, &ONE_TRY), Some(vec![0x33]));
        assert_eq!(desk.ask(A, &[0x4A, 0x01, 0x01, 0, 0xFF, 0xFF, 0, 0]), None);
        desk.pass(TRY);
        assert_eq!(desk.answer(A), Some(vec![0x4B, 0]));
    }

    #[test]
    fn automatic_polling_names_the_kind_of_each_target() {
        let mut desk = Desk::new();
        assert_eq!(desk.ask(A, &[0x60, 0x02, 0x01, 0x00]), None);
        desk.lay(A, 6, None);
        assert_eq!(desk.answer(A), Some([&[0x61, 1, 0x10, 12], &tag(1, 6)[..]].concat()));
        desk.field.clear(A, desk.now);
        assert_eq!(desk.ask(A, &[0x60, 0x02, 0x01, 0x00]), None);
        desk.pass(PERIOD * 2);
        assert_eq!(desk.answer(A), Some(vec![0x61, 0]));
    }
}
