//! What the driver makes durable before anybody sees it.

use anyhow::Result;
use jiff::Timestamp;
use tracing::info;

use super::{Driver, Edges, words};
use crate::session::{Decision, Draft, Fate};
use crate::visitor::Visitor;

impl Driver {
    pub(super) fn carry_out(&mut self, decision: Decision) -> Result<()> {
        let now = Timestamp::now();
        let store = &mut self.edges.store;
        let row = match decision {
            Decision::Keep { visitor, fate, is_asked } => self.keep(&visitor, fate, is_asked)?,
            Decision::Undo => self.undo(now)?,
            Decision::Introduce { one, other } => {
                let introduction = self.introduction(one, other)?;
                let seq = self.edges.store.introduce(introduction)?;
                info!(task.seq = seq, "introduced two visitors");
                Some(seq)
            }
            Decision::TakeBack(contact) => store.take_back(contact, now)?,
            Decision::Accept(contact) => store.accept(contact)?,
            Decision::SendAgain(contact) => store.send_again(contact)?,
            Decision::Remark(contact, remark) => store.remark(contact, &remark, now)?,
            Decision::Draft(draft) => self.keep_draft(&draft).map(|()| None)?,
            Decision::Send { notify } => self.send_draft(now, notify)?,
            Decision::Mode(mode) => store.choose_mode(mode).map(|()| None)?,
            Decision::Appear(appearance) => store.appear(appearance).map(|()| None)?,
            // It has an owner.
            Decision::AskOwner(_) | Decision::ProveOwner(_) => None,
            Decision::FirstCard(draft) => self.first_card(&draft, now)?,
            Decision::Pin(pin) => store.choose_pin(&pin).map(|()| None)?,
            Decision::Begun => {
                info!("the first start is over");
                store.begin(self.session.home()).map(|()| None)?
            }
            Decision::Speak(language) => store.choose_language(language).map(|()| None)?,
            Decision::Wipe => self.erase().map(|()| None)?,
            Decision::SignOut => {
                self.erase()?;
                info!("the kiosk leaves its owner");
                self.has_left = true;
                None
            }
            edge @ (Decision::LookAround
            | Decision::Join { .. }
            | Decision::WriteStick
            | Decision::ReadStick
            | Decision::MailContacts
            | Decision::LookAtStick
            | Decision::Install
            | Decision::Fetch
            | Decision::TakeSettings
            | Decision::Restart) => self.set_off(edge).map(|()| None)?,
        };
        self.contacts_are_stale = true;
        if let Some(seq) = row {
            self.dialogue.add(seq);
        }
        Ok(())
    }

    /// What an edge does in its own time; it tells later what became of it.
    fn set_off(&mut self, decision: Decision) -> Result<()> {
        let Edges { surveyor, stick, mailbag, mechanic, .. } = &self.edges;
        match decision {
            Decision::LookAround => surveyor.look(),
            Decision::Join { name, password } => surveyor.join(name, password),
            Decision::WriteStick => return self.write_stick(),
            Decision::ReadStick => stick.read(),
            Decision::MailContacts => mailbag.send(),
            Decision::LookAtStick => mechanic.look(),
            Decision::Install => mechanic.install(),
            Decision::Fetch => return self.fetch_update(),
            Decision::TakeSettings => mechanic.take_settings(),
            Decision::Restart => self.restart(),
            // The others are durable when they are carried out.
            _ => {}
        }
        Ok(())
    }

    /// A visitor's card; the row of its task.
    fn keep(&mut self, visitor: &Visitor, fate: Fate, is_asked: bool) -> Result<Option<u64>> {
        let exchange = self.exchange(visitor, fate, is_asked)?;
        let photo = visitor.photo.as_ref();
        let kept = match fate {
            Fate::Held(_) => self.edges.store.hold(&exchange, photo)?,
            Fate::Here | Fate::Cloud => self.edges.store.keep(exchange, photo)?,
        };
        self.last = Some(kept);
        info!(task.seq = kept.seq, "kept a card");
        Ok(kept.seq)
    }

    fn erase(&mut self) -> Result<()> {
        let n_contacts = self.edges.store.wipe()?;
        info!(n_contacts, "erased what was collected");
        Ok(())
    }

    fn keep_draft(&mut self, draft: &Draft) -> Result<()> {
        let card = words::edited(self.own.as_ref(), draft)?;
        self.edges.store.keep_draft(draft.base, &card)?;
        self.read_own_card()
    }

    fn send_draft(&mut self, now: Timestamp, notify: bool) -> Result<Option<u64>> {
        self.told = None;
        let row = self.edges.store.send_draft(now, notify)?;
        self.read_own_card()?;
        Ok(row)
    }

    /// A card that is written at the first start tells nobody anything new.
    fn first_card(&mut self, draft: &Draft, now: Timestamp) -> Result<Option<u64>> {
        self.keep_draft(draft)?;
        self.send_draft(now, false)
    }

    /// What was kept last; the row of the task that takes it back.
    fn undo(&mut self, now: Timestamp) -> Result<Option<u64>> {
        let Some(kept) = self.last else { return Ok(None) };
        let row = self.edges.store.undo(kept, now)?;
        self.last = None;
        info!(task.seq = kept.seq, "took a card back");
        Ok(row)
    }
}
