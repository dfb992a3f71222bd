//! The bounded queue of messages for one connection.
//!
//! There is one for every connection, and nearly all are empty: then it holds next to nothing, while the
//! first block of tokio's channel alone has room for 32 messages. Only a message that finds it empty wakes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::session::Message;

/// An empty queue that had to grow beyond so many messages gives its room back.
const KEEP: usize = 8;

/// The end that messages are put into; dropped, it closes the queue.
pub(crate) struct Sender(Arc<Shared>);

/// The end that they come out of.
pub(crate) struct Receiver(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    filled: Notify,
}

struct Queue {
    messages: VecDeque<Message>,
    most: usize,
    open: bool,
}

/// There is no message now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Empty;

/// So many messages wait already.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// A queue for at most so many messages.
pub(crate) fn channel(most: usize) -> (Sender, Receiver) {
    let queue = Queue { messages: VecDeque::new(), most, open: true };
    let shared = Arc::new(Shared { queue: Mutex::new(queue), filled: Notify::new() });
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

impl Sender {
    /// Puts a message into the queue, unless it is full.
    pub(crate) fn try_send(&self, message: Message) -> Result<(), Full> {
        let mut queue = self.0.queue();
        if queue.messages.len() >= queue.most {
            return Err(Full);
        }
        queue.messages.push_back(message);
        let is_first = queue.messages.len() == 1;
        drop(queue);
        if is_first {
            self.0.filled.notify_one();
        }
        Ok(())
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.0.queue().open = false;
        self.0.filled.notify_one();
    }
}

impl Receiver {
    /// The oldest message, or none when the queue is closed; nothing is lost when the future is dropped.
    pub(crate) async fn recv(&mut self) -> Option<Message> {
        loop {
            match self.try_recv() {
                Ok(message) => return Some(message),
                Err(Empty) if !self.0.queue().open => return None,
                Err(Empty) => self.0.filled.notified().await,
            }
        }
    }

    /// The oldest message, if there is one.
    pub(crate) fn try_recv(&mut self) -> Result<Message, Empty> {
        let mut queue = self.0.queue();
        let message = queue.messages.pop_front().ok_or(Empty)?;
        if queue.messages.is_empty() && queue.messages.capacity() > KEEP {
            queue.messages = VecDeque::new();
        }
        Ok(message)
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use rumqttd::protocol::QoS;
    use tapcard_protocol::AccountId;
    use tapcard_protocol::topic::Topic;

    use super::*;

    fn message(text: &'static str) -> Message {
        let topic = Topic::Notice(AccountId::new(7));
        Message { topic, payload: Bytes::from_static(text.as_bytes()), qos: QoS::AtLeastOnce }
    }

    #[tokio::test]
    async fn messages_come_in_order_and_the_end_after_them() {
        let (sender, mut receiver) = channel(2);
        assert_eq!(receiver.try_recv(), Err(Empty));
        for text in ["a", "b"] {
            sender.try_send(message(text)).unwrap();
        }
        assert_eq!(sender.try_send(message("c")), Err(Full));
        drop(sender);
        assert_eq!(receiver.recv().await, Some(message("a")));
        assert_eq!(receiver.recv().await, Some(message("b")));
        assert_eq!(receiver.recv().await, None);
    }

    #[tokio::test]
    async fn whoever_waits_is_woken_by_a_message_and_by_the_end() {
        let (sender, mut receiver) = channel(2);
        let (heard, ()) = tokio::join!(receiver.recv(), async {
            tokio::task::yield_now().await;
            sender.try_send(message("a")).unwrap();
        });
        assert_eq!(heard, Some(message("a")));
        let (heard, ()) = tokio::join!(receiver.recv(), async {
            tokio::task::yield_now().await;
            drop(sender);
        });
        assert_eq!(heard, None);
    }

    #[test]
    fn a_queue_that_was_long_holds_nothing_when_it_is_empty() {
        let (sender, mut receiver) = channel(1000);
        (0..1000).for_each(|_| sender.try_send(message("a")).unwrap());
        while receiver.try_recv().is_ok() {}
        assert_eq!(receiver.0.queue().messages.capacity(), 0);
    }
}
