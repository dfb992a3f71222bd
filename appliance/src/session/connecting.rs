//! The page of the network: at the first start, and for the staff later.

use super::{Decision, Input};
use crate::network::{Air, Around, Reach, Unjoined};

/// Most characters of a wireless network's password (WPA takes 63, or 64 hexadecimal digits).
const MAX_PASSWORD: usize = 64;

/// What is seen of the network, and what is being done about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connecting {
    /// How the kiosk can be connected; nothing before it has looked.
    pub air: Option<Air>,
    /// How far it comes; nothing before it has tried.
    pub reach: Option<Reach>,
    /// The network that is being joined, or whose password is asked for.
    pub chosen: Option<String>,
    /// It is being joined.
    pub is_joining: bool,
    /// Why the last one was not.
    pub trouble: Option<Unjoined>,
}

/// What comes of an input at this page or at the one that asks for the password.
pub(super) enum Next {
    /// The page stays.
    Stay(Option<Decision>),
    /// The password is asked for.
    Password,
    /// It is asked for no more.
    Done(Option<Decision>),
}

impl Connecting {
    /// The page of the network.
    pub(super) fn take(&mut self, input: &Input) -> Next {
        match input {
            Input::LookAround => {
                (self.air, self.reach, self.trouble) = (None, None, None);
                Next::Stay(Some(Decision::LookAround))
            }
            Input::Choose(at) if !self.is_joining => {
                let spot = self.air.as_ref().and_then(|it| it.spots.as_ref()?.get(*at));
                let Some(spot) = spot.filter(|it| !it.is_used).cloned() else {
                    return Next::Stay(None);
                };
                self.chosen = Some(spot.name);
                if spot.is_locked { Next::Password } else { Next::Stay(self.join(String::new())) }
            }
            Input::Around(it) => {
                self.hear(it);
                Next::Stay(None)
            }
            _ => Next::Stay(None),
        }
    }

    /// The page that asks for the password, which reads so by now.
    pub(super) fn take_password(&mut self, password: &mut String, input: Input) -> Next {
        match input {
            Input::Typed(text) => {
                *password = text.chars().take(MAX_PASSWORD).collect();
                Next::Stay(None)
            }
            Input::Next | Input::Save if !password.is_empty() => {
                Next::Done(self.join(std::mem::take(password)))
            }
            Input::Around(it) => {
                self.hear(&it);
                Next::Stay(None)
            }
            Input::Back => Next::Done(None),
            _ => Next::Stay(None),
        }
    }

    fn join(&mut self, password: String) -> Option<Decision> {
        let name = self.chosen.clone()?;
        (self.is_joining, self.trouble) = (true, None);
        (self.reach, self.air) = (None, None);
        Some(Decision::Join { name, password })
    }

    fn hear(&mut self, around: &Around) {
        match around {
            Around::Air(it) => self.air = Some(it.clone()),
            Around::Reach(it) => self.reach = Some(it.clone()),
            Around::Joined(joined) => {
                self.is_joining = false;
                self.trouble = joined.err();
            }
        }
    }
}
