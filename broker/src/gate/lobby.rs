//! Sockets whose clients have not logged in. There is room for so many; when one more comes, the oldest
//! goes, and first of all the oldest of an address that has more than its share. So whoever fills the
//! lobby pushes out himself, and a client that logs in at once is never in anybody's way.
//!
//! A valid token is never refused for its address, since a whole hall may be behind one; only answers to
//! failed logins wait.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::future::Future;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use crate::config::Limits;

/// How long the answer to a failed login waits, when there were too many.
const PENALTY: Duration = Duration::from_secs(1);
/// Over which failed logins are counted.
const WINDOW: Duration = Duration::from_secs(60);
/// Addresses whose failures are counted at once; before there are more, those of the last window go.
const MOST_COUNTED: usize = 10_000;

/// The lobby.
pub(crate) struct Lobby {
    limits: Limits,
    guests: Mutex<Guests>,
}

#[derive(Default)]
struct Guests {
    last: u64,
    by_age: BTreeMap<u64, Guest>,
    by_network: HashMap<IpAddr, BTreeSet<u64>>,
    failures: HashMap<IpAddr, (Instant, u32)>,
}

struct Guest {
    network: IpAddr,
    _leave: oneshot::Sender<()>,
}

/// A socket's place in the lobby, which it leaves when this is dropped.
pub(crate) struct Stay<'l> {
    lobby: &'l Lobby,
    number: u64,
    network: IpAddr,
    /// Ends when it must leave.
    pushed: oneshot::Receiver<()>,
}

/// Why somebody left without having logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// It took too long.
    Late,
    /// Others came.
    Pushed,
}

impl Left {
    /// The label in the metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Left::Late => "late",
            Left::Pushed => "pushed-out",
        }
    }
}

impl Lobby {
    pub(crate) fn new(limits: Limits) -> Lobby {
        Lobby { limits, guests: Mutex::default() }
    }

    /// A place for a socket from this address.
    pub(crate) fn enter(&self, address: IpAddr) -> Stay<'_> {
        let (leave, pushed) = oneshot::channel();
        let network = network(address);
        let number = self.guests().enter(network, leave, &self.limits);
        Stay { lobby: self, number, network, pushed }
    }

    /// How many are waiting.
    pub(crate) fn len(&self) -> usize {
        self.guests().by_age.len()
    }

    fn guests(&self) -> MutexGuard<'_, Guests> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guests {
    fn enter(&mut self, network: IpAddr, leave: oneshot::Sender<()>, limits: &Limits) -> u64 {
        self.last += 1;
        let number = self.last;
        self.by_age.insert(number, Guest { network, _leave: leave });
        let own = self.by_network.entry(network).or_default();
        own.insert(number);
        let oldest_own = own.first().copied().filter(|_| own.len() > limits.unverified_per_address);
        let oldest = || self.by_age.keys().next().copied();
        let too_many = self.by_age.len() > limits.unverified;
        if let Some(out) = oldest_own.or_else(|| oldest().filter(|_| too_many)) {
            self.leave(out);
        }
        number
    }

    fn leave(&mut self, number: u64) {
        let Some(guest) = self.by_age.remove(&number) else { return };
        if let Some(own) = self.by_network.get_mut(&guest.network) {
            own.remove(&number);
            if own.is_empty() {
                self.by_network.remove(&guest.network);
            }
        }
    }

    /// Counts a failed login; how many there were lately.
    fn fail(&mut self, network: IpAddr, now: Instant) -> u32 {
        if self.failures.len() >= MOST_COUNTED {
            self.failures.retain(|_, (since, _)| now - *since < WINDOW);
        }
        if self.failures.len() >= MOST_COUNTED && !self.failures.contains_key(&network) {
            return 0;
        }
        let (since, count) = self.failures.entry(network).or_insert((now, 0));
        if now - *since >= WINDOW {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        *count
    }
}

impl Stay<'_> {
    /// Does something that a client may hold up, until the deadline or until it must leave.
    pub(crate) async fn within<T>(
        &mut self,
        deadline: Instant,
        act: impl Future<Output = T>,
    ) -> Result<T, Left> {
        tokio::select! {
            done = timeout_at(deadline, act) => done.map_err(|_| Left::Late),
            _ = &mut self.pushed => Err(Left::Pushed),
        }
    }

    /// Its login has failed: back when it may be answered.
    pub(crate) async fn fail(&mut self) -> Result<(), Left> {
        let count = self.lobby.guests().fail(self.network, Instant::now());
        if count <= self.lobby.limits.failed_logins {
            return Ok(());
        }
        match self.within(Instant::now() + PENALTY, std::future::pending::<()>()).await {
            Ok(()) | Err(Left::Late) => Ok(()),
            Err(Left::Pushed) => Err(Left::Pushed),
        }
    }
}

impl Drop for Stay<'_> {
    fn drop(&mut self) {
        self.lobby.guests().leave(self.number);
    }
}

/// Whom an address stands for: with IPv6, everybody has at least 2^64 (RFC 6177).
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(it) => Ipv6Addr::from_bits(it.to_bits() >> 64 << 64).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lobby(unverified: usize, unverified_per_address: usize) -> Lobby {
        let limits =
            Limits { unverified, unverified_per_address, failed_logins: 2, ..Limits::default() };
        Lobby::new(limits)
    }

    fn address(last: u8) -> IpAddr {
        [192, 0, 2, last].into()
    }

    async fn is_pushed(stay: &mut Stay<'_>) -> bool {
        let soon = Instant::now() + Duration::from_millis(1);
        stay.within(soon, std::future::pending::<()>()).await == Err(Left::Pushed)
    }

    #[tokio::test(start_paused = true)]
    async fn who_fills_the_lobby_pushes_himself_out() {
        let lobby = lobby(4, 2);
        let mut good = lobby.enter(address(1));
        let mut bad: Vec<_> = (0..3).map(|_| lobby.enter(address(2))).collect();
        assert!(is_pushed(&mut bad[0]).await);
        assert!(!is_pushed(&mut bad[2]).await);
        assert!(!is_pushed(&mut good).await);
        assert_eq!(lobby.len(), 3);
        let _more: Vec<_> = (3..5).map(|it| lobby.enter(address(it))).collect();
        assert!(is_pushed(&mut good).await, "the oldest of all, when there are too many");
        drop(bad);
        drop(good);
        assert_eq!(lobby.len(), 2);
        assert_eq!(lobby.guests().by_network.len(), 2, "nothing is left of those who went");
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_in_time_is_not_held_up() {
        let lobby = lobby(10, 10);
        let mut stay = lobby.enter(address(1));
        let deadline = Instant::now() + Duration::from_secs(5);
        assert_eq!(stay.within(deadline, async { 7 }).await, Ok(7));
        let late = stay.within(deadline, std::future::pending::<()>()).await;
        assert_eq!((late, Instant::now()), (Err(Left::Late), deadline));
    }

    #[tokio::test(start_paused = true)]
    async fn many_failed_logins_of_one_address_are_answered_slowly() {
        let lobby = lobby(10, 10);
        let waited = async |last| {
            let start = Instant::now();
            assert_eq!(lobby.enter(address(last)).fail().await, Ok(()));
            start.elapsed()
        };
        assert_eq!(waited(1).await, Duration::ZERO);
        assert_eq!(waited(1).await, Duration::ZERO);
        assert_eq!(waited(1).await, PENALTY);
        assert_eq!(waited(2).await, Duration::ZERO, "another address");
        tokio::time::advance(WINDOW).await;
        assert_eq!(waited(1).await, Duration::ZERO, "a minute later");
    }

    #[test]
    fn an_ipv6_network_is_one_neighbour() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }
}
