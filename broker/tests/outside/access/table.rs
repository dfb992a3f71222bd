//! The questions, generated from the protocol's table; and what of them is allowed, written by hand.

use std::collections::BTreeSet;

use tapcard_protocol::access::{Acl, Kind, Party, acl};
use tapcard_protocol::topic::{MAX_LENGTH, SHARDS, Topic, shard_filter};
use tapcard_protocol::{AccountId, TerminalId};

use super::ROLES;
use crate::support::{LOGIN, REVOKE, Who, notice, state, task, terminal};

/// Whom a cell speaks for, and a stranger who is there too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ids {
    pub(crate) account: u64,
    pub(crate) terminal: u64,
    pub(crate) other: u64,
}

/// Publish or subscribe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Publish,
    Subscribe,
}

/// One question.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) verb: Verb,
    pub(crate) topic: String,
}

impl Ids {
    /// Every cell has its own.
    pub(crate) fn of_cell(cell: u64) -> Ids {
        let first = 100_000 + 16 * cell;
        Ids { account: first + 1, terminal: first + 2, other: first + 3 }
    }

    pub(crate) fn who(self, role: Kind) -> Who {
        if role != Kind::Worker {
            return Who::terminal(role, self.account, self.terminal);
        }
        let mut who = Who::worker();
        who.claims.cid = format!("worker-{}", self.account);
        who
    }

    /// The list, by hand: what a role may publish.
    fn may_publish(self, role: Kind) -> Vec<String> {
        match role {
            Kind::Kiosk | Kind::OrganiserKiosk | Kind::Phone => {
                vec![task(self.terminal), state(self.terminal), LOGIN.into()]
            }
            Kind::Worker => {
                let anybody = [self.account, self.terminal, self.other];
                let to = anybody.into_iter().flat_map(|it| [notice(it), terminal(it)]);
                to.chain([REVOKE.into(), LOGIN.into()]).collect()
            }
        }
    }

    /// The list, by hand: what a role may subscribe.
    pub(super) fn may_subscribe(self, role: Kind) -> Vec<String> {
        match role {
            Kind::Kiosk | Kind::OrganiserKiosk => vec![terminal(self.terminal)],
            Kind::Phone => vec![terminal(self.terminal), notice(self.account)],
            Kind::Worker => {
                let shards = (0..16).map(|it| format!("tapcard/v1/task/{it:02}/+"));
                shards.chain(["tapcard/v1/state/+".into()]).collect()
            }
        }
    }
}

/// Whether the list has it.
pub(crate) fn listed(role: Kind, ids: Ids, ask: &Ask) -> bool {
    let list = match ask.verb {
        Verb::Publish => ids.may_publish(role),
        Verb::Subscribe => ids.may_subscribe(role),
    };
    list.contains(&ask.topic)
}

/// Every question of a cell. The protocol's table and the list by hand agree about each.
pub(crate) fn asks(ids: Ids) -> Vec<Ask> {
    let asks: Vec<Ask> = topics(ids)
        .into_iter()
        .flat_map(|topic| {
            [Verb::Publish, Verb::Subscribe].map(|verb| Ask { verb, topic: topic.clone() })
        })
        .collect();
    // What is published there must be a token, and anything else ends the connection: `broker::renewal`.
    let is_login = |it: &Ask| it.verb == Verb::Publish && it.topic == LOGIN;
    for role in ROLES {
        for ask in &asks {
            let table = acl(&party(role, ids.account, ids.terminal));
            assert_eq!(grants(&table, ask), listed(role, ids, ask), "{role:?} {ask:?}");
        }
    }
    asks.into_iter().filter(|it| !is_login(it)).collect()
}

/// What the table grants, less what the gate's documentation takes away: a worker hears only whole shards
/// and all states, because the router never forgets a filter.
fn grants(table: &Acl, ask: &Ask) -> bool {
    let topic = ask.topic.as_str();
    match ask.verb {
        Verb::Publish => table.may_publish(topic) && Topic::parse(topic).is_some(),
        Verb::Subscribe => {
            let whole = (0..SHARDS).any(|it| topic == shard_filter(it))
                || topic == "tapcard/v1/state/+"
                || matches!(Topic::parse(topic), Some(Topic::Terminal(_) | Topic::Notice(_)));
            table.may_subscribe(topic) && whole
        }
    }
}

fn party(role: Kind, account: u64, terminal: u64) -> Party {
    let (account, terminal) = (AccountId::new(account), TerminalId::new(terminal));
    match role {
        Kind::Worker => Party::Worker,
        Kind::Kiosk | Kind::OrganiserKiosk | Kind::Phone => {
            Party::Terminal { kind: role, account, terminal }
        }
    }
}

/// Own and foreign topics of every kind, what is like them, and what is like nothing of ours.
fn topics(ids: Ids) -> BTreeSet<String> {
    let mut topics = BTreeSet::new();
    for role in ROLES {
        for (account, terminal) in [(ids.account, ids.terminal), (ids.other, ids.other)] {
            let Acl { publish, subscribe } = acl(&party(role, account, terminal));
            topics.extend(publish.into_iter().chain(subscribe));
        }
    }
    for id in [ids.account, ids.terminal, ids.other] {
        topics.extend([task(id), state(id), terminal(id), notice(id)]);
    }
    let alike: Vec<String> = topics.iter().flat_map(|it| alike(it)).collect();
    topics.extend(alike);
    topics.extend((0..=SHARDS).map(shard_filter));
    topics.extend(strange());
    topics
}

/// Wider, narrower and differently spelt.
fn alike(topic: &str) -> [String; 6] {
    let (before, _) = topic.rsplit_once('/').unwrap();
    [
        format!("{topic}/x"),
        format!("{topic}/#"),
        format!("{before}/+"),
        format!("{before}/#"),
        format!("$share/g/{topic}"),
        topic.to_uppercase(),
    ]
}

fn strange() -> Vec<String> {
    let words = [
        "",
        "#",
        "+",
        "/",
        "+/#",
        "+/+/+/+",
        "tapcard/#",
        "tapcard/v1/+/+",
        "$SYS/#",
        "$SYS/broker/version",
        "$share/g/#",
        "名片/x",
        "tapcard/v1/notice/名片",
        "\u{feff}tapcard",
        "tapcard/v1/other",
        "tapcard/v1/task/00/ ",
        "tapcard/v2/revoke",
        "tapcard/v1/../revoke",
        "tapcard/v1/x#",
        "tapcard/v1/#/x",
        "tapcard/v1/+x",
    ];
    let long = |length: usize| format!("tapcard/v1/notice/{}", "a".repeat(length - 18));
    let lengths = [MAX_LENGTH, MAX_LENGTH + 1, 300, 60_000].map(long);
    words.into_iter().map(str::to_owned).chain(lengths).collect()
}
