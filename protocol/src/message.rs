//! What terminals and the cloud say to each other: a [`Task`] up, one [`Receipt`] or a [`Notice`] down. And what
//! workers tell the gate, a [`Revocation`].

mod book;
mod event;
mod notice;
mod receipt;
mod revocation;
mod task;

pub use book::{CheckBook, ContactAdd, ContactDelete, ContactUpdate, Ended, Remarks, Withdraw};
#[cfg(feature = "schema")]
pub(crate) use event::{CLOUD, TYPE};
pub use event::{
    Down, MAX_PAYLOAD, NoTask, TaskId, Undecodable, down, read_down, read_up, repeat, up,
};
pub use notice::{Notice, Offer};
pub use receipt::{Counts, Outcome, OwnCard, Page, Receipt, Refusal, Settled, SyncedCard};
pub use revocation::{Revocation, Revoked};
pub use task::{
    Applied, ApplyOutcome, Boot, CardUpdate, Direction, Exchange, Introduce, Link, LinkState,
    LinkVerb, MAX_HAVE, Register, Sync, Task, Undo,
};
