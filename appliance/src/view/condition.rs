//! How the kiosk is: for the staff, and for whoever is asked on the telephone.

use super::{World, time_of_day};
use crate::session::Session;
use crate::store::{Contact, Delivery};

/// How the kiosk is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// What the owner calls the kiosk.
    pub name: String,
    /// The time of day since when the reader does not answer, if it does not.
    pub reader_rests: Option<String>,
    /// The time of day since when there is no connection, if there is none.
    pub offline: Option<String>,
    /// Nothing new can be kept.
    pub disk_fails: bool,
    /// The time of day, by this kiosk's clock.
    pub time: String,
    /// The clock says what cannot be.
    pub clock_is_wrong: bool,
    /// Tasks that the cloud has not answered.
    pub n_waiting: usize,
    /// Contacts that are here.
    pub n_contacts: usize,
    /// This program's version.
    pub version: &'static str,
    /// Another version that is ready.
    pub offered: Option<String>,
    /// The kiosk can be nobody's again.
    pub may_sign_out: bool,
    /// The staff can bring another version or other settings.
    pub is_maintained: bool,
}

/// What the cloud does not have, also since it was refused.
pub(super) fn n_unsent(world: &World<'_>) -> usize {
    let is_refused = |it: &&Contact| it.delivery == Delivery::Failed;
    world.n_waiting + world.contacts.iter().filter(is_refused).count()
}

pub(super) fn condition(session: &Session, world: &World<'_>) -> Condition {
    let since = |it| time_of_day(it, world.zone);
    Condition {
        name: world.name.to_owned(),
        reader_rests: world.resting_since.filter(|_| !session.reader_works()).map(since),
        offline: world.offline_since.filter(|_| !world.online).map(since),
        disk_fails: world.disk_fails,
        time: time_of_day(world.now, world.zone),
        clock_is_wrong: world.clock_is_wrong,
        n_waiting: world.n_waiting,
        n_contacts: world.contacts.len(),
        version: env!("CARGO_PKG_VERSION"),
        offered: world.offered.map(str::to_owned),
        may_sign_out: session.may_sign_out(),
        is_maintained: session.is_maintained(),
    }
}
