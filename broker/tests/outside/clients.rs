//! What a client that nobody here wrote does with the broker, verb by verb.

use crate::listener::{Carrier, Door, LISTENERS};
use crate::matrix::Cell;
use crate::peers::{Event, PEERS, Peer, Program, Wish};
use crate::relay::Relay;
use crate::support::{Broker, Client, Who, notice, state, task};

type Play = fn(&Scene<'_>);

/// What it does, and how a test plays it.
const VERBS: [(&str, Play); 5] = [
    ("connects", connects),
    ("understands a refusal", is_refused),
    ("subscribes and hears", subscribes),
    ("publishes", publishes),
    ("loses its connection and comes back", comes_back),
];

/// One cell's own account and terminal, and its own way to the broker.
struct Scene<'a> {
    broker: &'a Broker,
    program: &'static Program,
    door: Door,
    relay: Relay,
    /// Both the account and the first terminal of this cell; the next number is its second terminal.
    id: u64,
}

/// The cells of the matrix, all with one broker.
pub(crate) fn cells(broker: &Broker) -> Vec<Cell<'_>> {
    let mut cells = Vec::new();
    for program in &PEERS {
        for (verb, play) in VERBS {
            let knows = |it: Carrier| it == Carrier::Tcp || program.knows_websocket;
            for listener in LISTENERS.iter().filter(|it| knows(it.carrier)) {
                let id = 1000 + 16 * cells.len() as u64;
                let act = move || {
                    let mut door = listener.door(broker);
                    let relay = Relay::to(door.address);
                    door.address = relay.address;
                    play(&Scene { broker, program, door, relay, id });
                    "ok".to_owned()
                };
                let row = format!("{} {verb}", program.name);
                cells.push(Cell { row, listener: listener.name, act: Box::new(act) });
            }
        }
    }
    cells
}

impl Scene<'_> {
    fn phone(&self) -> Who {
        Who::phone(self.id, self.id)
    }

    fn start(&self, who: &Who, wish: &Wish) -> Peer {
        self.program.start(&self.door, &who.claims.cid, &who.token(), wish)
    }

    /// The cell's worker, which hears the phone and the second terminal and may tell them everything.
    fn worker(&self) -> Client {
        let mut who = Who::worker();
        who.claims.cid = format!("worker-{}", self.id);
        let mut worker = self.broker.client(&who);
        let shards = [self.id, self.id + 1].map(|it| shard(&task(it)));
        let filters = [(&*shards[0], 1), (&shards[1], 1), ("tapcard/v1/state/+", 1)];
        assert_eq!(worker.subscribe(&filters), [1, 1, 1]);
        worker
    }

    fn hearing(&self) -> Peer {
        let peer = self.start(&self.phone(), &Wish::Hear(notice(self.id)));
        peer.expect(&Event::Granted(1));
        peer
    }

    fn speaking(&self) -> Peer {
        let peer = self.start(&Who::kiosk(self.id, self.id + 1), &Wish::Say(task(self.id + 1)));
        peer.expect(&Event::Connected);
        peer
    }

    /// What it says arrives, and it learns so.
    fn assert_says(&self, peer: &mut Peer, worker: &mut Client, payload: &str) {
        peer.say(payload);
        let heard = std::iter::repeat_with(|| worker.message())
            .find(|it| it.topic == task(self.id + 1))
            .unwrap();
        assert_eq!(heard.payload, payload);
        peer.expect(&Event::Acknowledged);
    }

    fn assert_hears(&self, peer: &Peer, worker: &mut Client, payload: &str) {
        worker.publish(&notice(self.id), payload);
        peer.expect(&Event::Message(payload.into()));
    }
}

/// The filter of a task's shard.
fn shard(task: &str) -> String {
    let (shard, _) = task.rsplit_once('/').unwrap();
    format!("{shard}/+")
}

fn connects(scene: &Scene<'_>) {
    let topic = state(scene.id);
    scene.start(&scene.phone(), &Wish::Say(topic)).expect(&Event::Connected);
}

fn is_refused(scene: &Scene<'_>) {
    let stranger = Who { kid: "unknown", ..scene.phone() };
    scene.start(&stranger, &Wish::Say(state(scene.id))).expect(&Event::Refused(4));
}

fn subscribes(scene: &Scene<'_>) {
    let mut worker = scene.worker();
    let peer = scene.hearing();
    for payload in ["first", "second"] {
        scene.assert_hears(&peer, &mut worker, payload);
    }
    let foreign = scene.start(&scene.phone(), &Wish::Hear(notice(1)));
    foreign.expect(&Event::Granted(0x80));
}

fn publishes(scene: &Scene<'_>) {
    let mut worker = scene.worker();
    let mut peer = scene.speaking();
    for payload in ["first", "second"] {
        scene.assert_says(&mut peer, &mut worker, payload);
    }
}

fn comes_back(scene: &Scene<'_>) {
    let mut worker = scene.worker();
    let mut hearing = scene.hearing();
    let mut speaking = scene.speaking();
    scene.assert_hears(&hearing, &mut worker, "before");
    scene.assert_says(&mut speaking, &mut worker, "before");
    for round in ["after", "after-all"] {
        scene.relay.cut();
        if scene.door.authority.is_none() || scene.program.outlives_tls {
            hearing.expect(&Event::Granted(1));
            speaking.expect(&Event::Connected);
        } else {
            // Whoever runs it starts it anew.
            drop((hearing, speaking));
            (hearing, speaking) = (scene.hearing(), scene.speaking());
        }
        scene.assert_hears(&hearing, &mut worker, round);
        scene.assert_says(&mut speaking, &mut worker, round);
    }
}
