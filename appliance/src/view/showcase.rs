//! The own card in full: what its face has no room for.

use tapcard_protocol::Card;
use tapcard_protocol::card::{Exhibit, ExhibitKind, MOST_EXHIBITS, MediaName};

use super::{Face, Picture, World};

/// Most lines, so that no visitor has to scroll; and most links and things to look at among them.
const MOST: usize = 6;
const MOST_LINKS: usize = 4;

/// The own card in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Showcase {
    /// Its face.
    pub face: Face,
    /// What else is on it.
    pub lines: Vec<Shown>,
    /// Which of them is looked at.
    pub chosen: Option<usize>,
    /// What of it is seen.
    pub wall: Wall,
}

/// What is seen of something to look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Wall {
    /// Nothing of that kind is looked at.
    #[default]
    Empty,
    /// It is not here yet.
    Waiting,
    /// It cannot be shown.
    Unseen,
    /// A picture, which may move.
    Picture(Picture),
    /// A phone shows it, by this address; none while there is none.
    Phone(Option<String>),
}

/// One line of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Something to look at, and what its owner calls it.
    Exhibit(ExhibitKind, String),
    /// A web address.
    Link(String),
    /// Where messages go.
    Messenger(String),
    /// Where letters go.
    Address(String),
    /// What the owner offers.
    Offer(String),
    /// What the owner's company is.
    Company(String),
}

/// Whether the kiosk shows it by itself. A film a phone plays, and pages are read there.
fn hangs(kind: ExhibitKind) -> bool {
    matches!(kind, ExhibitKind::Picture | ExhibitKind::Animation)
}

impl Shown {
    /// What it says.
    pub fn text(&self) -> &str {
        match self {
            Shown::Exhibit(_, it)
            | Shown::Link(it)
            | Shown::Messenger(it)
            | Shown::Address(it)
            | Shown::Offer(it)
            | Shown::Company(it) => it,
        }
    }

    /// Without what stands before the host.
    pub fn short(&self) -> &str {
        let text = self.text();
        match self {
            Shown::Link(_) => text.split_once("://").map_or(text, |it| it.1).trim_end_matches('/'),
            _ => text,
        }
    }
}

/// Every picture of the own card that the kiosk shows.
pub fn pictures(card: &Card) -> impl Iterator<Item = MediaName> {
    let on_wall = exhibits(card).filter(|it| hangs(it.kind())).map(|it| it.name);
    card.portrait().into_iter().chain(card.logo()).chain(on_wall)
}

/// The picture of a line, if the kiosk shows one for it.
pub fn hung(card: &Card, line: usize) -> Option<MediaName> {
    exhibits(card).nth(line).filter(|it| hangs(it.kind())).map(|it| it.name)
}

fn exhibits(card: &Card) -> impl Iterator<Item = Exhibit<'_>> {
    card.exhibits().take(MOST_EXHIBITS)
}

pub(super) fn showcase(world: &World<'_>, chosen: Option<usize>) -> Showcase {
    let Some(own) = world.own else {
        let face = Face::default();
        return Showcase { face, lines: vec![], chosen: None, wall: Wall::Empty };
    };
    let lines = lines(own.shown());
    let chosen = chosen.filter(|it| *it < lines.len());
    let face = Face::of(own.shown()).with(world.own_portrait).signed(world.own_logo);
    let wall = match chosen.map(|it| &lines[it]) {
        Some(Shown::Exhibit(it, _)) if hangs(*it) => match world.exhibit {
            Some(it) => Wall::Picture(it.clone()),
            None if world.exhibit_unseen => Wall::Unseen,
            None => Wall::Waiting,
        },
        Some(Shown::Exhibit(..)) => Wall::Phone(world.code.map(str::to_owned)),
        _ => Wall::Empty,
    };
    Showcase { face, lines, chosen, wall }
}

/// What there is to look at comes first, so that a line's number is its number among them.
fn lines(card: &Card) -> Vec<Shown> {
    let exhibits = exhibits(card).map(|it| Shown::Exhibit(it.kind(), it.label.to_owned()));
    let links = card.links().map(|it| Shown::Link(it.to_owned()));
    let texts = [
        Shown::Offer(card.offer().to_owned()),
        Shown::Company(card.company().to_owned()),
        Shown::Messenger(card.messenger()),
        Shown::Address(card.address()),
    ];
    let texts = texts.into_iter().filter(|it| !it.text().is_empty());
    exhibits.chain(links).take(MOST_LINKS).chain(texts).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tapcard_protocol::Edition;

    use super::*;
    use crate::print::Print;
    use crate::store::OwnCard;

    #[test]
    fn a_card_in_full_has_what_its_face_has_no_room_for() {
        let mut card = Card::named("Mara");
        card.set_website("https://halden.example/");
        card.set_offer("Clocks");
        let lines = lines(&card);
        assert_eq!(
            lines,
            [Shown::Link("https://halden.example/".into()), Shown::Offer("Clocks".into())]
        );
        assert_eq!(lines[0].short(), "halden.example");
    }

    fn exhibit(at: u8, media_type: &'static str) -> Exhibit<'static> {
        Exhibit { name: MediaName([at; 16]), media_type, label: "The lift" }
    }

    #[test]
    fn what_the_kiosk_shows_hangs_there_and_a_phone_shows_the_rest() {
        let mut card = Card::named("Mara");
        card.set_website("https://halden.example/");
        for it in [exhibit(1, "video/mp4"), exhibit(2, "image/gif"), exhibit(3, "application/pdf")]
        {
            card.add_exhibit(it);
        }
        card.set_logo(Some((MediaName([9; 16]), "image/png")));
        assert_eq!([0, 1, 2, 3].map(|it| hung(&card, it).is_some()), [false, true, false, false]);
        assert_eq!(pictures(&card).map(|it| it.0[0]).collect::<Vec<_>>(), [9, 2]);
        let own = OwnCard { edition: Edition(1), card, draft: None, is_conflict: false };
        let frames = vec![vec![0; 4]];
        let print = Print { width: 1, height: 1, frames, pace: Duration::ZERO };
        let picture = Picture(Arc::new(print));
        let world =
            World { own: Some(&own), code: Some("https://c.example/T/x"), ..World::default() };
        let wall = |world: &World<'_>, line| showcase(world, Some(line)).wall;
        let phone = Wall::Phone(Some("https://c.example/T/x".into()));
        assert_eq!((wall(&world, 0), wall(&world, 2)), (phone.clone(), phone));
        assert_eq!((wall(&world, 1), wall(&world, 3)), (Wall::Waiting, Wall::Empty));
        let world = World { exhibit_unseen: true, ..world };
        assert_eq!(wall(&world, 1), Wall::Unseen);
        let world = World { exhibit: Some(&picture), ..world };
        assert_eq!(wall(&world, 1), Wall::Picture(picture.clone()));
        assert_eq!(showcase(&world, Some(9)).chosen, None);
    }
}
