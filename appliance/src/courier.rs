//! Hands boxes over to the cloud, one at a time, on a thread of its own. It decides nothing.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tracing::warn;

use crate::credentials::{Cloud, Taken};

/// Takes what became of a box, on any thread; nothing if the cloud has not taken it.
type Teller = Arc<dyn Fn(Option<Taken>) + Send + Sync>;

/// The way to the cloud, and whom to tell what became of a box.
pub struct Courier {
    cloud: Arc<Mutex<Cloud>>,
    tell: Teller,
}

impl Courier {
    /// A courier to this cloud.
    pub fn new(cloud: Cloud, tell: impl Fn(Option<Taken>) + Send + Sync + 'static) -> Courier {
        Courier { cloud: Arc::new(Mutex::new(cloud)), tell: Arc::new(tell) }
    }

    /// Hands one over.
    pub fn carry(&self, sealed: Vec<u8>) {
        let (cloud, tell) = (Arc::clone(&self.cloud), Arc::clone(&self.tell));
        let work = move || {
            let taken = cloud.lock().unwrap_or_else(PoisonError::into_inner).hand_over(&sealed);
            if let Err(error) = &taken {
                warn!("what was not sent is still here, sealed: {error:#}");
            }
            tell(taken.ok());
        };
        if thread::Builder::new().name("courier".into()).spawn(work).is_err() {
            (self.tell)(None);
        }
    }
}
