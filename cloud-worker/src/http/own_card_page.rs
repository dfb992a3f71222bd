//! The page on which somebody edits the own card.

use maud::{Markup, html};
use tapcard_protocol::touch::TouchToken;
use tapcard_protocol::{AccountId, Card, Edition};

use super::exhibits::title;
use super::face::{Pictures, face};
use super::forms::Field;
use super::pages::{Trouble, ours, page, say};

/// The fields of a card, as they stand in the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) organisation: String,
    pub(super) mail: String,
    pub(super) website: String,
}

impl Written {
    /// What stands on a card.
    pub(super) fn of(card: &Card) -> Written {
        Written {
            name: card.name(),
            title: card.title().to_owned(),
            organisation: card.organisation().to_owned(),
            mail: card.mails().next().unwrap_or_default().to_owned(),
            website: card.website().to_owned(),
        }
    }

    /// What a first card begins with.
    pub(super) fn by(mail: &str) -> Written {
        Written { mail: mail.to_owned(), ..Written::default() }
    }

    fn fields(&self) -> [Field<'_>; 5] {
        [
            Field { name: "name", label: "Name", kind: "text", hint: "name", value: &self.name },
            Field {
                name: "title",
                label: "Title",
                kind: "text",
                hint: "organization-title",
                value: &self.title,
            },
            Field {
                name: "organisation",
                label: "Organisation",
                kind: "text",
                hint: "organization",
                value: &self.organisation,
            },
            Field { name: "mail", label: "Mail", kind: "email", hint: "email", value: &self.mail },
            Field {
                name: "website",
                label: "Website",
                kind: "text",
                hint: "url",
                value: &self.website,
            },
        ]
    }
}

const PICTURES: &str = "image/jpeg,image/png,image/gif,image/webp";
const EXHIBITS: &str = "image/jpeg,image/png,image/gif,image/webp,video/mp4,application/pdf";
/// What the new thing to look at is called.
const LABEL: Field<'static> = Field {
    name: "exhibit-label",
    label: "What it is called",
    kind: "text",
    hint: "off",
    value: "",
};

fn file(name: &str, label: &str, accept: &str) -> Markup {
    html! {
        div class="field" {
            label for=(name) { (label) }
            input id=(name) name=(name) type="file" accept=(accept);
        }
    }
}

fn take_away(name: &str, value: &str, label: &str) -> Markup {
    html! {
        label class="check" { input type="checkbox" name=(name) value=(value); " " (label) }
    }
}

/// The card as it is, and the form.
pub(super) fn edit(
    (account, card, base): (AccountId, &Card, Edition),
    touch: Option<TouchToken>,
    written: &Written,
    trouble: Trouble<'_>,
) -> Markup {
    // Who is signed in needs no proof for a picture.
    let pictures = Pictures::of(card, |it| format!("/media/{it}"));
    let body = html! {
        @if base > Edition(0) { (face(account, card, &pictures)) }
        @else { (say("Write your card", "What you sign in with is on it already. All but the name may stay empty.")) }
        form method="post" action="/account/card" enctype="multipart/form-data" {
            input type="hidden" name="base" value=(base.0);
            @if let Some(it) = touch { input type="hidden" name="touch" value=(it); }
            @for (at, it) in written.fields().iter().enumerate() {
                (super::forms::field(it, trouble.is_some() && at == 0))
            }
            (file("picture", "Picture", PICTURES))
            @if pictures.portrait.is_some() { (take_away("no-picture", "yes", "Take my picture away")) }
            (file("logo", "Logo, in place of the organisation’s name", PICTURES))
            @if pictures.logo.is_some() { (take_away("no-logo", "yes", "Take the logo away")) }
            (file("exhibit", "Picture, animation, film or PDF to look at", EXHIBITS))
            (super::forms::field(&LABEL, false))
            @for it in card.exhibits() {
                (take_away("no-exhibit", &it.name.to_string(), &format!("Take away: {}", title(&it))))
            }
            @if let Some(it) = trouble { p class="note" role="alert" { (it) } }
            div class="actions" {
                button class="button primary" type="submit" name="notify" value="yes" { "Save and tell my partners" }
                button class="button" type="submit" { "Save only" }
            }
        }
        p class="small quiet" {
            @if let Some(it) = touch { a href=(format!("/T/{it}/send")) { "Back" } }
            @else { a href="/account" { "Back to my account" } }
        }
    };
    page(
        "My card",
        &ours(),
        &body,
        "Partners get a new card only if you tell them. Where and when a picture was taken is removed.",
    )
}
