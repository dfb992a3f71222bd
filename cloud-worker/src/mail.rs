//! Messages on their way to terminals.

use jiff::Timestamp;
use serde_json::Value;
use tapcard_protocol::TerminalId;
use tapcard_protocol::message::{Down, MAX_PAYLOAD, down, repeat};
use tapcard_protocol::topic::Topic;
use tracing::error;

/// Topics and payloads, in the order in which they are to be published.
#[derive(Debug, Default)]
pub(crate) struct Mail(Vec<(String, Vec<u8>)>);

impl Mail {
    /// Adds a message.
    pub(crate) fn push(&mut self, topic: Topic, message: &Down) {
        self.push_to_all([topic], message);
    }

    /// Adds a message for each of these topics.
    pub(crate) fn push_to_all(&mut self, topics: impl IntoIterator<Item = Topic>, message: &Down) {
        self.put(topics, &down(Timestamp::now(), message));
    }

    fn put(&mut self, topics: impl IntoIterator<Item = Topic>, payload: &[u8]) {
        if payload.len() > MAX_PAYLOAD {
            // The gate would close the connection, again and again.
            error!("left a message of {} bytes unsaid: it is larger than 64 KiB", payload.len());
            return;
        }
        self.0.extend(topics.into_iter().map(|it| (it.to_string(), payload.to_vec())));
    }

    /// Adds a receipt as it is remembered.
    pub(crate) fn receipt(&mut self, terminal: TerminalId, receipt: &Value) {
        match repeat(Timestamp::now(), receipt) {
            Some(payload) => self.put([Topic::Terminal(terminal)], &payload),
            None => error!(terminal.id = %terminal, "left a receipt unsaid that names no task"),
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl IntoIterator for Mail {
    type Item = (String, Vec<u8>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
