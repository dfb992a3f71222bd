//! A kiosk that is nobody's looks for its owner: a code to the owner's phone, typed here.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use tapcard_protocol::enrolment::{
    ASK_OWNER, AskOwner, Base64, NoOwner, Owner, PROVE_OWNER, ProveOwner,
};
use tapcard_protocol::{AccountId, TerminalId};
use tracing::warn;

use super::{Door, key};
use crate::session::Unfound;
use crate::trust::Demands;

/// How long the cloud may take for an answer; it may have to speak to a mail server before.
const PATIENCE: Duration = Duration::from_secs(20);

/// What comes of looking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A code is on its way, or none is.
    Asked(Result<(), Unfound>),
    /// The kiosk is somebody's, or nobody's yet.
    Owner(Result<(AccountId, TerminalId), Unfound>),
}

enum Order {
    Ask(String),
    Prove(String),
}

/// The hold on the thread that looks.
pub struct Finder(Sender<Order>);

impl Finder {
    /// Starts the thread. The kiosk's key is kept in `key_file`, it stands at `place`, and `tell` takes what is found.
    ///
    /// # Errors
    /// Fails when the thread cannot be started.
    pub fn start(
        (address, demands): (&str, Demands),
        (key_file, place): (PathBuf, String),
        tell: impl Fn(Found) + Send + 'static,
    ) -> Result<Finder> {
        let door = Door::new(address, demands, PATIENCE);
        let search = Search { door, key_file, place, asked: None };
        let (orders, received) = channel();
        thread::Builder::new()
            .name("finder".into())
            .spawn(move || search.run(&received, &tell))
            .context("starting to look for an owner")?;
        Ok(Finder(orders))
    }

    /// Lets a code come to a number or a mail address.
    pub fn ask(&self, to: String) {
        // Fails only when the program ends.
        let _ = self.0.send(Order::Ask(to));
    }

    /// Shows the code that came.
    pub fn prove(&self, code: String) {
        let _ = self.0.send(Order::Prove(code));
    }
}

struct Search {
    door: Door,
    key_file: PathBuf,
    place: String,
    /// What the cloud drew with the last code.
    asked: Option<Base64<32>>,
}

impl Search {
    fn run(mut self, orders: &Receiver<Order>, tell: &impl Fn(Found)) {
        while let Ok(order) = orders.recv() {
            tell(match order {
                Order::Ask(to) => Found::Asked(self.ask(to)),
                Order::Prove(code) => Found::Owner(self.prove(code)),
            });
        }
    }

    fn ask(&mut self, to: String) -> Result<(), Unfound> {
        match self.door.post(ASK_OWNER, &AskOwner { to }) {
            Ok(Owner::Asked { asked }) => {
                self.asked = Some(asked);
                Ok(())
            }
            answer => Err(unfound(answer)),
        }
    }

    fn prove(&self, code: String) -> Result<(AccountId, TerminalId), Unfound> {
        let Some(asked) = self.asked else { return Err(Unfound::Refused(NoOwner::NotTheCode)) };
        let key = key::open(&self.key_file).map_err(|why| unfound(Err(why)))?;
        let key = Base64(key.verifying_key().to_bytes());
        let place = self.place.clone();
        match self.door.post(PROVE_OWNER, &ProveOwner { asked, code, key, place }) {
            Ok(Owner::Found { account, terminal }) => Ok((account, terminal)),
            answer => Err(unfound(answer)),
        }
    }
}

fn unfound(answer: Result<Owner>) -> Unfound {
    match answer {
        Ok(Owner::Refused { why }) => Unfound::Refused(why),
        Ok(_) => Unfound::Away,
        Err(why) => {
            warn!("looking for the owner: {why:#}");
            Unfound::Away
        }
    }
}
