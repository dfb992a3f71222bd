//! Somebody tries every button of every page that can be reached, and after each one goes away. Only time is played.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;

use expect_test::expect_file;
use slint::Rgb8Pixel;

use super::played::{Kiosk, Step};
use crate::language::Language;
use crate::screens::state::{Told, told};
use crate::session::{Consent, Mode};

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
        assert!(kiosk.is_like(&self.picture), "{after:?}: the invitation looks different");
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
                if !kiosk.is_new {
                    kiosk.leave();
                    untouched.compare(kiosk, &longer);
                }
                // What comes after the first start is known.
                let is_over = kiosk.is_new && !kiosk.session.is_starting();
                if is_spoken && !is_over {
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
    writeln!(table, "# The first start, which nothing ends but its last step\n").unwrap();
    (kiosk.introduces, kiosk.is_new) = (false, true);
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
