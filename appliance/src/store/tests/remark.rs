//! What the staff writes about contacts, cards out of files, and the end of all.

use tapcard_protocol::message::{ContactUpdate, Remarks};

use super::*;
use crate::session::{Appearance, Night, Remark};

/// The task in a row.
fn task(store: &Store, row: u64) -> Task {
    read_up(TERMINAL, &store.payload(row).unwrap().unwrap()).unwrap().1
}

fn words(store: &Store) -> Vec<(String, Vec<String>, u8)> {
    let contacts = store.contacts().unwrap().into_iter();
    contacts.map(|it| (it.note, it.tags, it.rating)).collect()
}

fn all_of_it() -> [Remark; 3] {
    [Remark::Note("call".into()), Remark::Tags(vec!["press".into()]), Remark::Rating(4)]
}

#[test]
fn what_is_written_early_is_told_once_the_cloud_knows_the_contact() {
    let (_folder, mut store) = store();
    let kept = store.keep(exchange("Bo", true), None).unwrap();
    for remark in all_of_it() {
        assert_eq!(store.remark(kept.contact, &remark, at(NOON)).unwrap(), None);
    }
    assert_eq!(words(&store), [("call".to_owned(), vec!["press".to_owned()], 4)]);
    let settled = answer(&mut store, kept.seq.unwrap(), linked(LinkState::Offered));
    let Settlement::Contact { next: Some(row), .. } = settled else { panic!("{settled:?}") };
    let update = ContactUpdate {
        owner: BO,
        note: Some("call".into()),
        tags: Some(vec!["press".into()]),
        rating: Some(4),
        card: None,
    };
    assert_eq!(task(&store, row), Task::ContactUpdate(Box::new(update)));
    // Written again while that is on its way: a task of its own, with the newest words.
    let later = store.remark(kept.contact, &Remark::Rating(5), at(NOON)).unwrap().unwrap();
    assert_eq!(store.waiting().unwrap(), [row, later]);
    answer(&mut store, row, linked(LinkState::Offered));
    let (reason, text) = (Refusal::Undecodable, "nobody of that name".to_owned());
    answer(&mut store, later, Outcome::Refused { reason, text, result: None });
    assert_eq!(store.waiting().unwrap(), [] as [u64; 0]);
    assert_eq!(store.delivery(kept.contact).unwrap(), Some(Delivery::Sent), "the card is there");
}

#[test]
fn what_stays_here_tells_nobody_what_was_written_about_it() {
    let (_folder, mut store) = store();
    let here = store.keep(exchange("Bo", false), None).unwrap();
    let held = store.hold(&exchange("Cy", true), None).unwrap();
    for contact in [here.contact, held.contact] {
        assert_eq!(store.remark(contact, &Remark::Rating(4), at(NOON)).unwrap(), None);
    }
    assert_eq!(store.waiting().unwrap(), [] as [u64; 0]);
    assert_eq!(store.take_back(held.contact, at(NOON)).unwrap(), None);
}

#[test]
fn words_from_another_terminal_never_replace_newer_ones() {
    let (_folder, mut store) = store();
    let kept = store.keep(exchange("Bo", true), None).unwrap();
    answer(&mut store, kept.seq.unwrap(), linked(LinkState::Live));
    let remarks = |note: &str| Remarks { note: note.into(), tags: vec![], rating: 2 };
    store.take_remarks(BO, &remarks("theirs")).unwrap();
    assert_eq!(words(&store), [("theirs".to_owned(), vec![], 2)]);
    let row = store.remark(kept.contact, &Remark::Note("ours".into()), at(NOON)).unwrap().unwrap();
    store.take_remarks(BO, &remarks("theirs again")).unwrap();
    assert_eq!(words(&store)[0].0, "ours", "ours is on its way");
    answer(&mut store, row, linked(LinkState::Live));
    store.take_remarks(BO, &remarks("theirs at last")).unwrap();
    assert_eq!(words(&store)[0].0, "theirs at last");
}

#[test]
fn who_is_taken_out_takes_along_what_was_written() {
    let (_folder, mut store) = store();
    let kept = store.keep(exchange("Bo", true), None).unwrap();
    answer(&mut store, kept.seq.unwrap(), linked(LinkState::Live));
    let row = store.remark(kept.contact, &Remark::Rating(1), at(NOON)).unwrap().unwrap();
    assert_eq!(store.waiting().unwrap(), [row]);
    store.take_out(BO).unwrap();
    assert!(store.contacts().unwrap().is_empty() && store.waiting().unwrap().is_empty());
}

#[test]
fn a_card_that_follows_no_more_says_so_until_it_follows_again() {
    let (_folder, mut store) = store();
    let kept = store.keep(exchange("Bo", true), None).unwrap();
    answer(&mut store, kept.seq.unwrap(), linked(LinkState::Live));
    let states = |store: &Store| {
        let it = store.contacts().unwrap().remove(0);
        (it.is_live, it.has_ended)
    };
    store.end_link(BO).unwrap();
    assert_eq!(states(&store), (false, false), "it never followed");
    store.follow(BO, Edition(2), &Card::named("Bo Ek")).unwrap();
    assert_eq!(states(&store), (true, false));
    store.end_link(BO).unwrap();
    store.end_link(BO).unwrap();
    assert_eq!(states(&store), (false, true));
    store.follow(BO, Edition(3), &Card::named("Bo Ek")).unwrap();
    assert_eq!(states(&store), (true, false));
}

#[test]
fn cards_out_of_a_file_are_sent_and_all_or_none_are_kept() {
    let (_folder, mut store) = store();
    let cards = || ["Bo", "Cy"].map(|it| (Card::named(it), None)).to_vec();
    let mut names = vec!["b", "a"];
    let rows = store.add(cards(), at(NOON), || Ok(names.pop().unwrap().to_owned())).unwrap();
    assert!(matches!(task(&store, rows[1]), Task::ContactAdd(it) if it.card.name() == "Cy"));
    assert!(store.add(cards(), at(NOON), || Ok("a".to_owned())).is_err(), "a name came twice");
    assert_eq!((store.contacts().unwrap().len(), store.waiting().unwrap()), (2, rows.clone()));
    answer(&mut store, rows[0], linked(LinkState::None));
    let contacts = store.contacts().unwrap();
    assert_eq!(contacts[1].delivery, Delivery::Sent);
    assert_eq!(store.take_back(contacts[0].id, at(NOON)).unwrap(), None);
    assert_eq!(store.waiting().unwrap(), [] as [u64; 0]);
}

#[test]
fn nothing_is_erased_while_something_waits_and_nothing_is_left_after_it() {
    let (folder, mut store) = store();
    let kept = store.keep(exchange("Bo", true), None).unwrap();
    store.keep(exchange("Cy", false), None).unwrap();
    assert!(store.wipe().is_err());
    assert_eq!(store.contacts().unwrap().len(), 2);
    let (reason, text) = (Refusal::Undecodable, "no".to_owned());
    answer(&mut store, kept.seq.unwrap(), Outcome::Refused { reason, text, result: None });
    assert!(store.wipe().is_err(), "what was refused is nowhere else");
    store.send_again(kept.contact).unwrap();
    answer(&mut store, kept.seq.unwrap(), linked(LinkState::None));
    assert_eq!(store.wipe().unwrap(), 2);
    assert!(store.contacts().unwrap().is_empty());
    for file in ["kiosk.db", "kiosk.db-wal"] {
        let bytes = std::fs::read(folder.path().join(file)).unwrap_or_default();
        assert!(!bytes.windows(8).any(|it| it == b"touch of"), "{file}");
    }
}

#[test]
fn how_the_screens_look_survives_a_restart_and_an_unknown_word() {
    let (folder, mut store) = store();
    assert_eq!(store.appearance().unwrap(), Appearance::default());
    let chosen = Appearance { night: Night::ByClock, larger: true, ..Appearance::default() };
    store.appear(chosen).unwrap();
    drop(store);
    let store = open(&folder);
    assert_eq!(store.appearance().unwrap(), chosen);
    store.db.execute("UPDATE kiosk SET appearance = '{\"night\":\"dusk\"}'", []).unwrap();
    assert_eq!(store.appearance().unwrap(), Appearance::default());
    assert!(store.is_writable());
}
