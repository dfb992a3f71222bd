//! What there is to look at on a card besides its face: pictures, animations, films and documents.

use maud::{Markup, html};
use tapcard_protocol::Card;
use tapcard_protocol::card::{Exhibit, ExhibitKind, MediaName};

use super::face::icon;

const PAGES: &str = "M7 3h7l4 4v14H7zM14 3v4h4M10 12h5M10 16h5";

/// As its owner calls it, or what it is.
pub(super) fn title<'a>(it: &Exhibit<'a>) -> &'a str {
    match it.kind() {
        _ if !it.label.is_empty() => it.label,
        ExhibitKind::Picture => "Picture",
        ExhibitKind::Animation => "Animation",
        ExhibitKind::Film => "Film",
        ExhibitKind::Document => "Document",
    }
}

/// All of a card's, each where `address` says.
pub(super) fn exhibits(card: &Card, address: impl Fn(MediaName) -> String) -> Markup {
    let all: Vec<Exhibit<'_>> = card.exhibits().collect();
    html! {
        @if !all.is_empty() {
            section class="exhibits" aria-label="To look at" {
                @for it in &all { (exhibit(it, &address(it.name))) }
            }
        }
    }
}

fn exhibit(it: &Exhibit<'_>, address: &str) -> Markup {
    let title = title(it);
    match it.kind() {
        ExhibitKind::Document => html! {
            ul class="rows" { li { a href=(address) { (icon(PAGES)) (title) span { "Document" } } } }
        },
        ExhibitKind::Film => html! {
            figure {
                // Nothing of it is fetched before somebody wants to see it.
                video src=(address) controls playsinline preload="none" aria-label=(title) {}
                @if !it.label.is_empty() { figcaption class="small quiet" { (it.label) } }
            }
        },
        ExhibitKind::Picture | ExhibitKind::Animation => html! {
            figure {
                img src=(address) alt=(title) loading="lazy";
                @if !it.label.is_empty() { figcaption class="small quiet" { (it.label) } }
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_shown_as_what_it_is() {
        let mut card = Card::named("Ada");
        assert_eq!(exhibits(&card, |it| it.to_string()).into_string(), "");
        for (at, media_type) in
            ["image/gif", "image/jpeg", "video/mp4", "application/pdf"].into_iter().enumerate()
        {
            let label = if at == 2 { "<The lift>" } else { "" };
            card.add_exhibit(Exhibit { name: MediaName([at as u8; 16]), media_type, label });
        }
        let page = exhibits(&card, |it| format!("/media/{it}")).into_string();
        assert_eq!((page.matches("<img").count(), page.matches("<video").count()), (2, 1));
        assert!(page.contains("alt=\"Animation\"") && page.contains("alt=\"Picture\""));
        assert!(page.contains("aria-label=\"&lt;The lift&gt;\"") && !page.contains("<The lift>"));
        assert!(page.contains(&format!("href=\"/media/{}\"", "03".repeat(16))));
    }
}
