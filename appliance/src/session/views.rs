//! What the world should look like: the radio, the screen, and when to look again.

use std::time::Duration;

use tapcard_nfc::Radio;

use super::{Appearance, Consent, DIM, Mode, Screen, Session, Start, State, WARNING};
use crate::language::Language;

impl Session {
    /// What the exchange unit should be doing now.
    pub fn radio(&self) -> Radio {
        let is_open = match &self.state {
            State::Attract(_) | State::Hold | State::Late => true,
            State::Pair(_) | State::Introduced(..) => true,
            // The next visitor need not wait until the last one's thanks have faded.
            State::Done(..) | State::Refused | State::Undone => true,
            State::Phone | State::Claimed { .. } | State::Card(_) => true,
            // Another one may come before anything is typed.
            State::Scan(it) => it.typed.is_empty(),
            // Whoever sets it up tries it.
            State::Start(Start::Trial(_)) => true,
            // In every mode: the staff writes, and whatever lies there is no visitor's.
            State::Badges(_) => return Radio::Write,
            // Somebody is asked or writes, or the staff is here.
            _ => false,
        };
        match self.mode {
            _ if !is_open => Radio::Off,
            // It has no card of its own.
            _ if self.introduces => Radio::Read,
            Mode::Both => Radio::Alternate,
            Mode::Give => Radio::Emulate,
            Mode::Take => Radio::Read,
        }
    }

    /// What should be seen now.
    pub fn screen(&self) -> Screen<'_> {
        match &self.state {
            _ if self.warned => Screen::StillThere,
            State::Attract(trouble) => Screen::Attract(*trouble),
            State::Hold => Screen::Hold,
            State::Late => Screen::Late,
            State::Confirm(visitor) => Screen::Confirm(visitor),
            State::Note(visitor, note) => Screen::Note(visitor, note),
            State::Form(visitor, editing) => Screen::Form(visitor.as_deref(), editing),
            State::CloudToo(visitor) => Screen::CloudToo(visitor),
            State::Done(visitor, fate) => Screen::Done(visitor, *fate),
            State::Pair(it) => Screen::Pair(&it.one, it.other.as_deref()),
            State::Introduced(one, other) => Screen::Introduced(one, other),
            State::Refused => Screen::Refused,
            State::Undone => Screen::Undone,
            State::Phone => Screen::Phone,
            State::Claimed { gave, got } => Screen::Claimed { gave: *gave, got: *got },
            State::Lock => self.gate.screen(),
            State::Contacts(lookup) => Screen::Contacts(lookup),
            State::Contact(id) => Screen::Contact(*id),
            State::Remark(id, words, text) => Screen::Remark(*id, *words, text),
            State::Menu => Screen::Menu,
            State::Settings => Screen::Settings,
            State::Condition => Screen::Condition,
            State::Network(it) => Screen::Network(it),
            State::Start(it) => Screen::Start(it),
            State::Wipe => Screen::Wipe,
            State::SignOut => Screen::SignOut,
            State::NewPin(it) => Screen::NewPin(it),
            State::Stick(it) => Screen::Stick(*it),
            State::Upkeep(it) => Screen::Upkeep(it),
            State::Card(line) => Screen::Card(*line),
            State::Scan(it) => Screen::Scan(it),
            State::Editor(editing) => Screen::Editor(editing),
            State::ByPhone(_) => Screen::ByPhone,
            State::Tell(_) => Screen::Tell,
            State::Mode => Screen::Mode,
            State::Badges(badging) => Screen::Badges(badging),
        }
    }

    /// When to send [`Input::Tick`] if nothing happens before.
    pub fn deadline(&self) -> Option<Duration> {
        let spoken = self.spoken.map(|it| it.1);
        let own = self.warning().filter(|_| !self.warned).or(self.deadline);
        own.into_iter().chain(self.gate.reopens()).chain(spoken).chain(self.dims_at()).min()
    }

    /// When the invitation grows dim, unless it is.
    pub(super) fn dims_at(&self) -> Option<Duration> {
        let rests = matches!(self.state, State::Attract(_)) && !self.dim;
        rests.then_some(self.stirred + DIM)
    }

    /// Nobody has come for a while.
    pub fn is_dim(&self) -> bool {
        self.dim && matches!(self.state, State::Attract(_))
    }

    /// How the screens look.
    pub fn appearance(&self) -> Appearance {
        self.appearance
    }

    /// When it is to be asked whether somebody is still there.
    pub(super) fn warning(&self) -> Option<Duration> {
        let is_written = matches!(self.state, State::Note(..) | State::Form(..) | State::Scan(_));
        let warns = self.is_staff() && !matches!(self.state, State::Badges(_));
        self.deadline.filter(|_| is_written || warns).map(|it| it.saturating_sub(WARNING))
    }

    /// What is spoken.
    pub fn language(&self) -> Language {
        self.spoken.map_or(self.home, |it| it.0)
    }

    /// What is spoken to who has chosen nothing.
    pub fn home(&self) -> Language {
        self.home
    }

    /// Whether the staff's PIN was chosen at the kiosk, so that it can be changed there.
    pub fn may_change_pin(&self) -> bool {
        self.pin_is_chosen
    }

    /// Whether the kiosk can be nobody's again: its settings do not say whose it is.
    pub fn may_sign_out(&self) -> bool {
        self.was_found
    }

    /// Whether the reader answered when it was last heard of.
    pub fn reader_works(&self) -> bool {
        self.reader
    }

    /// What is asked about the cloud.
    pub fn consent(&self) -> Consent {
        self.consent
    }

    /// Which way cards travel.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether there is a way to the staff's pages.
    pub fn has_staff(&self) -> bool {
        self.gate.exists()
    }

    /// Whether cards are read now, or written here.
    pub(super) fn reads(&self) -> bool {
        matches!(self.radio(), Radio::Read | Radio::Alternate)
    }

    /// Whether the own card is emulated now.
    pub(super) fn is_read(&self) -> bool {
        matches!(self.radio(), Radio::Emulate | Radio::Alternate)
    }

    pub(super) fn is_staff(&self) -> bool {
        let state = &self.state;
        matches!(
            state,
            State::Lock
                | State::Contacts(_)
                | State::Contact(_)
                | State::Remark(..)
                | State::Menu
                | State::Settings
                | State::Condition
                | State::Network(_)
                | State::Wipe
                | State::SignOut
                | State::NewPin(_)
                | State::Stick(_)
                | State::Upkeep(_)
                | State::Editor(_)
                | State::ByPhone(_)
                | State::Tell(_)
                | State::Mode
                | State::Badges(_)
        )
    }
}
