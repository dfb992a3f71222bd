//! What can happen to the session.

use super::{ContactId, Draft, Mode, Setting, Stick, Trouble, Unfound, Upkeep, Whose, Words};
use crate::badge::{Refusal, Written};
use crate::language::Language;
use crate::network::Around;
use crate::visitor::Visitor;

/// What happened outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The reader answers, or it does not.
    Reader(bool),
    /// The reader feels a tag and reads it.
    Felt,
    /// The reader read a card, or it was written here.
    Read(Box<Visitor>),
    /// The reader could not read one.
    Unreadable(Trouble),
    /// A phone or another reader came to the own card.
    Met,
    /// It went.
    Parted {
        /// Whether it has read the own card.
        read: bool,
    },
    /// A phone has taken up a touch of this kiosk.
    Claimed {
        /// The own card went to it.
        gave: bool,
        /// Its owner's card came.
        got: bool,
    },
    /// The reader writes the badge that was laid on it.
    Writing,
    /// It has, or it has not.
    Wrote(Result<Written, Refusal>),
    /// The visitor says yes.
    Accept,
    /// The visitor says yes, but not to the cloud.
    KeepHere,
    /// The visitor says no.
    Reject,
    /// Somebody wants to see the own card in full.
    ShowCard,
    /// Somebody wants the code large, or to type a number.
    ShowCode,
    /// A line of it, by its place.
    ShowLine(usize),
    /// The staff goes on editing at a phone.
    ByPhone,
    /// Somebody wants to write a card here.
    WriteCard,
    /// The visitor wants to correct what was read.
    Correct,
    /// The visitor wants to write a note.
    AddNote,
    /// What was just kept is taken back, or what the staff looks at.
    Undo,
    /// Somebody touched a page that only tells something.
    Onward,
    /// What a [`super::Decision`] asked could not be stored.
    StoreFailed,
    /// Somebody wants the screens to speak this language.
    Speak(Language),
    /// Somebody wants the staff's pages.
    Staff,
    /// A digit of the PIN.
    Digit(char),
    /// The last digit was wrong.
    Erase,
    /// Somebody goes one page back.
    Back,
    /// The staff looks for somebody.
    Find,
    /// The staff looks for those whose names begin with these letters, by their place in [`super::INITIALS`].
    Initials(usize),
    /// The staff wants the ways to other pages.
    Menu,
    /// The staff wants to set how the screens look.
    Settings,
    /// The staff chose the next value of a setting.
    Turn(Setting),
    /// The staff chose what is spoken to who has chosen nothing: the next language.
    NextLanguage,
    /// The staff wants another PIN.
    ChangePin,
    /// The staff wants to see how the kiosk is.
    Condition,
    /// The staff wants to see the network, and to join another.
    Network,
    /// It is looked at anew.
    LookAround,
    /// Somebody chose a wireless network, by its place.
    Choose(usize),
    /// What is found there.
    Around(Around),
    /// The code to the kiosk's owner goes to a mail address, or to a number again.
    ByMail,
    /// A code is on its way to the kiosk's owner, or none is.
    Asked(Result<(), Unfound>),
    /// What was typed has found no owner.
    Unowned(Unfound),
    /// The owner has said that this is the owner's kiosk.
    Enrolled,
    /// The staff wants to erase what was collected.
    Wipe,
    /// The staff wants the kiosk to be nobody's again.
    SignOut,
    /// The staff wants to take contacts along, or to bring some.
    Stick,
    /// A stick is to take them.
    WriteStick,
    /// A stick has some.
    ReadStick,
    /// The owner is to get the way to them by mail.
    MailContacts,
    /// What became of it.
    Carried(Stick),
    /// The staff wants to bring another version of the program, or other settings.
    Upkeep,
    /// The update on the stick is to be installed.
    Install,
    /// The update that the cloud offers is to be fetched and installed.
    Fetch,
    /// The settings on the stick are to count.
    TakeSettings,
    /// The kiosk is to start again.
    Restart,
    /// How far that is.
    Upkept(Upkeep),
    /// The staff writes about a contact; so it reads by now.
    Write(Words, String),
    /// The staff gives a contact so many stars.
    Rate(u8),
    /// The staff looks at a contact.
    Look(ContactId),
    /// The staff wants a contact to be sent again that was refused.
    SendAgain,
    /// The staff wants to edit the own card.
    EditCard,
    /// The staff wants to choose the mode.
    ChooseMode,
    /// The staff chose it.
    Pick(Mode),
    /// Somebody typed: what is written now reads so.
    Typed(String),
    /// On to the next line, or done with the last.
    Next,
    /// Back to the line before.
    Previous,
    /// The staff wants to write badges with this card.
    WriteBadges(Whose),
    /// The staff wants them locked for good, or not.
    LockBadges(bool),
    /// Somebody is done writing.
    Save,
    /// The staff says whether the partners may be told.
    Tell(bool),
    /// Somebody does something that changes nothing, such as scrolling, or says that somebody is there.
    Stir,
    /// The own card is now this; true if it is a draft that waits to be edited or sent.
    Own(Draft, bool),
    /// Time passed.
    Tick,
}
