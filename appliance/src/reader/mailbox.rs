//! How orders reach the reader's thread, also while it waits on the air: the chip asks the mailbox
//! whether one is waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use tapcard_nfc::chip::Interrupt;

use super::Order;

/// Gives orders; the reader ends with it.
pub struct Orders {
    sender: Sender<Order>,
    waiting: Arc<AtomicBool>,
}

/// Where the orders come in.
pub(super) struct Mailbox {
    received: Receiver<Order>,
    waiting: Arc<AtomicBool>,
}

/// Nobody gives orders any more.
pub(super) struct Closed;

/// Both ends.
pub(super) fn mailbox() -> (Orders, Mailbox) {
    let (sender, received) = channel();
    let waiting = Arc::new(AtomicBool::new(false));
    (Orders { sender, waiting: waiting.clone() }, Mailbox { received, waiting })
}

impl Orders {
    /// Has this done from the next frame on, instead of what was ordered last.
    pub fn give(&self, order: Order) {
        // Fails only when the reader's thread is gone, and then so is the program.
        let _ = self.sender.send(order);
        self.waiting.store(true, Ordering::Release);
    }
}

impl Drop for Orders {
    fn drop(&mut self) {
        self.waiting.store(true, Ordering::Release);
    }
}

impl Mailbox {
    /// Tells the chip whether an order is waiting.
    pub(super) fn interrupt(&self) -> Interrupt {
        let waiting = self.waiting.clone();
        Box::new(move || waiting.load(Ordering::Acquire))
    }

    /// Waits for an order, at most so long; the last of several counts.
    pub(super) fn wait(&self, pause: Duration) -> Result<Option<Order>, Closed> {
        // Before looking into the box: an order that comes after that interrupts again.
        self.waiting.store(false, Ordering::Release);
        let mut last = match self.received.recv_timeout(pause) {
            Ok(order) => Some(order),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return Err(Closed),
        };
        while let Ok(order) = self.received.try_recv() {
            last = Some(order);
        }
        Ok(last)
    }
}

#[cfg(test)]
mod tests {
    use tapcard_nfc::Radio;

    use super::*;

    fn order(radio: Radio) -> Order {
        Order { radio, offer: None, job: None }
    }

    #[test]
    fn an_order_interrupts_until_it_is_taken_and_the_last_one_counts() {
        let (orders, mailbox) = mailbox();
        let is_waiting = mailbox.interrupt();
        assert!(!is_waiting());
        orders.give(order(Radio::Read));
        orders.give(order(Radio::Off));
        assert!(is_waiting());
        let taken = mailbox.wait(Duration::ZERO).ok().flatten();
        assert_eq!(taken.map(|it| it.radio), Some(Radio::Off));
        assert!(!is_waiting());
        assert!(mailbox.wait(Duration::ZERO).is_ok_and(|it| it.is_none()));
        drop(orders);
        assert!(is_waiting());
        assert!(mailbox.wait(Duration::from_secs(60)).is_err());
    }
}
