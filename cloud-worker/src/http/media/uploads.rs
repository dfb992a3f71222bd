//! Who is sending a file now. Each takes as much memory as a film has bytes, from its first byte until it was made harmless:
//! so there are places for some, and one for each account.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use tapcard_protocol::AccountId;

/// Files at the same time.
const MOST: usize = 16;

/// The accounts that are sending one.
#[derive(Clone, Default)]
pub(in crate::http) struct Uploads(Arc<Mutex<HashSet<AccountId>>>);

/// A place; it is free again when this is dropped.
pub(in crate::http) struct Place {
    uploads: Uploads,
    account: AccountId,
}

impl Uploads {
    /// A place for an account's file; none while it sends another, or when all are taken.
    pub(in crate::http) fn enter(&self, account: AccountId) -> Option<Place> {
        let mut busy = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let may_enter = busy.len() < MOST && busy.insert(account);
        may_enter.then(|| Place { uploads: self.clone(), account })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.uploads.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_sends_one_file_at_a_time_and_all_have_an_end() {
        let uploads = Uploads::default();
        let first = uploads.enter(AccountId::new(1)).unwrap();
        assert!(uploads.enter(AccountId::new(1)).is_none());
        let others: Vec<_> = (2..40).filter_map(|it| uploads.enter(AccountId::new(it))).collect();
        assert_eq!(others.len(), MOST - 1);
        drop(first);
        assert!(uploads.enter(AccountId::new(1)).is_some());
    }
}
