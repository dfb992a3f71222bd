//! The topics of the wire contract: `tapcard/v1/…`, ASCII, `[a-z0-9/-]`.

use std::fmt;

use crate::{AccountId, TerminalId};

/// How many shards the tasks are spread over.
pub const SHARDS: u8 = 16;
/// Longest topic or filter that any client may use, in bytes.
pub const MAX_LENGTH: usize = 64;

/// What a terminal says on its state topic while it is connected.
pub const ONLINE: &str = "online";
/// What it says there when it leaves, and its last will.
pub const OFFLINE: &str = "offline";

/// A topic somebody publishes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// A terminal's tasks.
    Task(TerminalId),
    /// Receipts for a terminal, and a kiosk's notices.
    Terminal(TerminalId),
    /// Notices for an account's phones.
    Notice(AccountId),
    /// Whether a terminal is online.
    State(TerminalId),
    /// Which tokens no longer count; read by the gate.
    Revoke,
    /// A fresh token for the connection that shows it; read by the gate.
    Login,
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Topic::Task(it) => write!(f, "tapcard/v1/task/{:02}/{it}", it.shard()),
            Topic::Terminal(it) => write!(f, "tapcard/v1/terminal/{it}"),
            Topic::Notice(it) => write!(f, "tapcard/v1/notice/{it}"),
            Topic::State(it) => write!(f, "tapcard/v1/state/{it}"),
            Topic::Revoke => f.write_str("tapcard/v1/revoke"),
            Topic::Login => f.write_str("tapcard/v1/login"),
        }
    }
}

impl Topic {
    /// Reads a topic exactly as it is printed: another case, another shard or one more level is none.
    pub fn parse(text: &str) -> Option<Topic> {
        let rest = text.strip_prefix("tapcard/v1/")?;
        let topic = match rest.split_once('/') {
            None if rest == "login" => Topic::Login,
            None => Topic::Revoke,
            Some(("task", it)) => Topic::Task(it.split_once('/')?.1.parse().ok()?),
            Some(("terminal", it)) => Topic::Terminal(it.parse().ok()?),
            Some(("notice", it)) => Topic::Notice(it.parse().ok()?),
            Some(("state", it)) => Topic::State(it.parse().ok()?),
            Some(_) => return None,
        };
        (topic.to_string() == text).then_some(topic)
    }
}

/// The filter that gives a worker every shard's tasks.
pub const ALL_TASKS: &str = "tapcard/v1/task/+/+";

/// The filter that gives a worker every terminal's state.
pub const ALL_STATES: &str = "tapcard/v1/state/+";

/// The filter that gives a worker one shard's tasks; `shard` is below [`SHARDS`].
pub fn shard_filter(shard: u8) -> String {
    format!("tapcard/v1/task/{shard:02}/+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_read_as_it_is_printed() {
        let (terminal, account) = (TerminalId::new(0x5e), AccountId::new(7));
        for topic in [
            Topic::Task(terminal),
            Topic::Terminal(terminal),
            Topic::Notice(account),
            Topic::State(terminal),
            Topic::Revoke,
            Topic::Login,
        ] {
            assert_eq!(Topic::parse(&topic.to_string()), Some(topic));
            assert!(topic.to_string().len() <= MAX_LENGTH);
        }
        assert_eq!(Topic::Task(terminal).to_string(), "tapcard/v1/task/14/000000000002y");
    }

    #[test]
    fn another_spelling_is_no_topic() {
        for text in [
            "",
            "tapcard/v1/task/13/000000000002y",
            "tapcard/v1/task/14/000000000002Y",
            "tapcard/v1/terminal/000000000002y/x",
            "tapcard/v1/terminal/+",
            "tapcard/v1/other",
            "tapcard/v1/revoke/",
            "tapcard/v1/logins",
        ] {
            assert_eq!(Topic::parse(text), None, "{text}");
        }
    }
}
