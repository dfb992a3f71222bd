//! The unit as a reader: polls, reads what is news, and writes back if asked to. It is never a card.

use std::time::Instant;

use super::Event;
use crate::chip::{Chip, ChipError};
use crate::presence::{Both, Found, Outcome, Presence};
use crate::tag::{ReadError, WriteError, read_message, write_message};
use crate::target::{Field, Kind, Target};
use crate::type2::reach::Reach;

/// What is known of the tags in the field.
pub(super) struct Reading {
    is_wanted: fn(&[u8]) -> bool,
    presence: Presence,
    /// What the chip has shown that it can carry.
    reach: Reach,
    felt: Option<Target>,
    /// Was read by the last step, and is still selected.
    selected: Option<Target>,
    has_field: bool,
}

impl Reading {
    pub(super) fn new(is_wanted: fn(&[u8]) -> bool) -> Self {
        let presence = Presence::default();
        Self {
            is_wanted,
            presence,
            reach: Reach::default(),
            felt: None,
            selected: None,
            has_field: false,
        }
    }

    /// Forgets a tag that was felt but not read, and to whom a reply would go.
    pub(super) fn forget(&mut self) {
        self.felt = None;
        self.selected = None;
    }

    /// Whether the field is on: a tag is to be read, or could be replied to.
    pub(super) fn has_field(&self) -> bool {
        self.has_field
    }

    /// Something else has switched the field off.
    pub(super) fn lost_field(&mut self) {
        self.forget();
        self.has_field = false;
    }

    /// Somebody wrote this message to the card that the unit was.
    pub(super) fn was_brought(&mut self, message: &[u8]) {
        self.presence.brought(message, Instant::now());
    }

    pub(super) fn is_occupied(&self) -> bool {
        self.presence.is_occupied()
    }

    /// Switches the field off; without power a tag forgets that it was activated, and so answers the
    /// next poll.
    pub(super) fn field_off(&mut self, chip: &mut Chip) -> Result<(), ChipError> {
        chip.field_off()?;
        self.lost_field();
        Ok(())
    }

    /// Reads who was felt, or polls. After a tag was read, the next step only lets it go.
    pub(super) fn step(&mut self, chip: &mut Chip) -> Result<Event, ChipError> {
        self.selected = None;
        let event = match self.felt.take() {
            Some(target) => self.read(chip, &target)?,
            None if self.has_field => Event::Nothing,
            None => self.poll(chip)?,
        };
        if !matches!(event, Event::Felt | Event::Read(_)) {
            self.field_off(chip)?;
        }
        Ok(event)
    }

    fn poll(&mut self, chip: &mut Chip) -> Result<Event, ChipError> {
        self.has_field = true;
        Ok(match chip.poll()? {
            Field::One(target) => match self.presence.found(&target.uid, Instant::now()) {
                Found::New => {
                    self.felt = Some(target);
                    Event::Felt
                }
                Found::Unsure => self.read(chip, &target)?,
                Found::Known => Event::Nothing,
            },
            Field::Two(targets) => match self.presence.found_two(&targets) {
                Both::Unknown => self.read_two(chip, &targets)?,
                Both::Fine => Event::Nothing,
                Both::Ambiguous => Event::Two,
            },
            Field::Empty if self.presence.nobody(Instant::now()) => Event::Gone,
            Field::Empty => Event::Nothing,
        })
    }

    /// Writes to the tag that the last step read, once.
    pub(super) fn reply(&mut self, chip: &mut Chip, message: &[u8]) -> Result<bool, ChipError> {
        let Some(target) = self.selected.take() else { return Ok(false) };
        match write_message(chip, &target, message) {
            Ok(()) => Ok(true),
            Err(WriteError::Unwritable(_) | WriteError::Chip(ChipError::Lost)) => Ok(false),
            Err(WriteError::Chip(error)) => Err(error),
        }
    }

    fn read(&mut self, chip: &mut Chip, target: &Target) -> Result<Event, ChipError> {
        let outcome = outcome(chip, target, &mut self.reach)?;
        Ok(self.report(target, outcome))
    }

    /// Reads both; if exactly one is wanted, the other is an empty badge or a case, and does not count.
    fn read_two(&mut self, chip: &mut Chip, targets: &[Target; 2]) -> Result<Event, ChipError> {
        let mut wanted = Vec::new();
        for target in targets {
            let outcome = outcome(chip, target, &mut self.reach)?;
            if outcome.as_deref().is_ok_and(self.is_wanted) {
                wanted.push((target, outcome));
            }
        }
        self.presence.judged(targets, wanted.len() == 1);
        match wanted.pop() {
            Some((target, outcome)) if wanted.is_empty() => {
                let event = self.report(target, outcome);
                // Looking for one of them again may have given the other its number.
                self.selected = None;
                Ok(event)
            }
            _ => Ok(Event::Two),
        }
    }

    fn report(&mut self, target: &Target, outcome: Outcome) -> Event {
        if !self.presence.read(&target.uid, &outcome, Instant::now()) {
            return Event::Nothing;
        }
        match outcome {
            Ok(message) => {
                self.selected = Some(target.clone()).filter(|it| it.kind() == Kind::IsoDep);
                Event::Read(message)
            }
            Err(reason) => Event::Unreadable(reason),
        }
    }
}

fn outcome(chip: &mut Chip, target: &Target, reach: &mut Reach) -> Result<Outcome, ChipError> {
    match read_message(chip, target, reach) {
        Ok(message) => Ok(Ok(message)),
        Err(ReadError::Unreadable(reason)) => Ok(Err(reason)),
        Err(ReadError::Chip(error)) => Err(error),
    }
}
