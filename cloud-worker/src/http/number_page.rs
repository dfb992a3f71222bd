//! Giving the account another number.

use maud::{Markup, html};
use tapcard_protocol::Identifier;

use super::forms::{CODE, Field, form};
use super::pages::{Trouble, ours, page, say};
use crate::store::number_change::Planned;

const TITLE: &str = "Another number";

/// What is planned, and the form for the new number.
pub(super) fn change(planned: Option<&Planned>, number: &str, trouble: Trouble<'_>) -> Markup {
    let text = "Your contacts and partners stay. Three days after you have proved the new number it takes the old one’s place, \
                and everybody who follows your card gets it.";
    let tel = Field {
        name: "number",
        label: "New mobile number, with country code",
        kind: "tel",
        hint: "tel",
        value: number,
    };
    let body = html! {
        (say(TITLE, text))
        @if let Some(it) = planned { (ahead(it)) }
        (form("/account/number", "Send a code there", &[tel], trouble))
        p class="small quiet" { a href="/account" { "Back to my account" } }
    };
    page(TITLE, &ours(), &body, "Until then every device of yours can call it off.")
}

fn ahead(it: &Planned) -> Markup {
    html! {
        p class="note" role="status" {
            "Your number becomes " (it.number.as_str()) " on " (it.due_at.strftime("%-d %B %Y, %H:%M")) " UTC."
        }
        div class="actions" {
            form method="post" action="/account/number/keep" {
                button class="button" type="submit" { "Keep my number" }
            }
        }
    }
}

/// The code that was sent to the new number.
pub(super) fn code(number: &Identifier, trouble: Trouble<'_>) -> Markup {
    let text =
        format!("We have sent six digits to {}. They are good for five minutes.", number.as_str());
    let body = html! {
        (say("Your new number’s code", &text))
        (form("/account/number/enter", "Go on", &[CODE], trouble))
        p class="small quiet" { a href="/account/number" { "Another number, or a new code" } }
    };
    page("Your new number’s code", &ours(), &body, "")
}
