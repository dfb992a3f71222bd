//! Somebody tries every button of every page that can be reached, and after each one goes away. Only time is played.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;
use std::rc::Rc;
use std::time::Duration;

use expect_test::expect_file;
use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementQuery};
use jiff::Timestamp;
use slint::{ComponentHandle, Rgb8Pixel};
use tapcard_protocol::{Card, Edition, Identifier};

use super::canvas::Canvas;
use super::gallery::alike;
use super::hands;
use crate::language::Language;
use crate::meeting::Meeting;
use crate::screens::state::{Told, told};
use crate::screens::window::{App, Nav, Pair, settle};
use crate::screens::{Screens, animate, show};
use crate::session::{Consent, Draft, Input, Mode, Session};
use crate::store::{Contact, ContactId, Delivery, OwnCard};
use crate::view::{World, compose};
use crate::visitor::Visitor;

/// Something that can happen at a page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
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
    fn name(&self) -> String {
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

/// A kiosk whose time is played, and whose store does nothing.
struct Kiosk {
    canvas: Canvas,
    screens: Screens,
    done: Rc<RefCell<Vec<Input>>>,
    session: Session,
    now: Duration,
    consent: Consent,
    mode: Mode,
    introduces: bool,
    own: OwnCard,
    contacts: Vec<Contact>,
}

impl Kiosk {
    fn open() -> Kiosk {
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
            at: Timestamp::UNIX_EPOCH,
            delivery,
            note: String::new(),
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
            own,
            contacts,
        }
    }

    /// A new day.
    fn begin(&mut self) {
        self.now = Duration::ZERO;
        self.session = Session::new(self.mode, Some(PIN.to_owned()))
            .asking(self.consent)
            .introducing(self.introduces);
        self.take(Input::Own(Draft::of(self.own.edition, &self.own.card), false));
    }

    fn app(&self) -> &App {
        self.screens.app()
    }

    fn take(&mut self, input: Input) {
        self.session.handle(self.now, input);
        let world = World {
            own: Some(&self.own),
            place: "Hall 4",
            online: true,
            contacts: &self.contacts,
            badge: Some(&self.own.card),
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
            Step::Pin(pin) => pin.chars().for_each(|it| self.press(&it.to_string())),
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
    fn go(&mut self, way: &[Step]) {
        self.begin();
        way.iter().for_each(|it| self.act(it));
    }

    fn page(&self) -> String {
        let page = format!("{:?}", self.app().global::<Nav<'_>>().get_screen());
        if page == "Pair" && self.app().global::<Pair<'_>>().get_has_other() {
            return "Pair of two".to_owned();
        }
        page
    }

    /// All that somebody can do now; the keys of keyboard and pad are no steps of their own.
    fn steps(&self) -> Vec<Step> {
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
        if self.page() == "Lock" {
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
    fn leave(&mut self) {
        while self.session.deadline().is_some() {
            self.act(&Step::Wait);
        }
        // A mode is chosen to stay.
        if self.session.mode() != self.mode {
            self.begin();
        }
    }

    fn picture(&mut self) -> Vec<Rgb8Pixel> {
        self.canvas.paint().pixels.clone()
    }
}

/// The first picture and all that the pages are told, before anybody came.
struct Untouched {
    told: Vec<Told>,
    picture: Vec<Rgb8Pixel>,
}

impl Untouched {
    fn compare(&self, kiosk: &mut Kiosk, after: &[Step]) {
        let now = told(kiosk.app());
        let left: Vec<_> =
            self.told.iter().zip(&now).filter(|(a, b)| a != b).map(|it| it.1).collect();
        assert!(left.is_empty(), "{after:?}: this stays behind: {left:?}");
        assert!(
            alike(&self.picture, &kiosk.picture()),
            "{after:?}: the invitation looks different"
        );
    }
}

/// From page to page: which steps lead where.
#[derive(Default)]
struct Map {
    /// What can be done at each page, in the order in which they were found.
    known: Vec<(String, Vec<Step>)>,
    leads: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

impl Map {
    /// A page is known by its name and by what can be done there; one on which something is written is another one.
    fn name(&mut self, kiosk: &Kiosk, last: Option<&Step>) -> String {
        let is_written = if last == Some(&Step::Type) { ", written" } else { "" };
        let (page, steps) = (format!("{}{is_written}", kiosk.page()), kiosk.steps());
        let alike = self.known.iter().filter(|it| it.0 == page);
        let place = alike.clone().position(|it| it.1 == steps).unwrap_or(alike.count());
        if place == self.known.iter().filter(|it| it.0 == page).count() {
            self.known.push((page.clone(), steps));
        }
        if place == 0 { page } else { format!("{page} {}", place + 1) }
    }

    /// Walks every way once.
    fn draw(kiosk: &mut Kiosk) -> Map {
        kiosk.begin();
        // Drawn twice: what was drawn before may have another edge of a line.
        kiosk.picture();
        let untouched = Untouched { told: told(kiosk.app()), picture: kiosk.picture() };
        let mut map = Map::default();
        let mut open = VecDeque::from([(map.name(kiosk, None), vec![])]);
        while let Some((page, way)) = open.pop_front() {
            if map.leads.contains_key(&page) {
                continue;
            }
            kiosk.go(&way);
            let mut leads: BTreeMap<String, Vec<String>> = BTreeMap::new();
            // The staff's pages are the same in every mode.
            let is_usual = kiosk.mode == Mode::Both && !kiosk.introduces;
            let is_new = |it: &Step| is_usual || *it != Step::Press("Staff".into());
            let steps: Vec<Step> = kiosk.steps().into_iter().filter(is_new).collect();
            for step in steps {
                let longer = [way.clone(), vec![step.clone()]].concat();
                kiosk.go(&longer);
                // The words differ in another language, and nothing else.
                let is_spoken = kiosk.session.language() == Language::English;
                let next = if is_spoken { map.name(kiosk, Some(&step)) } else { kiosk.page() };
                leads.entry(next.clone()).or_default().push(step.name());
                kiosk.leave();
                untouched.compare(kiosk, &longer);
                if is_spoken {
                    open.push_back((next, longer));
                }
            }
            map.leads.insert(page, leads);
        }
        map
    }
}

#[test]
fn every_path_between_pages_is_known_and_ends_at_an_untouched_invitation() {
    let (mut table, mut kiosk) = (String::new(), Kiosk::open());
    for (mode, consent) in
        [(Mode::Both, Consent::Together), (Mode::Give, Consent::Never), (Mode::Take, Consent::Ask)]
    {
        writeln!(table, "# {mode:?}, the cloud: {consent:?}\n").unwrap();
        (kiosk.mode, kiosk.consent) = (mode, consent);
        write(&mut table, &mut kiosk);
    }
    writeln!(table, "# An organiser's kiosk\n").unwrap();
    (kiosk.mode, kiosk.introduces) = (Mode::Both, true);
    write(&mut table, &mut kiosk);
    expect_file!["../../tests/paths.txt"].assert_eq(&table);
}

fn write(table: &mut String, kiosk: &mut Kiosk) {
    for (page, leads) in Map::draw(kiosk).leads {
        writeln!(table, "{page}").unwrap();
        for (next, steps) in leads {
            writeln!(table, "    -> {next}: {}", steps.join(", ")).unwrap();
        }
    }
    writeln!(table).unwrap();
}
