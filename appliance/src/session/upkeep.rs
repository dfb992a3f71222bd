//! The kiosk's upkeep: another version of its program, or other settings, from a stick or from the cloud.

use std::time::Duration;

use super::{Decision, Input, Session, State};

/// What was found for the kiosk on a stick.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Supplies {
    /// There is a stick.
    pub has_stick: bool,
    /// There are settings on it.
    pub has_settings: bool,
    /// The version of the update on it, if there is one that counts here.
    pub update: Option<String>,
}

/// Why nothing came of an update, or of settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The operator has not signed it.
    Foreign,
    /// A later one has run here and was good.
    Older,
    /// It is for another kind of device.
    OtherKind,
    /// It is not whole, or it was taken away.
    Broken,
    /// There is no room for it.
    Full,
    /// Where it is, nobody answers.
    Away,
    /// What is wrong with the settings.
    Settings(String),
}

/// How far the upkeep is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upkeep {
    /// It is looked for something.
    Looking,
    /// This is there.
    Found(Supplies),
    /// So many percent are done.
    Working(u8),
    /// It counts from the next start.
    Ready,
    /// Nothing came of it.
    Failed(Unfit),
}

impl Upkeep {
    /// Whether something is going on.
    fn is_working(&self) -> bool {
        matches!(self, Upkeep::Working(_))
    }
}

impl Session {
    /// The same kiosk, whose program and settings its staff can change.
    pub fn maintained(self, is_maintained: bool) -> Session {
        Session { is_maintained, ..self }
    }

    /// Whether the staff can bring another version or other settings.
    pub fn is_maintained(&self) -> bool {
        self.is_maintained
    }

    pub(super) fn open_upkeep(&mut self, now: Duration) -> Option<Decision> {
        self.open(now, State::Upkeep(Upkeep::Looking));
        Some(Decision::LookAtStick)
    }

    pub(super) fn serve_upkeep(&mut self, now: Duration, input: Input) -> Option<Decision> {
        let State::Upkeep(upkeep) = &self.state else { return None };
        let (is_working, is_ready) = (upkeep.is_working(), *upkeep == Upkeep::Ready);
        let (has_update, has_settings) = match upkeep {
            Upkeep::Found(it) => (it.update.is_some(), it.has_settings),
            _ => (false, false),
        };
        let begins = |decision| (Upkeep::Working(0), Some(decision));
        let (next, decision) = match input {
            Input::Upkept(next) => (next, None),
            // What is going on goes on without anybody.
            Input::Back => {
                self.open(now, State::Condition);
                return None;
            }
            _ if is_working => return None,
            Input::LookAround => (Upkeep::Looking, Some(Decision::LookAtStick)),
            Input::Install if has_update => begins(Decision::Install),
            Input::Fetch => begins(Decision::Fetch),
            Input::TakeSettings if has_settings => begins(Decision::TakeSettings),
            Input::Restart if is_ready => (Upkeep::Ready, Some(Decision::Restart)),
            _ => return None,
        };
        self.open(now, State::Upkeep(next));
        decision
    }
}
