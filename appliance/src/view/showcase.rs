//! The own card in full: what its face has no room for.

use tapcard_protocol::Card;

use super::{Face, World};

/// Most lines, so that no visitor has to scroll; and most links among them.
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
}

/// One line of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A web address.
    Link(String),
    /// Where letters go.
    Address(String),
    /// What the owner offers.
    Offer(String),
    /// What the owner's company is.
    Company(String),
}

impl Shown {
    /// What it says.
    pub fn text(&self) -> &str {
        match self {
            Shown::Link(it) | Shown::Address(it) | Shown::Offer(it) | Shown::Company(it) => it,
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

pub(super) fn showcase(world: &World<'_>, chosen: Option<usize>) -> Showcase {
    let Some(own) = world.own else {
        return Showcase { face: Face::default(), lines: vec![], chosen: None };
    };
    let lines = lines(own.shown());
    let chosen = chosen.filter(|it| *it < lines.len());
    Showcase { face: Face::of(own.shown()).with(world.own_portrait), lines, chosen }
}

fn lines(card: &Card) -> Vec<Shown> {
    let links = card.links().take(MOST_LINKS).map(|it| Shown::Link(it.to_owned()));
    let texts = [
        Shown::Offer(card.offer().to_owned()),
        Shown::Company(card.company().to_owned()),
        Shown::Address(card.address()),
    ];
    let texts = texts.into_iter().filter(|it| !it.text().is_empty());
    links.chain(texts).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
