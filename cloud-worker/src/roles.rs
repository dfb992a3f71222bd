//! What each part of the worker may do in the database. Three roles that nobody logs in as; an operator's own roles are
//! made members of them.

use anyhow::Context;
use postgres::Client;

/// What takes tasks in, publishes and keeps house.
const WORKER: &str = "tapcard_worker";
/// What a signed-in person can do, and what signing in takes.
const HTTP: &str = "tapcard_http";
/// Counts, and nothing about anybody.
const REPORT: &str = "tapcard_report";

const ALL: &str = "select, insert, update, delete";

/// Every table, and what the web part may do there. The worker may do everything but read or change the history of
/// migrations.
const TABLES: [(&str, &str); 32] = [
    ("account", "select, insert, update"),
    ("alias", ALL),
    ("barred_number", "select, delete"),
    ("block", "select"),
    ("card_edition", "select, insert"),
    ("client_offer", "select"),
    ("contact", "select, insert, update"),
    ("dead_letter", ""),
    ("delivery", "select"),
    ("dispute", ALL),
    ("enrolment", ALL),
    ("exchange", "select, insert, update"),
    ("fanout", ALL),
    ("identifier", ALL),
    ("lease", ""),
    ("lease_claimant", ""),
    ("mail_address", ALL),
    ("media", "select, insert, delete"),
    ("new_number", "select, insert, update"),
    ("number_change", ALL),
    ("offer", ALL),
    ("one_time_code", ALL),
    ("outbox", ALL),
    ("outcome", ""),
    ("recovery", ALL),
    ("refinery_schema_history", ""),
    ("terminal", "select, insert, update"),
    ("touch", "select, insert, update"),
    ("touch_key", "select, insert"),
    ("watermark", ""),
    ("web_session", ALL),
    ("wipe_order", "select, insert, update"),
];

/// What a report may read.
const TALLY: &str = "
create or replace view tally as
    select 'accounts ' || state as what, count(*) as n from account group by state
    union all select 'terminals ' || kind, count(*) from terminal where ended_at is null group by kind
    union all select 'exchanges', count(*) from exchange
    union all select 'exchanges of the last day', count(*) from exchange where received_at > now() - interval '1 day'
    union all select 'waiting in the outbox', count(*) from outbox
    union all select 'being told', count(*) from fanout where not rests
    union all select 'dead letters', count(*) from dead_letter";

/// Makes the roles, or gives those that are there what they may do now and nothing else.
///
/// # Errors
/// Fails without the right to make roles, and for a table that is not listed here.
pub(crate) fn make(db: &mut Client) -> anyhow::Result<()> {
    let mut tx = db.transaction().context("beginning")?;
    let text = "select relname::text from pg_class where relnamespace = 'public'::regnamespace
        and relkind in ('r', 'p') and not relispartition";
    let rows = tx.query(text, &[]).context("looking which tables there are")?;
    let tables: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let is_listed = |it: &&String| TABLES.iter().any(|(name, _)| it == name);
    if let Some(it) = tables.iter().find(|it| !is_listed(it)) {
        anyhow::bail!("who may do what with the table {it} is decided nowhere");
    }
    for role in [WORKER, HTTP, REPORT] {
        let found = tx.query_opt("select from pg_roles where rolname = $1", &[&role]);
        if found.context("looking for roles")?.is_none() {
            tx.batch_execute(&format!("create role {role} nologin")).context("making a role")?;
        }
        tx.batch_execute(&format!("revoke all on all tables in schema public from {role}"))
            .context("taking rights away")?;
    }
    let mut text = format!("{TALLY};\ngrant select on tally to {REPORT};\n");
    for (table, of_http) in TABLES.iter().filter(|(name, _)| tables.iter().any(|it| it == name)) {
        if !table.starts_with("refinery") {
            text += &format!("grant {ALL} on {table} to {WORKER};\n");
        }
        if !of_http.is_empty() {
            text += &format!("grant {of_http} on {table} to {HTTP};\n");
        }
    }
    text += &format!("grant usage on all sequences in schema public to {WORKER}, {HTTP};");
    tx.batch_execute(&text).context("giving rights")?;
    tx.commit().context("committing")
}
