mod own_card;
mod remark;
mod staff;
mod wipe;

use tapcard_protocol::message::{
    Counts, Direction, Ended, Exchange, LinkState, Outcome, Page, Receipt, Refusal, Settled, Task,
    Undo, read_up,
};
use tapcard_protocol::vcard::Photo;
use tapcard_protocol::{AccountId, Edition};
use tempfile::TempDir;

use jiff::SignedDuration;

use super::*;
use crate::session::Mode;

const TERMINAL: TerminalId = TerminalId::new(3);
const BO: AccountId = AccountId::new(0xb0);
const NOON: i64 = 1_800_000_000_000;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap()
}

/// A store in a folder of its own, registered.
fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(&folder);
    store.register(at(NOON), None).unwrap();
    answer(&mut store, 1, Outcome::Done { result: None });
    (folder, store)
}

fn open(folder: &TempDir) -> Store {
    Store::open(&folder.path().join("kiosk.db"), TERMINAL, 0xe90c).unwrap()
}

fn exchange(name: &str, consent: bool) -> Exchange {
    Exchange {
        direction: Direction::Both,
        partner: None,
        card: Some(Card::named(name)),
        touch: format!("touch of {name}"),
        at: at(NOON),
        clock_synced: false,
        boot: None,
        place: "Hall 4".into(),
        note: String::new(),
        consent,
        agreed: String::new(),
    }
}

fn answer(store: &mut Store, seq: u64, outcome: Outcome) -> Settlement {
    store.settle(&Receipt { task: store.task_id(seq), outcome }, at(NOON)).unwrap()
}

fn linked(state: LinkState) -> Outcome {
    Outcome::Done { result: Some(Settled::Linked { owner: Some(BO), state }) }
}

fn updated(edition: u32) -> Outcome {
    let counts = Counts::default();
    Outcome::Done {
        result: Some(Settled::Updated { edition: Edition(edition), counts, card: None }),
    }
}

fn names(store: &Store) -> Vec<String> {
    store.contacts().unwrap().iter().map(|it| it.card.name()).collect()
}

#[test]
fn an_exchange_survives_the_power_cut_as_contact_and_task() {
    let (folder, mut store) = store();
    let photo = Photo { media_type: "image/jpeg".into(), bytes: vec![1, 2, 3] };
    let kept = store.keep(exchange("Bo", true), Some(&photo)).unwrap();
    let payload = store.payload(kept.seq.unwrap()).unwrap().unwrap();
    // A process that is killed closes nothing.
    std::mem::forget(store);
    let store = open(&folder);
    assert_eq!(names(&store), ["Bo"]);
    assert!(store.has_touch("touch of Bo").unwrap() && !store.has_touch("another").unwrap());
    assert_eq!(store.delivery(kept.contact).unwrap(), Some(Delivery::Waiting));
    assert_eq!(store.waiting().unwrap(), [2]);
    assert_eq!(store.payload(2).unwrap().unwrap(), payload);
    let (id, task) = read_up(TERMINAL, &payload).unwrap();
    assert_eq!(id, store.task_id(2));
    assert!(matches!(task, Task::Exchange(it) if *it == exchange("Bo", true)));
    let bytes: Vec<u8> =
        store.db.query_row("SELECT photo FROM contact", [], |row| row.get(0)).unwrap();
    assert_eq!(bytes, photo.bytes);
}

#[test]
fn an_exchange_that_cannot_be_kept_leaves_nothing() {
    let (_folder, mut store) = store();
    store.keep(exchange("Bo", true), None).unwrap();
    assert!(store.keep(exchange("Bo", true), None).is_err(), "the same touch twice");
    assert_eq!((names(&store).len(), store.waiting().unwrap()), (1, vec![2]));
}

#[test]
fn what_stays_here_has_no_task() {
    let (_folder, mut store) = store();
    let kept = store.keep(exchange("Bo", false), None).unwrap();
    assert_eq!(kept.seq, None);
    assert_eq!(store.delivery(kept.contact).unwrap(), Some(Delivery::Here));
    assert_eq!(store.waiting().unwrap(), [] as [u64; 0]);
    store.purge(at(i64::MAX / 1_000_000), SignedDuration::ZERO).unwrap();
    assert_eq!(names(&store), ["Bo"], "the only copy");
}

#[test]
fn a_receipt_settles_its_row_once() {
    let (_folder, mut store) = store();
    let kept = store.keep(exchange("Bo", true), None).unwrap();
    let settled = Settlement::Contact { contact: kept.contact, lacks_card: false, next: None };
    assert_eq!(answer(&mut store, 2, linked(LinkState::Offered)), settled);
    assert_eq!(answer(&mut store, 2, linked(LinkState::Offered)), Settlement::Unknown);
    assert_eq!(store.delivery(kept.contact).unwrap(), Some(Delivery::Sent));
    assert_eq!(store.waiting().unwrap(), [] as [u64; 0]);
}

#[test]
fn a_receipt_for_an_older_store_settles_nothing() {
    let (_folder, mut store) = store();
    store.keep(exchange("Bo", true), None).unwrap();
    let task = TaskId { epoch: 1, seq: 2 };
    let receipt = Receipt { task, outcome: linked(LinkState::Live) };
    assert_eq!(store.settle(&receipt, at(NOON)).unwrap(), Settlement::Unknown);
    assert_eq!(store.waiting().unwrap(), [2]);
}

#[test]
fn a_refused_row_is_set_aside_and_stays() {
    let (_folder, mut store) = store();
    let kept = store.keep(exchange("Bo", true), None).unwrap();
    let text = "no".to_owned();
    let refused = Outcome::Refused { reason: Refusal::Forbidden, text, result: None };
    answer(&mut store, 2, refused);
    assert_eq!(store.delivery(kept.contact).unwrap(), Some(Delivery::Failed));
    assert_eq!(store.waiting().unwrap(), [] as [u64; 0]);
    store.purge(at(NOON * 2), SignedDuration::ZERO).unwrap();
    let reason: String =
        store.db.query_row("SELECT failed FROM outbox", [], |row| row.get(0)).unwrap();
    assert_eq!((names(&store).len(), reason.as_str()), (1, "no"));
}

#[test]
fn a_contact_leaves_a_day_after_its_receipt_and_never_unsent() {
    let (_folder, mut store) = store();
    store.keep(exchange("Bo", true), None).unwrap();
    store.keep(exchange("Cy", true), None).unwrap();
    answer(&mut store, 2, linked(LinkState::None));
    let day = SignedDuration::from_hours(24);
    assert_eq!(store.purge(at(NOON + 86_399_999), day).unwrap(), 0);
    assert_eq!(store.purge(at(NOON + 86_400_000), day).unwrap(), 1);
    assert_eq!(names(&store), ["Cy"]);
}

#[test]
fn an_older_card_never_replaces_a_newer() {
    let (_folder, mut store) = store();
    let follow = |store: &mut Store, edition, name| {
        store.follow(BO, Edition(edition), &Card::named(name)).unwrap()
    };
    assert_eq!(follow(&mut store, 1, "Bo"), None, "nobody here has that owner");
    store.keep(exchange("Bo", true), None).unwrap();
    answer(&mut store, 2, linked(LinkState::Live));
    assert_eq!(follow(&mut store, 4, "Bo 4"), Some(Edition(4)));
    assert_eq!(follow(&mut store, 3, "Bo 3"), Some(Edition(4)));
    assert_eq!(names(&store), ["Bo 4"]);
    assert_eq!(store.followed(None, 500).unwrap(), [(BO, Edition(4))]);
    assert_eq!(store.followed(Some(BO), 500).unwrap(), []);
}

#[test]
fn a_live_link_without_its_card_asks_for_it_and_a_known_owner_brings_it() {
    let (_folder, mut store) = store();
    store.keep(exchange("Bo", true), None).unwrap();
    let Settlement::Contact { lacks_card, .. } = answer(&mut store, 2, linked(LinkState::Live))
    else {
        panic!()
    };
    assert!(lacks_card);
    store.follow(BO, Edition(4), &Card::named("Bo 4")).unwrap();
    store.keep(exchange("Bo again", true), None).unwrap();
    let Settlement::Contact { lacks_card, .. } = answer(&mut store, 3, linked(LinkState::Live))
    else {
        panic!()
    };
    assert!(!lacks_card);
    assert_eq!(names(&store), ["Bo 4", "Bo 4"]);
}

#[test]
fn only_a_tombstone_takes_a_contact_out() {
    let (_folder, mut store) = store();
    store.keep(exchange("Bo", true), None).unwrap();
    answer(&mut store, 2, linked(LinkState::Live));
    let page = Page { book: 9, ..Page::default() };
    store.turn_page(&page, true).unwrap();
    assert_eq!((names(&store).len(), store.book().unwrap()), (1, 9));
    let page = Page { gone: vec![BO], book: 10, ..Page::default() };
    store.turn_page(&page, false).unwrap();
    assert_eq!((names(&store).len(), store.book().unwrap()), (0, 9));
}

#[test]
fn a_link_that_ended_leaves_what_was_read() {
    let (_folder, mut store) = store();
    store.keep(exchange("Bo", true), None).unwrap();
    answer(&mut store, 2, linked(LinkState::Live));
    store.follow(BO, Edition(4), &Card::named("Bo 4")).unwrap();
    let page = Page { ended: vec![(BO, Ended::Withdrawn)], ..Page::default() };
    store.turn_page(&page, true).unwrap();
    assert_eq!((names(&store), store.followed(None, 500).unwrap()), (vec!["Bo".into()], vec![]));
    // They agree anew, and nothing has changed on the card meanwhile.
    store.follow(BO, Edition(4), &Card::named("Bo 4")).unwrap();
    assert_eq!(names(&store), ["Bo 4"]);
    store.end_link(BO).unwrap();
    assert_eq!(names(&store), ["Bo"]);
    store.take_out(BO).unwrap();
    assert_eq!(names(&store), [] as [String; 0]);
}

#[test]
fn everything_before_the_oldest_row_that_waits_has_its_answer() {
    let (_folder, mut store) = store();
    assert_eq!(store.receipted().unwrap(), 1, "the registration has its answer");
    store.keep(exchange("Bo", true), None).unwrap();
    store.keep(exchange("Cy", true), None).unwrap();
    answer(&mut store, 3, linked(LinkState::Offered));
    assert_eq!(store.receipted().unwrap(), 1);
    let refused = Outcome::Refused { reason: Refusal::Forbidden, text: "no".into(), result: None };
    answer(&mut store, 2, refused);
    assert_eq!(store.receipted().unwrap(), 3);
}

#[test]
fn it_registers_until_the_cloud_knows_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(&folder);
    store.register(at(NOON), None).unwrap();
    store.register(at(NOON), None).unwrap();
    assert_eq!(store.waiting().unwrap(), [1]);
    assert_eq!(answer(&mut store, 1, Outcome::Done { result: None }), Settlement::Registered);
    store.register(at(NOON), None).unwrap();
    assert_eq!(store.waiting().unwrap(), [] as [u64; 0]);
}

#[test]
fn a_file_keeps_its_epoch_its_mode_and_its_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(&folder);
    store.choose_mode(Mode::Take).unwrap();
    drop(store);
    let path = folder.path().join("kiosk.db");
    let store = Store::open(&path, TERMINAL, 77).unwrap();
    assert_eq!((store.epoch, store.mode().unwrap()), (0xe90c, Some(Mode::Take)));
    drop(store);
    let error = Store::open(&path, TerminalId::new(4), 77).err().unwrap();
    assert!(error.to_string().contains("belongs to terminal 0000000000003"), "{error}");
}

#[test]
fn a_newer_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    store.db.pragma_update(None, "user_version", 99).unwrap();
    drop(store);
    let error = Store::open(&folder.path().join("kiosk.db"), TERMINAL, 1).err().unwrap();
    assert!(format!("{error:#}").contains("newer version"), "{error:#}");
}

#[test]
fn the_file_is_safe_against_power_cuts_and_curious_finders() {
    let (_folder, store) = store();
    let pragma = |name: &str| -> String {
        store
            .db
            .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
            .map(|it| format!("{it:?}"))
            .unwrap()
    };
    assert_eq!(pragma("journal_mode"), "Text(\"wal\")");
    assert_eq!(pragma("synchronous"), "Integer(2)");
    assert_eq!(pragma("secure_delete"), "Integer(1)");
    assert_eq!(pragma("foreign_keys"), "Integer(1)");
}
