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
                @if !it.name.is_empty() && !it.place.is_empty() { p class="small quiet" { (it.place) } }
                p class="small quiet" {
                    @if it.is_to_go { "Is erased as soon as it is heard" }
                    @else if it.is_awaited { "Waits for the kiosk" }
                    @else if it.terminal == own { "This browser" }
                    @else { (seen(it.seen_at)) }
                    @if !it.client.is_empty() { " · " (it.client) }
                }
            }
            @if can_be_erased(it) {
                form method="post" action="/account/terminals/stolen" {
                    input type="hidden" name="terminal" value=(it.terminal);
                    button class="button small" type="submit" aria-label=(format!("{} was stolen: erase it", name(it))) { "Stolen: erase it" }
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

/// Whether it is a kiosk that its owner has confirmed, and that nobody has ordered to be erased.
pub(super) fn can_be_erased(it: &Device) -> bool {
    it.kind != Kind::Phone && !it.is_awaited && it.to_compare.is_none() && !it.is_to_go
}

/// The last question before a kiosk is erased.
pub(super) fn ask_erasure(it: &Device) -> Markup {
    let question = format!("Erase {}?", name(it));
    let text = "As soon as the kiosk has a network, it hands over what it had not sent, erases everything, and is nobody's. Nobody \
                can call that off.";
    let body = html! {
        (say(&question, text))
        div class="choice" {
            a class="button" href="/account/terminals" { "No" }
            form method="post" action="/account/terminals/erase" {
                input type="hidden" name="terminal" value=(it.terminal);
                button class="button primary" type="submit" { "Yes, erase it" }
            }
        }
    };
    page(
        &question,
        &ours(),
        &body,
        "Until then it stays on the list. A kiosk that is switched off hears nothing any more.",
    )
}

fn name(it: &Device) -> &str {
    match it.kind {
        _ if !it.name.is_empty() => &it.name,
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

    fn bar() -> Device {
        Device {
            terminal: TerminalId::new(4),
            kind: Kind::Kiosk,
            name: "Bar".into(),
            place: "Hall".into(),
            client: String::new(),
            seen_at: None,
            to_compare: None,
            is_awaited: false,
            is_to_go: false,
        }
    }

    #[test]
    fn the_words_are_those_of_the_key_that_the_form_confirms() {
        let key = Base64([9; 32]);
        let device =
            Device { name: String::new(), place: "<Hall>".into(), to_compare: Some(key), ..bar() };
        let text = devices(&[device], TerminalId::new(5), None).into_string();
        for word in words(TerminalId::new(4), &key) {
            assert!(text.contains(&format!("<li>{word}</li>")), "{text}");
        }
        assert!(text.contains(&format!("value=\"{key:?}\"")) && !text.contains("<Hall>"), "{text}");
    }

    #[test]
    fn only_kiosks_in_use_are_erased_and_once() {
        let device = |kind, is_awaited, is_to_go| Device { kind, is_awaited, is_to_go, ..bar() };
        let text = |it| devices(&[it], TerminalId::new(5), None).into_string();
        let button = "action=\"/account/terminals/stolen\"";
        assert!(text(device(Kind::Kiosk, false, false)).contains(button));
        for other in [
            device(Kind::Phone, false, false),
            device(Kind::Kiosk, true, false),
            device(Kind::Kiosk, false, true),
        ] {
            assert!(!text(other).contains(button));
        }
        assert!(text(device(Kind::Kiosk, false, true)).contains("as soon as it is heard"));
    }

    #[test]
    fn a_kiosk_with_a_name_is_called_by_it_and_still_has_a_place() {
        let text = devices(&[bar()], TerminalId::new(5), None).into_string();
        assert!(
            text.contains("<p class=\"who\">Bar</p><p class=\"small quiet\">Hall</p>"),
            "{text}"
        );
        let text = devices(&[Device { name: String::new(), ..bar() }], TerminalId::new(5), None);
        let text = text.into_string();
        assert!(
            text.contains("<p class=\"who\">Hall</p>") && text.matches("Hall<").count() == 1,
            "{text}"
        );
    }
}
