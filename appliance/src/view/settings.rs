//! What the staff has set.

use super::World;
use crate::language::Language;
use crate::session::{Appearance, Session};

/// What the staff has set, and what may be set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// How the screens look.
    pub set: Appearance,
    /// Something can be heard.
    pub has_sound: bool,
    /// What is spoken to who has chosen nothing.
    pub speaks: Language,
    /// The PIN stands in no file, so it can be changed here.
    pub may_change_pin: bool,
}

pub(super) fn settings(session: &Session, world: &World<'_>) -> Settings {
    Settings {
        set: session.appearance(),
        has_sound: world.has_sound,
        speaks: session.home(),
        may_change_pin: session.may_change_pin(),
    }
}
