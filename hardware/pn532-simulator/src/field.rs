//! The RF field: which chips see each other, which tags lie on which antenna, and what happens to
//! a frame that is sent. Pure: commands and the time go in, answers come out of `take_answers`.
//! Not simulated: coupling, distance. Time on the air is counted, but nobody waits for it.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::antenna::Antenna;
use crate::chip::{Chip, ChipId, Poll, Purpose, Reader, Target, Waiting};
use crate::command::FROM_CHIP;
use crate::emulation::Heard;
use crate::fault::{Fault, Faults};
use crate::initiator::CARD_PATIENCE;
use crate::journal::Event;
use crate::record::Record;
use crate::tag::Tag;
use crate::visit::NearPhone;

/// What a chip answers to its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A packet, frame identifier included.
    Packet(Vec<u8>),
    /// The command was not understood.
    SyntaxError,
}

/// What comes back from the air.
#[derive(Debug)]
pub(crate) enum Echo {
    Frame(Vec<u8>),
    Nibble(u8),
    Silence,
    /// A frame whose checksum is wrong.
    Damaged,
    /// The host behind this chip has to answer.
    Later(ChipId),
}

/// All chips and tags.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) chips: Vec<Chip>,
    pub(crate) antennas: Vec<Antenna>,
    near: BTreeSet<(ChipId, ChipId)>,
    tags_laid: u64,
    pub(crate) answers: Vec<(ChipId, Answer)>,
    pub(crate) phones: Vec<Option<NearPhone>>,
    pub(crate) records: Vec<Record>,
    /// The time of what is happening, for the records.
    pub(crate) now: Duration,
}

impl Field {
    /// A field with this many chips, all apart and without tags.
    pub(crate) fn new(chips: usize) -> Self {
        Self {
            chips: (0..chips).map(|_| Chip::new()).collect(),
            antennas: (0..chips).map(|_| Antenna::default()).collect(),
            near: BTreeSet::new(),
            tags_laid: 0,
            answers: Vec::new(),
            phones: (0..chips).map(|_| None).collect(),
            records: (0..chips).map(|_| Record::default()).collect(),
            now: Duration::ZERO,
        }
    }

    /// Lays a tag on a chip's antenna; it leaves by itself after so many RF exchanges.
    pub(crate) fn lay(&mut self, chip: ChipId, tag: Tag, leaves_after: Option<u32>, now: Duration) {
        self.tags_laid += 1;
        self.antennas[chip].lay(self.tags_laid, tag, leaves_after);
        self.sweep(now);
    }

    /// Takes all tags and the phone from a chip.
    pub(crate) fn clear(&mut self, chip: ChipId, now: Duration) {
        self.antennas[chip].clear();
        self.take_phone(chip, now);
    }

    /// The tags on a chip's antenna, first laid first.
    pub(crate) fn tags(&self, chip: ChipId) -> impl Iterator<Item = &Tag> {
        self.antennas[chip].tags()
    }

    /// Brings two chips together.
    pub(crate) fn bring_near(&mut self, one: ChipId, other: ChipId, now: Duration) {
        self.near.extend([(one, other), (other, one)]);
        self.sweep(now);
    }

    /// Takes two chips apart.
    pub(crate) fn take_apart(&mut self, one: ChipId, other: ChipId, now: Duration) {
        for (a, b) in [(one, other), (other, one)] {
            self.near.remove(&(a, b));
            if self.is_selected_by(a, b) {
                self.lose_reader(a, now);
            }
        }
    }

    /// What will go wrong on the air for this chip.
    pub(crate) fn faults(&mut self, chip: ChipId) -> &mut Faults {
        &mut self.chips[chip].faults
    }

    /// The hardware reset: the chip forgets everything and its field goes off.
    pub(crate) fn reset(&mut self, chip: ChipId, now: Duration) {
        self.cancel(chip);
        self.end_emulation(chip, now);
        self.switch_off(chip, now);
        self.chips[chip].reset();
    }

    /// Gives up the command that a chip is busy with.
    pub(crate) fn cancel(&mut self, chip: ChipId) {
        self.answers.retain(|(to, _)| *to != chip);
        if let Some(Waiting::Activation) = self.chips[chip].waiting.take() {
            let emulation = self.chips[chip].emulation.take();
            if emulation.is_some_and(|it| it.reader.is_some()) {
                self.note(chip, Event::Released);
            }
        }
    }

    /// When `expire` has something to do for this chip.
    pub(crate) fn deadline(&self, chip: ChipId) -> Option<Duration> {
        [self.command_deadline(chip), self.phone_deadline(chip)].into_iter().flatten().min()
    }

    fn command_deadline(&self, chip: ChipId) -> Option<Duration> {
        match &self.chips[chip].waiting {
            Some(Waiting::Poll(poll)) => [poll.until, poll.again].into_iter().flatten().min(),
            Some(Waiting::Echo { until, .. }) => Some(*until),
            Some(Waiting::Activation | Waiting::Reader(_)) | None => None,
        }
    }

    /// Ends what has waited long enough.
    pub(crate) fn expire(&mut self, now: Duration) {
        self.now = now;
        for chip in 0..self.chips.len() {
            self.run_phone(chip, now);
            if self.command_deadline(chip).is_some_and(|until| until <= now) {
                match self.chips[chip].waiting.take() {
                    Some(Waiting::Echo { purpose, .. }) => {
                        self.hear(chip, purpose, Echo::Silence, now);
                    }
                    Some(Waiting::Poll(poll)) => self.search(chip, poll, now),
                    other => self.chips[chip].waiting = other,
                }
            }
        }
    }

    /// The answers since last asked, oldest first.
    pub(crate) fn take_answers(&mut self) -> Vec<(ChipId, Answer)> {
        std::mem::take(&mut self.answers)
    }

    #[cfg(test)]
    pub(crate) fn put_back(&mut self, answers: Vec<(ChipId, Answer)>) {
        self.answers = answers;
    }

    pub(crate) fn answer(&mut self, chip: ChipId, code: u8, bytes: &[u8]) {
        let packet = [&[FROM_CHIP, code + 1], bytes].concat();
        self.answers.push((chip, Answer::Packet(packet)));
    }

    /// Goes on with every search, as something may have come into reach.
    pub(crate) fn sweep(&mut self, now: Duration) {
        for chip in 0..self.chips.len() {
            match self.chips[chip].waiting.take() {
                Some(Waiting::Poll(poll)) if poll.again.is_none_or(|again| again <= now) => {
                    self.search(chip, poll, now);
                }
                other => self.chips[chip].waiting = other,
            }
        }
    }

    /// The first target in reach that answers this search.
    pub(crate) fn next_target(&self, chip: ChipId, poll: &Poll) -> Option<Target> {
        let wanted = |uid: &[u8]| match poll.wanted.as_slice() {
            [] => true,
            // Longer identifiers come with cascade tags (ISO/IEC 14443-3 §6.5.4).
            [0x88, rest @ ..] if uid.len() == 7 => rest == uid,
            whole => whole == uid,
        };
        let tag = self.antennas[chip].find(!poll.wanted.is_empty(), wanted);
        let card = || {
            (0..self.chips.len()).find(|other| {
                self.near.contains(&(chip, *other))
                    && self.chips[*other].emulation.as_ref().is_some_and(|emulation| {
                        emulation.is_listening() && wanted(&emulation.uid())
                    })
            })
        };
        tag.map(Target::Tag).or_else(|| card().map(Target::Card))
    }

    /// Sends a frame without its CRC to a target.
    pub(crate) fn send(&mut self, chip: ChipId, target: Target, frame: &[u8]) -> Echo {
        self.send_command(chip, target, frame, None)
    }

    /// The same for a frame that begins a command with this instruction.
    pub(crate) fn send_command(
        &mut self,
        chip: ChipId,
        target: Target,
        frame: &[u8],
        ins: Option<u8>,
    ) -> Echo {
        self.note_sent(chip, frame, ins);
        let echo = self.transmit(chip, target, frame);
        self.spend_on_echo(chip, &echo);
        echo
    }

    fn transmit(&mut self, chip: ChipId, target: Target, frame: &[u8]) -> Echo {
        if self.chips[chip].faults.strikes(Fault::Nak) {
            return Echo::Silence;
        }
        match target {
            Target::Tag(number) => {
                let (echo, pause) = self.antennas[chip].send(number, frame);
                self.spend(chip, pause);
                echo
            }
            Target::Card(card) => self.send_to_card(Reader::Chip(chip), card, frame),
        }
    }

    pub(crate) fn send_to_card(&mut self, reader: Reader, card: ChipId, frame: &[u8]) -> Echo {
        let emulation = self.chips[card].emulation.as_mut();
        let Some(emulation) = emulation.filter(|it| it.reader == Some(reader)) else {
            return Echo::Silence;
        };
        let heard = emulation.receive(frame);
        let released = emulation.reader.is_none();
        let ins = emulation.instruction();
        self.note_heard(card, frame, ins);
        if let Heard::Reply(reply) = &heard {
            self.note_replied(card, reply, None);
        }
        if released {
            self.note(card, Event::Released);
        }
        self.tell_host(card);
        match heard {
            Heard::Reply(bytes) => Echo::Frame(bytes),
            Heard::Later => Echo::Later(card),
            Heard::Silence => Echo::Silence,
        }
    }

    pub(crate) fn is_selected_by(&self, card: ChipId, reader: ChipId) -> bool {
        self.chips[card]
            .emulation
            .as_ref()
            .is_some_and(|it| it.reader == Some(Reader::Chip(reader)))
    }

    /// An answer from the host behind `card` has reached the reader that waits for it.
    pub(crate) fn deliver(&mut self, card: ChipId, echo: Echo, now: Duration) {
        if self.answer_phone(card, &echo, now) {
            return;
        }
        for chip in 0..self.chips.len() {
            match self.chips[chip].waiting.take() {
                Some(Waiting::Echo { purpose, from, .. }) if from == card => {
                    self.spend_on_echo(chip, &echo);
                    return self.hear(chip, purpose, echo, now);
                }
                other => self.chips[chip].waiting = other,
            }
        }
    }

    /// Goes on with what a frame was sent for.
    pub(crate) fn hear(&mut self, chip: ChipId, purpose: Purpose, echo: Echo, now: Duration) {
        let echo = match echo {
            Echo::Later(from) => {
                let until = now + CARD_PATIENCE;
                self.chips[chip].waiting = Some(Waiting::Echo { purpose, from, until });
                return;
            }
            Echo::Frame(_) | Echo::Nibble(_)
                if self.chips[chip].faults.strikes(Fault::BitError) =>
            {
                Echo::Damaged
            }
            other => other,
        };
        match purpose {
            Purpose::AnswerToSelect(poll) => self.complete_target(chip, poll, echo, now),
            Purpose::Exchange(index) => self.go_on_exchanging(chip, index, echo, now),
            Purpose::Thru => self.end_thru(chip, echo),
        }
    }
}
