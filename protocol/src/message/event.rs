//! The envelope: CloudEvents 1.0 in structured JSON
//! (<https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md>).

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};
use thiserror::Error;

use super::receipt::Refusal;
use super::task::MAX_PLACE;
use super::{MAX_HAVE, Notice, Receipt, Task, Withdraw};
use crate::TerminalId;

/// Most bytes of one MQTT payload.
pub const MAX_PAYLOAD: usize = 64 * 1024;
/// What the types of all our events begin with.
pub(crate) const TYPE: &str = "org.tapcard.";
/// The source of everything that the cloud says.
pub(crate) const CLOUD: &str = "tapcard/worker";

/// Which task of which store: repeated tasks carry the same, so that they take effect once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId {
    /// 64 random bits drawn with the terminal's store.
    pub epoch: u64,
    /// The row of its outbox. Zero for what is never repeated: syncs and reports.
    pub seq: u64,
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{}", self.epoch, self.seq)
    }
}

/// A text that is no task id.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a task id is 16 hexadecimal digits, a hyphen and a number")]
pub struct InvalidTaskId;

impl FromStr for TaskId {
    type Err = InvalidTaskId;

    fn from_str(text: &str) -> Result<Self, InvalidTaskId> {
        let (epoch, seq) = text.split_once('-').ok_or(InvalidTaskId)?;
        let epoch = u64::from_str_radix(epoch, 16).map_err(|_| InvalidTaskId)?;
        let id = TaskId { epoch, seq: seq.parse().map_err(|_| InvalidTaskId)? };
        // One spelling only, and both numbers fit Postgres' bigint.
        (id.seq <= i64::MAX as u64 && id.to_string() == text).then_some(id).ok_or(InvalidTaskId)
    }
}

impl Serialize for TaskId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TaskId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[derive(Deserialize)]
pub(super) struct Event {
    specversion: String,
    pub(super) r#type: String,
    source: String,
    #[serde(default)]
    pub(super) data: Value,
}

/// A message that is no task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoTask {
    /// Whom to answer, if the message shows it.
    pub id: Option<TaskId>,
    /// Why.
    pub reason: Refusal,
    /// Why, for the person who reads it; holds nothing of the message's content.
    pub text: String,
}

/// A message from the cloud that this program cannot read.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the message is not a receipt or a notice that this version knows")]
pub struct Undecodable;

/// Writes a task as the payload of its terminal's task topic.
pub fn up(id: TaskId, terminal: TerminalId, at: Timestamp, task: &Task) -> Vec<u8> {
    let (name, content) = match task {
        Task::Register(it) => ("register", json!(it)),
        Task::Exchange(it) => ("exchange", json!(it)),
        Task::Introduce(it) => ("introduce", json!(it)),
        Task::Link(it) => ("link", json!(it)),
        Task::ContactUpdate(it) => ("contact-update", json!(it)),
        Task::ContactAdd(it) => ("contact-add", json!(it)),
        Task::ContactDelete(it) => ("contact-delete", json!(it)),
        Task::Undo(it) => ("undo", json!(it)),
        Task::Withdraw(it) => ("withdraw", json!(it)),
        Task::CheckBook(it) => ("check-book", json!(it)),
        Task::CardUpdate(it) => ("card-update", json!(it)),
        Task::Applied(it) => ("applied", json!(it)),
        Task::Sync(it) => ("sync", json!(it)),
    };
    let kind = format!("{TYPE}task.{name}");
    event(&id.to_string(), &kind, &source(terminal), at, &content)
}

/// Reads a payload from `terminal`'s task topic. The topic is believed, never the payload.
///
/// # Errors
/// Says why it is no task, and whom to answer.
pub fn read_up(terminal: TerminalId, payload: &[u8]) -> Result<(TaskId, Task), NoTask> {
    let refuse = |id, reason, text: &str| NoTask { id, reason, text: text.to_owned() };
    if payload.len() > MAX_PAYLOAD {
        return Err(refuse(None, Refusal::Undecodable, "the message has more than 64 KiB"));
    }
    let loose: Value = serde_json::from_slice(payload)
        .map_err(|_| refuse(None, Refusal::Undecodable, "the message is not JSON"))?;
    let id = loose.get("id").and_then(Value::as_str).and_then(|it| it.parse::<TaskId>().ok());
    let event: Event = serde_json::from_value(loose)
        .map_err(|_| refuse(id, Refusal::Undecodable, "the message is not a CloudEvent"))?;
    let known = id.filter(|_| event.specversion == "1.0");
    let id = known.ok_or_else(|| refuse(id, Refusal::Undecodable, "the message has no task id"))?;
    if event.source != source(terminal) {
        return Err(refuse(Some(id), Refusal::NotYours, "the task names another terminal"));
    }
    let name =
        event.r#type.strip_prefix(TYPE).and_then(|it| it.strip_prefix("task.")).unwrap_or_default();
    let task = content(name, event.data).map_err(|it| match it {
        Unread::Kind => {
            refuse(Some(id), Refusal::UnknownTask, "this kind of task is not known here")
        }
        Unread::Content => {
            refuse(Some(id), Refusal::Undecodable, "the task's content cannot be read")
        }
    })?;
    Ok((id, task))
}

enum Unread {
    Kind,
    Content,
}

impl From<serde_json::Error> for Unread {
    /// The reason is dropped on purpose: it may quote a card.
    fn from(_: serde_json::Error) -> Self {
        Unread::Content
    }
}

fn content(name: &str, value: Value) -> Result<Task, Unread> {
    let task = match name {
        "register" => Task::Register(serde_json::from_value(value)?),
        "exchange" => Task::Exchange(serde_json::from_value(value)?),
        "introduce" => Task::Introduce(serde_json::from_value(value)?),
        "link" => Task::Link(serde_json::from_value(value)?),
        "contact-update" => Task::ContactUpdate(serde_json::from_value(value)?),
        "contact-add" => Task::ContactAdd(serde_json::from_value(value)?),
        "contact-delete" => Task::ContactDelete(serde_json::from_value(value)?),
        "undo" => Task::Undo(serde_json::from_value(value)?),
        "withdraw" => Task::Withdraw(serde_json::from_value(value)?),
        "check-book" => Task::CheckBook(serde_json::from_value(value)?),
        "card-update" => Task::CardUpdate(serde_json::from_value(value)?),
        "applied" => Task::Applied(serde_json::from_value(value)?),
        "sync" => Task::Sync(serde_json::from_value(value)?),
        _ => return Err(Unread::Kind),
    };
    let sound = match &task {
        Task::Exchange(it) => it.is_sound(),
        Task::Introduce(it) => it.is_sound(),
        Task::ContactUpdate(it) => it.is_sound(),
        Task::ContactAdd(it) => it.is_sound(),
        Task::Withdraw(Withdraw::Place(it)) => crate::text::check(it, MAX_PLACE).is_ok(),
        Task::Applied(it) => {
            let short = |text: &Option<String>| {
                text.as_deref().is_none_or(|it| crate::text::check(it, 200).is_ok())
            };
            it.len() <= MAX_HAVE && it.iter().all(|it| short(&it.reason))
        }
        Task::Sync(it) => {
            it.have.len() <= MAX_HAVE
                && it.have.is_sorted_by(|a, b| a.0 < b.0)
                && it.receipted <= i64::MAX as u64
                && crate::text::check(&it.client, crate::enrolment::MAX_CLIENT).is_ok()
        }
        Task::Register(_)
        | Task::Link(_)
        | Task::CheckBook(_)
        | Task::Undo(_)
        | Task::ContactDelete(_)
        | Task::Withdraw(Withdraw::Partner(_))
        | Task::CardUpdate(_) => true,
    };
    if sound { Ok(task) } else { Err(Unread::Content) }
}

/// What comes down to a terminal.
#[derive(Clone, Debug, PartialEq)]
pub enum Down {
    /// The answer to one of its tasks.
    Receipt(Receipt),
    /// News.
    Notice(Notice),
}

/// Writes what the cloud says as an MQTT payload.
pub fn down(at: Timestamp, message: &Down) -> Vec<u8> {
    let (id, kind, content) = match message {
        Down::Receipt(it) => (it.task.to_string(), "receipt", json!(it)),
        Down::Notice(it) => {
            let name = match it {
                Notice::Card { owner, edition, .. } => format!("card-{owner}-{}", edition.0),
                Notice::OwnCard { owner, edition, .. } => format!("own-card-{owner}-{}", edition.0),
                Notice::Offer(it) => format!("offer-{}-{}", it.owner, it.at.as_millisecond()),
                Notice::Ended { owner, .. } => format!("ended-{owner}"),
                Notice::Gone { owner } => format!("gone-{owner}"),
                Notice::AccountState { owner, .. } => {
                    format!("account-state-{owner}-{}", at.as_millisecond())
                }
                Notice::ClientOffer { version, .. } => format!("client-offer-{version}"),
                Notice::Claimed { owner, .. } => {
                    format!("claimed-{owner}-{}", at.as_millisecond())
                }
                Notice::Wipe { terminal, nonce, .. } => format!("wipe-{terminal}-{nonce:?}"),
                Notice::Summary { owner, edition, .. } => format!("summary-{owner}-{}", edition.0),
            };
            (name, "notice", json!(it))
        }
    };
    event(&id, &format!("{TYPE}{kind}"), CLOUD, at, &content)
}

/// Writes a receipt as the cloud remembers it; none for what shows no task.
pub fn repeat(at: Timestamp, receipt: &Value) -> Option<Vec<u8>> {
    let id = receipt.get("task")?.as_str()?;
    Some(event(id, &format!("{TYPE}receipt"), CLOUD, at, receipt))
}

/// Reads what the cloud says.
///
/// # Errors
/// Fails for everything that this version does not know.
pub fn read_down(payload: &[u8]) -> Result<Down, Undecodable> {
    let event: Event = serde_json::from_slice(payload).map_err(|_| Undecodable)?;
    let read = match event.r#type.strip_prefix(TYPE) {
        Some("receipt") => serde_json::from_value(event.data).map(Down::Receipt),
        Some("notice") => serde_json::from_value(event.data).map(Down::Notice),
        _ => return Err(Undecodable),
    };
    read.map_err(|_| Undecodable)
}

fn source(terminal: TerminalId) -> String {
    format!("tapcard/terminal/{terminal}")
}

/// An event on its way out.
#[derive(Serialize)]
struct Outgoing<'a> {
    specversion: &'static str,
    id: &'a str,
    r#type: &'a str,
    source: &'a str,
    time: Timestamp,
    datacontenttype: &'static str,
    data: &'a Value,
}

pub(super) fn event(id: &str, kind: &str, source: &str, at: Timestamp, content: &Value) -> Vec<u8> {
    let event = Outgoing {
        specversion: "1.0",
        id,
        r#type: kind,
        source,
        time: at,
        datacontenttype: "application/json",
        data: content,
    };
    serde_json::to_vec(&event).expect("an event is plain JSON")
}
