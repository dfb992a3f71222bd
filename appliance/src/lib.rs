//! The kiosk: a card is touched to it, shown, kept, and sent.
//!
//! - [`session`]: what the kiosk does with one visitor after another, decided without a clock or a file
//! - [`dialogue`]: what to say to the cloud, and when to say it again
//! - [`badge`], [`roster`], [`batch`]: what is written on a blank tag, whose, and in which order
//! - [`desk`], [`writer`]: a badge desk, and the hand that writes
//! - [`offer`], [`meeting`], [`trouble`]: what is given in a touch, and what came of it
//! - [`view`]: what a screen shows, worked out from the two above
//! - [`language`], [`keyboard`]: what the screens speak, and what their keys write
//! - [`network`]: what is known of the network, and what is in the way
//! - [`release`], [`floor`]: which updates count here
//! - [`driver`]: the only loop; it alone knows the edges, which never know each other. Before it, as long as the kiosk is
//!   nobody's, [`setup`]
//! - [`print`], [`darkroom`]: pictures as they are shown, and the thread that makes them
//! - [`takeaway`]: contacts in forms that other programs read
//! - [`reader`], [`store`], [`stick`], [`mailbag`], [`courier`], [`signals`], [`surveyor`], [`mechanic`], [`pulse`], [`uplink`] with [`credentials`], [`screens`]: the edges
//! - [`departure`]: a kiosk that leaves its owner
//! - [`theft`], [`seal`]: one that was erased from afar, and how it seals what it had not sent
//! - [`durable`]: files that outlast a power cut
//! - [`config`], [`assembly`], [`inspect`]: the settings, what is made of them, and the card in a file

pub mod assembly;
pub mod badge;
pub mod batch;
pub mod chance;
pub mod config;
pub mod courier;
pub mod credentials;
pub mod darkroom;
pub mod departure;
pub mod desk;
pub mod dialogue;
pub mod driver;
pub mod durable;
pub mod floor;
#[cfg(feature = "headless")]
pub mod headless;
pub mod inspect;
pub mod intake;
pub mod keyboard;
pub mod language;
pub mod mailbag;
pub mod mechanic;
pub mod meeting;
pub mod network;
pub mod offer;
pub mod print;
pub mod provisioning;
pub mod pulse;
pub mod reader;
pub mod release;
pub mod roster;
pub mod screens;
pub mod seal;
pub mod session;
pub mod setup;
pub mod signals;
pub mod standstill;
pub mod stick;
pub mod store;
pub mod surveyor;
pub mod takeaway;
pub mod theft;
pub mod timekeeper;
pub mod trouble;
pub mod trust;
pub mod uplink;
pub mod view;
pub mod visitor;
pub mod writer;
