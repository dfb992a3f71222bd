//! The staff's smaller pages: menu, settings, how the kiosk is, sticks, and words about a contact.

use slint::{ComponentHandle, SharedString};

use super::window::{self, App, Nav, Screen};
use super::{Sink, card};
use crate::session::{Input, Mode, Night, Setting, Stick, Whose, Words};
use crate::view::{Condition, Page, Remark, Settings};

pub(super) fn bind(app: &App, send: &Sink) {
    let on = |input: Input| {
        let send = send.clone();
        move || send(input.clone())
    };
    let menu = app.global::<window::Menu<'_>>();
    menu.on_edit_card(on(Input::EditCard));
    menu.on_choose_mode(on(Input::ChooseMode));
    menu.on_write_badges(on(Input::WriteBadges(Whose::Own)));
    menu.on_settings(on(Input::Settings));
    menu.on_condition(on(Input::Condition));
    menu.on_stick(on(Input::Stick));
    menu.on_back(on(Input::Back));
    let pick = send.clone();
    menu.on_pick_mode(move |it| pick(Input::Pick(mode(it))));
    let settings = app.global::<window::Settings<'_>>();
    let turn = send.clone();
    settings.on_turn(move |it| turn(Input::Turn(setting(it))));
    settings.on_next_language(on(Input::NextLanguage));
    settings.on_change_pin(on(Input::ChangePin));
    settings.on_back(on(Input::Back));
    let condition = app.global::<window::Condition<'_>>();
    condition.on_wipe(on(Input::Wipe));
    condition.on_sign_out(on(Input::SignOut));
    condition.on_network(on(Input::Network));
    condition.on_back(on(Input::Back));
    let wiped = send.clone();
    condition.on_wiped(move |yes| wiped(if yes { Input::Accept } else { Input::Reject }));
    let stick = app.global::<window::Stick<'_>>();
    stick.on_write(on(Input::WriteStick));
    stick.on_read(on(Input::ReadStick));
    stick.on_mail(on(Input::MailContacts));
    stick.on_back(on(Input::Back));
    let remark = app.global::<window::Remark<'_>>();
    let typed = send.clone();
    remark.on_typed(move |text| typed(Input::Typed(text.into())));
    remark.on_done(on(Input::Save));
    remark.on_back(on(Input::Back));
}

pub(super) fn show(app: &App, page: &Page) {
    let has_card = matches!(page, Page::Menu { has_card: true });
    app.global::<window::Menu<'_>>().set_has_card(has_card);
    settings(
        app,
        match page {
            Page::Settings(it) => Some(it),
            _ => None,
        },
    );
    let none = Condition::default();
    let it = match page {
        Page::Condition(it) => it,
        _ => &none,
    };
    let n_waiting = match page {
        Page::Wipe { n_unsent } | Page::SignOut { n_unsent } => *n_unsent,
        _ => it.n_waiting,
    };
    condition(app, it, n_waiting);
    let carried = match page {
        Page::Stick(it) => *it,
        _ => Stick::Waiting,
    };
    stick(app, carried);
    let written = match page {
        Page::Remark(it) => Some(it),
        _ => None,
    };
    remark(app, written);
}

fn settings(app: &App, shown: Option<&Settings>) {
    let global = app.global::<window::Settings<'_>>();
    let it = shown.map(|it| it.set).unwrap_or_default();
    global.set_night(match it.night {
        Night::Never => window::Night::Never,
        Night::Always => window::Night::Always,
        Night::ByClock => window::Night::ByClock,
    });
    global.set_larger(it.larger);
    global.set_contrast(it.contrast);
    global.set_still(it.still);
    global.set_muted(it.muted);
    global.set_has_sound(shown.is_some_and(|it| it.has_sound));
    global.set_speaks(shown.map_or("", |it| it.speaks.name()).into());
    global.set_may_change_pin(shown.is_some_and(|it| it.may_change_pin));
}

fn condition(app: &App, it: &Condition, n_waiting: usize) {
    let global = app.global::<window::Condition<'_>>();
    let text = |it: Option<&String>| SharedString::from(it.map_or("", String::as_str));
    global.set_name(it.name.as_str().into());
    global.set_resting_since(text(it.reader_rests.as_ref()));
    global.set_offline_since(text(it.offline.as_ref()));
    global.set_disk_fails(it.disk_fails);
    global.set_time(it.time.as_str().into());
    global.set_clock_is_wrong(it.clock_is_wrong);
    global.set_waiting(n_waiting as i32);
    global.set_contacts(it.n_contacts as i32);
    global.set_version(it.version.into());
    global.set_offered(text(it.offered.as_ref()));
    global.set_may_sign_out(it.may_sign_out);
    global.set_maintained(it.is_maintained);
}

fn stick(app: &App, it: Stick) {
    use window::StickStep as Shown;
    let global = app.global::<window::Stick<'_>>();
    let (step, count, bad) = match it {
        Stick::Waiting => (Shown::Waiting, 0, 0),
        Stick::Busy => (Shown::Busy, 0, 0),
        Stick::Written(count) => (Shown::Written, count, 0),
        Stick::Read(count, bad) => (Shown::Read, count, bad),
        Stick::Missing => (Shown::Missing, 0, 0),
        Stick::Full => (Shown::Full, 0, 0),
        Stick::Empty => (Shown::Empty, 0, 0),
        Stick::Mailed => (Shown::Mailed, 0, 0),
        Stick::NoAddress => (Shown::NoAddress, 0, 0),
        Stick::TooSoon => (Shown::TooSoon, 0, 0),
        Stick::Away => (Shown::Away, 0, 0),
    };
    global.set_step(step);
    global.set_count(count as i32);
    global.set_bad(bad as i32);
}

fn remark(app: &App, it: Option<&Remark>) {
    let global = app.global::<window::Remark<'_>>();
    global.set_card(it.map(|it| card(&it.face)).unwrap_or_default());
    global.set_tags(it.is_some_and(|it| it.words == Words::Tags));
    // While somebody types, the field holds the truth.
    let goes_on = app.global::<Nav<'_>>().get_screen() == Screen::Remark && it.is_some();
    if !goes_on {
        global.set_text(it.map_or("", |it| it.text.as_str()).into());
    }
}

fn mode(mode: window::Mode) -> Mode {
    match mode {
        window::Mode::Both => Mode::Both,
        window::Mode::Give => Mode::Give,
        window::Mode::Take => Mode::Take,
    }
}

fn setting(setting: window::Setting) -> Setting {
    match setting {
        window::Setting::Night => Setting::Night,
        window::Setting::Larger => Setting::Larger,
        window::Setting::Contrast => Setting::Contrast,
        window::Setting::Still => Setting::Still,
        window::Setting::Muted => Setting::Muted,
    }
}
