//! Another version of the program, or other settings.

use super::World;
use crate::session;

/// How far the upkeep is, and what there is for the kiosk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upkeep {
    /// How far it is.
    pub step: session::Upkeep,
    /// This program's version.
    pub version: &'static str,
    /// Another one that the cloud offers.
    pub offered: Option<String>,
}

pub(super) fn upkeep(step: &session::Upkeep, world: &World<'_>) -> Upkeep {
    let offered = world.offered.map(str::to_owned);
    Upkeep { step: step.clone(), version: env!("CARGO_PKG_VERSION"), offered }
}
