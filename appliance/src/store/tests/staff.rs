//! What the staff says of contacts.

use super::*;

#[test]
fn what_is_held_goes_with_the_staffs_yes() {
    let (folder, mut store) = store();
    let photo = Photo { media_type: "image/png".into(), bytes: vec![7; 9] };
    let bo = store.hold(&exchange("Bo", true), Some(&photo)).unwrap();
    let cy = store.hold(&exchange("Cy", false), None).unwrap();
    let di = store.hold(&exchange("Di", true), None).unwrap();
    drop(store);
    let mut store = open(&folder);
    let deliveries = |store: &Store| {
        let contacts = store.contacts().unwrap().into_iter();
        contacts.map(|it| (it.card.name(), it.delivery)).collect::<Vec<_>>()
    };
    let named = |name: &str, delivery| (name.to_owned(), delivery);
    let held = ["Di", "Cy", "Bo"].map(|it| named(it, Delivery::Held));
    assert_eq!(deliveries(&store), held);
    assert_eq!(store.waiting().unwrap(), [] as [u64; 0]);
    assert_eq!(store.delivery(bo.contact).unwrap(), Some(Delivery::Held));
    let seq = store.accept(bo.contact).unwrap().unwrap();
    let payload = store.payload(seq).unwrap().unwrap();
    let (_, task) = read_up(TERMINAL, &payload).unwrap();
    assert!(matches!(task, Task::Exchange(it) if *it == exchange("Bo", true)));
    assert_eq!(store.accept(bo.contact).unwrap(), None, "said twice");
    assert_eq!(store.accept(cy.contact).unwrap(), None, "it may not go to the cloud");
    assert_eq!(store.take_back(di.contact, at(NOON)).unwrap(), None);
    let after = [named("Cy", Delivery::Here), named("Bo", Delivery::Waiting)];
    assert_eq!(deliveries(&store), after);
    assert_eq!(store.waiting().unwrap(), [seq]);
    assert_eq!(store.accept(di.contact).unwrap(), None, "it was discarded");
}

#[test]
fn what_is_taken_back_is_gone_and_the_cloud_is_told_of_its_task() {
    let (folder, mut store) = store();
    let kept = store.keep(exchange("Bo", true), None).unwrap();
    let here = store.keep(exchange("Cy", false), None).unwrap();
    let row = store.undo(kept, at(NOON)).unwrap().unwrap();
    assert_eq!(store.undo(here, at(NOON)).unwrap(), None);
    assert!(store.contacts().unwrap().is_empty());
    assert_eq!(store.waiting().unwrap(), [row], "the exchange itself is sent no more");
    let payload = store.payload(row).unwrap().unwrap();
    let (_, task) = read_up(TERMINAL, &payload).unwrap();
    assert_eq!(task, Task::Undo(Undo { task: store.task_id(kept.seq.unwrap()) }));
    // A receipt that was on its way then answers nothing.
    assert_eq!(answer(&mut store, kept.seq.unwrap(), linked(LinkState::None)), Settlement::Unknown);
    answer(&mut store, row, Outcome::Done { result: None });
    assert!(store.waiting().unwrap().is_empty());
    // Nothing of the card is left in the file.
    drop(store);
    let bytes = std::fs::read(folder.path().join("kiosk.db")).unwrap();
    assert!(!bytes.windows(10).any(|it| it == b"touch of B"));
}

#[test]
fn the_staff_takes_back_what_the_cloud_has_and_sends_again_what_it_refused() {
    let (_folder, mut store) = store();
    let sent = store.keep(exchange("Bo", true), None).unwrap();
    let refused = store.keep(exchange("Cy", true), None).unwrap();
    answer(&mut store, sent.seq.unwrap(), linked(LinkState::Offered));
    let (reason, text) = (Refusal::Undecodable, "no".to_owned());
    answer(&mut store, refused.seq.unwrap(), Outcome::Refused { reason, text, result: None });
    assert_eq!(store.delivery(refused.contact).unwrap(), Some(Delivery::Failed));
    assert_eq!(store.send_again(sent.contact).unwrap(), None);
    assert_eq!(store.send_again(refused.contact).unwrap(), refused.seq);
    assert_eq!(store.delivery(refused.contact).unwrap(), Some(Delivery::Waiting));
    let row = store.take_back(sent.contact, at(NOON)).unwrap().unwrap();
    let (_, task) = read_up(TERMINAL, &store.payload(row).unwrap().unwrap()).unwrap();
    assert_eq!(task, Task::Undo(Undo { task: store.task_id(sent.seq.unwrap()) }));
    assert_eq!(store.take_back(sent.contact, at(NOON)).unwrap(), None, "it is gone already");
    assert_eq!(store.contacts().unwrap().len(), 1);
}
