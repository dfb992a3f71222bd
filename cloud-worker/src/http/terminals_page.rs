//! What a signed-in person sees of the account's terminals.

use jiff::Timestamp;
use maud::{Markup, html};
use tapcard_protocol::TerminalId;
use tapcard_protocol::access::Kind;
use tapcard_protocol::enrolment::{PublicKey, words};

use super::pages::{Trouble, ours, page, say};
use crate::store::enrolment::Device;

/// All of them; `own` is the browser that asks.
pub(super) fn devices(devices: &[Device], own: TerminalId, trouble: Trouble<'_>) -> Markup {
    let body = html! {
        (say("My devices", "Everything that holds your contacts. Switch off what you have lost or given away."))
        @if let Some(it) = trouble { p class="note" role="alert" { (it) } }
        @for it in devices {
            @if let Some(key) = it.to_compare { (compare(it, &key)) }
        }
        ul class="devices" {
            @for it in devices.iter().filter(|it| it.to_compare.is_none()) { (device(it, own)) }
        }
        p class="small quiet" { a href="/account" { "Back to my account" } }
    };
    page(
        "My devices",
        &ours(),
        &body,
        "What is switched off keeps nothing new, and its key is void for good.",
    )
}

/// A kiosk that waits for its owner's word.
fn compare(it: &Device, key: &PublicKey) -> Markup {
    html! {
        section class="compare" {
            h2 { "Does " (name(it)) " show these words?" }
            ol class="words" { @for word in words(it.terminal, key) { li { (word) } } }
            div class="choice" {
                form method="post" action="/account/terminals/end" {
                    input type="hidden" name="terminal" value=(it.terminal);
                    button class="button" type="submit" { "No, others" }
                }
                form method="post" action="/account/terminals/confirm" {
                    input type="hidden" name="terminal" value=(it.terminal);
                    input type="hidden" name="key" value=(format!("{key:?}"));
                    button class="button primary" type="submit" { "Yes, these" }
                }
            }
        }
    }
}

fn device(it: &Device, own: TerminalId) -> Markup {
    html! {
        li {
            div {
                p class="who" { (name(it)) }
                p class="small quiet" {
                    @if it.is_awaited { "Waits for the kiosk" }
                    @else if it.terminal == own { "This browser" }
                    @else { (seen(it.seen_at)) }
                    @if !it.client.is_empty() { " · " (it.client) }
                }
            }
            @if it.terminal != own {
                form method="post" action="/account/terminals/end" {
                    input type="hidden" name="terminal" value=(it.terminal);
                    button class="button small" type="submit" aria-label=(format!("Switch {} off", name(it))) { "Switch off" }
                }
            }
        }
    }
}

fn name(it: &Device) -> &str {
    match it.kind {
        _ if !it.place.is_empty() => &it.place,
        Kind::Phone => "Phone or computer",
        Kind::Kiosk | Kind::OrganiserKiosk | Kind::Worker => "Kiosk",
    }
}

fn seen(at: Option<Timestamp>) -> String {
    at.map_or("Not heard of yet".to_owned(), |it| {
        format!("Heard of on {}", it.strftime("%-d %B %Y"))
    })
}

#[cfg(test)]
mod tests {
    use tapcard_protocol::enrolment::Base64;

    use super::*;

    #[test]
    fn the_words_are_those_of_the_key_that_the_form_confirms() {
        let key = Base64([9; 32]);
        let device = Device {
            terminal: TerminalId::new(4),
            kind: Kind::Kiosk,
            place: "<Hall>".into(),
            client: String::new(),
            seen_at: None,
            to_compare: Some(key),
            is_awaited: false,
        };
        let text = devices(&[device], TerminalId::new(5), None).into_string();
        for word in words(TerminalId::new(4), &key) {
            assert!(text.contains(&format!("<li>{word}</li>")), "{text}");
        }
        assert!(text.contains(&format!("value=\"{key:?}\"")) && !text.contains("<Hall>"), "{text}");
    }
}
