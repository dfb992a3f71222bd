//! What is to be kept and sent, and by whose word.

use tapcard_protocol::Identifier;
use tapcard_protocol::touch::Mode;

use super::{Appearance, ContactId, Draft, Remark};
use crate::language::Language;
use crate::visitor::Visitor;

/// Whether what is kept here goes to the cloud too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consent {
    /// One yes is for both, and another button keeps it here alone.
    #[default]
    Together,
    /// The cloud is a question of its own.
    Ask,
    /// Never.
    Never,
}

/// What is done with a card that is read, when nobody stands beside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unattended {
    /// Its visitor is asked.
    #[default]
    Ask,
    /// The owner has said yes to all.
    Accept,
    /// The staff says it later.
    Hold,
}

/// What becomes of a card that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays on this kiosk.
    Here,
    /// It goes to the cloud too.
    Cloud,
    /// It waits for the staff's yes, and goes to the cloud with it if the flag says so.
    Held(bool),
}

/// What the driver must make durable before it shows the next screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// The visitor's card is kept.
    Keep {
        /// The card.
        visitor: Box<Visitor>,
        /// What becomes of it.
        fate: Fate,
        /// Its visitor was asked; else the owner has said yes to all.
        is_asked: bool,
    },
    /// Two visitors are introduced to each other.
    Introduce {
        /// The number of the one who touched first and last.
        one: Identifier,
        /// The number of the one who touched in between.
        other: Identifier,
    },
    /// The staff says yes to a contact that was held.
    Accept(ContactId),
    /// What was kept last is taken back.
    Undo,
    /// A contact is taken back.
    TakeBack(ContactId),
    /// A contact that was refused is sent again.
    SendAgain(ContactId),
    /// The edited card is kept as a draft.
    Draft(Draft),
    /// The kept draft is to be sent; partners are told only if `notify`.
    Send {
        /// Whether they are told.
        notify: bool,
    },
    /// Something is written about a contact.
    Remark(ContactId, Remark),
    /// The screens look like this from now on.
    Appear(Appearance),
    /// The network is looked at.
    LookAround,
    /// A wireless network is joined.
    Join {
        /// Its name.
        name: String,
        /// Its password; empty for one without.
        password: String,
    },
    /// A code goes to a number or a mail address, whose the kiosk is to be.
    AskOwner(String),
    /// This is what came there.
    ProveOwner(String),
    /// The first card of the owner's is written; nobody is to be told.
    FirstCard(Draft),
    /// The staff's PIN.
    Pin(String),
    /// The first start is over.
    Begun,
    /// This is spoken to who has chosen nothing.
    Speak(Language),
    /// Everything that was collected is erased.
    Wipe,
    /// The same, and the kiosk is nobody's again.
    SignOut,
    /// The contacts go to a stick.
    WriteStick,
    /// The owner gets the way to the contacts by mail.
    MailContacts,
    /// The cards on a stick become contacts.
    ReadStick,
    /// The stick is looked at for an update and settings.
    LookAtStick,
    /// The update on the stick is installed.
    Install,
    /// The update that the cloud offers is.
    Fetch,
    /// The settings on the stick count from the next start.
    TakeSettings,
    /// The kiosk starts again.
    Restart,
    /// Cards travel this way from now on.
    Mode(Mode),
}
