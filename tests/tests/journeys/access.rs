//! Who must not be able to use it: anybody else.

use std::time::Duration;

use jiff::Timestamp;
use tapcard_protocol::access::Kind;
use tapcard_protocol::message::{Down, LinkState, Notice, Outcome, Settled, up};
use tapcard_protocol::topic::Topic;
use tapcard_protocol::{Edition, TerminalId};
use tapcard_tests::World;
use tapcard_tests::people::{ADA, BO, card_file, touch};
use tapcard_tests::phone::Phone;

#[test]
fn a_phone_hears_no_other_account_and_speaks_as_no_other_terminal() -> anyhow::Result<()> {
    let world = World::start()?;
    let (ada, bo) = (world.account(ADA, None)?, world.account(BO, None)?);
    let (phone, mut victim) = (world.phone(ada)?, world.phone(bo)?);
    for filter in [
        Topic::Notice(bo).to_string(),
        Topic::Terminal(victim.terminal).to_string(),
        "tapcard/v1/notice/+".to_owned(),
        "tapcard/v1/task/00/+".to_owned(),
        "#".to_owned(),
    ] {
        assert!(!phone.subscribe(&filter)?, "{filter} was granted");
    }
    let payload = up(
        tapcard_protocol::message::TaskId { epoch: 1, seq: 1 },
        victim.terminal,
        Timestamp::now(),
        &touch(ADA, "Bo", "forged")?,
    );
    phone.publish(&Topic::Task(victim.terminal).to_string(), payload)?;
    assert!(phone.is_closed(Duration::from_secs(10)), "the connection stays open");
    // The victim's own task comes after everything that got through.
    victim.ask(&touch(ADA, "Ada", "honest")?)?;
    let touches = world.postgres.client()?.query("select touch from exchange", &[])?;
    assert_eq!(touches.iter().map(|it| it.get::<_, String>(0)).collect::<Vec<_>>(), ["honest"]);
    Ok(())
}

#[test]
fn a_token_opens_no_connection_under_another_name() -> anyhow::Result<()> {
    let world = World::start()?;
    let ada = world.account(ADA, None)?;
    let token = world.token(world.terminal(ada, Kind::Phone)?)?;
    let other = TerminalId::new(12);
    let refused = Phone::connect(world.broker_port(), ada, other, &token);
    let why = refused.err().map(|it| format!("{it:#}")).unwrap_or_default();
    assert!(why.contains("the phone cannot connect"), "{why:?}");
    Ok(())
}

/// Ada reads a badge that somebody printed with Bo's number. Whatever Bo does, nothing of his comes to her.
#[test]
fn a_forged_badge_yields_nothing_of_the_person_whose_number_it_bears() -> anyhow::Result<()> {
    let world = World::start()?;
    let (ada, bo) = (world.account(ADA, None)?, world.account(BO, Some(&card_file("ios.vcf")))?);
    let unknown = "+4917139209901";
    let (mut a, mut b) = (world.phone(ada)?, world.phone(bo)?);

    let known = a.ask(&touch(BO, "Forged", "t1")?)?;
    let fresh = a.ask(&touch(unknown, "Forged", "t2")?)?;
    let state = |it: &Outcome| match it {
        Outcome::Done { result: Some(Settled::Linked { owner: Some(_), state }) } => Some(*state),
        _ => None,
    };
    assert_eq!(state(&known), Some(LinkState::Offered));
    assert_eq!(state(&known), state(&fresh), "the receipt tells whether a number is known");

    let mut card = tapcard_protocol::Card::named("Bo Okafor");
    card.set_title("Secret");
    b.offer(ada)?;
    b.update_card(Edition(1), card)?;

    a.sync()?;
    let names: Vec<_> = a.book.values().map(|it| (it.0, it.1.name())).collect();
    assert_eq!(names, [(Edition(0), "Forged".to_owned()), (Edition(0), "Forged".to_owned())]);
    // The next answer comes after everything that a fan-out could have sent.
    a.send(&touch(unknown, "Forged", "t3")?)?;
    a.until("the next receipt", Duration::from_secs(20), |_, it| match it {
        Down::Notice(Notice::Card { edition, card, .. }) => {
            let read = (Edition(0), "Forged".to_owned());
            assert_eq!((*edition, card.name()), read, "something of Bo's came");
            None
        }
        Down::Notice(Notice::Summary { .. }) => panic!("something of Bo's came"),
        Down::Receipt(_) => Some(()),
        Down::Notice(_) => None,
    })?;
    let mut db = world.postgres.client()?;
    let live: i64 = db.query_one("select count(*) from contact where link = 'live'", &[])?.get(0);
    assert_eq!(live, 0);
    Ok(())
}

#[test]
fn a_terminal_whose_tokens_are_revoked_is_cut_and_stays_out_whatever_is_restarted()
-> anyhow::Result<()> {
    let mut world = World::start()?;
    let (ada, bo) = (world.account(ADA, None)?, world.account(BO, None)?);
    let (stolen, mut bystander) = (world.phone(ada)?, world.phone(bo)?);
    let token = world.token(stolen.terminal)?;
    let come_back = |world: &World| {
        Phone::connect(world.broker_port(), stolen.account, stolen.terminal, &token)
    };
    world.operate(&["terminal", "revoke", &stolen.terminal.to_string()])?;
    assert!(stolen.is_closed(Duration::from_secs(10)), "the connection stays open");
    assert!(come_back(&world).is_err(), "its token is believed");
    bystander.ask(&touch(ADA, "Ada", "still here")?)?;

    world.kill_broker();
    world.start_broker()?;
    // The gate has forgotten all of it, and lets terminals in when the worker has told it again.
    let mut returned = world.reconnect(&bystander)?.continuing(&bystander);
    returned.ask(&touch(ADA, "Ada", "back again")?)?;
    assert!(come_back(&world).is_err(), "its token is believed after a restart");
    Ok(())
}

/// A token says seconds, so several terminals that are revoked one after another share the second.
#[test]
fn terminals_that_are_revoked_in_quick_succession_are_all_cut() -> anyhow::Result<()> {
    let world = World::start()?;
    let ada = world.account(ADA, None)?;
    let stolen = (0..6).map(|_| world.phone(ada)).collect::<anyhow::Result<Vec<_>>>()?;
    for (place, phone) in stolen.iter().enumerate() {
        world.operate(&["terminal", "revoke", &phone.terminal.to_string()])?;
        assert!(phone.is_closed(Duration::from_secs(10)), "connection {place} stays open");
    }
    Ok(())
}

#[test]
fn each_part_may_do_in_the_database_what_it_is_for() -> anyhow::Result<()> {
    let world = World::start()?;
    let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
    let mut phone = world.phone(ada)?;
    phone.ask(&touch(BO, "Bo", "t1")?)?;
    let may = |role: &str, text: &str| -> anyhow::Result<bool> {
        let mut db = postgres::Client::connect(&world.postgres.url_as(role), postgres::NoTls)?;
        match db.batch_execute(text) {
            Ok(()) => Ok(true),
            Err(why) if why.code() == Some(&postgres::error::SqlState::INSUFFICIENT_PRIVILEGE) => {
                Ok(false)
            }
            Err(why) => Err(why.into()),
        }
    };
    for (role, text, expected) in [
        ("tapcard_worker", "select from dead_letter", true),
        ("tapcard_worker", "drop table offer", false),
        ("tapcard_worker", "create table mine ()", false),
        ("tapcard_worker", "select from refinery_schema_history", false),
        ("tapcard_http", "select from contact", true),
        ("tapcard_http", "select from dead_letter", false),
        ("tapcard_http", "select from lease", false),
        ("tapcard_http", "delete from account", false),
        ("tapcard_http", "delete from exchange", false),
        ("tapcard_http", "insert into barred_number values ('', 'opt-out', now())", false),
        ("tapcard_report", "select from tally", true),
        ("tapcard_report", "select from account", false),
        ("tapcard_report", "select from identifier", false),
    ] {
        assert_eq!(may(role, text)?, expected, "{role}: {text}");
    }
    let url = world.postgres.url_as("tapcard_report");
    let mut db = postgres::Client::connect(&url, postgres::NoTls)?;
    let row = db.query_one("select n from tally where what = 'accounts unclaimed'", &[])?;
    assert_eq!(row.get::<_, i64>(0), 1);
    Ok(())
}
