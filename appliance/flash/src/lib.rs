//! From an image to a card that a kiosk starts from: the right disk is found, the image is judged before anything is
//! lost, written where it holds data, and read back. Nothing is mounted.
//!
//! `disks`, `uses`, `map` and `settings` decide; `machine`, `image` and `device` touch the world; `write` goes from one
//! to the next.

pub mod ask;
pub mod boot;
pub mod command;
pub mod device;
pub mod disks;
pub mod image;
pub mod list;
pub mod machine;
pub mod map;
pub mod os_list;
pub mod progress;
pub mod settings;
pub mod survey;
pub mod uses;
pub mod window;
pub mod write;
