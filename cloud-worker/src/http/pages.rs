//! What a visitor sees who brings a touch: plain pages that need no script.

use maud::{DOCTYPE, Markup, html};
use tapcard_protocol::touch::TouchToken;
use tapcard_protocol::{AccountId, Card};

use super::face::{Pictures, face, icon, rows};
use super::forms::{Field, form};
use crate::store::claim::Visit;

const CLOCK: &str = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M12 7v5l3.5 2";
const TICK: &str = "M5 12.5l4.5 4.5L19 7.5";

/// What a form tells the person who filled it in.
pub(super) type Trouble<'a> = Option<&'a str>;

pub(super) fn page(title: &str, header: &Markup, body: &Markup, footer: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="robots" content="noindex";
                title { (title) }
                link rel="icon" href="/icon.svg";
                link rel="stylesheet" href="/look.css";
            }
            body {
                (header)
                main { (body) }
                @if !footer.is_empty() { p class="footer" { (footer) } }
            }
        }
    }
}

/// Whose kiosk it is, by what the mode lets out.
pub(super) fn header(visit: &Visit) -> Markup {
    let organisation = visit.card.organisation();
    let is_named = !visit.mode.gives() || organisation.is_empty();
    html! {
        header {
            strong { @if is_named { (visit.card.name()) } @else { (organisation) } }
            span class="quiet" { (visit.place) }
        }
    }
}

pub(super) fn ours() -> Markup {
    html! { header { strong { "Tapcard" } } }
}

/// What the touch shows, by the mode that the kiosk was in; `exhibits` is what else there is to look at.
pub(super) fn landing(visit: &Visit, base: &str, pictures: &Pictures, exhibits: &Markup) -> Markup {
    let (gives, takes) = (visit.mode.gives(), visit.mode.takes());
    let name = visit.card.name();
    let send = format!("{base}/send");
    let body = html! {
        @if gives {
            (face(visit.owner, &visit.card, pictures))
            div class="say" {
                h1 { (name) "’s card is yours" }
                p class="quiet" {
                    @if takes { "Send yours back, and every new job and number reaches you." }
                    @else { "Keep it up to date, and every new job and number reaches you." }
                }
            }
            div class="actions" {
                a class="button primary" href=(format!("{base}/card.vcf")) { "Save to contacts" }
                a class="button" href=(send) { @if takes { "Send mine back" } @else { "Keep it up to date" } }
            }
            (rows(&visit.card))
            (exhibits)
        } @else {
            div class="say stop" {
                h1 { "Send " (name) " your card" }
                p class="quiet" { (name) " collects cards here and gives none." }
            }
            div class="actions" { a class="button primary" href=(send) { "Send mine" } }
        }
    };
    let footer = format!("{name} sees nothing of you until you send your card.");
    page(&name, &header(visit), &body, &footer)
}

pub(super) fn say(title: &str, text: &str) -> Markup {
    html! { div class="say" { h1 { (title) } p class="quiet" { (text) } } }
}

/// What a card begins with.
#[derive(Default)]
pub(super) struct Draft<'a> {
    pub(super) name: &'a str,
    pub(super) title: &'a str,
    pub(super) organisation: &'a str,
    pub(super) mail: &'a str,
}

/// The first card of somebody who has none.
pub(super) fn write_card(
    visit: &Visit,
    base: &str,
    draft: &Draft<'_>,
    trouble: Trouble<'_>,
) -> Markup {
    let fields = [
        Field { name: "name", label: "Name", kind: "text", hint: "name", value: draft.name },
        Field {
            name: "title",
            label: "Title",
            kind: "text",
            hint: "organization-title",
            value: draft.title,
        },
        Field {
            name: "organisation",
            label: "Organisation",
            kind: "text",
            hint: "organization",
            value: draft.organisation,
        },
        Field { name: "mail", label: "Mail", kind: "email", hint: "email", value: draft.mail },
    ];
    let body = html! {
        (say("Write your card", "What you sign in with is on it already. All but the name may stay empty."))
        (form(&format!("{base}/card"), "Save my card", &fields, trouble))
    };
    page("Write your card", &header(visit), &body, "")
}

/// The last question.
pub(super) fn confirm(
    visit: &Visit,
    token: TouchToken,
    own: Option<(AccountId, &Card, &Pictures)>,
) -> Markup {
    let name = visit.card.name();
    let title = if own.is_some() {
        format!("Send this to {name}?")
    } else {
        format!("Follow {name}’s card?")
    };
    let text = match own {
        Some(_) => "Change it any time; who holds it gets the change if you say so.",
        None => "Every new job and number reaches you. Nothing of you is given.",
    };
    let body = html! {
        @if let Some((account, card, pictures)) = own { (face(account, card, pictures)) }
        (say(&title, text))
        form method="post" action=(format!("/T/{token}/send")) {
            div class="actions" {
                button class="button primary" type="submit" { @if own.is_some() { "Send my card" } @else { "Follow" } }
                a class="button" href=(format!("/T/{token}")) { "Not now" }
            }
        }
        @if own.is_some() {
            p class="small quiet" { a href=(format!("/account/card?touch={token}")) { "Change my card first" } }
        }
    };
    page(&title, &header(visit), &body, "")
}

/// It is done.
pub(super) fn sent(visit: &Visit, base: &str) -> Markup {
    let (gives, takes) = (visit.mode.gives(), visit.mode.takes());
    let name = visit.card.name();
    let (title, text) = match (gives, takes) {
        (true, true) => (
            "Swapped",
            format!(
                "{name} has your card, and you have {name}’s. Change yours any time, and pass the change on to \
                 everyone who holds it."
            ),
        ),
        (true, false) => {
            ("Yours", format!("{name}’s card is in your contacts, and stays up to date."))
        }
        (false, _) => ("Sent", format!("{name} has your card.")),
    };
    let body = html! {
        div class="say stop" {
            div class="badge" { (icon(TICK)) }
            h1 { (title) }
            p class="quiet" { (text) }
        }
        div class="actions" {
            a class="button primary" href="/me" { "See my cards" }
            @if gives { a class="button" href=(base) { "Back to " (name) "’s card" } }
        }
    };
    page(title, &header(visit), &body, "")
}

/// The touch is over, or never was one.
pub(super) fn used_up() -> Markup {
    let body = html! {
        div class="say stop" {
            div class="badge amber" { (icon(CLOCK)) }
            h1 { "This code is used up" }
            p class="quiet" {
                "Each code works for a few people and a few minutes. Go back to the kiosk and tap or scan again."
            }
        }
    };
    page("This code is used up", &ours(), &body, "Nothing was sent.")
}

/// Something is in the way.
pub(super) fn sorry(title: &str, text: &str) -> Markup {
    let body = html! {
        div class="say stop" {
            div class="badge amber" { (icon(CLOCK)) }
            h1 { (title) }
            p class="quiet" { (text) }
        }
    };
    page(title, &ours(), &body, "Nothing was sent.")
}

#[cfg(test)]
mod tests {
    use tapcard_protocol::touch::Mode;

    use super::*;

    fn landed(visit: &Visit) -> String {
        landing(visit, "/T/0", &Pictures::default(), &html! { "the film" }).into_string()
    }

    fn visit(card: Card, mode: Mode) -> Visit {
        let place = "<b>Hall</b>".into();
        Visit { owner: AccountId::new(1), card, place, mode, is_open: true, is_free: true }
    }

    #[test]
    fn what_people_wrote_is_shown_and_never_run() {
        let mut card = Card::named("<script>alert(1)</script>");
        card.set_title("\"><img src=x>");
        let text = landed(&visit(card, Mode::Both));
        assert!(
            !text.contains("<script") && !text.contains("<img") && !text.contains("<b>"),
            "{text}"
        );
    }

    #[test]
    fn who_takes_gives_nothing_but_the_name() {
        let mut card = Card::named("Ada");
        card.set_organisation("Exchange");
        card.set_title("Head");
        let text = landed(&visit(card, Mode::Take));
        assert!(text.contains("Ada"));
        assert!(
            !["Head", "Exchange", "card.vcf", "the film"].iter().any(|it| text.contains(it)),
            "{text}"
        );
    }
}
