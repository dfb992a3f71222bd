//! From an image to a card that a kiosk starts from: the right disk is found, the image is judged before anything is
//! lost, written where it holds data, and read back. Nothing is mounted.
//!
//! `disks`, `uses`, `map` and `settings` decide; `machine`, `image` and `device` touch the world; `write` goes from one
//! to the next.

pub mod command;
pub mod disks;
pub mod list;
pub mod machine;
pub mod progress;
pub mod uses;
