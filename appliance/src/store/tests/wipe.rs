//! The end of everything, on an order from afar.

use std::path::PathBuf;

use anyhow::anyhow;
use crypto_box::SecretKey;
use tapcard_protocol::enrolment::Base64;
use tapcard_protocol::wipe::{Order, Unsent};

use super::*;
use crate::seal;

fn order(nonce: u8) -> Order {
    let seal_key = Base64(*SecretKey::from([5; 32]).public_key().as_bytes());
    Order { terminal: TERMINAL, nonce: Base64([nonce; 16]), seal_key }
}

fn obey(store: &mut Store, order: &Order) -> anyhow::Result<bool> {
    store.obey(order, |it| seal::to(&order.seal_key, it))
}

/// All bytes of all files beside a store.
fn bytes(folder: &TempDir) -> Vec<u8> {
    let paths: Vec<PathBuf> =
        std::fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().path()).collect();
    paths.iter().flat_map(|it| std::fs::read(it).unwrap()).collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|it| it == text.as_bytes())
}

/// Where nothing may be left of: two who wait to be sent, one who stays here, one who was refused, the owner, a PIN.
const NAMES: [&str; 6] =
    ["Bo Oduya", "Cy Young", "Di Adeyemi", "Ed Refused", "Ada Lindqvist", "8642"];

fn full() -> (TempDir, Store) {
    let (folder, mut store) = store();
    store.take_own_card(Edition(1), &Card::named(NAMES[4])).unwrap();
    store.choose_pin(NAMES[5]).unwrap();
    let photo = Photo { media_type: "image/png".into(), bytes: b"Bo Oduya's picture".repeat(900) };
    store.keep(exchange(NAMES[0], true), Some(&photo)).unwrap();
    store.keep(exchange(NAMES[1], true), None).unwrap();
    store.keep(exchange(NAMES[2], false), None).unwrap();
    let refused = store.keep(exchange(NAMES[3], true), None).unwrap().seq.unwrap();
    let no = Outcome::Refused { reason: Refusal::Undecodable, text: String::new(), result: None };
    answer(&mut store, refused, no);
    (folder, store)
}

#[test]
fn what_was_not_sent_is_sealed_and_everything_else_is_erased() {
    let (folder, mut store) = full();
    assert!(NAMES.iter().all(|it| holds(&bytes(&folder), it)), "the test looks in the wrong place");
    let wanted: Vec<Task> =
        [0, 1, 3].map(|it| Task::Exchange(Box::new(exchange(NAMES[it], true)))).into();
    assert!(obey(&mut store, &order(1)).unwrap());
    let left = bytes(&folder);
    for name in NAMES {
        assert!(!holds(&left, name), "{name} is still there");
    }
    assert!(store.contacts().unwrap().is_empty() && store.own_card().unwrap().is_none());
    assert_eq!((store.pin().unwrap(), store.waiting().unwrap()), (None, vec![]));
    drop(store);

    let erased = Erased::open(&folder.path().join("kiosk.db")).unwrap().expect("it was erased");
    let (part, sealed) = erased.next().unwrap().expect("a box");
    let unsent = Unsent::read(&SecretKey::from([5; 32]).unseal(&sealed).unwrap()).unwrap();
    assert!(unsent.is_last && (unsent.terminal, unsent.nonce) == (TERMINAL, Base64([1; 16])));
    let read = |it: &String| read_up(TERMINAL, it.as_bytes()).unwrap();
    let (ids, tasks): (Vec<TaskId>, Vec<Task>) = unsent.tasks.iter().map(read).unzip();
    assert_eq!(tasks, wanted);
    assert_eq!(ids.iter().map(|it| it.seq).collect::<Vec<_>>(), [2, 3, 4]);
    assert!(SecretKey::from([6; 32]).unseal(&sealed).is_err(), "anybody can open it");

    erased.handed_over(part).unwrap();
    assert!(erased.next().unwrap().is_none());
    drop(erased);
    let again = Erased::open(&folder.path().join("kiosk.db")).unwrap();
    assert!(again.is_some(), "it is somebody's again by itself");
}

#[test]
fn an_order_is_carried_out_once() {
    let (folder, mut store) = full();
    assert!(obey(&mut store, &order(1)).unwrap());
    let before = Erased::open(&folder.path().join("kiosk.db")).unwrap().unwrap().next().unwrap();
    assert!(!obey(&mut store, &order(1)).unwrap());
    assert!(!obey(&mut store, &order(2)).unwrap(), "there is nothing left to erase");
    drop(store);
    let erased = Erased::open(&folder.path().join("kiosk.db")).unwrap().unwrap();
    let (part, sealed) = before.unwrap();
    assert!(erased.next().unwrap() == Some((part, sealed)));
    erased.handed_over(part).unwrap();
    assert!(erased.next().unwrap().is_none(), "a second box was made");
}

#[test]
fn what_cannot_be_sealed_is_not_erased() {
    let (folder, mut store) = full();
    let n_waiting = store.waiting().unwrap().len();
    assert!(store.obey(&order(1), |_| Err(anyhow!("no randomness"))).is_err());
    assert_eq!((store.contacts().unwrap().len(), store.waiting().unwrap().len()), (4, n_waiting));
    drop(store);
    assert!(Erased::open(&folder.path().join("kiosk.db")).unwrap().is_none());
    assert!(obey(&mut open(&folder), &order(1)).unwrap(), "the order still counts");
}

#[test]
fn a_store_in_use_and_none_at_all_are_not_erased() {
    let (folder, store) = store();
    drop(store);
    assert!(Erased::open(&folder.path().join("kiosk.db")).unwrap().is_none());
    let none = folder.path().join("none.db");
    assert!(Erased::open(&none).unwrap().is_none());
    assert!(!none.exists(), "looking made a file");
}
