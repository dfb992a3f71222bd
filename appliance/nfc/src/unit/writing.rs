//! The unit as a writer: polls, looks at what was laid down, and writes to it if asked to. It is never a
//! card. It knows a tag by its identifier alone, for what is on it changes here.

use super::Event;
use crate::chip::{Chip, ChipError};
use crate::tag::{ReadError, WriteError, Written, read_message, write_tag};
use crate::target::{Field, Target, Uid};
use crate::type2::reach::Reach;
use crate::unreadable::Unreadable;
use crate::unwritable::Unwritable;

/// The field counts as empty after this many polls in a row that found nobody; at the edge of the
/// field a tag comes and goes.
const EMPTY_POLLS: u8 = 3;

/// What is known of the tag that lies there.
#[derive(Default)]
pub(super) struct Writing {
    /// Who was told of last and has not left since.
    last: Option<Uid>,
    are_two: bool,
    n_empty_polls: u8,
    /// Was looked at by the last step, and is still selected.
    laid: Option<Target>,
    has_field: bool,
}

impl Writing {
    /// Polls once, and reads the tag that was not there before. The field stays on for as long as that
    /// one may be written: without power it forgets that it was selected, and so answers the next poll.
    pub(super) fn step(&mut self, chip: &mut Chip) -> Result<Event, ChipError> {
        self.laid = None;
        self.field_off(chip)?;
        self.has_field = true;
        let event = match chip.poll()? {
            Field::Empty => self.nobody(),
            Field::Two(_) => self.two(),
            Field::One(target) => self.one(chip, target)?,
        };
        if self.laid.is_none() {
            self.field_off(chip)?;
        }
        Ok(event)
    }

    /// Writes to the tag that the last step looked at. One that did not hold still is news as soon as it
    /// is found again.
    pub(super) fn write(
        &mut self,
        chip: &mut Chip,
        message: &[u8],
        lock: bool,
    ) -> Result<Written, WriteError> {
        let Some(target) = &self.laid else { return Err(Unwritable::PulledAway.into()) };
        let outcome = write_tag(chip, target, message, lock);
        if let Err(WriteError::Unwritable(Unwritable::PulledAway) | WriteError::Chip(_)) = &outcome
        {
            self.forget();
        }
        outcome
    }

    /// Something else has switched the field off.
    pub(super) fn lost_field(&mut self) {
        self.laid = None;
        self.has_field = false;
    }

    /// Whoever lies there is news again.
    pub(super) fn forget(&mut self) {
        *self = Self { has_field: self.has_field, ..Self::default() };
    }

    /// An identifier that is drawn anew at each poll proves nothing, so all of them count as one.
    fn knows(&self, uid: &Uid) -> bool {
        self.last.as_ref().is_some_and(|last| last == uid || last.is_random() && uid.is_random())
    }

    fn one(&mut self, chip: &mut Chip, target: Target) -> Result<Event, ChipError> {
        self.n_empty_polls = 0;
        self.are_two = false;
        if self.knows(&target.uid) {
            return Ok(Event::Nothing);
        }
        // Writing takes longer than reading in any way, so the way that every chip can carry will do.
        let found = match read_message(chip, &target, &mut Reach::Safe) {
            Ok(message) => Ok(message),
            Err(ReadError::Unreadable(reason)) => Err(reason),
            Err(ReadError::Chip(error)) => return Err(error),
        };
        self.last = Some(target.uid.clone()).filter(|_| found != Err(Unreadable::PulledAway));
        self.laid = Some(target);
        Ok(Event::Laid(found))
    }

    fn two(&mut self) -> Event {
        self.n_empty_polls = 0;
        let were_two = std::mem::replace(&mut self.are_two, true);
        if were_two { Event::Nothing } else { Event::Two }
    }

    fn field_off(&mut self, chip: &mut Chip) -> Result<(), ChipError> {
        if std::mem::take(&mut self.has_field) { chip.field_off() } else { Ok(()) }
    }

    fn nobody(&mut self) -> Event {
        self.n_empty_polls = self.n_empty_polls.saturating_add(1);
        let was_occupied = self.last.is_some() || self.are_two;
        if self.n_empty_polls < EMPTY_POLLS || !was_occupied {
            return Event::Nothing;
        }
        self.forget();
        Event::Gone
    }
}
