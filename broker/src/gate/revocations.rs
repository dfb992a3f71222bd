//! Which tokens no longer count, as the workers tell: the gate itself remembers nothing over a restart, so
//! until a worker has told all of it, terminals wait.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tapcard_protocol::TerminalId;
use tapcard_protocol::message::Revoked;
use tapcard_protocol::token::LONGEST_LIFE;
use tokio::sync::watch;

/// The list, and whether it is complete.
pub(crate) struct Revocations {
    list: Mutex<List>,
    complete: watch::Sender<bool>,
}

/// For each terminal, the time before which its tokens were signed that do not count.
#[derive(Default)]
struct List(HashMap<TerminalId, u64>);

impl List {
    fn add(&mut self, it: Revoked) {
        let not_before = self.0.entry(it.terminal).or_default();
        *not_before = it.not_before.max(*not_before);
    }

    fn is_revoked(&self, terminal: TerminalId, signed: u64) -> bool {
        self.0.get(&terminal).is_some_and(|it| signed < *it)
    }

    /// Forgets what no living token can be meant by.
    fn prune(&mut self, now: u64) {
        self.0.retain(|_, not_before| not_before.saturating_add(LONGEST_LIFE) > now);
    }
}

impl Revocations {
    /// A list that is not complete.
    pub(crate) fn new() -> Revocations {
        Revocations { list: Mutex::default(), complete: watch::Sender::new(false) }
    }

    /// Adds to the list; `now` in seconds since 1970.
    pub(crate) fn add(&self, revoked: &[Revoked], now: u64) {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        list.prune(now);
        revoked.iter().for_each(|it| list.add(*it));
    }

    /// It is complete from now on.
    pub(crate) fn complete(&self) {
        self.complete.send_replace(true);
    }

    /// Whether it is.
    pub(crate) fn is_complete(&self) -> bool {
        *self.complete.borrow()
    }

    /// Waits until it is.
    pub(crate) async fn completed(&self) {
        // Fails only when the sender is gone, and that is ours.
        let _ = self.complete.subscribe().wait_for(|it| *it).await;
    }

    /// Whether a token of this terminal, signed at this time, no longer counts.
    pub(crate) fn is_revoked(&self, terminal: TerminalId, signed: u64) -> bool {
        self.list.lock().unwrap_or_else(PoisonError::into_inner).is_revoked(terminal, signed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMINAL: TerminalId = TerminalId::new(7);

    fn revoked(not_before: u64) -> Revoked {
        Revoked { terminal: TERMINAL, not_before }
    }

    #[test]
    fn only_earlier_tokens_of_the_terminal_are_revoked_and_the_latest_word_counts() {
        let mut list = List::default();
        list.add(revoked(100));
        list.add(revoked(90));
        assert!(list.is_revoked(TERMINAL, 99));
        assert!(!list.is_revoked(TERMINAL, 100));
        assert!(!list.is_revoked(TerminalId::new(8), 99));
    }

    #[test]
    fn what_outlives_every_token_is_forgotten() {
        let mut list = List::default();
        list.add(revoked(100));
        list.prune(100 + LONGEST_LIFE - 1);
        assert!(list.is_revoked(TERMINAL, 99));
        list.prune(100 + LONGEST_LIFE);
        assert!(list.0.is_empty());
    }
}
