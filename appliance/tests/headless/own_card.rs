//! The own card, written on the screen.

use std::path::Path;

use crate::kiosk::Kiosk;
use crate::store;

#[test]
fn the_staff_edits_the_card_and_the_edit_survives_the_power_cut() {
    let folder = tempfile::tempdir().unwrap();
    let mut kiosk = Kiosk::start(folder.path(), (1024, 600));
    kiosk.obey("wait attract 20");
    kiosk.says("Tap is taking a break");
    kiosk.says("Buyer");
    kiosk.unlock();
    kiosk.says("No cards yet");
    kiosk.open("Your card", "editor");
    kiosk.obey("press Next");
    kiosk.says("2 of 11");
    kiosk.obey("press Job title");
    kiosk.obey("clear");
    kiosk.obey("type Head of Buyimg\\b\\bng");
    kiosk.obey("press Save");
    kiosk.obey("wait tell 10");
    kiosk.obey("press Tell them");
    kiosk.obey("wait contacts 10");
    kiosk.cut();

    let mut kiosk = Kiosk::start(folder.path(), (1024, 600));
    kiosk.obey("wait attract 20");
    kiosk.says("Head of Buying");
    assert!(kiosk.terminate().success());
}

/// A kiosk without a card of its own, which speaks a language, with its staff at the card.
fn at_the_empty_card(
    folder: &Path,
    size: (u32, u32),
    [language, staff, menu, card]: [&str; 4],
) -> Kiosk {
    let mut kiosk = Kiosk::start_for("", folder, size, "");
    kiosk.obey("wait attract 20");
    kiosk.obey(&format!("press {language}"));
    kiosk.says(staff);
    kiosk.obey(&format!("press {staff}"));
    kiosk.obey("wait lock 10");
    "135790".chars().for_each(|it| drop(kiosk.obey(&format!("press {it}"))));
    kiosk.obey("wait contacts 10");
    kiosk.obey(&format!("press {menu}"));
    kiosk.obey("wait menu 10");
    kiosk.obey(&format!("press {card}"));
    kiosk.obey("wait editor 10");
    kiosk
}

#[test]
fn an_empty_card_is_written_in_german_by_keys_alone() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["Deutsch", "Personal", "Menü", "Ihre Karte"];
    let mut kiosk = at_the_empty_card(folder.path(), (1024, 600), words);
    let tools = ("Großbuchstaben", "Leertaste");
    // A card without a name is not saved.
    kiosk.obey("press Speichern");
    kiosk.says("Eine Karte braucht einen Namen.");
    let lines = [
        "Jörg Müßig",
        "Käufer",
        "Gößl",
        "+491713920001",
        "+49301234",
        "j@goessl.de",
        "goessl.de",
        "@goessl",
    ];
    for (at, line) in lines.iter().enumerate() {
        kiosk.keys(tools, line);
        kiosk.obey("press Weiter");
        kiosk.says(&format!("{} von 11", at + 2));
    }
    kiosk.keys(tools, "Graben");
    kiosk.obey("press Löschen");
    kiosk.keys(tools, "n");
    kiosk.obey("press Weiter");
    kiosk.says("10 von 11");
    kiosk.keys(tools, "Zeit");
    kiosk.obey("press Weiter");
    kiosk.says("11 von 11");
    kiosk.keys(tools, "Uhren");
    kiosk.obey("press Speichern");
    kiosk.obey("wait tell 10");
    kiosk.obey("press Jetzt nicht");
    kiosk.obey("wait contacts 10");
    kiosk.says("Noch keine Karten");
    assert!(kiosk.terminate().success());
    let own = store(folder.path()).own_card().unwrap().unwrap();
    let card = own.edited();
    assert_eq!((card.name().as_str(), card.title()), ("Jörg Müßig", "Käufer"));
    assert_eq!(
        (card.organisation(), card.mobile(), card.landline()),
        ("Gößl", "+491713920001", "+49301234")
    );
    assert_eq!(card.mails().collect::<Vec<_>>(), ["j@goessl.de"]);
    assert_eq!((card.website(), card.address().as_str()), ("goessl.de", "Graben"));
    assert_eq!((card.offer(), card.company()), ("Zeit", "Uhren"));
    assert_eq!(card.messenger(), "@goessl");
}

#[test]
fn an_empty_card_is_written_in_chinese_by_keys_alone() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["中文", "工作人员", "菜单", "您的名片"];
    let mut kiosk = at_the_empty_card(folder.path(), (720, 1280), words);
    for (at, (sounds, characters)) in
        [("wangxiaoming", "王小明"), ("zongjingli", "总经理"), ("shenzhen", "深圳")]
            .iter()
            .enumerate()
    {
        kiosk.keys(("大写", "空格"), sounds);
        kiosk.obey(&format!("press 选择 {characters}"));
        kiosk.obey("press 下一项");
        kiosk.says(&format!("{} / 11", at + 2));
    }
    kiosk.keys(("大写", "空格"), "+8613800138000");
    kiosk.obey("press 保存");
    kiosk.obey("wait tell 10");
    kiosk.obey("press 暂不");
    kiosk.obey("wait contacts 10");
    assert!(kiosk.terminate().success());
    let own = store(folder.path()).own_card().unwrap().unwrap();
    let card = own.edited();
    assert_eq!((card.name().as_str(), card.title()), ("王小明", "总经理"));
    assert_eq!((card.organisation(), card.mobile()), ("深圳", "+8613800138000"));
}
