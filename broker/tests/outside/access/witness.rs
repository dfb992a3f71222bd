//! Clients that hear whatever anybody may hear of a cell's topics.

use tapcard_protocol::access::Kind;

use super::table::Ids;
use crate::support::{Broker, Client, Who, notice, state, task, terminal};

/// A worker that hears everybody's tasks and states, and phones for the rest.
pub(crate) struct Witnesses<'a> {
    broker: &'a Broker,
    ids: Ids,
    worker: Client,
    phones: Vec<Client>,
    /// What the phones listen to.
    audible: Vec<String>,
}

impl<'a> Witnesses<'a> {
    pub(crate) fn of(broker: &'a Broker, role: Kind, ids: Ids) -> Witnesses<'a> {
        let mut who = Who::worker();
        who.claims.cid = format!("witness-{}", ids.account);
        let mut worker = broker.client(&who);
        let shards: Vec<String> = (0..16).map(|it| format!("tapcard/v1/task/{it:02}/+")).collect();
        let filters = shards.iter().map(String::as_str).chain(["tapcard/v1/state/+"]);
        let filters: Vec<(&str, u8)> = filters.map(|it| (it, 1)).collect();
        assert_eq!(worker.subscribe(&filters), [1; 17]);
        let mut wishes = vec![
            (ids.other, ids.other, vec![notice(ids.other), terminal(ids.other)]),
            (ids.account, ids.other + 1, vec![notice(ids.account)]),
        ];
        // Else that terminal is the client that asks.
        if role == Kind::Worker {
            wishes.push((ids.account, ids.terminal, vec![terminal(ids.terminal)]));
        }
        let phone = |(account, id, topics): &(u64, u64, Vec<String>)| {
            let mut phone = broker.client(&Who::phone(*account, *id));
            for topic in topics {
                assert_eq!(phone.subscribe(&[(topic, 1)]), [1]);
            }
            phone
        };
        let phones = wishes.iter().map(phone).collect();
        let audible = wishes.into_iter().flat_map(|it| it.2).collect();
        Witnesses { broker, ids, worker, phones, audible }
    }

    /// What the cell's client says.
    pub(crate) fn payload(&self) -> String {
        format!("in the cell of {}", self.ids.account)
    }

    /// They heard exactly these topics, each once, but for those that nobody can hear.
    pub(crate) fn assert_heard(&mut self, topics: impl Iterator<Item = String>) {
        let (mut heard, payload) = (Vec::new(), self.payload());
        for phone in &mut self.phones {
            let messages = phone.messages_so_far().into_iter();
            heard.extend(messages.filter(|it| it.payload == payload).map(|it| it.topic));
        }
        heard.extend(self.heard_by_the_worker());
        heard.sort();
        let upward = |it: &str| it.contains("/task/") || it.contains("/state/");
        let mut expected: Vec<String> =
            topics.filter(|it| upward(it) || self.audible.contains(it)).collect();
        expected.sort();
        assert_eq!(heard, expected, "what witnesses heard");
    }

    /// Whatever of the cell's the router still carries has come when the last words of all its
    /// terminals have. They take over from the phones, which have been asked before.
    fn heard_by_the_worker(&mut self) -> Vec<String> {
        let last = format!("last words to {}", self.ids.account);
        let (mut n_last, mut heard) = (0, Vec::new());
        for id in [self.ids.account, self.ids.terminal, self.ids.other] {
            let mut kiosk = self.broker.client(&Who::kiosk(self.ids.account, id));
            for topic in [task(id), state(id)] {
                kiosk.publish(&topic, &last);
                n_last += 1;
            }
        }
        while n_last > 0 {
            let message = self.worker.message();
            if message.payload == last {
                n_last -= 1;
            } else if message.payload == self.payload() {
                heard.push(message.topic);
            }
        }
        heard
    }
}
