//! The forms of the pages, and those by which people sign in.

use maud::{Markup, html};

use super::pages::{Trouble, header, ours, page, say};
use crate::store::claim::Visit;

/// A form of one field.
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    pub(super) label: &'a str,
    pub(super) kind: &'a str,
    pub(super) hint: &'a str,
    pub(super) value: &'a str,
}

/// Where a one-time code is typed; phones offer it from the message (the token is of HTML's autofill).
pub(super) const CODE: Field<'static> =
    Field { name: "code", label: "Code", kind: "text", hint: "one-time-code", value: "" };

pub(super) fn field(it: &Field<'_>, is_wrong: bool) -> Markup {
    html! {
        div class="field" {
            label for=(it.name) { (it.label) }
            input id=(it.name) name=(it.name) type=(it.kind) autocomplete=(it.hint) value=(it.value)
                aria-invalid=[is_wrong.then_some("true")];
        }
    }
}

pub(super) fn form(
    action: &str,
    button: &str,
    fields: &[Field<'_>],
    trouble: Trouble<'_>,
) -> Markup {
    html! {
        form method="post" action=(action) {
            @for (at, it) in fields.iter().enumerate() { (field(it, trouble.is_some() && at == 0)) }
            @if let Some(it) = trouble { p class="note" role="alert" { (it) } }
            div class="actions" { button class="button primary" type="submit" { (button) } }
        }
    }
}

/// Where somebody signs in.
pub(super) struct Door {
    header: Markup,
    /// Where its forms go.
    base: String,
    /// Behind the base, where the number is asked for.
    number: &'static str,
}

impl Door {
    /// The page behind a touch.
    pub(super) fn touch(visit: &Visit, base: String) -> Door {
        Door { header: header(visit), base, number: "/send" }
    }

    /// The front door, for people who bring no touch.
    pub(super) fn front() -> Door {
        Door { header: ours(), base: "/sign-in".to_owned(), number: "" }
    }
}

/// By what somebody signs in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// A number, by which people are found too.
    Number,
    /// A mail address.
    Mail,
}

/// Whose card is to be sent: the number first, or a mail address. `other` says that there is the other way too.
pub(super) fn ask(door: &Door, by: By, typed: &str, trouble: Trouble<'_>, other: bool) -> Markup {
    let base = &door.base;
    let (title, text, label, kind, hint, path, link) = match by {
        By::Number => (
            "Your number",
            "Your mobile number is how people find your card. We send a code to it.",
            "Mobile number, with country code",
            "tel",
            "tel",
            "/mail",
            "Use a mail address instead",
        ),
        By::Mail => (
            "Your mail address",
            "We send a code to it. People find your card by your number only; you can add it later.",
            "Mail address",
            "email",
            "email",
            door.number,
            "Use a number instead",
        ),
    };
    let field = Field { name: "to", label, kind, hint, value: typed };
    let body = html! {
        (say(title, text))
        (form(&format!("{base}/code"), "Send me a code", &[field], trouble))
        @if other { p class="small quiet" { a href=(format!("{base}{path}")) { (link) } } }
        p class="small quiet" { a href="/sign-in/recover" { "I have another number now" } }
    };
    page(title, &door.header, &body, "Nobody is told that you asked.")
}

/// The code that was sent.
pub(super) fn ask_code(door: &Door, trouble: Trouble<'_>) -> Markup {
    let base = &door.base;
    let text = "We have sent six digits there. They are good for five minutes.";
    let body = html! {
        (say("Your code", text))
        (form(&format!("{base}/enter"), "Go on", &[CODE], trouble))
        p class="small quiet" { a href=(format!("{base}{}", door.number)) { "Begin again, or get a new code" } }
    };
    page("Your code", &door.header, &body, "")
}
