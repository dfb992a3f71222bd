//! Brings another version of the program, or other settings: looks at sticks, fetches, has the system install. Slow answers,
//! on a thread of their own. What counts is decided elsewhere.

mod bundle;
mod installer;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use anyhow::{Context, Result};
use tracing::{info, warn};

use crate::durable;
use crate::provisioning::{self, FILE, Held, MAX_FILE};
use crate::session::{Supplies, Unfit, Upkeep};
use crate::trust::Demands;
use installer::Installer;

/// What updates end in.
const ENDING: &str = "raucb";
/// Where an update stands until it is installed.
const UPDATE: &str = "update.raucb";

/// An update that the cloud offers.
#[derive(Clone)]
pub struct Offer {
    /// Its version.
    pub version: String,
    /// Where it is.
    pub url: String,
    /// The SHA-256 of what is there, in hexadecimal.
    pub sha256: Option<String>,
}

/// The system's installer, see rauc(1).
pub const INSTALLER: &str = "rauc";

/// Where everything is.
pub struct Places {
    /// The program that installs updates.
    pub installer: PathBuf,
    /// Where sticks appear.
    pub stick: Option<PathBuf>,
    /// Where settings and updates wait.
    pub inbox: PathBuf,
    /// The version that was good here last.
    pub floor: PathBuf,
    /// What the cloud must show.
    pub demands: Demands,
    /// Whose the kiosk is.
    pub held: Held,
}

enum Order {
    Look,
    Install,
    Fetch(Offer),
    TakeSettings,
}

/// The hold on the thread.
pub struct Mechanic(Option<Sender<Order>>);

impl Mechanic {
    /// Starts the thread, for a kiosk that has such places; `tell` takes how far it is.
    ///
    /// # Errors
    /// Fails when the thread cannot be started.
    pub fn start(
        places: Option<Places>,
        tell: impl Fn(Upkeep) + Send + 'static,
    ) -> Result<Mechanic> {
        let Some(places) = places else { return Ok(Mechanic(None)) };
        let (orders, received) = channel();
        thread::Builder::new()
            .name("mechanic".into())
            .spawn(move || work(&places, &received, &tell))
            .context("starting the mechanic")?;
        Ok(Mechanic(Some(orders)))
    }

    /// Looks at the stick.
    pub fn look(&self) {
        self.order(Order::Look);
    }

    /// Installs the update on the stick.
    pub fn install(&self) {
        self.order(Order::Install);
    }

    /// Installs one that has to be fetched.
    pub fn fetch(&self, offer: Offer) {
        self.order(Order::Fetch(offer));
    }

    /// Takes the settings on the stick.
    pub fn take_settings(&self) {
        self.order(Order::TakeSettings);
    }

    fn order(&self, order: Order) {
        // Fails only when the program ends.
        let _ = self.0.as_ref().map(|it| it.send(order));
    }
}

/// Has the system start again.
///
/// # Errors
/// Fails when it will not.
pub fn restart() -> Result<()> {
    let done = Command::new("systemctl").arg("reboot").status().context("starting again")?;
    anyhow::ensure!(done.success(), "the system does not start again: {done}");
    Ok(())
}

fn work(places: &Places, orders: &Receiver<Order>, tell: &dyn Fn(Upkeep)) {
    // What a power cut has left.
    let _ = fs::remove_file(places.inbox.join(UPDATE));
    while let Ok(order) = orders.recv() {
        let outcome = match order {
            Order::Look => places.look(),
            Order::Install => places.install(tell),
            Order::Fetch(offer) => places.fetch(&offer, tell),
            Order::TakeSettings => places.take_settings(),
        };
        tell(outcome.unwrap_or_else(|why| {
            warn!("upkeep: {why:?}");
            Upkeep::Failed(why)
        }));
    }
}

impl Places {
    fn look(&self) -> Result<Upkeep, Unfit> {
        let Some(stick) = self.present() else { return Ok(Upkeep::Found(Supplies::default())) };
        let update = match bundle_on(stick) {
            Some(bundle) => Some(self.installer().version(&bundle, &self.floor)?),
            None => None,
        };
        let has_settings = stick.join(FILE).is_file();
        Ok(Upkeep::Found(Supplies { has_stick: true, has_settings, update }))
    }

    fn installer(&self) -> Installer<'_> {
        Installer(&self.installer)
    }

    /// The stick, if one is in.
    fn present(&self) -> Option<&Path> {
        self.stick.as_deref().filter(|it| it.is_dir())
    }

    fn install(&self, tell: &dyn Fn(Upkeep)) -> Result<Upkeep, Unfit> {
        let bundle = self.present().and_then(bundle_on).ok_or(Unfit::Broken)?;
        self.inbox(|copy| bundle::copy(&bundle, copy, tell), tell)
    }

    fn fetch(&self, offer: &Offer, tell: &dyn Fn(Upkeep)) -> Result<Upkeep, Unfit> {
        self.inbox(|copy| bundle::fetch(offer, Arc::clone(&self.demands), copy, tell), tell)
    }

    /// The installer takes what nobody can change meanwhile.
    fn inbox(
        &self,
        bring: impl FnOnce(&Path) -> Result<(), Unfit>,
        tell: &dyn Fn(Upkeep),
    ) -> Result<Upkeep, Unfit> {
        let copy = self.inbox.join(UPDATE);
        fs::create_dir_all(&self.inbox).map_err(|it| bundle::refused(&it))?;
        let installed = bring(&copy)
            .and_then(|()| self.installer().version(&copy, &self.floor))
            .and_then(|version| self.installer().install(&copy, tell).map(|()| version));
        let _ = fs::remove_file(&copy);
        let version = installed?;
        info!(client.version = %version, "installed; it counts from the next start");
        Ok(Upkeep::Ready)
    }

    /// They wait where the next start finds them.
    fn take_settings(&self) -> Result<Upkeep, Unfit> {
        let file = self.present().map(|it| it.join(FILE)).ok_or(Unfit::Broken)?;
        let said = |why: String| Unfit::Settings(format!("{FILE}: {why}"));
        let bytes = durable::read(&file, MAX_FILE).map_err(|it| said(it.to_string()))?;
        let text = provisioning::text(bytes).map_err(said)?;
        provisioning::plan(&text, "", self.held).map_err(said)?;
        fs::create_dir_all(&self.inbox)
            .and_then(|()| durable::write(&self.inbox.join(FILE), text.as_bytes(), 0o600))
            .map_err(|it| bundle::refused(&it))?;
        info!("settings of a stick wait for the next start");
        Ok(Upkeep::Ready)
    }
}

/// The first of the updates on a stick, by its name.
fn bundle_on(stick: &Path) -> Option<PathBuf> {
    let is_update = |it: &PathBuf| it.extension().is_some_and(|it| it == ENDING) && it.is_file();
    fs::read_dir(stick).ok()?.flatten().map(|it| it.path()).filter(is_update).min()
}

#[cfg(test)]
mod tests;
