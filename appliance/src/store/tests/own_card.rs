//! Edits of the own card, and what the cloud makes of them.

use tapcard_protocol::card::MediaName;

use super::*;

#[test]
fn an_edit_becomes_the_card_when_the_cloud_has_taken_it() {
    let (_folder, mut store) = store();
    store.take_own_card(Edition(5), &Card::named("Ada")).unwrap();
    store.keep_draft(Edition(5), &Card::named("Ada Lind")).unwrap();
    let own = store.own_card().unwrap().unwrap();
    assert!(own.is_open());
    assert_eq!((own.shown().name(), own.edited().name()), ("Ada".into(), "Ada Lind".into()));
    assert_eq!(store.waiting().unwrap(), [] as [u64; 0], "nothing is sent before the question");
    assert_eq!(store.send_draft(at(NOON), true).unwrap(), Some(2));
    assert_eq!(store.own_card().unwrap().unwrap().shown().name(), "Ada Lind");
    assert_eq!(answer(&mut store, 2, updated(6)), Settlement::OwnCard { next: None });
    let own = store.own_card().unwrap().unwrap();
    assert_eq!((own.edition, own.card.name(), own.draft), (Edition(6), "Ada Lind".into(), None));
    assert!(!store.take_own_card(Edition(5), &Card::named("Old")).unwrap());
}

#[test]
fn a_second_edit_waits_for_the_first_and_goes_on_from_it() {
    let (folder, mut store) = store();
    store.take_own_card(Edition(5), &Card::named("Ada")).unwrap();
    store.keep_draft(Edition(5), &Card::named("Ada 1")).unwrap();
    assert_eq!(store.send_draft(at(NOON), true).unwrap(), Some(2));
    store.keep_draft(Edition(5), &Card::named("Ada 2")).unwrap();
    assert_eq!(store.send_draft(at(NOON), false).unwrap(), None);
    drop(store);
    let mut store = open(&folder);
    assert_eq!(answer(&mut store, 2, updated(6)), Settlement::OwnCard { next: Some(3) });
    let (_, task) = read_up(TERMINAL, &store.payload(3).unwrap().unwrap()).unwrap();
    let Task::CardUpdate(update) = task else { panic!() };
    assert_eq!((update.base, update.card.name()), (Edition(6), "Ada 2".into()));
    assert!(!update.notify);
}

#[test]
fn an_edit_that_met_another_one_brings_that_along() {
    let (_folder, mut store) = store();
    store.take_own_card(Edition(5), &Card::named("Ada")).unwrap();
    store.keep_draft(Edition(5), &Card::named("Ada Lind")).unwrap();
    assert_eq!(store.send_draft(at(NOON), true).unwrap(), Some(2));
    let mut later = Card::named("Ada Lind");
    later.set_title("Head");
    store.keep_draft(Edition(5), &later).unwrap();
    assert_eq!(store.send_draft(at(NOON), true).unwrap(), None);
    let mut both = Card::named("Ada Lind");
    both.set_organisation("Exchange");
    let Outcome::Done { result: Some(Settled::Updated { edition, counts, .. }) } = updated(7)
    else {
        panic!()
    };
    let result = Some(Settled::Updated { edition, counts, card: Some(both) });
    let next = answer(&mut store, 2, Outcome::Done { result });
    assert_eq!(next, Settlement::OwnCard { next: Some(3) });
    let own = store.own_card().unwrap().unwrap();
    assert_eq!((own.edition, own.card.organisation()), (Edition(7), "Exchange"));
    let draft = own.draft.unwrap();
    assert_eq!((draft.base, draft.card.organisation()), (Edition(7), "Exchange"));
    assert_eq!(draft.card.title(), "Head");
}

#[test]
fn a_conflict_takes_the_current_card_and_keeps_the_edit() {
    let (_folder, mut store) = store();
    store.take_own_card(Edition(5), &Card::named("Ada")).unwrap();
    store.keep_draft(Edition(5), &Card::named("Ada Lind")).unwrap();
    store.send_draft(at(NOON), true).unwrap();
    let result = Settled::Conflict { edition: Edition(7), card: Card::named("Ada Berg") };
    let (reason, text) = (Refusal::Conflict, String::new());
    answer(&mut store, 2, Outcome::Refused { reason, text, result: Some(result) });
    let own = store.own_card().unwrap().unwrap();
    assert!(own.is_conflict && own.is_open());
    assert_eq!((own.edition, own.shown().name()), (Edition(7), "Ada Berg".into()));
    let draft = own.draft.unwrap();
    assert_eq!((draft.base, draft.card.name()), (Edition(7), "Ada Lind".into()));
    store.send_draft(at(NOON), true).unwrap();
    assert!(!store.own_card().unwrap().unwrap().is_conflict);
}

#[test]
fn the_own_cards_pictures_are_kept_until_it_has_others() {
    let (_folder, mut store) = store();
    let [portrait, logo, flyer] = [1, 2, 3].map(|it| MediaName([it; 16]));
    for name in [portrait, logo] {
        store.keep_medium(name, &name.0).unwrap();
    }
    store.keep_medium(logo, b"another").unwrap();
    assert_eq!(store.medium(logo).unwrap(), Some(vec![2; 16]), "what a name stands for stays");
    store.drop_media_but(&[logo, flyer]).unwrap();
    let here = [portrait, logo, flyer].map(|it| store.medium(it).unwrap().is_some());
    assert_eq!(here, [false, true, false]);
    store.drop_media_but(&[]).unwrap();
    assert_eq!(store.medium(logo).unwrap(), None);
}
