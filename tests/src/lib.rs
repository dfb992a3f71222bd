//! Everything that a journey needs, as real programs on this machine: [`World`] starts them, loses them and ends them.
//!
//! - [`world`]: Postgres, broker, worker and simulator together
//! - [`postgres`], [`broker`], [`program`], [`python`]: one private database, one broker of either make, one child process
//! - [`kiosk`], [`browser`], [`phone`]: what people hold, driven line by line
//! - [`hall`]: wireless networks to be joined
//! - [`people`], [`cast`]: Ada, Bo and Cy, who stand in every journey

pub mod broker;
pub mod browser;
pub mod cast;
pub mod chance;
pub mod clock;
pub mod contract;
pub mod crates;
pub mod disk;
pub mod hall;
pub mod kiosk;
pub mod patience;
pub mod people;
pub mod phone;
pub mod postgres;
pub mod program;
pub mod python;
pub mod radio;
pub mod visitor;
pub mod world;

pub use world::World;
