//! The tables can be spread over machines by account: everything that is an account's own is keyed by it first.

use anyhow::Context;
use postgres::Client;
use tapcard_protocol::Edition;
use tapcard_protocol::message::{CardUpdate, Link, LinkVerb, Task};
use tapcard_protocol::{Card, message::Withdraw};
use tapcard_tests::World;
use tapcard_tests::people::{ADA, BO, card_file, touch};

use crate::cloud::linked;

/// Tables of which every key begins with the account.
const BY_ACCOUNT: [&str; 17] = [
    "account",
    "block",
    "card_edition",
    "contact",
    "delivery",
    "exchange",
    "fanout",
    "new_number",
    "number_change",
    "offer",
    "outbox",
    "outcome",
    "recovery",
    "touch",
    "touch_key",
    "watermark",
    "wipe_order",
];
/// Small tables, or such that are asked by a key of their own.
const BY_OWN_KEY: [&str; 15] = [
    "alias",
    "barred_number",
    "client_offer",
    "dead_letter",
    "dispute",
    "enrolment",
    "identifier",
    "lease",
    "lease_claimant",
    "mail_address",
    "media",
    "one_time_code",
    "refinery_schema_history",
    "terminal",
    "web_session",
];
/// Whom Ada meets: so many numbers, drawn at random, are not all in one piece but once in 10¹⁰ runs.
const STRANGERS: usize = 20;
/// Into how many pieces each is parted.
const PIECES: usize = 3;

fn tables(db: &mut Client) -> anyhow::Result<Vec<String>> {
    let text = "select relname::text from pg_class where relnamespace = 'public'::regnamespace
        and relkind in ('r', 'p') and not relispartition order by 1";
    Ok(db.query(text, &[])?.iter().map(|it| it.get(0)).collect())
}

/// Puts a table in pieces in its place. Postgres 15 has no identity columns there.
fn part(db: &mut Client, table: &str) -> anyhow::Result<()> {
    let mut text = format!(
        "alter table {table} rename to whole;
         create table {table} (like whole including all excluding identity) partition by hash (account_id);"
    );
    for piece in 0..PIECES {
        text += &format!(
            "create table {table}_{piece} partition of {table} for values with (modulus {PIECES}, remainder {piece});"
        );
    }
    if table == "outbox" {
        text += "create sequence outbox_ids; alter table outbox alter outbox_id set default nextval('outbox_ids');";
    }
    text += "drop table whole;";
    db.batch_execute(&text).with_context(|| format!("parting {table}"))
}

#[test]
fn everything_works_on_tables_that_are_parted_by_account() -> anyhow::Result<()> {
    let mut world = World::start()?;
    world.kill_worker();
    let mut db = world.postgres.client()?;
    let mut listed = [&BY_ACCOUNT[..], &BY_OWN_KEY].concat();
    listed.sort_unstable();
    assert_eq!(tables(&mut db)?, listed, "a table is missing in one of the two lists");
    db.batch_execute("drop view tally")?;
    BY_ACCOUNT.iter().try_for_each(|it| part(&mut db, it))?;
    world.operate(&["roles"])?;
    world.start_worker()?;

    let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
    let bo = world.account(BO, Some(&card_file("ios.vcf")))?;
    let (mut a, mut b) = (world.phone(ada)?, world.phone(bo)?);
    linked(&a.ask(&touch(BO, "Bo", "t1")?)?)?;
    for number in 0..STRANGERS {
        let touch =
            touch(&format!("+4917139{number:05}"), "Somebody", &format!("stranger {number}"))?;
        linked(&a.ask(&touch)?)?;
    }
    let accept = Link { owner: ada, verb: LinkVerb::Accept, gives: true, takes: true };
    b.ask(&Task::Link(accept))?;
    a.card_of(bo, Edition(1))?;
    b.card_of(ada, Edition(1))?;
    let update = CardUpdate { base: Edition(1), card: Card::named("Bo O."), notify: true };
    b.ask(&Task::CardUpdate(update))?;
    a.card_of(bo, Edition(2))?;
    b.ask(&Task::Withdraw(Withdraw::Partner(ada)))?;
    a.sync()?;
    world.operate(&["account", "cancel", &bo.to_string(), "--now"])?;
    let pieces: i64 = db
        .query_one(
            "select count(distinct tableoid) from (select tableoid from account) as it",
            &[],
        )?
        .get(0);
    assert_eq!(pieces as usize, PIECES, "not all pieces hold accounts");
    let log = std::fs::read_to_string(world.path("worker.log"))?;
    assert!(!log.contains("ERROR") && !log.contains("trying again"), "{log}");
    Ok(())
}
