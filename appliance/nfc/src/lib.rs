//! An NXP PN532 on Linux, as a reader of NDEF tags and as one. No screen, no network: whoever
//! runs the [`Unit`] decides what a message means.
//!
//! - [`unit`]: the verb a program calls in a loop, the orders it obeys, the events it gives back.
//! - [`ndef`]: messages and records, to and from bytes.
//! - [`type2`]: where the message lies in the memory of a Type 2 tag.
//! - [`type4`]: the commands of a Type 4 tag, asked and answered.
//! - [`tag`]: reads and writes the message of one target through the chip.
//! - [`target`]: what the chip says it found in the field.
//! - [`chip`]: the PN532's commands, their time-outs and errors.
//! - [`link`]: the wire to the chip.
//! - `presence`: decides whether a tag that is seen again is news.
//! - `unreadable`, `unwritable`: why a tag has no message for us, or takes none.

pub mod chip;
pub mod link;
pub mod ndef;
mod presence;
pub mod tag;
pub mod target;
pub mod type2;
pub mod type4;
pub mod unit;
mod unreadable;
mod unwritable;

pub use chip::ChipError;
pub use link::Settings;
pub use unit::{Event, Habits, Offer, Order, Radio, Unit};
pub use unreadable::Unreadable;
pub use unwritable::Unwritable;
