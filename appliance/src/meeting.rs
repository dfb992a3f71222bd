//! Which touch it was that brought a card, and whether the own card went the other way in it. Pure.
//!
//! Two kiosks that meet must give their one touch the same name: the reader writes its own offer onto
//! the card that it has read, so that each side knows both tokens, and both adopt the smaller one.

use tapcard_nfc::Offer;
use tapcard_protocol::message::Direction;
use tapcard_protocol::touch::TouchToken;

use crate::session::Mode;

/// How a message came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It was read; `replied` if the own offer was written back in the same touch.
    Read {
        /// Whether it was.
        replied: bool,
    },
    /// It was written onto the emulated card, which whoever writes has read first.
    Written,
}

/// A touch that brought a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// Its name, none for a badge, which names no touch.
    pub touch: Option<TouchToken>,
    /// Whether the own card was given too, or may follow to the number on the badge.
    pub given: bool,
}

impl Meeting {
    /// With a badge, or with a phone that emulates one.
    pub const BADGE: Meeting = Meeting { touch: None, given: true };

    /// What came of a touch in which a message came with their token, if it held one, while `own` was
    /// the token of the own offer.
    pub fn of(way: Way, theirs: Option<TouchToken>, own: Option<TouchToken>) -> Meeting {
        let smaller = theirs.into_iter().chain(own).min();
        match (way, theirs) {
            (Way::Read { .. }, None) => Meeting::BADGE,
            (Way::Read { replied: false }, Some(theirs)) => {
                Meeting { touch: Some(theirs), given: false }
            }
            (Way::Read { replied: true }, Some(_)) | (Way::Written, _) => {
                Meeting { touch: smaller, given: true }
            }
        }
    }

    /// Which way cards went, in a kiosk of this mode.
    pub fn direction(self, mode: Mode) -> Direction {
        match mode {
            Mode::Both if self.given => Direction::Both,
            Mode::Both | Mode::Take => Direction::Received,
            Mode::Give => Direction::Given,
        }
    }
}

/// Whether to write the own offer onto what was just read and names this touch: another kiosk takes it,
/// and only who takes cards writes.
pub fn replies(theirs: Option<TouchToken>, own: &Offer) -> bool {
    theirs.is_some() && own.writable
}

#[cfg(test)]
mod tests {
    use tapcard_protocol::touch::{Surface, TouchKey};
    use tapcard_protocol::{Card, TerminalId};

    use super::*;
    use crate::offer::{compose, link, token_in_message};

    /// One side of a meeting.
    struct Side {
        mode: Mode,
        token: TouchToken,
        offer: Option<Offer>,
    }

    fn side(mode: Mode, kiosk: u64) -> Side {
        let key = TouchKey { epoch: 1, key: [kiosk as u8; 32] };
        let token = TouchToken::new(&key, TerminalId::new(kiosk), 5, (mode, Surface::Tag));
        let url = link("https://cards.example.org", token);
        Side { mode, token, offer: compose(mode, Some(&Card::named("Ada")), Some(&url)) }
    }

    /// What each side has of it when `reader` raises its field before `target`; as the exchange unit
    /// does it: a reply needs an own offer, and a card that takes it.
    fn meet(reader: &Side, target: &Side) -> (Option<Meeting>, Option<Meeting>) {
        let Some(offer) = target.offer.as_ref().filter(|_| reader.mode != Mode::Give) else {
            return (None, None);
        };
        let read = token_in_message(&offer.message);
        let reply = reader.offer.as_ref().filter(|it| replies(read, it) && offer.writable);
        let came = Meeting::of(Way::Read { replied: reply.is_some() }, read, Some(reader.token));
        let written = reply
            .map(|it| Meeting::of(Way::Written, token_in_message(&it.message), Some(target.token)));
        (Some(came), written)
    }

    #[test]
    fn nine_pairs_of_modes_meet_as_their_modes_say() {
        use Direction::{Both, Received};
        let modes = [Mode::Both, Mode::Give, Mode::Take];
        // What the reading kiosk notes, and what the one that is read does, for each mode of the latter.
        let table = [
            (Mode::Both, [(Some(Both), Some(Both)), (Some(Received), None), (None, None)]),
            (Mode::Give, [(None, None), (None, None), (None, None)]),
            (Mode::Take, [(Some(Received), None), (Some(Received), None), (None, None)]),
        ];
        for (mode, row) in table {
            for (other, expected) in modes.into_iter().zip(row) {
                // Whichever of the two has the smaller token.
                for (reader, target) in [(1, 2), (2, 1)] {
                    let (reader, target) = (side(mode, reader), side(other, target));
                    let (came, written) = meet(&reader, &target);
                    let directions =
                        (came.map(|it| it.direction(mode)), written.map(|it| it.direction(other)));
                    assert_eq!(directions, expected, "{mode:?} reads {other:?}");
                    let smaller = reader.token.min(target.token);
                    match (came, written) {
                        (Some(came), Some(written)) => {
                            assert_eq!((came.touch, written.touch), (Some(smaller), Some(smaller)));
                        }
                        (Some(came), None) => assert_eq!(came.touch, Some(target.token)),
                        (None, _) => {}
                    }
                }
            }
        }
    }

    #[test]
    fn a_badge_names_no_touch_and_the_own_card_may_follow() {
        let own = Some(side(Mode::Both, 1).token);
        let meeting = Meeting::of(Way::Read { replied: false }, None, own);
        assert_eq!(meeting, Meeting::BADGE);
        assert_eq!(meeting.direction(Mode::Both), Direction::Both);
        assert_eq!(meeting.direction(Mode::Take), Direction::Received);
    }

    #[test]
    fn what_a_phone_writes_belongs_to_the_touch_that_it_read() {
        let own = side(Mode::Both, 1).token;
        let meeting = Meeting::of(Way::Written, None, Some(own));
        assert_eq!(meeting, Meeting { touch: Some(own), given: true });
        assert_eq!(Meeting::of(Way::Written, None, None).touch, None);
    }

    #[test]
    fn a_kiosk_without_a_key_adopts_the_others_token() {
        let theirs = side(Mode::Both, 1).token;
        let meeting = Meeting::of(Way::Read { replied: true }, Some(theirs), None);
        assert_eq!(meeting, Meeting { touch: Some(theirs), given: true });
    }
}
