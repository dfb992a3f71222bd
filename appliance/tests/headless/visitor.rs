//! What a visitor does who has nothing to hold at the kiosk.

use crate::kiosk::Kiosk;
use crate::store;

#[test]
fn a_card_is_typed_corrected_and_kept_by_keys_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut kiosk = Kiosk::start_with(folder.path(), (800, 480), "region = \"DE\"");
    let tools = ("Capital letters", "Space");
    kiosk.obey("wait attract 20");
    kiosk.obey("press Type your card");
    kiosk.obey("wait editor 10");
    kiosk.obey("press Done");
    kiosk.says("A card needs a name.");
    kiosk.keys(tools, "Bo Ek");
    kiosk.obey("press Next");
    kiosk.says("2 of 5");
    kiosk.keys(tools, "015112345678");
    kiosk.obey("press Done");
    kiosk.obey("wait confirm 10");
    kiosk.says("Bo Ek");
    kiosk.says("5678");
    kiosk.obey("press Correct");
    kiosk.obey("wait editor 10");
    kiosk.obey("press Delete");
    kiosk.keys(tools, "h");
    kiosk.obey("press Done");
    kiosk.obey("wait confirm 10");
    kiosk.says("Bo Eh");
    kiosk.obey("press Keep only here");
    kiosk.obey("wait done 10");
    // What was cancelled is in nobody's book.
    kiosk.obey("press Back");
    kiosk.obey("wait attract 10");
    kiosk.obey("press Type your card");
    kiosk.obey("wait editor 10");
    kiosk.keys(tools, "Cy");
    kiosk.obey("press Cancel");
    kiosk.obey("wait attract 10");
    assert!(kiosk.terminate().success());
    let contacts = store(folder.path()).contacts().unwrap();
    let cards: Vec<_> = contacts.iter().map(|it| (it.card.name(), it.card.mobile())).collect();
    assert_eq!(cards, [("Bo Eh".to_owned(), "015112345678")]);
}
