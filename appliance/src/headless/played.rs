//! A kiosk whose time is played, and what somebody can do at it.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementQuery};
use jiff::Timestamp;
use slint::{ComponentHandle, Rgb8Pixel};
use tapcard_canvas::Canvas;
use tapcard_protocol::{Card, Edition, Identifier};

use super::hands;
use super::pages::CODE;
use crate::meeting::Meeting;
use crate::network::{Air, Around, Spot};
use crate::screens::window::{App, Lock, Nav, Pair, settle};
use crate::screens::{Screens, animate, show};
use crate::session::{Consent, Decision, Draft, Input, Mode, Session, Supplies, Unfit, Upkeep};
use crate::store::{Contact, ContactId, Delivery, OwnCard};
use crate::view::{World, compose};
use crate::visitor::Visitor;

/// Something that can happen at a page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// A badge with a card of this number is read.
    Badge(&'static str),
    /// A phone reads the own card.
    Phone,
    /// Something is felt.
    Felt,
    /// The PIN, or a wrong one, is pressed.
    Pin(&'static str),
    /// Something is typed.
    Type,
    /// A button is pressed.
    Press(String),
    /// Nothing is done until the next time is over.
    Wait,
}

impl Step {
    pub(super) fn name(&self) -> String {
        match self {
            Step::Badge(JO) => "(a badge is read)".to_owned(),
            Step::Badge(_) => "(another badge is read)".to_owned(),
            Step::Phone => "(a phone has read)".to_owned(),
            Step::Felt => "(something is felt)".to_owned(),
            Step::Pin(pin) => format!("(the PIN {pin})"),
            Step::Type => "(a letter is typed)".to_owned(),
            Step::Press(label) => label.clone(),
            Step::Wait => "(nobody does anything)".to_owned(),
        }
    }
}

const PIN: &str = "2468";
/// Two visitors' numbers.
const JO: &str = "+447700900001";
const LI: &str = "+447700900002";

/// A network that wants a password, and one that does not.
fn air() -> Air {
    let spot =
        |name: &str, is_locked| Spot { name: name.into(), signal: 50, is_locked, is_used: false };
    Air { has_cable: true, spots: Some(vec![spot("Hall", true), spot("Guests", false)]) }
}

/// A kiosk whose time is played, and whose store does nothing.
pub(super) struct Kiosk {
    canvas: Canvas,
    screens: Screens,
    done: Rc<RefCell<Vec<Input>>>,
    pub(super) session: Session,
    now: Duration,
    pub(super) consent: Consent,
    pub(super) mode: Mode,
    pub(super) introduces: bool,
    /// It is nobody's yet.
    pub(super) is_new: bool,
    /// Something was chosen that stays.
    has_chosen: bool,
    own: OwnCard,
    contacts: Vec<Contact>,
}

impl Kiosk {
    pub(super) fn open() -> Kiosk {
        let canvas = Canvas::install(800, 480).unwrap();
        let done = Rc::new(RefCell::new(Vec::new()));
        let sink = done.clone();
        let screens =
            Screens::open(Duration::from_secs(10), move |it| sink.borrow_mut().push(it)).unwrap();
        let app = screens.app();
        animate(app, false);
        app.show().unwrap();
        settle(app);
        let card = Card::named("Mara Lindqvist");
        let own = OwnCard { edition: Edition(1), card, draft: None, is_conflict: false };
        let contact = |id, name, delivery| Contact {
            id: ContactId(id),
            card: Card::named(name),
            is_live: false,
            has_ended: false,
            at: Timestamp::UNIX_EPOCH,
            delivery,
            note: String::new(),
            tags: vec![],
            rating: 0,
        };
        let contacts = vec![
            contact(3, "Di Fu", Delivery::Held),
            contact(1, "Bo Ek", Delivery::Sent),
            contact(2, "Cy Oh", Delivery::Failed),
        ];
        Kiosk {
            canvas,
            screens,
            done,
            session: Session::new(Mode::Both, None),
            now: Duration::ZERO,
            consent: Consent::default(),
            mode: Mode::Both,
            introduces: false,
            is_new: false,
            has_chosen: false,
            own,
            contacts,
        }
    }

    /// A new day.
    pub(super) fn begin(&mut self) {
        self.now = Duration::ZERO;
        self.has_chosen = false;
        let session =
            Session::new(self.mode, None).asking(self.consent).introducing(self.introduces);
        self.session = if self.is_new {
            session.starting(false)
        } else {
            session.locked_by(Some(PIN.to_owned())).begun().maintained(true)
        };
        self.take(Input::Own(Draft::of(self.own.edition, &self.own.card), false));
    }

    pub(super) fn app(&self) -> &App {
        self.screens.app()
    }

    fn take(&mut self, input: Input) {
        let decision = self.session.handle(self.now, input);
        self.show();
        self.has_chosen |= matches!(
            decision,
            Some(
                Decision::Mode(_)
                    | Decision::Appear(_)
                    | Decision::Speak(_)
                    | Decision::Pin(_)
                    | Decision::SignOut
            )
        );
        // The network answers at once, and so does the owner.
        match decision {
            Some(Decision::LookAround | Decision::Join { .. }) => {
                self.take(Input::Around(Around::Joined(Ok(()))));
                self.take(Input::Around(Around::Air(air())));
            }
            Some(Decision::LookAtStick) => {
                let update = Some("0.2.0".to_owned());
                let found = Supplies { has_stick: true, has_settings: true, update };
                self.take(Input::Upkept(Upkeep::Found(found)));
            }
            Some(Decision::Install) => self.take(Input::Upkept(Upkeep::Working(40))),
            Some(Decision::Fetch) => self.take(Input::Upkept(Upkeep::Failed(Unfit::Away))),
            Some(Decision::TakeSettings) => self.take(Input::Upkept(Upkeep::Ready)),
            Some(Decision::AskOwner(_)) => self.take(Input::Asked(Ok(()))),
            Some(Decision::ProveOwner(_)) => {
                self.session = self.session.clone().owned();
                self.show();
            }
            _ => {}
        }
    }

    fn show(&self) {
        let world = World {
            own: Some(&self.own),
            place: "Hall 4",
            online: true,
            code: Some(CODE).filter(|_| self.session.mode() != Mode::Take),
            contacts: &self.contacts,
            badge: Some(&self.own.card),
            by_phone: Some("https://cards.example.org/account/card"),
            has_sound: true,
            offered: Some("0.3.0"),
            ..World::default()
        };
        show(self.app(), &compose(&self.session, self.now, &world));
    }

    /// What was done at the screen reaches the session.
    fn hear(&mut self) {
        loop {
            let inputs = self.done.take();
            if inputs.is_empty() {
                return;
            }
            inputs.into_iter().for_each(|it| self.take(it));
        }
    }

    fn press(&mut self, label: &str) {
        hands::press(self.app(), label).unwrap();
        self.hear();
    }

    fn act(&mut self, step: &Step) {
        let note = String::new();
        match step {
            Step::Badge(number) => {
                let card = Card::named(if *number == JO { "Jo Visitor" } else { "Li Other" });
                let number = Identifier::phone(number, None).ok();
                let visitor = Visitor { card, photo: None, number, meeting: Meeting::BADGE, note };
                self.take(Input::Read(Box::new(visitor)));
            }
            Step::Phone => {
                self.take(Input::Met);
                self.take(Input::Parted { read: true });
            }
            Step::Felt => self.take(Input::Felt),
            Step::Pin(pin) => {
                pin.chars().for_each(|it| self.press(&it.to_string()));
                if self.page().starts_with("NewPin") {
                    self.press("OK");
                }
            }
            Step::Type => {
                hands::type_text(self.app(), "x").unwrap();
                self.hear();
            }
            Step::Press(label) => self.press(label),
            Step::Wait => {
                let Some(over) = self.session.deadline() else { return };
                self.now = over;
                self.take(Input::Tick);
            }
        }
    }

    /// From a new day on, along a way.
    pub(super) fn go(&mut self, way: &[Step]) {
        self.begin();
        way.iter().for_each(|it| self.act(it));
    }

    pub(super) fn page(&self) -> String {
        let page = format!("{:?}", self.app().global::<Nav<'_>>().get_screen());
        if page == "Pair" && self.app().global::<Pair<'_>>().get_has_other() {
            return "Pair of two".to_owned();
        }
        if page == "NewPin" && self.app().global::<Lock<'_>>().get_again() {
            return "NewPin again".to_owned();
        }
        page
    }

    /// All that somebody can do now; the keys of keyboard and pad are no steps of their own.
    pub(super) fn steps(&self) -> Vec<Step> {
        let all = ElementQuery::from_root(self.app()).match_descendants().find_all();
        let role = |it: &ElementHandle| it.accessible_role();
        let is_key =
            |it: &ElementHandle| it.type_name().is_some_and(|it| it == "Key" || it == "PadKey");
        let buttons = all.iter().filter(|it| {
            matches!(role(it), Some(AccessibleRole::Button | AccessibleRole::ListItem))
                && !is_key(it)
                && it.accessible_enabled() != Some(false)
        });
        let labels = buttons.filter_map(ElementHandle::accessible_label);
        let mut steps: Vec<Step> = labels.map(|it| Step::Press(it.to_string())).collect();
        steps.sort();
        steps.dedup();
        if all.iter().any(|it| role(it) == Some(AccessibleRole::TextInput)) {
            steps.push(Step::Type);
        }
        // It stands on a key alone where two actions have no room.
        let sends = |it: &ElementHandle| it.accessible_label().is_some_and(|it| it == "Send code");
        if all.iter().any(sends) {
            steps.push(Step::Press("Send code".into()));
        }
        if ["Lock", "NewPin", "NewPin again"].contains(&self.page().as_str()) {
            steps.extend([Step::Pin(PIN), Step::Pin("1111")]);
        }
        steps.push(Step::Badge(JO));
        if self.introduces {
            steps.push(Step::Badge(LI));
        }
        steps.extend([Step::Phone, Step::Felt, Step::Wait]);
        steps
    }

    /// Everybody goes away.
    pub(super) fn leave(&mut self) {
        while self.session.deadline().is_some() {
            self.act(&Step::Wait);
        }
        // Somebody comes by, and the screen is no longer dim.
        self.take(Input::Stir);
        if self.has_chosen {
            self.begin();
        }
    }

    pub(super) fn is_like(&mut self, picture: &[Rgb8Pixel]) -> bool {
        self.canvas.paint().is_like(picture)
    }

    pub(super) fn picture(&mut self) -> Vec<Rgb8Pixel> {
        self.canvas.paint().pixels.clone()
    }
}
