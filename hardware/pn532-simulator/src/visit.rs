//! A phone near a chip: it raises its own field again and again until it has found an emulated card
//! and read it, and then rests until it is brought anew.

use std::time::Duration;

use crate::chip::{ChipId, Reader};
use crate::conversation::{Conversation, Step};
use crate::emulation::Emulation;
use crate::field::{Echo, Field};
use crate::iso_dep::{self, ReaderStep};
use crate::journal::Event;
use crate::phone::{Heard, Phone};
use crate::timing;

/// How often a phone that has found nothing raises its field.
const AGAIN: Duration = Duration::from_millis(100);
/// How long a phone waits for an answer. A PN532's answer to select promises 155 ms; real firmware
/// asks for more time.
const PATIENCE: Duration = Duration::from_secs(1);

/// A phone that lies near a chip.
#[derive(Debug)]
pub(crate) struct NearPhone {
    phone: Phone,
    visit: Option<Visit>,
    /// When it acts by itself; nothing once it is content.
    due: Option<Duration>,
    heard: Option<Heard>,
}

/// A card in front of a phone.
#[derive(Debug)]
struct Visit {
    link: iso_dep::Reader,
    conversation: Conversation,
}

impl Field {
    /// Brings a phone to a chip, instead of one that is there.
    pub(crate) fn bring_phone(&mut self, chip: ChipId, phone: Phone, now: Duration) {
        self.take_phone(chip, now);
        let near = NearPhone { phone, visit: None, due: Some(now), heard: None };
        self.phones[chip] = Some(near);
        self.run_phone(chip, now);
    }

    /// Takes a phone away, in the middle of whatever it does.
    pub(crate) fn take_phone(&mut self, chip: ChipId, now: Duration) {
        if self.phones[chip].take().is_some_and(|phone| phone.visit.is_some()) {
            self.lose_reader(chip, now);
        }
    }

    /// What the phone near a chip has got, once it is content.
    pub(crate) fn phone_heard(&self, chip: ChipId) -> Option<&Heard> {
        self.phones[chip].as_ref()?.heard.as_ref()
    }

    pub(crate) fn phone_deadline(&self, chip: ChipId) -> Option<Duration> {
        self.phones[chip].as_ref()?.due
    }

    /// A phone whose time has come looks for a card, or gives up one that does not answer.
    pub(crate) fn run_phone(&mut self, chip: ChipId, now: Duration) {
        if self.phone_deadline(chip).is_none_or(|due| due > now) {
            return;
        }
        let Some(near) = &mut self.phones[chip] else { return };
        near.due = Some(now + AGAIN);
        if near.visit.is_some() {
            return self.end_visit(chip, now);
        }
        let phone = near.phone.clone();
        let Some(ats) = self.show_phone_a_card(chip) else { return };
        let conversation = Conversation::new(phone);
        let step = conversation.step();
        let link = iso_dep::Reader::new(&ats);
        if let Some(near) = &mut self.phones[chip] {
            near.visit = Some(Visit { link, conversation });
        }
        self.take_step(chip, step, now);
    }

    /// Activates the card that a chip emulates, if it does; gives its answer to select.
    fn show_phone_a_card(&mut self, card: ChipId) -> Option<Vec<u8>> {
        let emulation = self.chips[card].emulation.as_mut()?;
        if !emulation.is_listening() {
            return None;
        }
        emulation.select(Reader::Phone);
        let length = emulation.uid().len();
        self.note(card, Event::Activated);
        self.spend(card, timing::activation(length));
        let iso_dep = self.chips[card].emulation.as_ref().is_some_and(Emulation::speaks_iso_dep);
        match iso_dep.then(|| self.send_to_card(Reader::Phone, card, &iso_dep::RATS)) {
            Some(Echo::Frame(ats)) => Some(ats),
            _ => {
                self.drop_reader(card);
                None
            }
        }
    }

    fn take_step(&mut self, chip: ChipId, step: Step, now: Duration) {
        let Some(visit) = self.visit(chip) else { return };
        let frame = match step {
            Step::Ask(command) => visit.link.command(&command),
            Step::CheckPresence => visit.link.presence_check(),
            Step::LetGo => return self.end_content(chip, now),
            Step::GiveUp => return self.end_visit(chip, now),
        };
        self.phone_sends(chip, &frame, now);
    }

    fn phone_sends(&mut self, chip: ChipId, frame: &[u8], now: Duration) {
        match self.send_to_card(Reader::Phone, chip, frame) {
            Echo::Later(_) => {
                if let Some(near) = &mut self.phones[chip] {
                    near.due = Some(now + PATIENCE);
                }
            }
            echo => self.phone_hears(chip, &echo, now),
        }
    }

    /// An answer for the phone near a chip; says whether there is a phone that waits for one.
    pub(crate) fn answer_phone(&mut self, chip: ChipId, echo: &Echo, now: Duration) -> bool {
        let waits = self.visit(chip).is_some();
        if waits {
            self.phone_hears(chip, echo, now);
        }
        waits
    }

    fn phone_hears(&mut self, chip: ChipId, echo: &Echo, now: Duration) {
        let Some(visit) = self.visit(chip) else { return };
        let Echo::Frame(frame) = echo else { return self.end_visit(chip, now) };
        let step = if visit.conversation.step() == Step::CheckPresence {
            visit.conversation.present()
        } else {
            match visit.link.receive(frame) {
                ReaderStep::Send(next) => return self.phone_sends(chip, &next, now),
                ReaderStep::Done(answer) => visit.conversation.answered(&answer),
                ReaderStep::Broken => Step::GiveUp,
            }
        };
        self.take_step(chip, step, now);
    }

    /// The phone switches its field off and tries again, unless it has got what it wanted.
    fn end_visit(&mut self, chip: ChipId, now: Duration) {
        if self.visit(chip).is_some_and(|visit| visit.conversation.is_content()) {
            return self.end_content(chip, now);
        }
        if let Some(near) = &mut self.phones[chip] {
            near.visit = None;
            near.due = Some(now + AGAIN);
        }
        self.phone_is_gone(chip, now);
    }

    fn end_content(&mut self, chip: ChipId, now: Duration) {
        if let Some(near) = &mut self.phones[chip] {
            near.heard = near.visit.take().map(|visit| visit.conversation.into_heard());
            near.due = None;
        }
        self.phone_is_gone(chip, now);
    }

    fn phone_is_gone(&mut self, chip: ChipId, now: Duration) {
        if self.chips[chip].emulation.as_ref().is_some_and(|it| it.reader == Some(Reader::Phone)) {
            self.lose_reader(chip, now);
        }
    }

    fn visit(&mut self, chip: ChipId) -> Option<&mut Visit> {
        self.phones[chip].as_mut()?.visit.as_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::{A, Desk};
    use crate::phone::Write;
    use crate::type4::{Application, Layout, MLC, MLE};

    fn card(read_only: bool) -> Application {
        let layout = Layout { third: false, extended: false, mle: MLE, mlc: MLC, read_only };
        Application::new(layout, &[0xD1, 0x01, 0x01, 0x55, 0x00])
    }

    /// A host on chip A answers as this card until the phone lets go; gives the last status.
    fn serve(desk: &mut Desk, card: &mut Application) -> u8 {
        loop {
            let heard = desk.ask(A, &[0x86]).expect("a phone says something at once");
            if heard[1] != 0x00 {
                return heard[1];
            }
            let answer = card.answer(&heard[2..]);
            assert_eq!(desk.ask(A, &[&[0x8E], &answer[..]].concat()), Some(vec![0x8F, 0x00]));
        }
    }

    #[test]
    fn a_phone_reads_an_emulated_card_once() {
        for phone in [Phone::Iphone, Phone::Android, Phone::WebNfc(None)] {
            let mut desk = Desk::new();
            desk.field.bring_phone(A, phone.clone(), desk.now);
            desk.emulate_on_a(true);
            assert_eq!(desk.field.phone_heard(A), None);
            desk.pass(AGAIN);
            assert_eq!(desk.answer(A), Some(vec![0x8D, 0x08, 0xE0, 0x80]));
            assert_eq!(serve(&mut desk, &mut card(false)), 0x29);
            let message = Some(vec![0xD1, 0x01, 0x01, 0x55, 0x00]);
            assert_eq!(desk.field.phone_heard(A), Some(&Heard { message, write: None }));

            desk.emulate_on_a(true);
            desk.pass(AGAIN * 3);
            assert_eq!(desk.answer(A), None, "{phone:?} rests");
            desk.field.bring_phone(A, phone, desk.now);
            assert!(desk.answer(A).is_some());
        }
    }

    #[test]
    fn a_page_writes_what_the_card_lets_it_write() {
        for (read_only, outcome) in [(false, Write::Written), (true, Write::Refused([0x69, 0x82]))]
        {
            let mut desk = Desk::new();
            desk.emulate_on_a(true);
            desk.field.bring_phone(A, Phone::WebNfc(Some(vec![7; 300])), desk.now);
            assert!(desk.answer(A).is_some());
            let mut card = card(read_only);
            assert_eq!(serve(&mut desk, &mut card), 0x29);
            assert_eq!(desk.field.phone_heard(A).unwrap().write, Some(outcome));
            assert_eq!(card.contents().ends_with(&[7; 300]), !read_only);
        }
    }

    #[test]
    fn a_card_that_does_not_answer_is_tried_again() {
        let mut desk = Desk::new();
        desk.emulate_on_a(true);
        desk.field.bring_phone(A, Phone::Android, desk.now);
        assert!(desk.answer(A).is_some());
        assert!(desk.ask(A, &[0x86]).is_some());
        desk.pass(PATIENCE);
        assert_eq!(desk.ask(A, &[0x8E, 0x90, 0x00]), Some(vec![0x8F, 0x29]));
        desk.emulate_on_a(true);
        desk.pass(AGAIN);
        assert!(desk.answer(A).is_some());
        assert_eq!(serve(&mut desk, &mut card(false)), 0x29);
        assert!(desk.field.phone_heard(A).is_some());
    }

    #[test]
    fn a_phone_taken_away_has_heard_nothing() {
        let mut desk = Desk::new();
        desk.emulate_on_a(true);
        desk.field.bring_phone(A, Phone::Android, desk.now);
        assert!(desk.answer(A).is_some());
        desk.field.take_phone(A, desk.now);
        assert_eq!(desk.ask(A, &[0x86]).unwrap()[..2], [0x87, 0x00], "its command is still there");
        assert_eq!(desk.ask(A, &[0x86]), Some(vec![0x87, 0x29]));
        assert_eq!(desk.field.phone_heard(A), None);
        desk.emulate_on_a(true);
        desk.pass(AGAIN * 2);
        assert_eq!(desk.answer(A), None);
    }

    #[test]
    fn a_chip_that_is_given_another_task_leaves_the_phone_looking() {
        let mut desk = Desk::new();
        desk.emulate_on_a(true);
        desk.field.bring_phone(A, Phone::Iphone, desk.now);
        assert!(desk.answer(A).is_some());
        assert_eq!(desk.ask(A, &[0x4A, 0x01, 0x00]), None);
        desk.field.reset(A, desk.now);
        desk.emulate_on_a(true);
        desk.pass(AGAIN);
        assert!(desk.answer(A).is_some());
    }

    #[test]
    fn a_card_without_block_protocol_is_let_go() {
        let mut desk = Desk::new();
        desk.emulate_on_a(false);
        desk.field.bring_phone(A, Phone::Android, desk.now);
        assert_eq!(desk.answer(A), None);
        desk.pass(AGAIN);
        assert!(desk.field.phone_heard(A).is_none());
    }
}
