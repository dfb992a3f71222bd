//! Whose the kiosk is to be: a number or a mail address, and the code that comes there.

use tapcard_protocol::Identifier;
use tapcard_protocol::enrolment::NoOwner;

use super::{Decision, Input, Session, Start, State};

/// Most characters of a number or a mail address (RFC 5321 §4.5.3.1.3), and of what is typed as a code.
const MAX_ADDRESSEE: usize = 254;
const MAX_CODE: usize = 12;

/// Why there is no owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfound {
    /// The cloud says no.
    Refused(NoOwner),
    /// It does not answer.
    Away,
}

/// Whose the kiosk is to be.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Asking {
    /// The number or mail address, as it reads by now.
    pub to: String,
    /// The code that came there, as it reads by now.
    pub code: String,
    /// Where a code is on its way to, whatever is typed meanwhile.
    pub sent_to: String,
    /// It is a mail address.
    pub by_mail: bool,
    /// The cloud is asked.
    pub is_busy: bool,
    /// Why the last question led to nothing.
    pub why: Option<Unfound>,
}

impl std::fmt::Debug for Asking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asking")
            .field("is_busy", &self.is_busy)
            .field("why", &self.why)
            .finish_non_exhaustive()
    }
}

impl Session {
    pub(super) fn serve_owner(&mut self, input: Input) -> Option<Decision> {
        let State::Start(Start::Owner(asking) | Start::Code(asking)) = &mut self.state else {
            return None;
        };
        let mut asking = asking.clone();
        let is_code = matches!(self.state, State::Start(Start::Code(_)));
        let mut decision = None;
        let goes_on = matches!(input, Input::Next | Input::Save) && !asking.is_busy;
        match input {
            Input::Typed(text) if is_code => asking.code = text.chars().take(MAX_CODE).collect(),
            Input::Typed(text) => asking.to = text.chars().take(MAX_ADDRESSEE).collect(),
            Input::Next | Input::Save if goes_on && is_code && !asking.code.trim().is_empty() => {
                decision = Some(Decision::ProveOwner(asking.code.trim().to_owned()));
            }
            Input::Next | Input::Save if goes_on && !is_code && !asking.to.trim().is_empty() => {
                asking.sent_to = self.addressee(&asking.to);
                decision = Some(Decision::AskOwner(asking.sent_to.clone()));
            }
            Input::Asked(Ok(())) => {
                let asking = Asking { is_busy: false, why: None, code: String::new(), ..asking };
                self.step(Start::Code(asking));
                return None;
            }
            Input::Asked(Err(why)) | Input::Unowned(why) => {
                (asking.is_busy, asking.why) = (false, Some(why));
            }
            Input::ByMail if !is_code && !asking.is_busy => {
                asking = Asking { by_mail: !asking.by_mail, ..Asking::default() };
            }
            Input::Back if is_code => {
                let Asking { to, by_mail, .. } = asking;
                self.step(Start::Owner(Asking { to, by_mail, ..Asking::default() }));
                return None;
            }
            Input::Back => return self.start_network(),
            _ => {}
        }
        if decision.is_some() {
            (asking.is_busy, asking.why) = (true, None);
        }
        self.step(if is_code { Start::Code(asking) } else { Start::Owner(asking) });
        decision
    }

    /// A number as the cloud reads it: with the country code of where the kiosk stands, if it was typed without one.
    fn addressee(&self, typed: &str) -> String {
        let typed = typed.trim();
        match Identifier::phone(typed, self.region) {
            Ok(number) if !typed.contains('@') => number.as_str().to_owned(),
            _ => typed.to_owned(),
        }
    }
}
