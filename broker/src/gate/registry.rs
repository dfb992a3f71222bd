//! Who is connected, and who listens to what: `account → connections`, `terminal → connection`.
//!
//! Delivery puts a message into each recipient's bounded queue and never waits. A queue that is full ends
//! its connection: the terminal comes back and asks for what it missed.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tapcard_protocol::topic::Topic;
use tapcard_protocol::{AccountId, TerminalId};
use tokio::sync::oneshot;

use super::access::Will;
use super::login::{Admission, Client, Signature};
use super::queue;
use super::session::Message;

/// Most messages that wait for one connection.
const QUEUE: usize = 1000;

/// All connections.
#[derive(Default)]
pub(crate) struct Registry(Mutex<Present>);

#[derive(Default)]
struct Present {
    last: u64,
    entries: HashMap<Client, Entry>,
    /// The terminals that listen to an account's notices.
    accounts: HashMap<AccountId, Vec<TerminalId>>,
}

/// One client's connection, as the others see it.
struct Entry {
    number: u64,
    account: Option<AccountId>,
    /// When its token was signed, in seconds since 1970.
    signed: u64,
    signature: Signature,
    will: Option<Box<Will>>,
    queue: queue::Sender,
    /// None once it has been told to close.
    close: Option<oneshot::Sender<Closing>>,
    /// Whether it listens to its own terminal topic.
    listens: bool,
}

/// Why the registry wants a connection closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    /// The same client has connected again.
    TakenOver,
    /// It does not take its messages.
    QueueFull,
    /// Its token no longer counts.
    Revoked,
    /// The broker ends.
    Leaving,
}

/// A connection's place in the registry.
pub(crate) struct Place {
    client: Client,
    number: u64,
}

impl Place {
    /// Whose place it is.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }
}

/// What reaches a connection from the others.
pub(crate) struct Mailbox {
    /// Its messages.
    pub messages: queue::Receiver,
    /// Comes when the connection must close.
    pub closing: oneshot::Receiver<Closing>,
}

impl Registry {
    /// Enters a client, unless there are `most` others already. If it was here itself, that connection is
    /// told to close, and its last will is the caller's to publish: after this, nobody else will.
    pub(crate) fn enter(
        &self,
        admission: &Admission,
        most: usize,
    ) -> Option<(Place, Mailbox, Option<Will>)> {
        let (queue, messages) = queue::channel(QUEUE);
        let (close, closing) = oneshot::channel();
        let mut present = self.present();
        if present.entries.len() >= most && !present.entries.contains_key(&admission.client) {
            return None;
        }
        present.last += 1;
        let entry = Entry {
            number: present.last,
            account: admission.account,
            signed: admission.signed,
            signature: admission.signature.clone(),
            will: admission.will.clone().map(Box::new),
            queue,
            close: Some(close),
            listens: false,
        };
        let place = Place { client: admission.client.clone(), number: entry.number };
        let will = present.remove(&admission.client).and_then(|mut older| {
            older.close(Closing::TakenOver);
            older.will.map(|it| *it)
        });
        present.entries.insert(admission.client.clone(), entry);
        Some((place, Mailbox { messages, closing }, will))
    }

    /// How many clients are here.
    pub(crate) fn len(&self) -> usize {
        self.present().entries.len()
    }

    /// A connection has shown a token that was signed at this time, with this key.
    pub(crate) fn renew(&self, place: &Place, signed: u64, signature: Signature) {
        if let Some(entry) = self.present().own(place) {
            (entry.signed, entry.signature) = (signed, signature);
        }
    }

    /// Closes the connections whose tokens are signed with a key that no longer counts.
    pub(crate) fn close_unless(&self, counts: impl Fn(&Signature) -> bool) {
        let mut present = self.present();
        let gone = present.entries.values_mut().filter(|it| !counts(&it.signature));
        gone.for_each(|it| it.close(Closing::Revoked));
    }

    /// Closes a terminal's connection, if its token was signed before this time.
    pub(crate) fn revoke(&self, terminal: TerminalId, not_before: u64) {
        if let Some(entry) = self.present().entries.get_mut(&Client::Terminal(terminal))
            && entry.signed < not_before
        {
            entry.close(Closing::Revoked);
        }
    }

    /// Closes every connection.
    pub(crate) fn close_all(&self) {
        self.present().entries.values_mut().for_each(|it| it.close(Closing::Leaving));
    }

    /// Takes a connection out; its last will is the caller's to publish or to drop. None when another
    /// connection of the client has taken over.
    pub(crate) fn leave(&self, place: &Place) -> Option<Will> {
        let mut present = self.present();
        present.own(place)?;
        present.remove(&place.client)?.will.map(|it| *it)
    }

    /// Makes a terminal a recipient of a topic that it may hear.
    pub(crate) fn listen(&self, place: &Place, topic: Topic) {
        self.set_listening(place, topic, true);
    }

    /// Makes it none.
    pub(crate) fn mute(&self, place: &Place, topic: Topic) {
        self.set_listening(place, topic, false);
    }

    fn set_listening(&self, place: &Place, topic: Topic, on: bool) {
        let mut present = self.present();
        let Some(entry) = present.own(place) else { return };
        match (topic, &place.client) {
            (Topic::Terminal(_), _) => entry.listens = on,
            (Topic::Notice(account), Client::Terminal(terminal)) => {
                present.forget_listener(account, *terminal);
                if on {
                    present.accounts.entry(account).or_default().push(*terminal);
                }
            }
            _ => {}
        }
    }

    /// Puts a message into the queue of every present recipient.
    pub(crate) fn deliver(&self, message: &Message) {
        let mut present = self.present();
        let present = &mut *present;
        match message.topic {
            Topic::Terminal(terminal) => {
                if let Some(it) = present.entries.get_mut(&Client::Terminal(terminal))
                    && it.listens
                {
                    it.push(message);
                }
            }
            Topic::Notice(account) => {
                for terminal in present.accounts.get(&account).into_iter().flatten() {
                    if let Some(it) = present.entries.get_mut(&Client::Terminal(*terminal)) {
                        it.push(message);
                    }
                }
            }
            Topic::Task(_) | Topic::State(_) | Topic::Revoke | Topic::Login => {}
        }
    }

    fn present(&self) -> MutexGuard<'_, Present> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Present {
    /// The entry of this very connection.
    fn own(&mut self, place: &Place) -> Option<&mut Entry> {
        self.entries.get_mut(&place.client).filter(|it| it.number == place.number)
    }

    fn remove(&mut self, client: &Client) -> Option<Entry> {
        let entry = self.entries.remove(client)?;
        if let (Some(account), Client::Terminal(terminal)) = (entry.account, client) {
            self.forget_listener(account, *terminal);
        }
        Some(entry)
    }

    fn forget_listener(&mut self, account: AccountId, terminal: TerminalId) {
        if let Some(terminals) = self.accounts.get_mut(&account) {
            terminals.retain(|it| *it != terminal);
            if terminals.is_empty() {
                self.accounts.remove(&account);
            }
        }
    }
}

impl Entry {
    fn push(&mut self, message: &Message) {
        if self.close.is_some() && self.queue.try_send(message.clone()).is_err() {
            self.close(Closing::QueueFull);
        }
    }

    fn close(&mut self, why: Closing) {
        if let Some(close) = self.close.take() {
            // The connection may have gone by itself.
            let _ = close.send(why);
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use rumqttd::protocol::QoS;
    use tapcard_protocol::access::{Acl, Kind, Party};

    use super::super::access::Rights;
    use super::*;

    const ACCOUNT: AccountId = AccountId::new(7);

    fn phone(terminal: u64) -> Admission {
        let (account, terminal) = (ACCOUNT, TerminalId::new(terminal));
        let party = Party::Terminal { kind: Kind::Phone, account, terminal };
        Admission {
            client: Client::Terminal(terminal),
            account: Some(account),
            rights: Rights::new(&party, Acl::default()),
            will: Some(Will { topic: Topic::State(terminal), payload: Bytes::new() }),
            signed: 100,
            expires: 0,
            signature: Signature { kid: "web".into(), since: 0, kind: Kind::Phone },
        }
    }

    fn enter(registry: &Registry, terminal: u64) -> (Place, Mailbox, Option<Will>) {
        registry.enter(&phone(terminal), 10).unwrap()
    }

    fn notice() -> Message {
        let (topic, payload) = (Topic::Notice(ACCOUNT), Bytes::from_static(b"hi"));
        Message { topic, payload, qos: QoS::AtLeastOnce }
    }

    #[test]
    fn only_those_who_listen_are_recipients() {
        let registry = Registry::default();
        let (first, mut to_first, _) = enter(&registry, 1);
        let (_second, mut to_second, _) = enter(&registry, 2);
        registry.listen(&first, Topic::Notice(ACCOUNT));
        registry.listen(&first, Topic::Notice(ACCOUNT));
        registry.deliver(&notice());
        assert_eq!(to_first.messages.try_recv(), Ok(notice()));
        assert!(to_first.messages.try_recv().is_err());
        assert!(to_second.messages.try_recv().is_err());
        registry.mute(&first, Topic::Notice(ACCOUNT));
        registry.deliver(&notice());
        assert!(to_first.messages.try_recv().is_err());
        assert!(registry.present().accounts.is_empty());
    }

    #[test]
    fn a_newer_connection_inherits_the_place_and_the_will_but_no_subscription() {
        let registry = Registry::default();
        let (older, mut to_older, _) = enter(&registry, 1);
        registry.listen(&older, Topic::Notice(ACCOUNT));
        let (newer, mut to_newer, will) = enter(&registry, 1);
        assert_eq!(will, phone(1).will);
        assert_eq!(to_older.closing.try_recv(), Ok(Closing::TakenOver));
        registry.listen(&older, Topic::Notice(ACCOUNT));
        registry.deliver(&notice());
        assert!(to_newer.messages.try_recv().is_err());
        assert_eq!(registry.leave(&older), None);
        assert_eq!(registry.leave(&newer), phone(1).will);
        assert!(registry.present().entries.is_empty());
    }

    #[test]
    fn a_full_queue_closes_its_connection_and_no_other() {
        let registry = Registry::default();
        let (slow, mut to_slow, _) = enter(&registry, 1);
        let (quick, mut to_quick, _) = enter(&registry, 2);
        for place in [&slow, &quick] {
            registry.listen(place, Topic::Notice(ACCOUNT));
        }
        for _ in 0..=QUEUE {
            registry.deliver(&notice());
            assert_eq!(to_quick.messages.try_recv(), Ok(notice()));
        }
        assert_eq!(to_slow.closing.try_recv(), Ok(Closing::QueueFull));
        assert!(to_quick.closing.try_recv().is_err());
    }

    #[test]
    fn there_is_room_for_so_many_but_always_for_who_is_here_already() {
        let registry = Registry::default();
        let (_place, ..) = registry.enter(&phone(1), 1).unwrap();
        assert!(registry.enter(&phone(2), 1).is_none());
        assert!(registry.enter(&phone(1), 1).is_some());
        assert_eq!(registry.len(), 1);
    }

    #[test]
    fn only_a_connection_with_an_earlier_token_is_revoked() {
        let registry = Registry::default();
        let (_, mut older, _) = enter(&registry, 1);
        let (place, mut renewed, _) = enter(&registry, 2);
        registry.renew(&place, 300, phone(2).signature);
        for terminal in [1, 2, 3] {
            registry.revoke(TerminalId::new(terminal), 200);
        }
        assert_eq!(older.closing.try_recv(), Ok(Closing::Revoked));
        assert!(renewed.closing.try_recv().is_err());
        registry.close_unless(|it| it.kid == "web");
        assert!(renewed.closing.try_recv().is_err());
        registry.close_unless(|it| it.kid != "web");
        assert_eq!(renewed.closing.try_recv(), Ok(Closing::Revoked));
        let (_, mut renewed, _) = enter(&registry, 2);
        registry.close_all();
        assert_eq!(renewed.closing.try_recv(), Ok(Closing::Leaving));
    }
}
