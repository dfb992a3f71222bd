//! Who may publish and subscribe what. Deny by default.
//!
//! One table, applied twice: the worker writes it into a token, the gate intersects the token with it again.

use serde::{Deserialize, Serialize};

use crate::topic::{ALL_STATES, ALL_TASKS, MAX_LENGTH, Topic};
use crate::{AccountId, TerminalId};

/// What kind of client holds a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A booth's kiosk.
    Kiosk,
    /// An organiser's kiosk, which introduces two visitors.
    OrganiserKiosk,
    /// A phone, or a desktop with the same page.
    Phone,
    /// The cloud worker.
    Worker,
}

impl Kind {
    /// The name as tokens, tables and commands spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Kiosk => "kiosk",
            Kind::OrganiserKiosk => "organiser-kiosk",
            Kind::Phone => "phone",
            Kind::Worker => "worker",
        }
    }
}

/// Whom a token speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// A terminal of an account.
    Terminal {
        /// What it is; never [`Kind::Worker`].
        kind: Kind,
        /// Its account.
        account: AccountId,
        /// Itself.
        terminal: TerminalId,
    },
    /// A worker.
    Worker,
}

/// Topic filters that a client may publish to and subscribe, in the form that EMQX also reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acl {
    /// Filters whose topics it may publish to.
    #[serde(rename = "pub", default)]
    pub publish: Vec<String>,
    /// Filters it may subscribe, or anything narrower.
    #[serde(rename = "sub", default)]
    pub subscribe: Vec<String>,
}

/// The table.
pub fn acl(party: &Party) -> Acl {
    match *party {
        Party::Worker => Acl {
            publish: vec![
                "tapcard/v1/terminal/+".into(),
                "tapcard/v1/notice/+".into(),
                Topic::Revoke.to_string(),
                Topic::Login.to_string(),
            ],
            subscribe: vec![ALL_TASKS.into(), ALL_STATES.into()],
        },
        Party::Terminal { kind: Kind::Worker, .. } => Acl::default(),
        Party::Terminal { kind, account, terminal } => {
            let mut subscribe = vec![Topic::Terminal(terminal).to_string()];
            if kind == Kind::Phone {
                subscribe.push(Topic::Notice(account).to_string());
            }
            let publish = [Topic::Task(terminal), Topic::State(terminal), Topic::Login];
            Acl { publish: publish.map(|it| it.to_string()).into(), subscribe }
        }
    }
}

impl Acl {
    /// Whether a message may be published on this topic.
    pub fn may_publish(&self, topic: &str) -> bool {
        is_plain(topic)
            && !topic.contains(['+', '#'])
            && self.publish.iter().any(|it| covers(it, topic))
    }

    /// Whether this filter may be subscribed: it must be no wider than one that was granted.
    pub fn may_subscribe(&self, filter: &str) -> bool {
        is_plain(filter) && self.subscribe.iter().any(|it| covers(it, filter))
    }
}

/// Only the characters of our own topics and the two wildcards, and no longer than [`MAX_LENGTH`].
fn is_plain(text: &str) -> bool {
    let known = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || b"/-+#".contains(&it);
    !text.is_empty() && text.len() <= MAX_LENGTH && text.bytes().all(known)
}

/// Whether every topic that `narrow` matches is also matched by `wide` (MQTT 3.1.1 §4.7, without `#`).
fn covers(wide: &str, narrow: &str) -> bool {
    let (mut wide, mut narrow) = (wide.split('/'), narrow.split('/'));
    loop {
        match (wide.next(), narrow.next()) {
            (None, None) => return true,
            (Some(_), Some("#")) | (Some("#"), _) | (None, Some(_)) | (Some(_), None) => {
                return false;
            }
            (Some("+"), Some(_)) => {}
            (Some(level), Some(other)) if level == other => {}
            (Some(_), Some(_)) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: AccountId = AccountId::new(0xacc);
    const TERMINAL: TerminalId = TerminalId::new(0x7e3);

    fn terminal(kind: Kind) -> Acl {
        acl(&Party::Terminal { kind, account: ACCOUNT, terminal: TERMINAL })
    }

    #[test]
    fn a_terminal_speaks_only_as_itself() {
        let (other, kiosk) = (TerminalId::new(0x7e4), terminal(Kind::Kiosk));
        assert!(kiosk.may_publish(&Topic::Task(TERMINAL).to_string()));
        assert!(kiosk.may_publish(&Topic::State(TERMINAL).to_string()));
        assert!(!kiosk.may_publish(&Topic::Task(other).to_string()));
        assert!(!kiosk.may_publish(&Topic::Notice(ACCOUNT).to_string()));
        assert!(!kiosk.may_publish(&Topic::Terminal(TERMINAL).to_string()));
        assert!(!kiosk.may_publish("tapcard/v1/task/+/+"));
    }

    #[test]
    fn only_an_accounts_phones_hear_its_notices() {
        let notice = Topic::Notice(ACCOUNT).to_string();
        assert!(terminal(Kind::Phone).may_subscribe(&notice));
        assert!(!terminal(Kind::Kiosk).may_subscribe(&notice));
        assert!(
            !terminal(Kind::Phone).may_subscribe(&Topic::Notice(AccountId::new(1)).to_string())
        );
    }

    #[test]
    fn no_wildcard_widens_a_grant() {
        let phone = terminal(Kind::Phone);
        for filter in
            ["#", "+/+/+/+", "tapcard/v1/notice/+", "tapcard/v1/notice/#", "tapcard/#", ""]
        {
            assert!(!phone.may_subscribe(filter), "{filter}");
        }
        let shared = format!("$share/g/{}", Topic::Notice(ACCOUNT));
        assert!(!phone.may_subscribe(&shared));
    }

    #[test]
    fn a_worker_takes_one_shard_and_tells_everyone() {
        let worker = acl(&Party::Worker);
        assert!(worker.may_subscribe("tapcard/v1/task/07/+"));
        assert!(worker.may_publish(&Topic::Notice(ACCOUNT).to_string()));
        assert!(!worker.may_subscribe("tapcard/v1/notice/+"));
        assert!(!worker.may_subscribe("#"));
        assert!(!worker.may_publish(&Topic::Task(TERMINAL).to_string()));
    }

    #[test]
    fn a_terminal_cannot_be_called_a_worker() {
        assert_eq!(terminal(Kind::Worker), Acl::default());
    }

    #[test]
    fn strange_topics_are_refused() {
        let worker = acl(&Party::Worker);
        for topic in
            ["tapcard/v1/notice/名片", "tapcard/v1/notice/A", "tapcard/v1/notice/a b", "$SYS/x"]
        {
            assert!(!worker.may_publish(topic), "{topic}");
        }
        assert!(!worker.may_publish(&format!("tapcard/v1/notice/{}", "a".repeat(64))));
    }
}
