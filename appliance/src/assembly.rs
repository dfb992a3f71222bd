//! Puts the kiosk together: the edges are started from the settings and handed to the driver.

use std::sync::mpsc::{Receiver, Sender};
use std::thread;

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tapcard_protocol::{Card, Edition};

use crate::config::{Config, OwnerConfig};
use crate::courier::Courier;
use crate::credentials::{Finder, Owned};
use crate::darkroom::Darkroom;
use crate::departure::{Departure, start_anew};
use crate::driver::{Driver, Edges, Ended, Event, Identity};
use crate::mailbag::Mailbag;
use crate::mechanic::{INSTALLER, Mechanic, Places};
use crate::provisioning::{ERASED, Held};
use crate::screens::Display;
use crate::session::Session;
use crate::setup::Setup;
use crate::stick::Stick;
use crate::store::{Erased, Store};
use crate::surveyor::{Goal, Surveyor};
use crate::trust::Demands;
use crate::uplink::{Address, Uplink};
use crate::view::Unset;
use crate::{chance, reader, signals, standstill, theft, visitor};

/// The driver at work on its thread.
pub struct Running {
    events: Sender<Event>,
    thread: thread::JoinHandle<Result<()>>,
}

impl Running {
    /// Lets the driver finish what it is at.
    ///
    /// # Errors
    /// Fails with what ended the driver.
    pub fn finish(self) -> Result<()> {
        // Fails when it has stopped already.
        let _ = self.events.send(Event::Stop);
        self.thread.join().unwrap_or_else(|_| anyhow::bail!("the driver panicked"))
    }
}

/// Starts everything behind the screens; first, for a kiosk that is nobody's, the search for its owner.
///
/// # Errors
/// Fails when an edge cannot be started.
pub fn start(
    config: Config,
    events: Sender<Event>,
    received: Receiver<Event>,
    display: Display,
) -> Result<Running> {
    prepare(&events)?;
    let thread = thread::Builder::new().name("driver".into());
    let sender = events.clone();
    let thread = match config.owned()? {
        _ if Erased::open(&config.store)?.is_some() => {
            thread.spawn(move || lead(config, &sender, &received, display))?
        }
        Some(owned) => {
            let (session, departure) = (session(&config), departure(&config, owned)?);
            let driver = assemble(config, owned, session, &sender, display)?;
            thread.spawn(move || conclude(driver.run(&received)?, departure))?
        }
        None => thread.spawn(move || lead(config, &sender, &received, display))?,
    };
    Ok(Running { events, thread })
}

/// Says what is wrong with the operator's file; then, if there are settings of before and somebody wants to go on with them,
/// starts everything else.
///
/// # Errors
/// Fails when no thread can be started.
pub fn start_by(
    (unset, config): (Unset, Option<Config>),
    events: Sender<Event>,
    received: Receiver<Event>,
    display: Display,
) -> Result<Running> {
    prepare(&events)?;
    let sender = events.clone();
    let thread = thread::Builder::new().name("driver".into()).spawn(move || {
        let goes_on = standstill::stand(unset, &display, &received);
        match config.filter(|_| goes_on) {
            Some(config) => lead(config, &sender, &received, display),
            None => {
                display.close();
                Ok(())
            }
        }
    })?;
    Ok(Running { events, thread })
}

fn prepare(events: &Sender<Event>) -> Result<()> {
    obey_signals(events.clone())?;
    thread::Builder::new().name("warm-up".into()).spawn(visitor::warm_up)?;
    Ok(())
}

/// Finds the owner if there is none yet, and serves to the end.
fn lead(
    config: Config,
    events: &Sender<Event>,
    received: &Receiver<Event>,
    display: Display,
) -> Result<()> {
    if let Some(erased) = Erased::open(&config.store)? {
        return hand_over(&config, erased, events, (received, display));
    }
    let session = session(&config);
    let found = match config.owned()? {
        Some(owned) => Some(Ok((owned, session))),
        None => find_owner(&config, session, events, (received, &display)).transpose(),
    };
    match found {
        Some(Ok((owned, session))) => {
            let departure = departure(&config, owned)?;
            let driver = assemble(config, owned, session, events, display)?;
            conclude(driver.run(received)?, departure)
        }
        over => {
            // Nobody is left before a screen that no longer answers.
            display.close();
            over.map_or(Ok(()), |it| it.map(drop))
        }
    }
}

fn departure(config: &Config, owned: Owned) -> Result<Departure> {
    let (store, key_file) = (config.store.clone(), config.key_file.clone());
    let cloud = config.gallery(owned.terminal, &config.demands()?);
    Ok(Departure { cloud, store, key_file, mark: None })
}

fn conclude(ended: Ended, departure: Departure) -> Result<()> {
    match ended {
        Ended::Stopped => Ok(()),
        Ended::Left => departure.go().map(drop),
        Ended::Erased => start_anew().map(drop),
    }
}

/// What is left to do for a kiosk that was erased from afar; then it is nobody's.
fn hand_over(
    config: &Config,
    erased: Erased,
    events: &Sender<Event>,
    (received, display): (&Receiver<Event>, Display),
) -> Result<()> {
    let cloud = match config.owned()? {
        Some(owned) => config.gallery(owned.terminal, &config.demands()?),
        None => None,
    };
    let taken = events.clone();
    let courier =
        cloud.map(|it| Courier::new(it, move |it| drop(taken.send(Event::HandedOver(it)))));
    let address = config.cloud.as_deref().unwrap_or_default();
    let ended = theft::hand_over(&erased, courier.as_ref(), (&display, address), received);
    display.close();
    match ended? {
        Ended::Left => {
            drop(erased);
            let (store, key_file) = (config.store.clone(), config.key_file.clone());
            let mark = config.upkeep.as_ref().map(|it| it.inbox.join(ERASED));
            Departure { cloud: None, store, key_file, mark }.go_erased()
        }
        Ended::Stopped | Ended::Erased => Ok(()),
    }
}

fn session(config: &Config) -> Session {
    let session = Session::new(config.mode, config.staff_pin.clone())
        .thanking_for(config.screen.thanks())
        .speaking(config.language)
        .asking(config.cloud_consent)
        .unattended(config.unattended)
        .introducing(config.introduces)
        .standing_in(config.region)
        .maintained(config.upkeep.is_some());
    if config.account.is_none() { session.starting(false) } else { session }
}

/// The first start of a kiosk that is nobody's; nothing if the program is to end.
fn find_owner(
    config: &Config,
    session: Session,
    events: &Sender<Event>,
    (received, display): (&Receiver<Event>, &Display),
) -> Result<Option<(Owned, Session)>> {
    let cloud = config.cloud.as_deref().unwrap_or_default();
    let found = events.clone();
    let kept = (config.key_file.clone(), config.whereabouts());
    let demands = config.demands()?;
    let finder = Finder::start((cloud, demands.clone()), kept, move |it| {
        drop(found.send(Event::Found(it)));
    })?;
    let surveyor = survey(config.goal(&demands), events)?;
    let setup = Setup { surveyor, finder, display, cloud, place: &config.whereabouts() };
    let Some((account, terminal, session)) = setup.run(session, received) else { return Ok(None) };
    let owned = Owned { account, terminal };
    owned.keep(&config.key_file)?;
    Ok(Some((owned, session)))
}

fn survey(goal: Goal, events: &Sender<Event>) -> Result<Surveyor> {
    let events = events.clone();
    Surveyor::start(goal, move |it| drop(events.send(Event::Network(it))))
}

/// Who brings updates and settings, where there is a place for them.
fn maintain(
    config: &Config,
    (owned, demands): (Owned, Demands),
    events: &Sender<Event>,
) -> Result<Mechanic> {
    let found = Owned::load(&config.key_file)?;
    let places = config.upkeep.as_ref().map(|it| Places {
        installer: INSTALLER.into(),
        stick: config.stick.clone(),
        inbox: it.inbox.clone(),
        floor: it.floor.clone(),
        demands,
        held: Held { owned: Some(owned), found },
    });
    let events = events.clone();
    Mechanic::start(places, move |it| drop(events.send(Event::Upkeep(it))))
}

/// Who the kiosk is to visitors and to the cloud.
fn identity(config: &Config, owned: Owned) -> Identity {
    Identity {
        account: owned.account,
        terminal: owned.terminal,
        name: config.name.clone(),
        place: config.whereabouts(),
        retention: SignedDuration::from_hours(i64::from(config.retention_hours)),
        page: config.page.clone(),
        cloud: config.cloud.clone(),
        region: config.region,
    }
}

/// Starts the edges and hands them to the driver.
fn assemble(
    config: Config,
    owned: Owned,
    session: Session,
    events: &Sender<Event>,
    display: Display,
) -> Result<Driver> {
    let terminal = owned.terminal;
    let owner = config.owner.as_ref().map(owner_card);
    let mut store = Store::open(&config.store, terminal, chance::number()?)?;
    if let Some(card) = &owner {
        store.take_own_card(Edition(0), card)?;
    }
    store.register(Timestamp::now(), owner)?;
    let has_begun = store.has_begun()?;
    let session = match (has_begun, config.account) {
        // Its owner was found, now or before the power went.
        (false, None) => session.owned(),
        (false, Some(_)) if config.guide => session.starting(true),
        (true, None) => session.begun(),
        _ => session,
    };
    let identity = identity(&config, owned);
    let (seed, to_driver) = (chance::number()?, events.clone());
    let place = reader::Place {
        settings: config.reader.settings(),
        appearance: config.card.appearance(seed),
        region: config.region,
        seed,
    };
    let reader = reader::start(place, move |it| drop(to_driver.send(Event::Reader(it))))?;
    let (developed, program) =
        (events.clone(), std::env::current_exe().context("finding this program")?);
    let tell = move |it| drop(developed.send(Event::Pictured(it)));
    let demands = config.demands()?;
    let [gallery, mailing] = [(); 2].map(|()| config.gallery(terminal, &demands));
    let darkroom = Darkroom::start(program, gallery, tell)?;
    let surveyor = survey(config.goal(&demands), events)?;
    let mechanic = maintain(&config, (owned, demands.clone()), events)?;
    let (credentials, to_driver) = (config.credentials(terminal, &demands), events.clone());
    let address = Address { brokers: config.broker, terminal, credentials, demands };
    let uplink = Uplink::start(address, move |it| drop(to_driver.send(Event::Uplink(it))))?;
    let to_driver = events.clone();
    let stick = Stick::new(config.stick, move |it| drop(to_driver.send(Event::Stick(it))));
    let to_driver = events.clone();
    let mailbag = Mailbag::new(mailing, move |it| drop(to_driver.send(Event::Mailed(it))));
    let signals = signals::Signals::start(config.signals.settings())?;
    let edges = Edges {
        store,
        uplink,
        reader,
        display,
        stick,
        mailbag,
        darkroom,
        signals,
        surveyor,
        mechanic,
    };
    Driver::new(identity, edges, session)
}

fn obey_signals(events: Sender<Event>) -> Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT]).context("listening for signals")?;
    thread::Builder::new().name("signals".into()).spawn(move || {
        signals.forever().next();
        // Fails when the driver has stopped already.
        let _ = events.send(Event::Stop);
    })?;
    Ok(())
}

fn owner_card(owner: &OwnerConfig) -> Card {
    let mut card = Card::named(&owner.name);
    card.set_title(&owner.title);
    card.set_organisation(&owner.organisation);
    card
}
