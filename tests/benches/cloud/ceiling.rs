//! The ceiling: the rows that exchanges left, copied into empty tables with the same keys, in commits of 500.

use std::io::{Read, Write};
use std::time::Instant;

use postgres::Client;
use tapcard_load::sample::Sample;
use tapcard_tests::World;

/// Exchanges of one commit.
const COMMIT: usize = 500;

/// The tables that an exchange writes a row to, and which of its columns are copied.
const TABLES: [(&str, &str); 4] = [
    ("outcome", "account_id, terminal_id, epoch, seq, receipt"),
    (
        "exchange",
        "account_id, terminal_id, epoch, seq, peer_id, partner, direction, touch, at, clock_synced, boot_id, boot_ms, \
         place, note, consent, received_at",
    ),
    ("contact", "account_id, owner_id, snapshot, note, link, deleted_at"),
    ("offer", "account_id, from_id, gives, takes, place, at, made_at"),
];

/// Copies what the exchanges of the database left; exchanges a second. Their number must be a multiple of a commit's.
pub(crate) fn copy(world: &World) -> anyhow::Result<f64> {
    let mut db = world.postgres.client()?;
    let mut tables = Vec::new();
    for (table, columns) in TABLES {
        let lines = dump(&mut db, table, columns)?;
        tables.push((format!("copy ceiling_{table} ({columns}) from stdin"), lines));
    }
    for (table, _) in TABLES {
        db.batch_execute(&format!(
            "drop table if exists ceiling_{table}; create table ceiling_{table} (like {table} including all)"
        ))?;
    }
    let n = tables[0].1.len();
    let began = Instant::now();
    for commit in 0..n / COMMIT {
        let mut tx = db.transaction()?;
        for (copy, lines) in &tables {
            // A table may have several rows for each exchange, or fewer.
            let (from, to) =
                (commit * COMMIT * lines.len() / n, (commit + 1) * COMMIT * lines.len() / n);
            let mut writer = tx.copy_in(copy)?;
            writer.write_all(lines[from..to].concat().as_bytes())?;
            writer.finish()?;
        }
        tx.commit()?;
    }
    Ok((n / COMMIT * COMMIT) as f64 / began.elapsed().as_secs_f64())
}

/// How long Postgres takes to commit one row, in ms, when nobody else asks it for anything.
pub(crate) fn commits(world: &World, n: usize) -> anyhow::Result<Sample> {
    let mut db = world.postgres.client()?;
    db.batch_execute("drop table if exists ceiling_row; create table ceiling_row (n bigint)")?;
    let insert = db.prepare("insert into ceiling_row values ($1)")?;
    let commit = |n| -> anyhow::Result<f64> {
        let began = Instant::now();
        db.execute(&insert, &[&n])?;
        Ok(began.elapsed().as_secs_f64() * 1e3)
    };
    Ok(Sample::of((0..n as i64).map(commit).collect::<anyhow::Result<_>>()?))
}

fn dump(db: &mut Client, table: &str, columns: &str) -> anyhow::Result<Vec<String>> {
    let mut text = String::new();
    db.copy_out(&format!("copy (select {columns} from {table}) to stdout"))?
        .read_to_string(&mut text)?;
    Ok(text.split_inclusive('\n').map(str::to_owned).collect())
}
