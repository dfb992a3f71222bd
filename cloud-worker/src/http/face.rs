//! A card as pages show it: its face, and the ways to reach its owner.

use maud::{Markup, PreEscaped, html};
use tapcard_protocol::card::MediaName;
use tapcard_protocol::{AccountId, Card};

/// A name longer than this takes two smaller lines.
const LONG_NAME: usize = 20;
const PHONE: &str = "M8 2.5h8A1.5 1.5 0 0 1 17.5 4v16a1.5 1.5 0 0 1-1.5 1.5H8A1.5 1.5 0 0 1 6.5 20V4A1.5 1.5 0 0 1 8 2.5M11 18.5h2";
const MAIL: &str =
    "M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1M3.5 7l8.5 6 8.5-6";
const WEB: &str = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M3.5 9h17M3.5 15h17M12 3c5 5.5 5 12.5 0 18M12 3c-5 5.5-5 12.5 0 18";

/// Where a page finds the pictures of a card's face.
#[derive(Default)]
pub(super) struct Pictures {
    pub(super) portrait: Option<String>,
    pub(super) logo: Option<String>,
}

impl Pictures {
    /// Those of a card, each where `address` says.
    pub(super) fn of(card: &Card, address: impl Fn(MediaName) -> String) -> Pictures {
        Pictures { portrait: card.portrait().map(&address), logo: card.logo().map(&address) }
    }
}

pub(super) fn icon(path: &str) -> Markup {
    html! {
        svg viewBox="0 0 24 24" aria-hidden="true" { (PreEscaped(format!("<path d=\"{path}\"/>"))) }
    }
}

/// The card's face, as the phone's own page draws it.
pub(super) fn face(owner: AccountId, card: &Card, pictures: &Pictures) -> Markup {
    let name = card.name();
    let long = if name.chars().count() > LONG_NAME { "name long" } else { "name" };
    let (phone, mail) = (card.phones().next(), card.mails().next());
    html! {
        section class="card visit" aria-label=(format!("Card of {name}")) {
            div {
                @if let Some(it) = &pictures.logo {
                    img class="logo" src=(it) alt=(logo_of(card));
                } @else if !card.organisation().is_empty() {
                    p class="organisation" { (card.organisation()) }
                }
                @if let Some(it) = &pictures.portrait {
                    img class="face" src=(it) alt=(format!("{name}’s picture"));
                } @else {
                    span class=(format!("face tint-{}", owner.as_u64() & 7)) aria-hidden="true" { (monogram(&name)) }
                }
                p class=(long) { (name) }
                @if !card.title().is_empty() { p class="title" { (card.title()) } }
                @if phone.is_some() || mail.is_some() {
                    p class="reach" {
                        @if let Some(it) = phone { span { (it.number) } }
                        @if let Some(it) = mail { span { (it) } }
                    }
                }
            }
        }
    }
}

/// Whose sign it is, for those who do not see it.
fn logo_of(card: &Card) -> &str {
    if card.organisation().is_empty() { "Logo" } else { card.organisation() }
}

/// The first letters of the first and the last word.
fn monogram(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let ends = [words.first(), words.last().filter(|_| words.len() > 1)];
    let letters = ends.into_iter().flatten().filter_map(|it| it.chars().next());
    letters.flat_map(char::to_uppercase).collect()
}

pub(super) fn rows(card: &Card) -> Markup {
    html! {
        ul class="rows" {
            @for it in card.phones() {
                @let digits: String = it.number.chars().filter(|it| it.is_ascii_digit() || *it == '+').collect();
                li { a href=(format!("tel:{digits}")) {
                    (icon(PHONE)) (it.number) span { @if it.mobile { "Mobile" } @else { "Phone" } }
                } }
            }
            @for it in card.mails() {
                li { a href=(format!("mailto:{it}")) { (icon(MAIL)) (it) span { "Mail" } } }
            }
            @if let Some(it) = web_address(card) {
                li { a href=(it) rel="noreferrer" { (icon(WEB)) (shown(it)) span { "Web" } } }
            }
        }
    }
}

/// The card's web address, if a browser may open it: whoever wrote the card may have written a script there.
fn web_address(card: &Card) -> Option<&str> {
    let it = card.website();
    ["https://", "http://"].iter().any(|scheme| it.starts_with(scheme)).then_some(it)
}

/// Without what everybody knows.
fn shown(address: &str) -> &str {
    let address = address.split_once("://").map_or(address, |(_, it)| it);
    address.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_monogram_is_two_letters_at_most() {
        let of = ["Ada Lindqvist", "Ada de la Cruz", "ada", "", "张伟"].map(monogram);
        assert_eq!(of, ["AL", "AC", "A", "", "张"]);
    }

    #[test]
    fn only_pages_are_linked() {
        let mut card = Card::named("Ada");
        for wrong in
            ["javascript:alert(1)", "data:text/html,x", "tapcard:media/00", "halden.example"]
        {
            card.set_website(wrong);
            assert_eq!(web_address(&card), None, "{wrong}");
        }
        card.set_website("https://halden.example/");
        assert_eq!(web_address(&card).map(shown), Some("halden.example"));
    }

    #[test]
    fn a_picture_takes_the_place_of_the_letters() {
        let (owner, card) = (AccountId::new(3), Card::named("Ada Lind"));
        let letters = face(owner, &card, &Pictures::default()).into_string();
        assert!(letters.contains(">AL<") && !letters.contains("<img"));
        let portrait = Some("/media/x?until=1&proof=2".to_owned());
        let picture = face(owner, &card, &Pictures { portrait, logo: None }).into_string();
        assert!(
            picture.contains("src=\"/media/x?until=1&amp;proof=2\"") && !picture.contains(">AL<")
        );
    }

    #[test]
    fn a_sign_takes_the_place_of_the_organisations_name() {
        let mut card = Card::named("Ada Lind");
        card.set_organisation("Halden");
        let logo = Some("/media/y".to_owned());
        let it = face(AccountId::new(3), &card, &Pictures { portrait: None, logo }).into_string();
        assert!(it.contains("alt=\"Halden\"") && !it.contains("<p class=\"organisation\">"));
    }
}
