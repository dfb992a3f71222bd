//! What a script shows, as words.

use super::*;

pub(super) fn seen(session: &Session) -> String {
    match session.screen() {
        Screen::Attract(_) if session.is_dim() => "Attract, dim".into(),
        Screen::Attract(Some(trouble)) => format!("Attract {trouble:?}"),
        Screen::Pair(one, other) => {
            let other = other.map_or("?".into(), |it| it.card.name());
            format!("Pair {} {other}", one.card.name())
        }
        Screen::Lock { n_typed, wrong, .. } => format!("Lock {n_typed} {wrong}"),
        Screen::Editor(it) => format!("Editor {}", it.draft.name()),
        Screen::Form(_, it) => format!("Form {} {:?}", it.draft.name(), it.line),
        Screen::Remark(id, words, text) => format!("Remark {} {words:?} {text}", id.0),
        Screen::Stick(it) => format!("Stick {it:?}"),
        Screen::Upkeep(Upkeep::Found(_)) => "Upkeep, found".into(),
        Screen::Upkeep(it) => format!("Upkeep {it:?}"),
        Screen::Contacts(Lookup::Initials(it)) => format!("Contacts {}", INITIALS[*it]),
        Screen::Network(it) if it.asks_password() => "Password".into(),
        Screen::Scan(it) => {
            format!("Scan {}{}", it.typed, if it.is_wrong { ", wrong" } else { "" })
        }
        Screen::Start(Start::Owner(it) | Start::Code(it)) if it.is_busy => "Start, busy".into(),
        Screen::Start(Start::Owner(it) | Start::Code(it)) if it.why.is_some() => {
            format!("Start, {:?}", it.why)
        }
        Screen::Start(Start::Pin(it)) if it.differs => "Start Pin, differs".into(),
        Screen::Start(Start::Pin(it)) if it.is_again() => "Start Pin, again".into(),
        Screen::Start(it) => format!("Start {}", word(it)),
        Screen::Badges(badging) => {
            let lock = if badging.lock { " lock" } else { "" };
            format!("Badges{lock} {}", word(&badging.step))
        }
        other => word(&other),
    }
}

pub(super) fn said(decision: Decision) -> String {
    match decision {
        Decision::Keep { fate, .. } => format!("keep, {fate:?}"),
        Decision::Introduce { one, other } => {
            format!("introduce {} {}", one.as_str(), other.as_str())
        }
        Decision::Accept(id) => format!("accept {}", id.0),
        Decision::Undo => "undo".into(),
        Decision::TakeBack(id) => format!("take back {}", id.0),
        Decision::SendAgain(id) => format!("send {} again", id.0),
        Decision::Remark(id, remark) => format!("of {}: {remark:?}", id.0),
        Decision::Draft(draft) => format!("draft {} on {}", draft.name(), draft.base.0),
        Decision::Send { notify } => format!("send, notify={notify}"),
        Decision::Appear(it) => format!("{it:?}"),
        Decision::LookAround => "look around".into(),
        Decision::Join { name, password } => format!("join {name} with {password:?}"),
        Decision::AskOwner(to) => format!("ask {to}"),
        Decision::ProveOwner(code) => format!("prove {code}"),
        Decision::FirstCard(draft) => format!("first card {}", draft.name()),
        Decision::Pin(pin) => format!("PIN {pin}"),
        Decision::Begun => "begun".into(),
        Decision::Speak(it) => format!("speak {it:?}"),
        Decision::Wipe => "wipe".into(),
        Decision::SignOut => "sign out".into(),
        Decision::WriteStick => "write a stick".into(),
        Decision::ReadStick => "read a stick".into(),
        Decision::MailContacts => "mail contacts".into(),
        Decision::LookAtStick => "look at a stick".into(),
        Decision::Install => "install".into(),
        Decision::Fetch => "fetch".into(),
        Decision::TakeSettings => "take settings".into(),
        Decision::Restart => "start again".into(),
        Decision::Mode(mode) => format!("{mode:?}"),
    }
}
