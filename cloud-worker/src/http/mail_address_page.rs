//! Choosing the mail address that signs somebody in.

use maud::{Markup, html};

use super::forms::{CODE, Field, form};
use super::pages::{Trouble, ours, page, say};
use crate::addressee::MailAddress;

const TITLE: &str = "A mail address that signs me in";

/// Which address there is, and the form for another.
pub(super) fn choose(now: Option<&MailAddress>, typed: &str, trouble: Trouble<'_>) -> Markup {
    let text = "We send codes there too, so you get back in when your number is lost. It is on no card, and nobody finds you \
                by it.";
    let mail = Field {
        name: "mail",
        label: if now.is_some() { "Another mail address" } else { "Mail address" },
        kind: "email",
        hint: "email",
        value: typed,
    };
    let body = html! {
        (say(TITLE, text))
        @if let Some(it) = now { (bound(it)) }
        (form("/account/mail", "Send a code there", &[mail], trouble))
        p class="small quiet" { a href="/account" { "Back to my account" } }
    };
    page(TITLE, &ours(), &body, "")
}

fn bound(it: &MailAddress) -> Markup {
    html! {
        p class="note" role="status" { (it.as_str()) " signs you in." }
        div class="actions" {
            form method="post" action="/account/mail/leave" {
                button class="button" type="submit" { "Take it away" }
            }
        }
    }
}

/// The code that was sent there.
pub(super) fn code(address: &MailAddress) -> Markup {
    let text =
        format!("We have sent six digits to {}. They are good for five minutes.", address.as_str());
    let body = html! {
        (say("Your code", &text))
        (form("/account/mail/enter", "Go on", &[CODE], None))
        p class="small quiet" { a href="/account/mail" { "Another address, or a new code" } }
    };
    page("Your code", &ours(), &body, "")
}
