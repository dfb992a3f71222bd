//! Clients that mean no harm.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::Felt;
use crate::support::{Broker, Client, Who, notice};

/// Phones at each listener.
const AT_EACH: u64 = 5;
/// The first of their accounts and terminals.
const FIRST: u64 = 10_000;
/// Between two notices: two hundred a second.
const PAUSE: Duration = Duration::from_millis(5);

/// A worker that tells, and phones that listen.
pub(crate) struct Crowd {
    worker: Client,
    phones: Vec<(u64, Client)>,
    n_told: usize,
}

impl Crowd {
    pub(crate) fn enter(broker: &Broker) -> Crowd {
        let mut phones = Vec::new();
        for round in 0..AT_EACH {
            for (number, (_, client)) in (FIRST + round * 4..).zip(broker.over_all()) {
                let mut phone = client.let_in(&Who::phone(number, number).connect());
                assert_eq!(phone.subscribe(&[(&notice(number), 1)]), [1]);
                phones.push((number, phone));
            }
        }
        Crowd { worker: broker.client(&Who::worker()), phones, n_told: 0 }
    }

    pub(crate) fn listen_for(&mut self, time: Duration) -> Felt {
        let end = Instant::now() + time;
        self.listen_while(|| Instant::now() < end)
    }

    /// Listens for as long as an attack lasts.
    pub(crate) fn listen_during(&mut self, attack: impl FnOnce() + Send) -> Felt {
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                attack();
                is_over.store(true, Ordering::SeqCst);
            });
            self.listen_while(|| !is_over.load(Ordering::SeqCst))
        })
    }

    /// One notice after another, each to the next phone; the time until it is there.
    fn listen_while(&mut self, goes_on: impl Fn() -> bool) -> Felt {
        let mut times = Vec::new();
        while goes_on() {
            let at = self.n_told % self.phones.len();
            self.n_told += 1;
            let (account, phone) = &mut self.phones[at];
            let payload = self.n_told.to_string();
            let start = Instant::now();
            self.worker.publish(&notice(*account), &payload);
            assert_eq!(phone.message().payload, payload, "a notice is lost");
            times.push(start.elapsed());
            thread::park_timeout(PAUSE);
        }
        Felt { times }
    }

    /// Every one of them is still connected.
    pub(crate) fn assert_here(&mut self) {
        for (_, phone) in &mut self.phones {
            assert_eq!(phone.messages_so_far(), []);
        }
    }
}
