//! How far the kiosk comes: one question to the cloud, and a connection to the broker.

use std::io::ErrorKind;
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use ureq::Error;
use ureq::http::{HeaderMap, Uri};

use super::Goal;
use crate::config::Broker;
use crate::credentials::Door;
use crate::network::{Answer, Findings};

/// How long one of them may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// What the cloud says when it is well.
const WELL: &str = "ok\n";

/// Tries the way to the cloud and to the broker.
pub(super) fn probe(goal: &Goal) -> Findings {
    let mut found = match &goal.cloud {
        Some(cloud) => ask_cloud(cloud, goal),
        // A desk whose token lies in a file has a broker alone.
        None => Findings {
            is_found: true,
            answer: Answer::Cloud,
            plain: None,
            time: None,
            has_broker: false,
        },
    };
    found.has_broker = goal.brokers.iter().any(connects);
    found
}

fn ask_cloud(cloud: &str, goal: &Goal) -> Findings {
    let uri: Option<Uri> = cloud.parse().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default().to_owned();
    let is_secure = uri.as_ref().and_then(Uri::scheme_str) == Some("https");
    let port = uri.and_then(|it| it.port_u16()).unwrap_or(if is_secure { 443 } else { 80 });
    // Brackets are an address' own in a URL alone.
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let is_found = (name, port).to_socket_addrs().is_ok_and(|mut it| it.next().is_some());
    let unknown =
        Findings { is_found, answer: Answer::Nobody, plain: None, time: None, has_broker: false };
    if !is_found {
        return unknown;
    }
    let (answer, time) = ask(&format!("{cloud}/healthz"), &host, goal);
    if answer == Answer::Cloud || !is_secure {
        return Findings { answer, time, ..unknown };
    }
    // A hall's page takes plain questions over, and whoever answers says what time it is.
    let (plain, told) = ask(&format!("http://{host}/"), &host, goal);
    Findings { answer, plain: Some(plain), time: time.or(told), ..unknown }
}

fn ask(address: &str, host: &str, goal: &Goal) -> (Answer, Option<Timestamp>) {
    let door = Door::new(address, Arc::clone(&goal.demands), PATIENCE);
    let mut answer = match door.get("") {
        Ok(it) => it,
        Err(why) => return (failure(&why), None),
    };
    let time = time(answer.headers());
    let elsewhere = sent_on(answer.headers(), host);
    let is_well = answer.status().as_u16() == 200
        && answer.body_mut().with_config().limit(64).read_to_string().is_ok_and(|it| it == WELL);
    let said = match elsewhere {
        _ if is_well => Answer::Cloud,
        Some(host) => Answer::Elsewhere(host),
        None => Answer::Other,
    };
    (said, time)
}

fn failure(why: &Error) -> Answer {
    match why {
        Error::Io(it) if it.kind() == ErrorKind::InvalidData => Answer::Untrusted,
        _ => Answer::Nobody,
    }
}

fn time(heads: &HeaderMap) -> Option<Timestamp> {
    let text = heads.get("date")?.to_str().ok()?;
    rfc2822::parse(text).ok().map(|it| it.timestamp())
}

/// The host that somebody is sent on to, if it is another one.
fn sent_on(heads: &HeaderMap, host: &str) -> Option<String> {
    let to: Uri = heads.get("location")?.to_str().ok()?.parse().ok()?;
    to.host().filter(|it| *it != host).map(str::to_owned)
}

fn connects(broker: &Broker) -> bool {
    let addresses = (broker.host.as_str(), broker.port).to_socket_addrs();
    addresses.is_ok_and(|mut all| all.any(|it| TcpStream::connect_timeout(&it, PATIENCE).is_ok()))
}

#[cfg(test)]
mod tests;
