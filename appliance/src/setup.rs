//! The only loop of a kiosk that is nobody's: its first start, up to its owner.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tapcard_protocol::{AccountId, TerminalId};
use tracing::info;

use crate::credentials::{Finder, Found};
use crate::driver::Event;
use crate::pulse::Pulse;
use crate::screens::Display;
use crate::session::{Decision, Input, Session};
use crate::surveyor::Surveyor;
use crate::view::{View, World, compose};

/// How often the loop looks up where nothing is due.
const IDLE: Duration = Duration::from_secs(3600);

/// The edges of a kiosk that is nobody's.
pub struct Setup<'a> {
    /// The network.
    pub surveyor: Surveyor,
    /// The way to its owner.
    pub finder: Finder,
    /// The screen.
    pub display: &'a Display,
    /// The cloud, such as `https://cards.example.org`.
    pub cloud: &'a str,
    /// Where it stands.
    pub place: &'a str,
}

impl Setup<'_> {
    /// Runs until the owner is found: whose it is, and the session that goes on; nothing if the program is to end.
    pub fn run(
        self,
        mut session: Session,
        events: &Receiver<Event>,
    ) -> Option<(AccountId, TerminalId, Session)> {
        let start = Instant::now();
        let (mut shown, mut pulse): (Option<View>, _) = (None, Pulse::new());
        loop {
            let now = start.elapsed();
            let view = compose(
                &session,
                now,
                &World { cloud: self.cloud, place: self.place, ..World::default() },
            );
            if shown.as_ref() != Some(&view) {
                self.display.show(view.clone());
                shown = Some(view);
            }
            if let Some(says) = pulse.beat(now) {
                self.display.do_next(says);
            }
            let due = session.deadline().into_iter().chain(pulse.due()).min();
            let left = due.map_or(IDLE, |it| it.saturating_sub(now));
            let input = match events.recv_timeout(left) {
                Ok(Event::Person(it)) => it,
                Ok(Event::Network(it)) => Input::Around(it),
                Ok(Event::Found(Found::Asked(it))) => Input::Asked(it),
                Ok(Event::Found(Found::Owner(Err(why)))) => Input::Unowned(why),
                Ok(Event::Found(Found::Owner(Ok((account, terminal))))) => {
                    info!(account.id = %account, terminal.id = %terminal, "found the owner");
                    return Some((account, terminal, session.owned()));
                }
                Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => return None,
                Ok(_) => continue,
                Err(RecvTimeoutError::Timeout) => Input::Tick,
            };
            match session.handle(start.elapsed(), input) {
                Some(Decision::LookAround) => self.surveyor.look(),
                Some(Decision::Join { name, password }) => self.surveyor.join(name, password),
                Some(Decision::AskOwner(to)) => self.finder.ask(to),
                Some(Decision::ProveOwner(code)) => self.finder.prove(code),
                // Everything else needs an owner.
                _ => {}
            }
        }
    }
}
