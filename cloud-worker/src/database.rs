//! The way to Postgres.

use std::thread;
use std::time::Duration;

use anyhow::Context;
use postgres::{Client, NoTls};
use tracing::{info, warn};

use crate::reason::reason;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// The longest pause between two tries.
const MAX_PAUSE: Duration = Duration::from_secs(5);
/// The pause after an interruption, and how long a connection may take to show that it lives.
const AFTER_FAILURE: Duration = Duration::from_millis(500);
/// Names our lock among Postgres' advisory locks: "tapcard" in ASCII.
const MIGRATION_LOCK: i64 = 0x74_6170_6361_7264;

/// Connects.
///
/// # Errors
/// Fails when Postgres is not there or refuses.
pub(crate) fn connect(postgres: &str) -> anyhow::Result<Client> {
    Client::connect(postgres, NoTls).context("connecting to Postgres")
}

/// Serves with a connection for ever. Whatever interrupts it, it begins again: what was under way still stands in the
/// database or waits at the terminals.
pub(crate) fn serve_for_ever(
    postgres: &str,
    mut serve: impl FnMut(&mut Client) -> anyhow::Result<()>,
) -> ! {
    let mut client = connect_patiently(postgres);
    loop {
        if let Err(why) = serve(&mut client) {
            warn!("interrupted, beginning again: {}", reason(&why));
        }
        thread::park_timeout(AFTER_FAILURE);
        if client.is_closed() || client.is_valid(AFTER_FAILURE).is_err() {
            client = connect_patiently(postgres);
        }
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
