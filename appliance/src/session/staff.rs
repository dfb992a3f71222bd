//! The staff's half of the session: the door, the contacts, and the ways from there.

use std::time::Duration;

use super::remark::rating;
use super::{
    Connecting, ContactId, Decision, Editing, Input, Line, Lookup, STAFF, Session, State, Stick,
};

impl Session {
    pub(super) fn serve_staff(&mut self, now: Duration, input: Input) -> Option<Decision> {
        if input == Input::Stir {
            self.deadline = Some(now + STAFF);
            return None;
        }
        match &self.state {
            State::Lock => self.serve_lock(now, &input),
            State::Contacts(_) => self.serve_contacts(now, input),
            State::Contact(id) => return self.serve_contact(now, *id, input),
            State::Remark(..) => return self.serve_remark(now, input),
            State::Menu => self.serve_menu(now, &input),
            State::Settings | State::NewPin(_) => return self.serve_settings(now, &input),
            State::Condition => return self.serve_condition(now, &input),
            State::Network(_) => return self.serve_network(now, input),
            State::Wipe | State::SignOut => return self.serve_end(now, &input),
            State::Stick(_) => return self.serve_stick(now, &input),
            State::Upkeep(_) => return self.serve_upkeep(now, input),
            State::Mode => return self.serve_mode(now, &input),
            State::Badges(_) => self.serve_badges(now, input),
            State::Editor(_) => return self.serve_editor(now, input),
            State::ByPhone(_) => self.serve_by_phone(now, &input),
            State::Tell(_) => return self.serve_tell(now, &input),
            _ => {}
        }
        None
    }

    /// Goes to another of the staff's pages.
    pub(super) fn open(&mut self, now: Duration, page: State) {
        self.enter(page, now + STAFF);
    }

    fn serve_lock(&mut self, now: Duration, input: &Input) {
        match input {
            Input::Digit(digit) if digit.is_ascii_digit() => {
                let is_right = self.gate.open(now, *digit);
                self.open(now, if is_right { State::Contacts(Lookup::All) } else { State::Lock });
            }
            Input::Erase => {
                self.gate.erase();
                self.open(now, State::Lock);
            }
            Input::Back => self.rest(),
            _ => {}
        }
    }

    fn serve_contacts(&mut self, now: Duration, input: Input) {
        let State::Contacts(lookup) = &mut self.state else { return };
        match (lookup, input) {
            (Lookup::Words(words), Input::Typed(text)) => {
                *words = text;
                self.deadline = Some(now + STAFF);
            }
            (Lookup::Words(_), Input::Next) => self.deadline = Some(now + STAFF),
            (Lookup::Words(_), Input::Back) => self.open(now, State::Contacts(Lookup::All)),
            (_, Input::Back) => self.rest(),
            (_, Input::Find) => self.open(now, State::Contacts(Lookup::Words(String::new()))),
            (Lookup::Initials(at), Input::Initials(it)) if *at == it => {
                self.open(now, State::Contacts(Lookup::All));
            }
            (_, Input::Initials(it)) => self.open(now, State::Contacts(Lookup::Initials(it))),
            (_, Input::Look(id)) => self.open(now, State::Contact(id)),
            (_, Input::WriteBadges(whose)) => self.open_badges(now, whose),
            (_, Input::Menu) => self.open(now, State::Menu),
            _ => {}
        }
    }

    fn serve_menu(&mut self, now: Duration, input: &Input) {
        match input {
            Input::EditCard => {
                let editing = Editing::begin(self.own.clone(), &Line::ALL);
                self.open(now, State::Editor(editing));
            }
            Input::ChooseMode => self.open(now, State::Mode),
            Input::WriteBadges(whose) => self.open_badges(now, *whose),
            Input::Settings => self.open(now, State::Settings),
            Input::Condition => self.open(now, State::Condition),
            Input::Stick => self.open(now, State::Stick(Stick::Waiting)),
            Input::Back => self.open(now, State::Contacts(Lookup::All)),
            _ => {}
        }
    }

    fn serve_mode(&mut self, now: Duration, input: &Input) -> Option<Decision> {
        match input {
            Input::Pick(mode) => {
                self.mode = *mode;
                self.open(now, State::Menu);
                Some(Decision::Mode(*mode))
            }
            Input::Back => {
                self.open(now, State::Menu);
                None
            }
            _ => None,
        }
    }

    fn serve_condition(&mut self, now: Duration, input: &Input) -> Option<Decision> {
        match input {
            Input::Wipe => self.open(now, State::Wipe),
            Input::SignOut if self.was_found => self.open(now, State::SignOut),
            Input::Upkeep if self.is_maintained => return self.open_upkeep(now),
            Input::Network => {
                self.open(now, State::Network(Connecting::default()));
                return Some(Decision::LookAround);
            }
            Input::Back => self.open(now, State::Menu),
            _ => {}
        }
        None
    }

    fn serve_network(&mut self, now: Duration, input: Input) -> Option<Decision> {
        // What is found there is nobody's doing.
        if !matches!(input, Input::Around(_)) {
            self.deadline = Some(now + STAFF);
        }
        match &mut self.state {
            State::Network(it) if it.asks_password() || input != Input::Back => it.take(input),
            _ => {
                self.open(now, State::Condition);
                None
            }
        }
    }

    /// Everything goes for good, if somebody says so.
    fn serve_end(&mut self, now: Duration, input: &Input) -> Option<Decision> {
        if !matches!(input, Input::Accept | Input::Reject) {
            return None;
        }
        let end = match self.state {
            State::SignOut => Decision::SignOut,
            _ => Decision::Wipe,
        };
        self.open(now, State::Condition);
        (*input == Input::Accept).then_some(end)
    }

    fn serve_stick(&mut self, now: Duration, input: &Input) -> Option<Decision> {
        let is_busy = matches!(self.state, State::Stick(Stick::Busy));
        match input {
            Input::WriteStick if !is_busy => {
                self.open(now, State::Stick(Stick::Busy));
                Some(Decision::WriteStick)
            }
            Input::ReadStick if !is_busy => {
                self.open(now, State::Stick(Stick::Busy));
                Some(Decision::ReadStick)
            }
            Input::MailContacts if !is_busy => {
                self.open(now, State::Stick(Stick::Busy));
                Some(Decision::MailContacts)
            }
            Input::Carried(it) => {
                self.open(now, State::Stick(*it));
                None
            }
            Input::Back => {
                self.open(now, State::Menu);
                None
            }
            _ => None,
        }
    }

    fn serve_contact(&mut self, now: Duration, id: ContactId, input: Input) -> Option<Decision> {
        let (next, decision) = match input {
            Input::Write(words, text) => (State::Remark(id, words, text), None),
            // Of who was taken back there is nothing to be seen.
            Input::Undo => (State::Contacts(Lookup::All), Some(Decision::TakeBack(id))),
            Input::Back => (State::Contacts(Lookup::All), None),
            Input::Accept => (State::Contact(id), Some(Decision::Accept(id))),
            Input::SendAgain => (State::Contact(id), Some(Decision::SendAgain(id))),
            Input::Rate(stars) => (State::Contact(id), Some(rating(id, stars)?)),
            _ => return None,
        };
        self.open(now, next);
        decision
    }

    fn serve_editor(&mut self, now: Duration, input: Input) -> Option<Decision> {
        let State::Editor(editing) = &mut self.state else { return None };
        if input == Input::Back {
            self.open(now, State::Menu);
            return None;
        }
        if input == Input::ByPhone {
            let editing = editing.clone();
            self.open(now, State::ByPhone(editing));
            return None;
        }
        let is_writing =
            matches!(input, Input::Typed(_) | Input::Next | Input::Previous | Input::Save);
        if !is_writing {
            return None;
        }
        self.deadline = Some(now + STAFF);
        let draft = editing.take(input)?;
        // One that is as it was needs neither a task nor a question.
        if draft == self.own && !self.own_is_open {
            self.open(now, State::Menu);
            return None;
        }
        let written = editing.clone();
        self.open(now, State::Tell(written));
        Some(Decision::Draft(draft))
    }

    /// What was written here is there again.
    fn serve_by_phone(&mut self, now: Duration, input: &Input) {
        if let (State::ByPhone(editing), Input::Back) = (&self.state, input) {
            let editing = editing.clone();
            self.open(now, State::Editor(editing));
        }
    }

    fn serve_tell(&mut self, now: Duration, input: &Input) -> Option<Decision> {
        let Input::Tell(notify) = input else { return None };
        self.open(now, State::Contacts(Lookup::All));
        Some(Decision::Send { notify: *notify })
    }
}
