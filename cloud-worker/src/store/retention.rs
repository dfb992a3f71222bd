//! What is kept for a time only, and belongs to nobody who could ask for it.

use anyhow::Context;
use postgres::GenericClient;

use crate::config::Retention;

/// Drops what is older than it may be; how many rows. Reads whole tables, so once a day is enough.
///
/// # Errors
/// Fails with the database.
pub(crate) fn sweep(db: &mut impl GenericClient, retention: &Retention) -> anyhow::Result<u64> {
    let days = |it: u32| i32::try_from(it).unwrap_or(i32::MAX);
    let old = "now() - make_interval(days => $1)";
    let mut n_rows = 0;
    for (what, days, text) in [
        ("offers", days(retention.offer_days), format!("delete from offer where made_at < {old}")),
        (
            "dead letters",
            days(retention.dead_letter_days),
            format!("delete from dead_letter where received_at < {old}"),
        ),
        (
            "editions",
            days(retention.edition_days),
            format!(
                "delete from card_edition e where made_at < {old} and edition <
                     (select a.edition from account a where a.account_id = e.account_id)"
            ),
        ),
        // A session says for so long that its browser is known.
        ("sessions", 400, format!("delete from web_session where made_at < {old}")),
        // A touch's key is believed for three days.
        ("touches", 7, format!("delete from touch where seen_at < {old}")),
        ("keys of touches", 7, format!("delete from touch_key where made_at < {old}")),
        ("counts of new numbers", 1, format!("delete from new_number where day < ({old})::date")),
    ] {
        n_rows += db.execute(&text, &[&days]).with_context(|| format!("dropping old {what}"))?;
    }
    Ok(n_rows)
}
