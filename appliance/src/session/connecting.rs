//! The page of the network: at the first start, and for the staff later.

use super::{Decision, Input};
use crate::network::{Air, Around, Reach, Unjoined};

/// Most characters of a wireless network's password (WPA takes 63, or 64 hexadecimal digits).
const MAX_PASSWORD: usize = 64;

/// What is seen of the network, and what is being done about it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Connecting {
    /// How the kiosk can be connected; nothing before it has looked.
    pub air: Option<Air>,
    /// How far it comes; nothing before it has tried.
    pub reach: Option<Reach>,
    /// The network that is being joined, or whose password is asked for.
    pub chosen: Option<String>,
    /// The password as it reads by now, as long as it is asked for.
    pub password: Option<String>,
    /// It is being joined.
    pub is_joining: bool,
    /// Why the last one was not.
    pub trouble: Option<Unjoined>,
}

impl std::fmt::Debug for Connecting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connecting").field("is_joining", &self.is_joining).finish_non_exhaustive()
    }
}

impl Connecting {
    /// Whether a password is asked for, which has a page of its own.
    pub fn asks_password(&self) -> bool {
        self.password.is_some()
    }

    pub(super) fn take(&mut self, input: Input) -> Option<Decision> {
        match input {
            Input::Around(it) => self.hear(it),
            input if self.asks_password() => return self.take_password(input),
            Input::LookAround => {
                (self.air, self.reach, self.trouble) = (None, None, None);
                return Some(Decision::LookAround);
            }
            Input::Choose(at) if !self.is_joining => {
                let spot = self.air.as_ref()?.spots.as_ref()?.get(at)?;
                if spot.is_used {
                    return None;
                }
                let is_locked = spot.is_locked;
                self.chosen = Some(spot.name.clone());
                if !is_locked {
                    return self.join(String::new());
                }
                self.password = Some(String::new());
            }
            _ => {}
        }
        None
    }

    fn take_password(&mut self, input: Input) -> Option<Decision> {
        match input {
            Input::Typed(text) => self.password = Some(text.chars().take(MAX_PASSWORD).collect()),
            Input::Next | Input::Save
                if self.password.as_ref().is_some_and(|it| !it.is_empty()) =>
            {
                let password = self.password.take()?;
                return self.join(password);
            }
            Input::Back => self.password = None,
            _ => {}
        }
        None
    }

    fn join(&mut self, password: String) -> Option<Decision> {
        let name = self.chosen.clone()?;
        (self.is_joining, self.trouble) = (true, None);
        (self.reach, self.air) = (None, None);
        Some(Decision::Join { name, password })
    }

    fn hear(&mut self, around: Around) {
        match around {
            Around::Air(it) => self.air = Some(it),
            Around::Reach(it) => self.reach = Some(it),
            Around::Joined(joined) => {
                self.is_joining = false;
                self.trouble = joined.err();
            }
        }
    }
}
