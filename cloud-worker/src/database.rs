//! The way to Postgres.

use std::collections::HashMap;
use std::convert::Infallible;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use postgres::config::Host;
use postgres::{Client, GenericClient, NoTls, Statement};
use tracing::{info, warn};

use crate::reason::reason;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// The longest pause between two tries.
const MAX_PAUSE: Duration = Duration::from_secs(5);
/// The pause after an interruption, and how long a connection may take to show that it lives.
pub(crate) const AFTER_FAILURE: Duration = Duration::from_millis(500);
/// Postgres ends a session that stands still inside a transaction, as a worker does that is frozen: what it has locked
/// others wait for.
///
/// Every statement of the worker finds its rows by a key. Of a table that has just been filled Postgres believes that it
/// is empty, and would rather read all of it, for as long as the statement stays prepared. And when it overrates the
/// rows it compiles the statement, which takes longer than any of ours runs.
const SESSION: &str = "
set idle_in_transaction_session_timeout = '2s';
set enable_seqscan = off;
set enable_hashjoin = off;
set enable_mergejoin = off;
set jit = off;
set plan_cache_mode = force_generic_plan;";
/// Names our lock among Postgres' advisory locks: "tapcard" in ASCII.
const MIGRATION_LOCK: i64 = 0x74_6170_6361_7264;

/// Connects.
///
/// # Errors
/// Fails when Postgres is not there or refuses.
pub(crate) fn connect(postgres: &str) -> anyhow::Result<Client> {
    let mut client = Client::connect(postgres, NoTls)
        .with_context(|| format!("connecting to Postgres at {}", place(postgres)))?;
    client.batch_execute(SESSION).context("setting the session up")?;
    Ok(client)
}

/// The statements that one connection has planned. They end with it.
#[derive(Default)]
pub(crate) struct Prepared(HashMap<&'static str, Statement>);

impl Prepared {
    /// The statement of this text, planned at its first use.
    ///
    /// # Errors
    /// Fails with the database.
    pub(crate) fn get(
        &mut self,
        db: &mut impl GenericClient,
        text: &'static str,
    ) -> anyhow::Result<Statement> {
        if let Some(it) = self.0.get(text) {
            return Ok(it.clone());
        }
        let statement = db.prepare(text).context("preparing a statement")?;
        self.0.insert(text, statement.clone());
        Ok(statement)
    }
}

/// Somebody else, who serves the same part of the work, carried something out meanwhile. Trying again finds what came of
/// it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Overtaken;

impl std::fmt::Display for Overtaken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("somebody else carried this out meanwhile")
    }
}

impl std::error::Error for Overtaken {}

/// Whether somebody else was at the same rows at the same moment: nothing is wrong, and the next try may succeed.
pub(crate) fn has_met(why: &anyhow::Error) -> bool {
    let rolled_back =
        |it: &postgres::Error| it.code().is_some_and(|it| it.code().starts_with("40"));
    why.is::<Overtaken>() || why.downcast_ref::<postgres::Error>().is_some_and(rolled_back)
}

/// Where a connection string leads, without its password.
fn place(postgres: &str) -> String {
    let Ok(config) = postgres.parse::<postgres::Config>() else {
        return "what is no connection string".to_owned();
    };
    let port = config.get_ports().first().unwrap_or(&5432);
    let hosts = config.get_hosts().iter().map(|host| match host {
        Host::Tcp(name) => format!("{name}:{port}"),
        Host::Unix(folder) => format!("{}, port {port}", folder.display()),
    });
    hosts.collect::<Vec<_>>().join(" or ")
}

/// Serves with a connection for ever. Whatever interrupts it, it begins again: what was under way still stands in the
/// database or waits at the terminals.
pub(crate) fn serve_for_ever(
    postgres: &str,
    mut serve: impl FnMut(&mut Client) -> anyhow::Result<Infallible>,
) -> ! {
    let mut client = connect_patiently(postgres);
    loop {
        let Err(why) = serve(&mut client);
        warn!("interrupted, beginning again: {}", reason(&why));
        mend(&mut client, postgres);
    }
}

/// After a failure: waits a moment, and makes the connection anew if it is lost.
pub(crate) fn mend(client: &mut Client, postgres: &str) {
    thread::park_timeout(AFTER_FAILURE);
    if client.is_closed() || client.is_valid(AFTER_FAILURE).is_err() {
        *client = connect_patiently(postgres);
    }
}

/// Connects, however long it takes; what waits outside is safe meanwhile.
pub(crate) fn connect_patiently(postgres: &str) -> Client {
    let mut pause = Duration::from_millis(200);
    loop {
        match connect(postgres) {
            Ok(client) => return client,
            Err(why) => warn!("no database yet, trying again: {}", reason(&why)),
        }
        thread::park_timeout(pause);
        pause = (pause * 2).min(MAX_PAUSE);
    }
}

/// Brings the schema up to date; several workers may start at once.
///
/// # Errors
/// Fails when a migration does.
pub(crate) fn migrate(client: &mut Client) -> anyhow::Result<()> {
    client
        .execute("select pg_advisory_lock($1)", &[&MIGRATION_LOCK])
        .context("waiting for other migrations")?;
    let report = embedded::migrations::runner().run(client);
    client
        .execute("select pg_advisory_unlock($1)", &[&MIGRATION_LOCK])
        .context("ending the migration")?;
    let applied = report.context("migrating the database")?;
    info!(n_migrations = applied.applied_migrations().len(), "the database is up to date");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_said_without_the_password() {
        let place_of = [
            ("postgres://tapcard:secret@db.example.org/tapcard", "db.example.org:5432"),
            ("host=a,b port=6432 password=secret", "a:6432 or b:6432"),
            ("host=/var/run/postgresql user=tapcard", "/var/run/postgresql, port 5432"),
            ("secret", "what is no connection string"),
        ];
        for (text, expected) in place_of {
            assert_eq!(place(text), expected);
        }
    }
}
