//! What the driver says to the cloud, and how an edit becomes a card.

use anyhow::{Context, Result};
use jiff::Timestamp;
use serde_json::Value;
use tapcard_protocol::message::{Boot, Exchange, Introduce, MAX_HAVE, Sync, Task, up};
use tapcard_protocol::{Card, Edition, Identifier};

use super::Driver;
use crate::chance;
use crate::credentials::client;
use crate::dialogue::Say;
use crate::session::{Draft, Fate};
use crate::store::OwnCard;
use crate::visitor::Visitor;

/// The system says here that its clock follows a time server (`systemd-timesyncd`).
const CLOCK_SYNCED: &str = "/run/systemd/timesync/synchronized";

/// The version of the words on the kiosk's question; `docs/AGREED.md` has them.
const AGREED: &str = "kiosk-2026-11c";
/// What the owner has said where nobody is asked; from the same file.
const STANDING: &str = "standing-2026-11";

fn is_clock_synced() -> bool {
    std::path::Path::new(CLOCK_SYNCED).exists()
}

impl Driver {
    /// Says what is due.
    pub(super) fn talk(&mut self) -> Result<()> {
        if self.standing.wants_key(self.now()) {
            self.dialogue.want_sync();
        }
        for word in self.dialogue.say(self.now()) {
            match word {
                Say::Row(seq) => match self.edges.store.payload(seq)? {
                    Some(payload) => self.edges.uplink.publish(payload),
                    None => self.dialogue.settled(seq),
                },
                Say::Sync(after) => {
                    let have = self.edges.store.followed(after, MAX_HAVE)?;
                    let is_full = have.len() == MAX_HAVE;
                    self.sync_upto = have.last().map(|it| it.0).filter(|_| is_full);
                    let own = self.own.as_ref().map_or(Edition(0), |it| it.edition);
                    let book = self.edges.store.book()?;
                    let (upto, receipted) = (self.sync_upto, self.edges.store.receipted()?);
                    self.say(&Task::Sync(Sync {
                        book,
                        after,
                        upto,
                        have,
                        own,
                        receipted,
                        client: client(),
                    }));
                }
                Say::Applied(reports) => self.say(&Task::Applied(reports)),
            }
        }
        Ok(())
    }

    /// Says what needs no row in the outbox: it is computed anew when it is said again.
    fn say(&self, task: &Task) {
        let id = self.edges.store.task_id(0);
        self.edges.uplink.publish(up(id, self.identity.terminal, Timestamp::now(), task));
    }

    /// A confirmed touch, as the cloud is to hear of it.
    pub(super) fn exchange(
        &self,
        visitor: &Visitor,
        fate: Fate,
        is_asked: bool,
    ) -> Result<Exchange> {
        Ok(Exchange {
            direction: visitor.meeting.direction(self.session.mode()),
            partner: visitor.number.clone(),
            card: Some(visitor.card.clone()),
            touch: self.name_of(visitor)?,
            at: Timestamp::now(),
            clock_synced: is_clock_synced(),
            boot: Some(Boot { id: self.boot, ms: self.now().as_millis() as u64 }),
            place: self.identity.place.clone(),
            note: visitor.note.clone(),
            consent: matches!(fate, Fate::Cloud | Fate::Held(true)),
            agreed: if is_asked { AGREED } else { STANDING }.to_owned(),
        })
    }

    /// Two visitors who meet, as the cloud is to hear of it.
    pub(super) fn introduction(&self, one: Identifier, other: Identifier) -> Result<Introduce> {
        Ok(Introduce {
            one,
            other,
            touch: chance::name()?,
            at: Timestamp::now(),
            clock_synced: is_clock_synced(),
            place: self.identity.place.clone(),
        })
    }

    /// The name of the touch that brought a visitor; a new one if that names none, or one of which a
    /// card was kept before: no name may ever cost a card.
    fn name_of(&self, visitor: &Visitor) -> Result<String> {
        let touch = visitor.meeting.touch.map(|it| it.to_string());
        match touch {
            Some(touch) if !self.edges.store.has_touch(&touch)? => Ok(touch),
            _ => chance::name(),
        }
    }
}

/// What the staff edits: the last edit as long as the cloud has not taken it.
pub(super) fn draft(own: Option<&OwnCard>) -> Draft {
    let Some(own) = own else { return Draft::default() };
    let card = own.edited();
    Draft::of(own.draft.as_ref().map_or(own.edition, |it| it.base), card)
}

/// The whole card with the edited lines. After a conflict the lines go onto the card that stands in
/// the cloud, so that what was changed elsewhere is kept.
pub(super) fn edited(own: Option<&OwnCard>, draft: &Draft) -> Result<Card> {
    let base = own.map(|it| if it.is_conflict { &it.card } else { it.edited() });
    let mut card = base.cloned().unwrap_or_else(|| Card::named(draft.name()));
    draft.lay_on(&mut card);
    Card::try_from(Value::from(card)).context("editing the own card")
}
