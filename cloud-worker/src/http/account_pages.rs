//! What a signed-in person sees of the account.

use jiff::Timestamp;
use maud::{Markup, html};
use tapcard_protocol::Identifier;

use crate::addressee::Addressee;

use super::archive::After;
use super::forms::{CODE, field};
use super::pages::{Trouble, ours, page, say};

/// What else there is to an account.
const ROOMS: [(&str, &str); 5] = [
    ("/account/terminals", "My devices"),
    ("/account/number", "Another number"),
    ("/account/recovery", "If I lose my number"),
    ("/account/mail", "A mail address that signs me in"),
    ("/account/export", "Take my contacts along"),
];

/// The account, and how to leave.
pub(super) fn account(
    name: Option<&str>,
    found_by: &[Addressee],
    disputes: &[Identifier],
    ends: Option<Timestamp>,
    trouble: Trouble<'_>,
) -> Markup {
    let body = html! {
        (say(name.unwrap_or("Your account"), &found_by.iter().map(Addressee::as_str).collect::<Vec<_>>().join(", ")))
        @if let Some(it) = trouble { p class="note" role="alert" { (it) } }
        @if let Some(ends) = ends { (ending(ends)) }
        @for it in disputes { (dispute(it)) }
        div class="actions" {
            @if ends.is_some() { (button("/account/keep", "Keep my account", true)) }
            a.button.primary[ends.is_none()] href="/me" { "See my cards" }
            a class="button" href="/account/card" { "Edit my card" }
        }
        ul class="rows" {
            @for (address, label) in ROOMS { li { a href=(address) { (label) } } }
        }
        div class="actions" {
            (button("/account/sign-out", "Sign out here", false))
            @if ends.is_none() { (button("/account/close", "Close my account", false)) }
        }
    };
    let footer = if ends.is_some() {
        ""
    } else {
        "Closing takes seven days. Until then you can call it off."
    };
    page("Your account", &ours(), &body, footer)
}

/// A number of this account may be somebody else's, since it slept for long.
fn dispute(number: &Identifier) -> Markup {
    html! {
        p class="note" role="status" {
            "Is " (number.as_str()) " still yours? This account slept for long, and the number may have gone to another \
             person. Then give this account another one."
        }
        div class="actions" {
            form method="post" action="/account/number/mine" {
                input type="hidden" name="number" value=(number.as_str());
                button class="button" type="submit" { "It is mine" }
            }
        }
    }
}

fn ending(ends: Timestamp) -> Markup {
    let day = ends.strftime("%-d %B %Y");
    html! {
        p class="note" role="status" {
            "This account closes on " (day) ". Your card, your contacts and your history are erased then; people keep what "
            "they have read of you."
        }
    }
}

fn button(action: &str, label: &str, is_first: bool) -> Markup {
    html! {
        form method="post" action=(action) {
            button.button.primary[is_first] type="submit" { (label) }
        }
    }
}

/// The second proof, and the last question.
pub(super) fn close(trouble: Trouble<'_>) -> Markup {
    let text = "We have sent you six digits. In seven days your card, your contacts and your history are erased; \
                people keep what they have read of you.";
    let body = html! {
        (say("Close your account?", text))
        form method="post" action="/account/closed" {
            (field(&CODE, trouble.is_some()))
            label class="check" { input type="checkbox" name="never" value="yes"; " Never open one for my number again" }
            @if let Some(it) = trouble { p class="note" role="alert" { (it) } }
            div class="actions" {
                button class="button primary" type="submit" { "Close it in seven days" }
                a class="button" href="/account" { "Not now" }
            }
        }
    };
    page(
        "Close your account?",
        &ours(),
        &body,
        "What signed you in does so again later, to a new and empty account.",
    )
}

/// In which forms everything can be taken along.
pub(super) fn forms() -> Markup {
    let text = "Your contacts with your notes, and when you met. Whoever has withdrawn from you is marked: do not pass their \
                cards on.";
    let body = html! {
        (say("Take it along", text))
        div class="actions" {
            a class="button primary" href="/account/export/vcf" { "For an address book (vCard)" }
            a class="button" href="/account/export/csv" { "For a spreadsheet (CSV)" }
            a class="button" href="/account/export/json" { "Everything (JSON)" }
        }
        p class="small quiet" { a href="/account" { "Back to my account" } }
    };
    page("Take it along", &ours(), &body, "")
}

/// What is most private asks for a fresh code.
pub(super) fn ask_proof(after: After) -> Markup {
    let (title, text) = match after {
        After::Export => {
            ("Take it along", "It holds other people’s numbers, so we send you a code first.")
        }
        After::Terminals => {
            ("My devices", "A device holds your contacts, so we send you a code first.")
        }
        After::Recovery => ("If I lose my number", "We send you a code first."),
        After::Mail => ("A mail address that signs me in", "We send you a code first."),
        After::Number => ("Another number", "We send a code to what signs you in now first."),
    };
    let body = html! {
        (say(title, text))
        div class="actions" {
            form method="post" action="/account/prove" {
                input type="hidden" name="after" value=(after.name());
                button class="button primary" type="submit" { "Send me a code" }
            }
            a class="button" href="/account" { "Not now" }
        }
    };
    page(title, &ours(), &body, "")
}

/// The code for it.
pub(super) fn prove(after: After, trouble: Trouble<'_>) -> Markup {
    let text = "We have sent you six digits. They are good for five minutes.";
    let body = html! {
        (say("Your code", text))
        form method="post" action="/account/proved" {
            input type="hidden" name="after" value=(after.name());
            (field(&CODE, trouble.is_some()))
            @if let Some(it) = trouble { p class="note" role="alert" { (it) } }
            div class="actions" { button class="button primary" type="submit" { "Go on" } }
        }
    };
    page("Your code", &ours(), &body, "")
}
