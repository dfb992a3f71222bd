//! Where an operator's kiosks begin: an owner, a browser, and the commands that make them.

use std::path::PathBuf;

use anyhow::Context;
use tapcard_protocol::{AccountId, TerminalId};
use tapcard_tests::World;
use tapcard_tests::kiosk::{Kiosk, KioskPlan};
use tapcard_tests::people::{ADA, card_file};
use tapcard_tests::radio::Radio;
use tapcard_tests::visitor::Visitor;

/// An owner's account and browser, and where kiosks find everything.
pub(crate) struct Office {
    pub(crate) world: World,
    pub(crate) owner: AccountId,
    pub(crate) browser: Visitor,
    pub(crate) radio: Radio,
}

impl Office {
    /// Ada's.
    pub(crate) fn open() -> anyhow::Result<Office> {
        let world = World::start()?;
        let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
        Office::of(world, ada, ADA)
    }

    pub(crate) fn of(world: World, owner: AccountId, number: &str) -> anyhow::Result<Office> {
        let browser = Visitor::at_front(&world)?;
        browser.sign_in_at("/sign-in", number)?;
        let radio = Radio::quick(&world.path(""), &["K"])?;
        Ok(Office { world, owner, browser, radio })
    }

    /// What an operator's command prints, and where everything is that it has to be told.
    pub(crate) fn kiosk(&self, words: &[&str]) -> anyhow::Result<String> {
        let (broker, cloud) =
            (format!("mqtt://127.0.0.1:{}", self.world.broker_port()), self.world.web()?);
        let out = self.world.path("kiosks").display().to_string();
        let places = ["--broker", &broker, "--cloud", &cloud, "--out", &out];
        self.world.operate(&[&["kiosk"], words, &places].concat())
    }

    /// The folder of one new kiosk.
    pub(crate) fn add(&self) -> anyhow::Result<(TerminalId, PathBuf)> {
        folder(&self.kiosk(&["add", "--owner", &self.owner.to_string(), "--name", "Hall 3"])?)
    }

    pub(crate) fn start(
        &self,
        (terminal, folder): &(TerminalId, PathBuf),
    ) -> anyhow::Result<Kiosk> {
        KioskPlan::ready(folder, *terminal, &self.radio.port("K"))?.thanking_for(15)?.start()
    }

    /// Says yes on the account's page to a key.
    pub(crate) fn confirm(&self, terminal: TerminalId, key: &str) -> anyhow::Result<String> {
        let form = [("terminal", terminal.to_string()), ("key", key.to_owned())];
        let form = [("terminal", form[0].1.as_str()), ("key", form[1].1.as_str())];
        Ok(self.browser.send("/account/terminals/confirm", &form)?.text)
    }
}

/// Of the line that a command prints.
pub(crate) fn folder(printed: &str) -> anyhow::Result<(TerminalId, PathBuf)> {
    let mut parts = printed.trim_end().split('\t');
    let terminal = parts.next().context("nothing was printed")?.parse()?;
    Ok((terminal, PathBuf::from(parts.nth(1).context("no folder")?)))
}

/// The key that a page asks about.
pub(crate) fn key(page: &str) -> anyhow::Result<String> {
    let (_, rest) =
        page.split_once("name=\"key\" value=\"").context("nothing is to be compared")?;
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}
