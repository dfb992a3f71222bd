//! All that the pages are told, as words: to be compared before and after somebody was there.

use slint::{ComponentHandle, Model, ModelRc};

use super::window::{self, App};

/// Reads properties of some areas by their names in Slint.
macro_rules! areas {
    ($app:expr, $how:expr, $($area:ident { $($name:literal $get:ident),* $(,)? })*) => {
        [$($((
            concat!(stringify!($area), ".", $name),
            $how(&$app.global::<window::$area<'_>>().$get()),
        )),*),*]
    };
}

/// A property's name and what it holds.
pub(crate) type Told = (&'static str, String);

/// Every property that is set from here.
pub(crate) fn told(app: &App) -> Vec<Told> {
    let rows: Vec<String> =
        app.global::<window::Keys<'_>>().get_rows().iter().map(|it| list(&it)).collect();
    let all = of_visitors(app).into_iter().chain(of_staff(app)).chain(lists(app));
    all.chain([("Keys.rows", plain(&rows))]).collect()
}

fn of_visitors(app: &App) -> Vec<Told> {
    let values = areas! { app, plain,
        Attract {
            "owner" get_owner, "has-owner" get_has_owner, "host" get_host, "place" get_place, "trouble" get_trouble,
            "resting" get_resting, "resting-since" get_resting_since, "code" get_code, "has-staff" get_has_staff,
            "introduces" get_introduces, "disk-fails" get_disk_fails, "clock-is-wrong" get_clock_is_wrong,
            "has-more" get_has_more,
        }
        Enrol { "host" get_host, "has-staff" get_has_staff, "waiting" get_waiting, "later" get_later }
        Unset { "fault" get_fault, "can-go-on" get_can_go_on }
        Visit {
            "visitor" get_visitor, "unseen" get_unseen, "owner" get_owner, "has-owner" get_has_owner, "host" get_host, "giver" get_giver,
            "number" get_number, "delivery" get_delivery, "gives" get_gives, "confirm-lasts" get_confirm_lasts,
            "done-lasts" get_done_lasts, "consent" get_consent, "note" get_note,
            "code" get_code, "printed" get_printed, "gave" get_gave, "got" get_got,
        }
        Pair { "one" get_one, "other" get_other, "has-other" get_has_other, "lasts" get_lasts }
        Scan { "code" get_code, "takes" get_takes, "typed" get_typed, "wrong" get_wrong }
        Showcase { "card" get_card, "chosen" get_chosen, "address" get_address, "wall" get_wall, "pace" get_pace, "code" get_code }
        Keys {
            "composing" get_composing, "shifted" get_shifted, "signs" get_signs, "letters" get_letters,
            "layout" get_layout,
        }
        Nav { "screen" get_screen, "mode" get_mode, "language" get_language }
    };
    values.into()
}

fn of_staff(app: &App) -> Vec<Told> {
    let values = areas! { app, plain,
        Badges {
            "card" get_card, "step" get_step, "refusal" get_refusal, "shortened" get_shortened, "locked" get_locked,
            "lock" get_lock, "resting" get_resting,
        }
        Book {
            "conflict" get_conflict, "open-edit" get_open_edit, "waiting" get_waiting, "finding" get_finding,
            "query" get_query, "initial" get_initial, "told" get_told, "untold" get_untold,
        }
        Condition {
            "name" get_name, "resting-since" get_resting_since, "offline-since" get_offline_since, "disk-fails" get_disk_fails,
            "time" get_time, "clock-is-wrong" get_clock_is_wrong, "waiting" get_waiting, "contacts" get_contacts,
            "version" get_version, "offered" get_offered, "may-sign-out" get_may_sign_out, "maintained" get_maintained,
        }
        Lock {
            "typed" get_typed, "wrong" get_wrong, "closed-for" get_closed_for, "again" get_again,
            "differs" get_differs, "enough" get_enough,
        }
        Network {
            "looking" get_looking, "has-cable" get_has_cable, "has-radio" get_has_radio, "joining" get_joining,
            "refused" get_refused, "wrong-password" get_wrong_password, "names" get_names, "clock" get_clock,
            "cloud" get_cloud, "broker" get_broker, "obstacle" get_obstacle, "portal" get_portal,
        }
        Ask { "what" get_what, "name" get_name, "text" get_text, "busy" get_busy, "trouble" get_trouble }
        Start { "step" get_step, "steps" get_steps, "felt" get_felt, "resting" get_resting }
        Menu { "has-card" get_has_card }
        Remark { "card" get_card, "tags" get_tags, "text" get_text }
        Settings {
            "night" get_night, "larger" get_larger, "contrast" get_contrast, "still" get_still,
            "muted" get_muted, "has-sound" get_has_sound, "speaks" get_speaks, "may-change-pin" get_may_change_pin,
        }
        Upkeep {
            "step" get_step, "percent" get_percent, "unfit" get_unfit, "fault" get_fault, "version" get_version,
            "update" get_update, "offered" get_offered, "has-stick" get_has_stick, "has-settings" get_has_settings,
        }
        Stick { "step" get_step, "count" get_count, "bad" get_bad }
        Editor {
            "visitors" get_visitors, "line" get_line, "place" get_place, "places" get_places, "text" get_text, "card" get_card,
            "conflict" get_conflict, "nameless" get_nameless, "by-phone" get_by_phone,
        }
        Person {
            "card" get_card, "website" get_website, "note" get_note, "tags" get_tags, "rating" get_rating,
            "met" get_met, "delivery" get_delivery,
        }
    };
    values.into()
}

fn lists(app: &App) -> Vec<Told> {
    let words = areas! { app, list,
        Book { "initials" get_initials }
        Enrol { "words" get_words }
        Keys { "before" get_before, "after" get_after, "suggestions" get_suggestions }
        Nav { "languages" get_languages }
        Person { "numbers" get_numbers, "mails" get_mails }
    };
    let contacts = areas! { app, list, Book { "contacts" get_contacts } };
    let spots = areas! { app, list, Network { "spots" get_spots } };
    let lines = areas! { app, list, Showcase { "lines" get_lines, "frames" get_frames } };
    words.into_iter().chain(contacts).chain(spots).chain(lines).collect()
}

fn plain(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}")
}

fn list<T: Clone + std::fmt::Debug + 'static>(list: &ModelRc<T>) -> String {
    plain(&list.iter().collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    /// The properties that the areas' files name.
    fn declared() -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/api");
        let mut names = BTreeSet::new();
        for file in fs::read_dir(folder).unwrap() {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            let mut area = "";
            for line in text.lines().map(str::trim) {
                if let Some(it) = line.strip_prefix("export global ") {
                    area = it.trim_end_matches(" {");
                }
                let property =
                    line.strip_prefix("in property <").or(line.strip_prefix("in-out property <"));
                if let Some((_, name)) = property.and_then(|it| it.rsplit_once("> ")) {
                    let end = name.find([':', ';']).unwrap();
                    names.insert(format!("{area}.{}", &name[..end]));
                }
            }
        }
        names
    }

    #[test]
    fn no_property_of_an_area_is_left_out() {
        i_slint_backend_testing::init_no_event_loop();
        let app = App::new().unwrap();
        let told: BTreeSet<String> = told(&app).into_iter().map(|it| it.0.to_owned()).collect();
        assert_eq!(told, declared());
    }
}
