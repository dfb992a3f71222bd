//! What the driver does about another version of the program, or other settings.

use anyhow::{Context, Result};
use tracing::{error, info};

use super::Driver;
use crate::mechanic::{self, Offer};
use crate::session::{Input, Unfit, Upkeep};

impl Driver {
    /// Another version than this one is ready.
    pub(super) fn take_offer(&mut self, offer: Offer) {
        info!(client.version = %offer.version, "another version of this program is ready");
        self.offered = Some(offer);
    }

    /// It comes from where the cloud says.
    pub(super) fn fetch_update(&self) -> Result<()> {
        let offer = self.offered.clone().context("nothing is offered")?;
        self.edges.mechanic.fetch(offer);
        Ok(())
    }

    /// Everything that was decided is durable by now.
    pub(super) fn restart(&mut self) {
        info!("the staff has the kiosk start again");
        if let Err(why) = mechanic::restart() {
            error!("{why:#}");
            self.take(Input::Upkept(Upkeep::Failed(Unfit::Broken)));
        }
    }
}
