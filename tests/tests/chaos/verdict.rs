//! What must be true in the end.

use std::time::Duration;

use anyhow::Context;
use tapcard_protocol::message::Outcome;
use tapcard_tests::World;
use tapcard_tests::patience::wait;

use super::terminal::Terminal;

/// How long the rest may take once the storm is over.
const PATIENCE: Duration = Duration::from_secs(120);

/// What was asked for.
pub(crate) struct Asked {
    /// Touches, as `terminal touch`.
    pub(crate) exchanges: Vec<(i64, String)>,
    /// Edits of each account's card.
    pub(crate) updates: Vec<u32>,
}

/// Everything that broke a rule.
pub(crate) fn judge(
    world: &World,
    kiosks: &[Terminal],
    phones: &[Terminal],
    asked: &Asked,
) -> anyhow::Result<Vec<String>> {
    let all = || kiosks.iter().chain(phones);
    let receipted = wait("every receipt", PATIENCE, || {
        Ok(all().all(|it| it.memory().waiting.is_empty()).then_some(()))
    });
    let mut broken: Vec<String> = receipted.err().map(|it| it.to_string()).into_iter().collect();
    for it in all() {
        let memory = it.memory();
        let refused =
            memory.receipts.values().filter(|it| !matches!(it, Outcome::Done { .. })).count();
        if refused > 0 {
            broken.push(format!("{refused} tasks of {} were refused", it.who.terminal));
        }
        if !memory.waiting.is_empty() {
            broken.push(format!(
                "{} tasks of {} have no receipt",
                memory.waiting.len(),
                it.who.terminal
            ));
        }
    }
    broken.extend(exchanges(world, asked)?);
    broken.extend(editions(world, phones, asked)?);
    broken.extend(leftovers(world)?);
    Ok(broken)
}

/// Each touch once, and each partner in the book.
fn exchanges(world: &World, asked: &Asked) -> anyhow::Result<Vec<String>> {
    let mut db = world.postgres.client()?;
    let (terminals, touches): (Vec<i64>, Vec<&str>) =
        asked.exchanges.iter().map(|it| (it.0, it.1.as_str())).unzip();
    let row = db.query_one(
        "with asked as (select * from unnest($1::bigint[], $2::text[]) as asked (terminal_id, touch))
         select (select count(*) from asked where not exists (select from exchange e
                 where e.terminal_id = asked.terminal_id and e.touch = asked.touch)),
             (select count(*) from (select 1 from exchange group by terminal_id, touch having count(*) > 1) twice),
             (select count(*) from exchange) - (select count(*) from asked),
             (select count(*) from exchange e where not exists (select from contact c
                 where c.account_id = e.account_id and c.owner_id = e.peer_id))",
        &[&terminals, &touches],
    )?;
    let rules = [
        "exchanges are lost",
        "exchanges are doubled",
        "exchanges too many",
        "exchanges without a contact",
    ];
    let counts = rules.iter().enumerate().map(|(at, rule)| (row.get::<_, i64>(at), rule));
    Ok(counts.filter(|it| it.0 != 0).map(|(n, rule)| format!("{n} {rule}")).collect())
}

/// Each card at its last edition, with everybody who follows it.
fn editions(world: &World, phones: &[Terminal], asked: &Asked) -> anyhow::Result<Vec<String>> {
    let mut broken = Vec::new();
    let mut db = world.postgres.client()?;
    for (phone, updates) in phones.iter().zip(&asked.updates) {
        let account = phone.who.account.as_i64();
        let row = db.query_one("select edition from account where account_id = $1", &[&account])?;
        let (edition, wanted): (i32, u32) = (row.get(0), updates + 1);
        if i64::from(edition) != i64::from(wanted) {
            broken.push(format!("a card is at edition {edition} after {updates} edits"));
        }
    }
    let is_behind = |holder: &Terminal| {
        let memory = holder.memory();
        let others =
            phones.iter().zip(&asked.updates).filter(|it| it.0.who.account != holder.who.account);
        others
            .filter(|(owner, n)| {
                memory.book.get(&owner.who.account).is_none_or(|it| it.0 != *n + 1)
            })
            .count()
    };
    let told = wait("every newest card", PATIENCE, || {
        let behind: Vec<&Terminal> = phones.iter().filter(|it| is_behind(it) > 0).collect();
        behind.iter().filter(|it| !it.is_asking()).for_each(|it| it.ask_again());
        Ok(behind.is_empty().then_some(()))
    });
    if told.is_err() {
        let n: usize = phones.iter().map(is_behind).sum();
        broken.push(format!("{n} holders are behind"));
    }
    Ok(broken)
}

/// Nothing is left to be said.
fn leftovers(world: &World) -> anyhow::Result<Vec<String>> {
    let mut db = world.postgres.client()?;
    let mut broken = Vec::new();
    for table in ["outbox", "fanout", "dead_letter"] {
        let text = format!("select count(*) from {table}");
        let empty = wait(table, PATIENCE, || {
            Ok((db.query_one(&text, &[])?.get::<_, i64>(0) == 0).then_some(()))
        });
        broken.extend(empty.context("left over").err().map(|it| format!("{it:#}")));
    }
    Ok(broken)
}
