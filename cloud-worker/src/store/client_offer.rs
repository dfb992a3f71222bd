//! Which program each kind of terminal should run.

use anyhow::Context;
use postgres::GenericClient;
use tapcard_protocol::access::Kind;

/// A program that terminals are offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// For which kind of terminal, as the tables spell it.
    pub(crate) kind: String,
    /// Its version.
    pub(crate) version: String,
    /// Where it is.
    pub(crate) url: String,
    /// The SHA-256 of what is there.
    pub(crate) sha256: Option<Vec<u8>>,
}

/// Offers a program to every terminal of its kind, in place of the one before.
///
/// # Errors
/// Fails with the database.
pub(crate) fn set(db: &mut impl GenericClient, it: &Program) -> anyhow::Result<()> {
    db.execute(
        "insert into client_offer (kind, version, url, sha256) values ($1, $2, $3, $4)
         on conflict (kind) do update set version = excluded.version, url = excluded.url, sha256 = excluded.sha256,
             made_at = excluded.made_at",
        &[&it.kind, &it.version, &it.url, &it.sha256],
    )
    .context("offering a program")?;
    Ok(())
}

/// Offers none any more; whether there was one.
///
/// # Errors
/// Fails with the database.
pub(crate) fn withdraw(db: &mut impl GenericClient, kind: Kind) -> anyhow::Result<bool> {
    let text = "delete from client_offer where kind = $1";
    let n_rows = db.execute(text, &[&kind.name()]).context("taking an offer back")?;
    Ok(n_rows == 1)
}

/// Everything that is offered.
///
/// # Errors
/// Fails with the database.
pub(crate) fn list(db: &mut impl GenericClient) -> anyhow::Result<Vec<Program>> {
    let text = "select kind, version, url, sha256 from client_offer order by kind";
    let rows = db.query(text, &[]).context("reading what is offered")?;
    let program = |row: &postgres::Row| Program {
        kind: row.get(0),
        version: row.get(1),
        url: row.get(2),
        sha256: row.get(3),
    };
    Ok(rows.iter().map(program).collect())
}

/// What a terminal of this kind is offered that runs this version, if it is another one: an operator may offer an older one
/// too.
///
/// # Errors
/// Fails with the database.
pub(crate) fn other_than(
    db: &mut impl GenericClient,
    kind: Kind,
    version: &str,
) -> anyhow::Result<Option<Program>> {
    let other = |it: &Program| it.kind == kind.name() && it.version != version;
    Ok(list(db)?.into_iter().find(other))
}
