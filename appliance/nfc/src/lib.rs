//! An NXP PN532 on Linux, as a reader of NDEF tags. No screen, no network: whoever runs the
//! [`Reader`] decides what a message means.
//!
//! - [`reader`]: the verb a program calls in a loop, and the events it gets back.
//! - [`ndef`]: messages and records, to and from bytes.
//! - [`type2`]: where the message lies in the memory of a Type 2 tag.
//! - [`tag`]: reads the message of one target through the chip.
//! - [`target`]: what the chip says it found in the field.
//! - [`chip`]: the PN532's commands, their time-outs and errors.
//! - [`link`]: the wire to the chip.
//! - `presence`: decides whether a tag that is seen again is news.
//! - `unreadable`: why a tag has no message for us.

pub mod chip;
pub mod link;
pub mod ndef;
mod presence;
pub mod reader;
pub mod tag;
pub mod target;
pub mod type2;
mod unreadable;

pub use chip::ChipError;
pub use link::Settings;
pub use reader::{Event, Reader};
pub use unreadable::Unreadable;
