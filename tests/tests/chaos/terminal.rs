//! A terminal as the wire contract wants it: it keeps each task until its receipt, says it again, and asks what it missed
//! after every connection.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rumqttc::{Client, Event, Incoming, MqttOptions, NetworkOptions, QoS, SubscribeFilter};
use tapcard_protocol::access::Kind;
use tapcard_protocol::message::{
    Down, MAX_HAVE, Notice, Outcome, Page, Receipt, Settled, Sync, Task, TaskId, read_down, up,
};
use tapcard_protocol::topic::Topic;
use tapcard_protocol::{AccountId, Edition, TerminalId};

/// When a task without a receipt is said again; a real terminal waits for 10 s the first time.
const RESEND: Duration = Duration::from_secs(2);
/// Most tasks under way.
const IN_FLIGHT: usize = 32;
/// How often it looks around when nothing comes.
const TICK: Duration = Duration::from_millis(50);
const MAX_PACKET: usize = 68 * 1024;

/// What a terminal remembers, whatever happens to its connection.
#[derive(Default)]
pub(crate) struct Memory {
    /// Tasks without a receipt, and when each was said last.
    pub(crate) waiting: BTreeMap<u64, (Vec<u8>, Option<Instant>)>,
    /// The receipts.
    pub(crate) receipts: BTreeMap<u64, Outcome>,
    /// The editions that it holds.
    pub(crate) book: BTreeMap<AccountId, Edition>,
    /// The edition of the own card, as the receipts say.
    pub(crate) own: Edition,
    seq: u64,
    sync: Option<Asking>,
}

/// A sync that is under way, range by range.
#[derive(Clone, Copy)]
struct Asking {
    after: Option<AccountId>,
    upto: Option<AccountId>,
    again: Instant,
}

impl Asking {
    fn now(after: Option<AccountId>) -> Asking {
        Asking { after, upto: None, again: Instant::now() }
    }
}

/// Who a terminal is.
#[derive(Clone)]
pub(crate) struct Who {
    pub(crate) account: AccountId,
    pub(crate) terminal: TerminalId,
    pub(crate) kind: Kind,
    pub(crate) token: String,
}

/// A running terminal.
pub(crate) struct Terminal {
    pub(crate) who: Who,
    memory: Arc<Mutex<Memory>>,
    stop: Arc<AtomicBool>,
}

impl Terminal {
    /// Starts it; it connects to this port again and again.
    pub(crate) fn start(who: Who, port: u16) -> Terminal {
        let (memory, stop) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let (its, until) = (Arc::clone(&memory), Arc::clone(&stop));
        let own = who.clone();
        thread::spawn(move || live(&own, port, &its, &until));
        Terminal { who, memory, stop }
    }

    /// What it remembers now.
    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a task into its outbox; the task's number.
    pub(crate) fn give(&self, task: &Task) -> u64 {
        let mut memory = self.memory();
        memory.seq += 1;
        let seq = memory.seq;
        let id = TaskId { epoch: self.who.terminal.as_u64(), seq };
        let payload = up(id, self.who.terminal, Timestamp::now(), task);
        memory.waiting.insert(seq, (payload, None));
        seq
    }

    /// Asks what it may have missed, until it is answered.
    pub(crate) fn ask_again(&self) {
        self.memory().sync = Some(Asking::now(None));
    }

    /// Whether a sync is under way.
    pub(crate) fn is_asking(&self) -> bool {
        self.memory().sync.is_some()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn live(who: &Who, port: u16, memory: &Mutex<Memory>, stop: &AtomicBool) {
    let mut options = MqttOptions::new(who.terminal.to_string(), "127.0.0.1", port);
    options.set_credentials(who.terminal.to_string(), &who.token);
    options.set_max_packet_size(MAX_PACKET, MAX_PACKET);
    options.set_clean_session(true);
    options.set_keep_alive(Duration::from_secs(5));
    let (client, mut connection) = Client::new(options, 500);
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    connection.eventloop.set_network_options(network);
    let mut is_online = false;
    while !stop.load(Ordering::Relaxed) {
        match connection.recv_timeout(TICK) {
            Ok(Ok(Event::Incoming(Incoming::ConnAck(_)))) => subscribe(who, &client),
            Ok(Ok(Event::Incoming(Incoming::SubAck(_)))) => {
                is_online = true;
                let mut memory = lock(memory);
                memory.waiting.values_mut().for_each(|it| it.1 = None);
                memory.sync = Some(Asking::now(None));
            }
            Ok(Ok(Event::Incoming(Incoming::Publish(it)))) => {
                if let Ok(down) = read_down(&it.payload) {
                    hear(who, &mut lock(memory), down);
                }
            }
            Ok(Err(_)) => {
                is_online = false;
                thread::park_timeout(TICK);
            }
            _ => {}
        }
        if is_online {
            say(who, &client, &mut lock(memory));
        }
    }
}

fn lock(memory: &Mutex<Memory>) -> MutexGuard<'_, Memory> {
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}

fn subscribe(who: &Who, client: &Client) {
    let mut topics = vec![Topic::Terminal(who.terminal)];
    if who.kind == Kind::Phone {
        topics.push(Topic::Notice(who.account));
    }
    let filters = topics.iter().map(|it| SubscribeFilter::new(it.to_string(), QoS::AtLeastOnce));
    // A connection that is gone shows soon.
    let _ = client.try_subscribe_many(filters);
}

/// Says what is due: tasks, oldest first, and the sync.
fn say(who: &Who, client: &Client, memory: &mut Memory) {
    let topic = Topic::Task(who.terminal).to_string();
    let now = Instant::now();
    for (payload, said) in memory.waiting.values_mut().take(IN_FLIGHT) {
        if said.is_none_or(|it| it + RESEND <= now)
            && client.try_publish(&topic, QoS::AtLeastOnce, false, payload.clone()).is_ok()
        {
            *said = Some(now);
        }
    }
    if let Some(asking) = memory.sync.filter(|it| it.again <= now) {
        let after = asking.after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut range = memory.book.range((after, Bound::Unbounded));
        let have: Vec<_> = range.by_ref().take(MAX_HAVE).map(|it| (*it.0, *it.1)).collect();
        let upto = have.last().map(|it| it.0).filter(|_| range.next().is_some());
        let task = Task::Sync(Sync { after: asking.after, upto, have, ..Sync::default() });
        let id = TaskId { epoch: who.terminal.as_u64(), seq: 0 };
        let payload = up(id, who.terminal, Timestamp::now(), &task);
        let _ = client.try_publish(&topic, QoS::AtLeastOnce, false, payload);
        memory.sync = Some(Asking { upto, again: now + RESEND, ..asking });
    }
}

fn hear(who: &Who, memory: &mut Memory, down: Down) {
    match down {
        Down::Receipt(Receipt { task, outcome }) if task.epoch == who.terminal.as_u64() => {
            match (task.seq, outcome) {
                (0, Outcome::Done { result: Some(Settled::Page(page)) }) => turn(memory, &page),
                (seq, outcome) => {
                    if let Outcome::Done { result: Some(Settled::Updated { edition, .. }) } =
                        outcome
                    {
                        memory.own = memory.own.max(edition);
                    }
                    memory.waiting.remove(&seq);
                    memory.receipts.insert(seq, outcome);
                }
            }
        }
        Down::Notice(Notice::Card { owner, edition, .. }) => keep(memory, owner, edition),
        Down::Receipt(_) | Down::Notice(_) => {}
    }
}

fn turn(memory: &mut Memory, page: &Page) {
    for it in &page.cards {
        keep(memory, it.owner, it.edition);
    }
    let next = page.next.or(memory.sync.and_then(|it| it.upto));
    memory.sync = next.map(|it| Asking::now(Some(it)));
}

fn keep(memory: &mut Memory, owner: AccountId, edition: Edition) {
    let held = memory.book.entry(owner).or_default();
    *held = (*held).max(edition);
}
