//! What the cloud is asked to send by mail. It decides nothing, and nobody waits for it.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tapcard_protocol::enrolment::Mailed;
use tracing::warn;

use crate::credentials::Cloud;

/// Takes what became of a mail, on any thread; nothing if the cloud was not there.
type Teller = Arc<dyn Fn(Option<Mailed>) + Send + Sync>;

/// The way to the cloud, and whom to tell what became of a mail.
pub struct Mailbag {
    cloud: Option<Arc<Mutex<Cloud>>>,
    tell: Teller,
}

impl Mailbag {
    /// Where a token lies in a file there is no cloud to ask.
    pub fn new(
        cloud: Option<Cloud>,
        tell: impl Fn(Option<Mailed>) + Send + Sync + 'static,
    ) -> Mailbag {
        Mailbag { cloud: cloud.map(|it| Arc::new(Mutex::new(it))), tell: Arc::new(tell) }
    }

    /// The owner gets the way to the contacts.
    pub fn send(&self) {
        let (cloud, tell) = (self.cloud.clone(), Arc::clone(&self.tell));
        let work = move || {
            let asked =
                cloud.map(|it| it.lock().unwrap_or_else(PoisonError::into_inner).mail_export());
            if let Some(Err(error)) = &asked {
                warn!("the way to the contacts was not sent: {error:#}");
            }
            tell(asked.and_then(Result::ok));
        };
        if thread::Builder::new().name("mailbag".into()).spawn(work).is_err() {
            (self.tell)(None);
        }
    }
}
