//! What one MQTT message is to the worker. Pure: bytes in, an [`Item`] out.

use tapcard_protocol::message::{Applied, NoTask, Outcome, Receipt, Sync, Task, TaskId, read_up};
use tapcard_protocol::topic::Topic;
use tapcard_protocol::{Identifier, TerminalId};

/// A message, sorted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    /// A task that takes effect once.
    Once(TerminalId, TaskId, Task),
    /// What shows a task's number and is none; its refusal is remembered like a task's outcome.
    Refused(TerminalId, TaskId, Outcome),
    /// A question that is answered anew each time.
    Sync(TerminalId, TaskId, Sync),
    /// A report that gets no receipt.
    Applied(TerminalId, Vec<Applied>),
    /// Nobody can be answered: to be set aside.
    Dead(Option<TerminalId>, String),
}

impl Item {
    /// Sorts a message by its topic and payload.
    pub(crate) fn read(topic: &str, payload: &[u8]) -> Item {
        let Some(Topic::Task(terminal)) = Topic::parse(topic) else {
            return Item::Dead(None, "not a task's topic".into());
        };
        let (id, task) = match read_up(terminal, payload) {
            Ok(it) => it,
            Err(NoTask { id: Some(id), reason, text }) if id.seq > 0 => {
                return Item::Refused(
                    terminal,
                    id,
                    Outcome::Refused { reason, text, result: None },
                );
            }
            Err(it) => return Item::Dead(Some(terminal), it.text),
        };
        match task {
            Task::Sync(it) => Item::Sync(terminal, id, it),
            Task::Applied(it) => Item::Applied(terminal, it),
            _ if id.seq == 0 => {
                Item::Dead(Some(terminal), "a task that takes effect needs a number".into())
            }
            other => Item::Once(terminal, id, other),
        }
    }

    /// The numbers whose accounts the task needs.
    pub(crate) fn numbers(&self) -> Vec<&Identifier> {
        match self {
            Item::Once(.., Task::Exchange(it)) => it.partner.iter().collect(),
            Item::Once(.., Task::ContactAdd(it)) => it.partner.iter().collect(),
            Item::Once(.., Task::Introduce(it)) => vec![&it.one, &it.other],
            _ => vec![],
        }
    }

    /// The number under which its outcome is remembered.
    pub(crate) fn task(&self) -> Option<TaskId> {
        match self {
            Item::Once(_, it, _) | Item::Refused(_, it, _) => Some(*it),
            Item::Sync(..) | Item::Applied(..) | Item::Dead(..) => None,
        }
    }

    /// The terminal it came from.
    pub(crate) fn terminal(&self) -> Option<TerminalId> {
        match self {
            Item::Once(it, ..)
            | Item::Refused(it, ..)
            | Item::Sync(it, ..)
            | Item::Applied(it, _) => Some(*it),
            Item::Dead(it, _) => *it,
        }
    }
}

/// A receipt as it is remembered.
pub(crate) fn receipt(task: TaskId, outcome: Outcome) -> serde_json::Value {
    serde_json::to_value(Receipt { task, outcome }).expect("a receipt is plain JSON")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use tapcard_protocol::AccountId;
    use tapcard_protocol::message::{Link, LinkVerb, Refusal, up};

    use super::*;

    const TERMINAL: TerminalId = TerminalId::new(5);

    fn read(seq: u64, task: &Task) -> Item {
        let payload = up(TaskId { epoch: 1, seq }, TERMINAL, Timestamp::UNIX_EPOCH, task);
        Item::read(&Topic::Task(TERMINAL).to_string(), &payload)
    }

    #[test]
    fn a_task_with_a_number_takes_effect_once() {
        let link =
            Link { owner: AccountId::new(1), verb: LinkVerb::Accept, gives: true, takes: true };
        assert_eq!(
            read(3, &Task::Link(link)),
            Item::Once(TERMINAL, TaskId { epoch: 1, seq: 3 }, Task::Link(link))
        );
        assert!(matches!(read(0, &Task::Link(link)), Item::Dead(Some(TERMINAL), _)));
        assert!(matches!(read(0, &Task::Sync(Sync::default())), Item::Sync(..)));
    }

    #[test]
    fn a_broken_message_is_answered_if_it_shows_a_number() {
        let topic = Topic::Task(TERMINAL).to_string();
        assert!(matches!(Item::read(&topic, b"{"), Item::Dead(Some(TERMINAL), _)));
        let shown = br#"{"id":"0000000000000001-4"}"#;
        let Item::Refused(_, id, Outcome::Refused { reason, .. }) = Item::read(&topic, shown)
        else {
            panic!("no refusal");
        };
        assert_eq!((id.seq, reason), (4, Refusal::Undecodable));
        assert!(matches!(Item::read("other/topic", b""), Item::Dead(None, _)));
    }
}
