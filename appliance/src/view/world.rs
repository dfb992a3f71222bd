//! What the kiosk knows besides the session.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tapcard_protocol::Card;
use tapcard_protocol::message::Counts;

use super::Picture;
use crate::store::{Contact, Delivery, OwnCard};
use crate::uplink::Enrolling;

/// What the kiosk knows besides the session.
pub struct World<'a> {
    /// The own card, none before the first.
    pub own: Option<&'a OwnCard>,
    /// What its owner calls the kiosk.
    pub name: &'a str,
    /// Where the kiosk stands.
    pub place: &'a str,
    /// Whether a connection stands.
    pub online: bool,
    /// How far the last kept card has come.
    pub last: Option<Delivery>,
    /// The owner's picture.
    pub own_portrait: Option<&'a Picture>,
    /// The sign of the owner's company.
    pub own_logo: Option<&'a Picture>,
    /// What is looked at on the own card.
    pub exhibit: Option<&'a Picture>,
    /// It cannot be shown.
    pub exhibit_unseen: bool,
    /// The picture of the visitor who is here.
    pub visitor_portrait: Option<&'a Picture>,
    /// The visitor's card has a picture that is not shown.
    pub visitor_unseen: bool,
    /// The picture of the contact that is looked at.
    pub contact_portrait: Option<&'a Picture>,
    /// Whom it has met; only on pages of the staff.
    pub contacts: &'a [Contact],
    /// Tasks that the cloud has not answered.
    pub n_waiting: usize,
    /// The card that badges get, if some are written.
    pub badge: Option<&'a Card>,
    /// The address that a phone goes on to, if one is shown.
    pub code: Option<&'a str>,
    /// Where the own card is edited by a browser, if there is such a place.
    pub by_phone: Option<&'a str>,
    /// Since when the reader does not answer.
    pub resting_since: Option<Timestamp>,
    /// Why the cloud gives this kiosk no token, if it does not.
    pub enrolling: Option<Enrolling>,
    /// Where its owner confirms it.
    pub cloud: &'a str,
    /// The time.
    pub now: Timestamp,
    /// The time of day here.
    pub zone: &'a TimeZone,
    /// Since when there is no connection.
    pub offline_since: Option<Timestamp>,
    /// What was decided last could not be stored.
    pub disk_fails: bool,
    /// The clock says what cannot be.
    pub clock_is_wrong: bool,
    /// Another version of this program that is ready.
    pub offered: Option<&'a str>,
    /// Whom the last edit of the own card goes to.
    pub told: Option<Counts>,
    /// Something can be heard.
    pub has_sound: bool,
}

impl Default for World<'_> {
    /// A kiosk that knows nothing.
    fn default() -> Self {
        World {
            own: None,
            name: "",
            place: "",
            online: false,
            last: None,
            own_portrait: None,
            own_logo: None,
            exhibit: None,
            exhibit_unseen: false,
            visitor_portrait: None,
            visitor_unseen: false,
            contact_portrait: None,
            contacts: &[],
            n_waiting: 0,
            badge: None,
            code: None,
            by_phone: None,
            resting_since: None,
            enrolling: None,
            cloud: "",
            now: Timestamp::UNIX_EPOCH,
            zone: const { &TimeZone::UTC },
            offline_since: None,
            disk_fails: false,
            clock_is_wrong: false,
            offered: None,
            told: None,
            has_sound: false,
        }
    }
}
