//! A phone without a screen: it speaks the wire form, so that many can be had at once.

mod asking;

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use jiff::Timestamp;
use rumqttc::{Client, Event, Incoming, MqttOptions, QoS, SubscribeReasonCode};
use tapcard_protocol::message::{
    Applied, ApplyOutcome, Down, Notice, Outcome, Receipt, Remarks, Task, TaskId, read_down, up,
};
use tapcard_protocol::topic::Topic;
use tapcard_protocol::{AccountId, Card, Edition, TerminalId};

/// How long an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// When a task without a receipt is sent again.
const RESEND: Duration = Duration::from_secs(3);
/// Most bytes of a packet.
const MAX_PACKET: usize = 68 * 1024;

/// What a phone hears.
enum Heard {
    Connected,
    Subscribed(Vec<SubscribeReasonCode>),
    Down(Down),
    Lost(String),
}

/// A connected phone.
pub struct Phone {
    /// Its account.
    pub account: AccountId,
    /// Itself.
    pub terminal: TerminalId,
    /// Its address book: what the cloud sent last.
    pub book: BTreeMap<AccountId, (Edition, Card)>,
    /// The account's own words about contacts.
    pub remarks: BTreeMap<AccountId, Remarks>,
    /// The cloud's count of changes to the book, as of the last sync.
    counter: u64,
    client: Client,
    heard: Receiver<Heard>,
    epoch: u64,
    seq: u64,
}

impl Phone {
    /// Connects and subscribes both of its topics.
    ///
    /// # Errors
    /// Fails when the broker refuses.
    pub fn connect(
        port: u16,
        account: AccountId,
        terminal: TerminalId,
        token: &str,
    ) -> anyhow::Result<Phone> {
        let topics = [Topic::Terminal(terminal), Topic::Notice(account)];
        Phone::connect_to(&topics, port, account, terminal, token)
    }

    /// Connects and subscribes these topics, for a terminal that is no phone.
    ///
    /// # Errors
    /// Fails when the broker refuses.
    pub fn connect_to(
        topics: &[Topic],
        port: u16,
        account: AccountId,
        terminal: TerminalId,
        token: &str,
    ) -> anyhow::Result<Phone> {
        let (client, heard) = open(port, terminal, token);
        // A store's epoch is random; the terminal's own number is as good for one that lives once.
        let phone = Phone {
            account,
            terminal,
            book: BTreeMap::new(),
            remarks: BTreeMap::new(),
            counter: 0,
            client,
            heard,
            epoch: terminal.as_u64(),
            seq: 0,
        };
        match phone.hear(PATIENCE)? {
            Heard::Connected => {}
            Heard::Lost(why) => bail!("the phone cannot connect: {why}"),
            _ => bail!("the broker spoke before it accepted"),
        }
        for topic in topics {
            anyhow::ensure!(
                phone.subscribe(&topic.to_string())?,
                "the broker does not grant {topic}"
            );
        }
        Ok(phone)
    }

    /// Goes on where another connection of this phone ended.
    #[must_use]
    pub fn continuing(mut self, before: &Phone) -> Phone {
        self.book = before.book.clone();
        self.remarks = before.remarks.clone();
        self.counter = before.counter;
        self.seq = before.seq;
        self
    }

    /// Ends the connection.
    ///
    /// # Errors
    /// Fails when it is lost already.
    pub fn leave(&self) -> anyhow::Result<()> {
        self.client.disconnect().context("leaving")
    }

    /// Subscribes; whether it was granted.
    ///
    /// # Errors
    /// Fails when the connection is lost.
    pub fn subscribe(&self, filter: &str) -> anyhow::Result<bool> {
        self.client.subscribe(filter, QoS::AtLeastOnce).context("subscribing")?;
        match self.hear(PATIENCE)? {
            Heard::Subscribed(codes) => Ok(codes != [SubscribeReasonCode::Failure]),
            Heard::Lost(why) => bail!("the connection was closed: {why}"),
            _ => bail!("something came before the answer"),
        }
    }

    /// Publishes anything anywhere.
    ///
    /// # Errors
    /// Fails when the connection is lost.
    pub fn publish(&self, topic: &str, payload: Vec<u8>) -> anyhow::Result<()> {
        self.client.publish(topic, QoS::AtLeastOnce, false, payload).context("publishing")
    }

    /// Whether the broker closes the connection in time.
    pub fn is_closed(&self, patience: Duration) -> bool {
        let end = Instant::now() + patience;
        loop {
            match self.heard.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(Heard::Lost(_)) | Err(RecvTimeoutError::Disconnected) => return true,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => return false,
            }
        }
    }

    /// Sends a task under the next number, and does not wait.
    ///
    /// # Errors
    /// Fails when the connection is lost.
    pub fn send(&mut self, task: &Task) -> anyhow::Result<()> {
        let (_, payload) = self.number(task);
        self.publish(&Topic::Task(self.terminal).to_string(), payload)
    }

    fn number(&mut self, task: &Task) -> (TaskId, Vec<u8>) {
        let unnumbered = matches!(task, Task::Sync(_) | Task::Applied(_));
        self.seq += u64::from(!unnumbered);
        let id = TaskId { epoch: self.epoch, seq: if unnumbered { 0 } else { self.seq } };
        (id, up(id, self.terminal, Timestamp::now(), task))
    }

    /// Sends a task and waits for its receipt.
    ///
    /// # Errors
    /// Fails when none comes in time.
    pub fn ask(&mut self, task: &Task) -> anyhow::Result<Outcome> {
        let (id, payload) = self.number(task);
        self.ask_raw(id, &payload)
    }

    /// Sends raw bytes as a task until the receipt to `id` is here: what was sent while nobody listened is lost.
    ///
    /// # Errors
    /// Fails when none comes in time.
    pub fn ask_raw(&mut self, id: TaskId, payload: &[u8]) -> anyhow::Result<Outcome> {
        let end = Instant::now() + PATIENCE;
        loop {
            self.publish(&Topic::Task(self.terminal).to_string(), payload.to_vec())?;
            let receipt = self.until("a receipt", RESEND, |_, it| match it {
                Down::Receipt(Receipt { task, outcome }) if *task == id => Some(outcome.clone()),
                _ => None,
            });
            if receipt.is_ok() || Instant::now() > end {
                return receipt;
            }
        }
    }

    /// Hears messages until one gives what is wanted.
    ///
    /// # Errors
    /// Fails when none does in time.
    pub fn until<T>(
        &mut self,
        what: &str,
        patience: Duration,
        mut want: impl FnMut(&Phone, &Down) -> Option<T>,
    ) -> anyhow::Result<T> {
        let end = Instant::now() + patience;
        loop {
            let heard = self.hear(end.saturating_duration_since(Instant::now()));
            match heard.with_context(|| format!("waiting for {what}"))? {
                Heard::Down(it) => {
                    if let Down::Notice(Notice::Ended { owner, .. } | Notice::Gone { owner }) = &it
                    {
                        self.book.remove(owner);
                    }
                    if let Down::Notice(Notice::Card { owner, edition, card, remarks }) = &it
                        && self.keep(*owner, *edition, card, remarks.as_ref())
                    {
                        let report = Applied {
                            owner: *owner,
                            edition: *edition,
                            outcome: ApplyOutcome::Applied,
                            reason: None,
                        };
                        self.send(&Task::Applied(vec![report]))?;
                    }
                    if let Some(it) = want(self, &it) {
                        return Ok(it);
                    }
                }
                Heard::Lost(why) => bail!("the connection was lost: {why}"),
                Heard::Connected | Heard::Subscribed(_) => {}
            }
        }
    }

    /// Keeps a card unless it is an older one; whether it is a newer one.
    fn keep(
        &mut self,
        owner: AccountId,
        edition: Edition,
        card: &Card,
        remarks: Option<&Remarks>,
    ) -> bool {
        if let Some(remarks) = remarks {
            self.remarks.insert(owner, remarks.clone());
        }
        let held = self.book.get(&owner).map(|it| it.0);
        if held.is_none_or(|it| it <= edition) {
            self.book.insert(owner, (edition, card.clone()));
        }
        held.is_none_or(|it| it < edition)
    }

    fn hear(&self, patience: Duration) -> anyhow::Result<Heard> {
        self.heard.recv_timeout(patience).context("nothing came")
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        let _ = self.client.disconnect();
    }
}

fn open(port: u16, terminal: TerminalId, token: &str) -> (Client, Receiver<Heard>) {
    let mut options = MqttOptions::new(terminal.to_string(), "127.0.0.1", port);
    options.set_credentials(terminal.to_string(), token);
    options.set_max_packet_size(MAX_PACKET, MAX_PACKET);
    options.set_clean_session(true);
    let (client, mut connection) = Client::new(options, 200);
    let (tell, heard) = channel();
    thread::spawn(move || {
        for event in connection.iter() {
            let heard = match event {
                Ok(Event::Incoming(Incoming::ConnAck(_))) => Heard::Connected,
                Ok(Event::Incoming(Incoming::SubAck(it))) => Heard::Subscribed(it.return_codes),
                Ok(Event::Incoming(Incoming::Publish(it))) => match read_down(&it.payload) {
                    Ok(it) => Heard::Down(it),
                    Err(why) => Heard::Lost(why.to_string()),
                },
                Ok(_) => continue,
                Err(why) => Heard::Lost(why.to_string()),
            };
            let last = matches!(heard, Heard::Lost(_));
            if tell.send(heard).is_err() || last {
                return;
            }
        }
    });
    (client, heard)
}
