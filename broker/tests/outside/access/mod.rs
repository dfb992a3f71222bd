//! What each role may say and hear: every topic of the table asked for, over every listener, with two
//! libraries that nobody here wrote.
//!
//! One cell is a role's, on one connection after another, because each forbidden message ends one. Clients
//! that may hear what anybody may hear witness that only what is listed arrives.

mod mqtt_js;
mod rumqttc;
mod table;
mod witness;

use tapcard_protocol::access::Kind;

use crate::listener::{Door, LISTENERS, Listener};
use crate::matrix::Cell;
use crate::support::{Broker, Who};
use table::{Ask, Ids, Verb, listed};
use witness::Witnesses;

/// Asks every question in the name of a client, and gives what came of each.
type AskAll = fn(&Door, &Speaker, &[Ask]) -> Vec<Answer>;

/// In whose name it is asked.
pub(crate) struct Speaker {
    pub(crate) who: Who,
    /// What it listens to while it publishes, so that it would hear itself.
    pub(crate) hears: Vec<String>,
    /// What it says: nobody else says that.
    pub(crate) payload: String,
}

const LIBRARIES: [(&str, AskAll); 2] = [("rumqttc", rumqttc::ask), ("MQTT.js", mqtt_js::ask)];

const ROLES: [Kind; 4] = [Kind::Kiosk, Kind::OrganiserKiosk, Kind::Phone, Kind::Worker];

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// SUBACK with QoS 1, or a PUBACK.
    Granted,
    /// SUBACK 0x80.
    Refused,
    /// The end of the connection, and no message before it.
    Closed,
    /// The library does not send such a thing.
    KeptBack,
    /// Anything else, and what.
    Strange(String),
}

/// The cells of the matrix.
pub(crate) fn cells(broker: &Broker) -> Vec<Cell<'_>> {
    let mut cells = Vec::new();
    for (library, ask) in LIBRARIES {
        for role in ROLES {
            for listener in &LISTENERS {
                let ids = Ids::of_cell(cells.len() as u64);
                let row = format!("{library} as {}: refused of asked", role.name());
                let act = move || play(broker, listener, role, ids, ask);
                cells.push(Cell { row, listener: listener.name, act: Box::new(act) });
            }
        }
    }
    cells
}

fn play(broker: &Broker, listener: &Listener, role: Kind, ids: Ids, ask: AskAll) -> String {
    let asks = table::asks(ids);
    let mut witnesses = Witnesses::of(broker, role, ids);
    let is_worker = role == Kind::Worker;
    let hears = if is_worker { Vec::new() } else { ids.may_subscribe(role) };
    let speaker = Speaker { who: ids.who(role), hears, payload: witnesses.payload() };
    let answers = ask(&listener.door(broker), &speaker, &asks);
    assert_eq!(answers.len(), asks.len());
    let wrong: Vec<String> = (asks.iter().zip(&answers))
        .filter(|(ask, answer)| !fits(listed(role, ids, ask), ask.verb, answer))
        .map(|(ask, answer)| format!("{ask:?}: {answer:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}:\n{}", role.name(), wrong.join("\n"));
    let granted = asks.iter().filter(|it| it.verb == Verb::Publish && listed(role, ids, it));
    witnesses.assert_heard(granted.map(|it| it.topic.clone()));
    let count = |wanted| answers.iter().filter(|it| **it == wanted).count();
    let refused = count(Answer::Refused) + count(Answer::Closed);
    format!("{refused}/{} (kept back {})", asks.len(), count(Answer::KeptBack))
}

/// Whether an answer is what the list says.
fn fits(listed: bool, verb: Verb, answer: &Answer) -> bool {
    match (listed, verb) {
        (true, _) => *answer == Answer::Granted,
        (false, Verb::Subscribe) => [Answer::Refused, Answer::KeptBack].contains(answer),
        (false, Verb::Publish) => [Answer::Closed, Answer::KeptBack].contains(answer),
    }
}
