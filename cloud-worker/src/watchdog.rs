//! Ends what takes too long in Postgres. Its own timers for deadlocks and waits go by the clock of its machine: when that is
//! set back while they run, they come as much too late, and whoever waits for one another waits that long.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use postgres::{CancelToken, Client, NoTls};
use tracing::warn;

/// How long a piece of work may take; the longest takes a second on a quiet machine. Longer than everything that Postgres
/// ends by itself when its clock is right.
const PATIENCE: Duration = Duration::from_secs(15);
/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);

struct Work {
    since: Instant,
    token: CancelToken,
}

static UNDER_WAY: Mutex<BTreeMap<u64, Work>> = Mutex::new(BTreeMap::new());
static WATCH: Once = Once::new();

/// A piece of work that is watched as long as this lives.
pub(crate) struct Watched(u64);

/// Watches what this connection does from now on. What is ended fails with `query_canceled`, and can be tried again.
pub(crate) fn watch(db: &Client) -> Watched {
    WATCH.call_once(|| {
        let watch = thread::Builder::new().name("watchdog".into()).spawn(|| {
            loop {
                thread::park_timeout(PAUSE);
                end_what_is_late();
            }
        });
        // Without a thread nobody watches; Postgres' own timers are still there.
        let _ = watch.inspect_err(|why| warn!("no watchdog: {why}"));
    });
    let mut under_way = under_way();
    let number = under_way.last_key_value().map_or(0, |it| it.0 + 1);
    under_way.insert(number, Work { since: Instant::now(), token: db.cancel_token() });
    Watched(number)
}

impl Drop for Watched {
    fn drop(&mut self) {
        under_way().remove(&self.0);
    }
}

fn under_way() -> MutexGuard<'static, BTreeMap<u64, Work>> {
    UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner)
}

fn end_what_is_late() {
    let now = Instant::now();
    let mut late = Vec::new();
    for work in under_way().values_mut().filter(|it| now - it.since > PATIENCE) {
        // If this does not help, again after as long.
        work.since = now;
        late.push(work.token.clone());
    }
    for token in late {
        warn!("something takes too long in Postgres, ending it");
        // Fails when Postgres is away, and then so is what took too long.
        let _ = token.cancel_query(NoTls);
    }
}
