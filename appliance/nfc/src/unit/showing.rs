//! The unit as a card: carries commands and answers between the chip and the Type 4 tag, one a step,
//! and says what they meant. It raises no field.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::{Event, Offer};
use crate::chip::{Appearance, Chip, ChipError, Heard};
use crate::type4::card::{Limits, State, apdu};

/// The longest wait of one step.
const STEP: Duration = Duration::from_millis(50);
/// A reader that says nothing for so long has left without a word, or the chip hangs. The firmware
/// answers a phone that asks for presence by itself, so a page that thinks before it writes is silent
/// here; more than this would leave the next visitor before a kiosk that does nothing.
const SILENCE: Duration = Duration::from_millis(1500);

/// The card that is shown, if any.
#[derive(Default)]
pub(super) struct Showing {
    card: Option<State>,
    phase: Phase,
    /// The reader was told of in this touch.
    is_met: bool,
    /// The whole offer was read, and the last of it answered.
    is_read: bool,
    /// What was written and told of in this touch.
    told: Option<Vec<u8>>,
    /// What the next steps say before anything else.
    owed: VecDeque<Event>,
}

/// How far a touch is.
#[derive(Default)]
enum Phase {
    /// The chip is no card.
    #[default]
    Hidden,
    /// The chip waits for a reader.
    Shown,
    /// The chip waits for the reader's command since this moment.
    Listening(Instant),
    /// The reader waits for this answer, or for the chip to hear more, if there is none.
    Answering(Option<Vec<u8>>),
}

impl Showing {
    /// Will show this card.
    pub(super) fn of(offer: Option<Offer>) -> Self {
        let limits = Limits::default();
        let card = offer.map(|offer| State::new(&offer.message, offer.writable, limits));
        Self { card, ..Self::default() }
    }

    pub(super) fn has_offer(&self) -> bool {
        self.card.is_some()
    }

    pub(super) fn is_hidden(&self) -> bool {
        matches!(self.phase, Phase::Hidden)
    }

    pub(super) fn take_owed(&mut self) -> Option<Event> {
        self.owed.pop_front()
    }

    /// Makes the chip the card.
    pub(super) fn start(
        &mut self,
        chip: &mut Chip,
        appearance: &Appearance,
    ) -> Result<(), ChipError> {
        chip.show_card(appearance)?;
        self.phase = Phase::Shown;
        Ok(())
    }

    /// Waits for a reader, hears what it says, or answers; the card is hidden when nobody has
    /// activated it until `until`.
    pub(super) fn step(&mut self, chip: &mut Chip, until: Instant) -> Result<Event, ChipError> {
        match std::mem::take(&mut self.phase) {
            Phase::Hidden => Ok(Event::Nothing),
            Phase::Shown => self.wait(chip, until),
            Phase::Listening(since) => self.hear(chip, since),
            Phase::Answering(answer) => self.answer(chip, answer),
        }
    }

    fn wait(&mut self, chip: &mut Chip, until: Instant) -> Result<Event, ChipError> {
        self.phase = Phase::Shown;
        let rest = until.saturating_duration_since(Instant::now());
        if chip.is_activated(rest.min(STEP))? {
            self.phase = Phase::Answering(None);
        } else if rest <= STEP {
            chip.hide_card()?;
            self.phase = Phase::Hidden;
        }
        Ok(Event::Nothing)
    }

    fn hear(&mut self, chip: &mut Chip, since: Instant) -> Result<Event, ChipError> {
        self.phase = Phase::Listening(since);
        match chip.heard(STEP)? {
            Some(Heard::Command(command)) => {
                let answer = self.card.as_mut().map(|card| apdu(card, &command));
                self.answer(chip, answer)
            }
            Some(Heard::Left) => Ok(self.leave()),
            None if since.elapsed() < SILENCE => Ok(Event::Nothing),
            None => {
                chip.hide_card()?;
                Ok(self.leave())
            }
        }
    }

    /// Sends the answer, if there is one, and listens again.
    fn answer(&mut self, chip: &mut Chip, answer: Option<Vec<u8>>) -> Result<Event, ChipError> {
        let is_there = match &answer {
            Some(bytes) => match chip.answer(bytes) {
                Err(ChipError::Interrupted) => {
                    self.phase = Phase::Answering(answer);
                    return Err(ChipError::Interrupted);
                }
                Err(error) => {
                    // The reader may have the answer, and take what it wrote for brought.
                    let written = self.newly_written().map(Event::Written);
                    self.owed.extend(written);
                    return Err(error);
                }
                Ok(is_there) => is_there,
            },
            None => true,
        };
        if !is_there {
            return Ok(self.leave());
        }
        self.phase = Phase::Answering(None);
        let news = self.news();
        match chip.await_command() {
            Ok(()) => self.phase = Phase::Listening(Instant::now()),
            Err(error) if news == Event::Nothing => return Err(error),
            // What was answered must be said; the next step listens again, and fails if it must.
            Err(_) => {}
        }
        Ok(news)
    }

    /// What was written and not told of.
    fn newly_written(&mut self) -> Option<Vec<u8>> {
        let written = self.card.as_ref()?.written()?.to_vec();
        (self.told.as_ref() != Some(&written)).then(|| {
            self.told = Some(written.clone());
            written
        })
    }

    /// What the last answer has made true.
    fn news(&mut self) -> Event {
        if let Some(card) = &self.card {
            self.is_read = card.was_read();
        }
        if let Some(written) = self.newly_written() {
            return Event::Written(written);
        }
        let Some(card) = &self.card else { return Event::Nothing };
        if card.was_met() && !self.is_met {
            self.is_met = true;
            return Event::Met;
        }
        Event::Nothing
    }

    /// The touch is over.
    fn leave(&mut self) -> Event {
        self.part();
        self.take_owed().unwrap_or(Event::Nothing)
    }

    /// Ends a touch without a word to the chip. An offer that was used is no more; the next step
    /// says so.
    pub(super) fn part(&mut self) {
        self.phase = Phase::Hidden;
        self.is_met = false;
        self.told = None;
        let read = std::mem::take(&mut self.is_read);
        let Some(card) = &mut self.card else { return };
        let was_used = card.was_used();
        card.end_touch();
        if was_used {
            self.owed.push_back(Event::Parted { read });
            self.card = None;
        }
    }
}
