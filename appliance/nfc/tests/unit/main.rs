//! Units that are cards to one another: what is exchanged, what an order stops, and what nobody may
//! ever see.

#[path = "../desk/mod.rs"]
mod desk;
mod hand;
mod meetings;
mod orders;
mod touches;

use std::time::Duration;

/// A moment in which something that must not happen has its chance.
pub(crate) const MOMENT: Duration = Duration::from_millis(600);
