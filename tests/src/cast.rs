//! The cast of demo, smoke and bench: Ada owns kiosk K and phone page A, Bo a badge and phone page B, Cy a badge.

use std::path::PathBuf;

use anyhow::Context;
use tapcard_protocol::AccountId;

use crate::broker::Make;
use crate::browser::Browser;
use crate::kiosk::Kiosk;
use crate::people::{ADA, BO, card, card_file};
use crate::radio::Radio;
use crate::world::World;

/// Ada's kiosk, both pages, and the cloud behind them. Fields are dropped in this order.
pub struct Cast {
    /// Pages A and B.
    pub browser: Browser,
    /// Ada's kiosk.
    pub kiosk: Kiosk,
    /// The kiosk's antenna.
    pub radio: Radio,
    /// Ada's account.
    pub ada: AccountId,
    /// Bo's account.
    pub bo: AccountId,
    /// The cloud.
    pub world: World,
}

/// The chip under the kiosk's antenna.
pub const CHIP: &str = "K";

impl Cast {
    /// Starts everything; the kiosk invites, both pages show their owner's card.
    ///
    /// # Errors
    /// Says what does not come up.
    pub fn gather() -> anyhow::Result<Cast> {
        Cast::gather_on(Make::Tapcard)
    }

    /// The same, on another broker.
    ///
    /// # Errors
    /// Says what does not come up.
    pub fn gather_on(make: Make) -> anyhow::Result<Cast> {
        let world = World::start_on(make)?;
        let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
        let bo = world.account(BO, Some(&card_file("ios.vcf")))?;
        let radio = Radio::start(&world.path(""), &[CHIP])?;
        let mut browser = Browser::start(&world.path("browser.log"))?;
        let pages = [world.page(ada)?, world.page(bo)?];
        let mut kiosk = world.kiosk(ada, &radio, CHIP)?;
        kiosk.see_cloud()?;
        browser.open("A", &pages[0])?;
        browser.open("B", &pages[1])?;
        browser.see("A", "Ada Lindqvist")?;
        browser.see("B", "Bo Okafor")?;
        Ok(Cast { browser, kiosk, radio, ada, bo, world })
    }

    /// Somebody holds a badge to the kiosk, swaps, and takes it away.
    ///
    /// # Errors
    /// Fails when the kiosk does not show it.
    pub fn swap(&mut self, badge: &str) -> anyhow::Result<()> {
        self.touch(badge)?;
        self.kiosk.press("Swap")?;
        self.kiosk.see("done")?;
        self.radio.clear(CHIP)
    }

    /// Somebody holds a badge to the kiosk.
    ///
    /// # Errors
    /// Fails when the kiosk does not ask.
    pub fn touch(&mut self, badge: &str) -> anyhow::Result<()> {
        self.radio.lay(CHIP, &card(badge)?)?;
        self.kiosk.see("confirm").with_context(|| format!("the badge {badge}"))
    }

    /// Ada changes her job title on the kiosk and tells her partners.
    ///
    /// # Errors
    /// Fails when the kiosk does not show what it should.
    pub fn edit_on_kiosk(&mut self, title: &str) -> anyhow::Result<()> {
        self.kiosk.unlock()?;
        self.kiosk.press("Menu")?;
        self.kiosk.see("menu")?;
        self.kiosk.press("Your card")?;
        self.kiosk.see("editor")?;
        self.kiosk.press("Next")?;
        self.kiosk.see_text("2 of ")?;
        self.kiosk.press("Job title")?;
        self.kiosk.command("clear")?;
        self.kiosk.write(title)?;
        self.kiosk.press("Save")?;
        self.kiosk.see("tell")?;
        self.kiosk.press("Tell them")?;
        self.kiosk.see("contacts")?;
        self.kiosk.see_text("are told")
    }

    /// Bo changes his job title on page B and tells his partners.
    ///
    /// # Errors
    /// Fails when the page does not show what it should.
    pub fn edit_on_page(&mut self, title: &str) -> anyhow::Result<()> {
        self.browser.press("B", "Edit my card")?;
        self.browser.fill("B", "Job title", title)?;
        self.browser.press("B", "Save")?;
        self.browser.press("B", "Tell everyone")
    }

    /// Draws both pages into a folder; the kiosk draws its screens by itself.
    ///
    /// # Errors
    /// Fails when a picture cannot be written.
    pub fn draw(&mut self, folder: &std::path::Path, name: &str) -> anyhow::Result<()> {
        for page in ["A", "B"] {
            let file: PathBuf = folder.join(format!("{name}-page-{page}.png"));
            self.browser.shot(page, &file)?;
        }
        Ok(())
    }
}
