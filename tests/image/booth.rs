//! A kiosk of a flashed card that its owner has said yes to, and its cloud.

use std::path::Path;

use anyhow::Context;

use crate::card::Card;
use crate::cloud::Cloud;
use crate::machine::Machine;
use crate::{START, STEP};

/// Where the code on the first page leads.
const PAGE: &str = "https://cards.example.org";

/// Both.
pub(crate) struct Booth {
    // The emulator ends before the folder it writes to.
    pub(crate) machine: Machine,
    pub(crate) card: Card,
    pub(crate) cloud: Cloud,
}

impl Booth {
    /// Sets a card up, and waits until visitors are called.
    pub(crate) fn open(image: &Path) -> anyhow::Result<Booth> {
        Booth::open_at(image, "utc")
    }

    /// The same with a card that `tapcard-flash` has written.
    pub(crate) fn flash(image: &Path) -> anyhow::Result<Booth> {
        let cloud = Cloud::start()?;
        let card = Card::flash(image, &cloud.path("card.img"), &cloud.settings()?)?;
        Booth::start(cloud, card, "utc")
    }

    /// The same, where the kiosk's clock has stood at this time.
    pub(crate) fn open_at(image: &Path, time: &str) -> anyhow::Result<Booth> {
        let cloud = Cloud::start()?;
        let card = Card::copy(image, &cloud.path("card.img"))?;
        card.put("tapcard.toml", &cloud.settings()?)?;
        Booth::start(cloud, card, time)
    }

    fn start(cloud: Cloud, card: Card, time: &str) -> anyhow::Result<Booth> {
        let machine = Machine::start_at(&card, &cloud.radio, &cloud.path(""), time)?;
        let mut booth = Booth { machine, card, cloud };
        let confirmed = booth.cloud.confirm_key(START);
        booth.explain(confirmed)?;
        let called = booth.machine.see_code(PAGE, STEP);
        booth.explain(called)?;
        Ok(booth)
    }

    /// Pulls the plug, puts it in again, and waits until visitors are called.
    pub(crate) fn cut_the_power(&mut self) -> anyhow::Result<()> {
        self.machine.stop();
        self.machine = Machine::start(&self.card, &self.cloud.radio, &self.cloud.path(""))?;
        self.see_attract()
    }

    /// Waits until visitors are called.
    pub(crate) fn see_attract(&mut self) -> anyhow::Result<()> {
        let called = self.machine.see_code(PAGE, START);
        self.explain(called)
    }

    /// A visitor lays a badge down and says yes; the kiosk has said that it was kept.
    pub(crate) fn swap(&mut self, number: &str) -> anyhow::Result<()> {
        self.cloud.lay_badge(number)?;
        let swapped = self.machine.see_question(STEP).and_then(|()| self.machine.say_yes(STEP));
        self.explain(swapped)
    }

    /// Waits until an exchange is in Postgres.
    pub(crate) fn see_exchange(&mut self, number: &str) -> anyhow::Result<()> {
        let seen = self.cloud.see_exchange(number, STEP);
        self.explain(seen)
    }

    /// What the kiosk has logged, for whoever has to find out.
    pub(crate) fn explain<T>(&mut self, outcome: anyhow::Result<T>) -> anyhow::Result<T> {
        outcome.with_context(|| {
            let _ = self.machine.keep_picture("failed");
            self.machine
                .ask("systemctl --failed; journalctl -b -p 6 -u 'tapcard-*' --no-pager")
                .unwrap_or_default()
        })
    }
}
