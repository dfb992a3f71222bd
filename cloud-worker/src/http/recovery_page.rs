//! The ways back to an account whose number is lost.

use jiff::Timestamp;
use maud::{Markup, html};

use super::forms::{Field, form};
use super::pages::{Trouble, ours, page, say};

/// Which name, and what a code is for.
pub(super) fn choose(name: &str, trouble: Trouble<'_>) -> Markup {
    let text = "With a name and a recovery code you get back in without your number. The code is shown once: write it down, and \
                keep it where your phone is not.";
    let name = Field {
        name: "name",
        label: "A name of your own",
        kind: "text",
        hint: "username",
        value: name,
    };
    let body = html! {
        (say("If I lose my number", text))
        (form("/account/recovery", "Show me my code", &[name], trouble))
        p class="small quiet" { a href="/account" { "Back to my account" } }
    };
    page("If I lose my number", &ours(), &body, "A new code makes the one before void.")
}

/// The code, once.
pub(super) fn code(name: &str, code: &str) -> Markup {
    let text = "Write both down now. Nobody can show them to you again.";
    let body = html! {
        (say("Your recovery code", text))
        section class="compare" {
            p class="quiet small" { "Name" }
            p class="secret" { (name) }
            p class="quiet small" { "Code" }
            p class="secret" { (code) }
        }
        div class="actions" { a class="button primary" href="/account" { "I have written it down" } }
    };
    page("Your recovery code", &ours(), &body, "")
}

/// Signing in without the number.
pub(super) fn recover(who: &str, trouble: Trouble<'_>) -> Markup {
    let text = "With the recovery code that you wrote down. It is good until your number has changed, or you choose another.";
    let fields = [
        Field {
            name: "who",
            label: "Your name, or your old number",
            kind: "text",
            hint: "username",
            value: who,
        },
        Field { name: "code", label: "Recovery code", kind: "text", hint: "off", value: "" },
    ];
    let body = html! {
        (say("Get back in", text))
        (form("/sign-in/recover", "Go on", &fields, trouble))
        p class="small quiet" { a href="/sign-in" { "Sign in with a number" } }
    };
    page(
        "Get back in",
        &ours(),
        &body,
        "A code of twenty letters cannot be guessed; who tries keeps nobody out.",
    )
}

/// A code alone does not open an account that slept for long.
pub(super) fn disputed(until: Timestamp) -> Markup {
    let day = until.strftime("%-d %B %Y");
    let body = html! {
        div class="say stop" {
            h1 { "This number was used before" }
            p class="quiet" {
                "Its account has slept for a long time, and the number may have been given to you since. Its owner has until "
                (day) " to say so; from then on the number opens a new and empty account."
            }
            p class="quiet" {
                "If the account is yours, sign in with a browser that you used before, or use your recovery code."
            }
        }
        div class="actions" { a class="button" href="/sign-in/recover" { "Use my recovery code" } }
    };
    page("This number was used before", &ours(), &body, "Nothing of the account was shown to you.")
}
