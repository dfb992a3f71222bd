//! What the staff sets: how the screens look, what they speak, and the PIN.

use std::time::Duration;

use super::{Decision, Gate, Input, NewPin, Session, State};

impl Session {
    pub(super) fn serve_settings(&mut self, now: Duration, input: &Input) -> Option<Decision> {
        if matches!(self.state, State::NewPin(_)) {
            return self.serve_new_pin(now, input);
        }
        let decision = match input {
            Input::Turn(setting) => {
                self.appearance = self.appearance.turned(*setting);
                Decision::Appear(self.appearance)
            }
            Input::NextLanguage => {
                // What somebody chose at the invitation would hide it.
                (self.home, self.spoken) = (self.home.next(), None);
                Decision::Speak(self.home)
            }
            Input::ChangePin if self.pin_is_chosen => {
                self.open(now, State::NewPin(NewPin::default()));
                return None;
            }
            Input::Back => {
                self.open(now, State::Menu);
                return None;
            }
            _ => return None,
        };
        self.open(now, State::Settings);
        Some(decision)
    }

    fn serve_new_pin(&mut self, now: Duration, input: &Input) -> Option<Decision> {
        let State::NewPin(pin) = &mut self.state else { return None };
        if *input == Input::Back {
            self.open(now, State::Settings);
            return None;
        }
        let chosen = pin.take(input);
        if matches!(input, Input::Digit(_) | Input::Erase | Input::Next) {
            self.deadline = Some(now + super::STAFF);
        }
        let pin = chosen?;
        self.open(now, State::Settings);
        Some(self.lock_by(pin))
    }

    /// Another PIN from now on.
    pub(super) fn lock_by(&mut self, pin: String) -> Decision {
        self.gate = Gate::new(Some(pin.clone()));
        self.pin_is_chosen = true;
        Decision::Pin(pin)
    }
}
