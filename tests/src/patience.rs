//! Waiting for a condition, with an end.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// How long to wait between two looks.
const PAUSE: Duration = Duration::from_millis(10);

/// Looks until there is something, or fails naming what was waited for.
///
/// # Errors
/// Fails when the time is over, with the last failure of `look` if there was one.
pub fn wait<T>(
    what: &str,
    patience: Duration,
    mut look: impl FnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let end = Instant::now() + patience;
    loop {
        let seen = look();
        if let Ok(Some(it)) = seen {
            return Ok(it);
        }
        if Instant::now() >= end {
            seen.with_context(|| format!("waiting for {what}"))?;
            bail!("{what} did not come within {patience:?}");
        }
        thread::park_timeout(PAUSE);
    }
}
