//! The network as whoever sets the kiosk up sees it: which wireless networks there are, and how far the kiosk comes. Pure.

use std::time::Duration;

use jiff::Timestamp;

/// By how much a clock may be wrong: certificates and tokens allow for little more.
const SKEW: Duration = Duration::from_secs(5 * 60);
/// Most characters of a network's name that count; IEEE 802.11 has 32 bytes.
const MAX_NAME: usize = 32;

/// A wireless network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Its name (SSID).
    pub name: String,
    /// How well it is heard, 0 to 100.
    pub signal: u8,
    /// It wants a password.
    pub is_locked: bool,
    /// The kiosk is in it.
    pub is_used: bool,
}

/// How the kiosk can be connected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Air {
    /// A cable is in, and works.
    pub has_cable: bool,
    /// The wireless networks, the one in use first, then the best heard; none if this kiosk has no radio for them, or they
    /// are not its own business.
    pub spots: Option<Vec<Spot>>,
}

/// Why a wireless network was not joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unjoined {
    /// The password is wrong.
    Password,
    /// Whatever else.
    Other,
}

/// What comes of looking around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Around {
    /// How it can be connected.
    Air(Air),
    /// A network was joined, or not.
    Joined(Result<(), Unjoined>),
    /// How far it comes.
    Reach(Reach),
}

/// The networks in the terse list of nmcli(1), with the fields IN-USE, SSID, SIGNAL and SECURITY. Of several stations with
/// one name the best heard counts.
#[must_use]
pub fn spots(list: &str) -> Vec<Spot> {
    let mut found: Vec<Spot> = Vec::new();
    for spot in list.lines().filter_map(spot) {
        match found.iter_mut().find(|it| it.name == spot.name) {
            Some(it) => {
                it.signal = it.signal.max(spot.signal);
                it.is_used |= spot.is_used;
            }
            None => found.push(spot),
        }
    }
    found.sort_by_key(|it| (!it.is_used, u8::MAX - it.signal));
    found
}

fn spot(line: &str) -> Option<Spot> {
    let fields = fields(line);
    let [used, name, signal, security] = fields.as_slice() else { return None };
    // Nameless ones cannot be chosen, and what looks like an option cannot be named to the tool.
    let can_be_named = !name.is_empty() && !name.starts_with('-');
    can_be_named.then(|| Spot {
        name: name.chars().filter(|it| !it.is_control()).take(MAX_NAME).collect(),
        signal: signal.parse().unwrap_or_default(),
        is_locked: !security.is_empty(),
        is_used: used == "*",
    })
}

/// Whether a cable is in and works, in the terse list of nmcli(1) with the fields TYPE and STATE.
#[must_use]
pub fn has_cable(list: &str) -> bool {
    list.lines().any(|line| matches!(fields(line).as_slice(), [kind, state] if kind == "ethernet" && state == "connected"))
}

/// The fields of a terse line: colons part them, a backslash hides what follows it.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut letters = line.chars();
    while let Some(it) = letters.next() {
        let field = match it {
            ':' => {
                fields.push(String::new());
                continue;
            }
            '\\' => letters.next(),
            it => Some(it),
        };
        if let Some(last) = fields.last_mut() {
            last.extend(field);
        }
    }
    fields
}

/// What a question to the cloud came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The cloud has answered.
    Cloud,
    /// Somebody has, and sends the kiosk on to this host.
    Elsewhere(String),
    /// Somebody has, and not as the cloud does.
    Other,
    /// Somebody has, whose certificate does not count.
    Untrusted,
    /// Nobody has.
    Nobody,
}

/// What was found out on the way to the cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    /// Its name has an address.
    pub is_found: bool,
    /// What it said.
    pub answer: Answer,
    /// Of a question without TLS, where the one with TLS had no good answer: where it was sent on to.
    pub plain: Option<Answer>,
    /// What time it is by whoever answered.
    pub time: Option<Timestamp>,
    /// The broker takes connections.
    pub has_broker: bool,
}

/// Something that was tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// Not yet, or in vain because of something before it.
    #[default]
    Open,
    /// It works.
    Good,
    /// It does not.
    Bad,
}

/// What is in the way first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// No name has an address: there is no network, or it is closed.
    Names,
    /// A page of the hall's wants to be opened first; at this host.
    Portal(String),
    /// The clock is wrong.
    Clock,
    /// The cloud's certificate does not count.
    Certificate,
    /// The cloud does not answer.
    Cloud,
    /// The broker does not.
    Broker,
}

/// How far the kiosk comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Names have addresses.
    pub names: Mark,
    /// The clock is right.
    pub clock: Mark,
    /// The cloud answers, and it is the right one.
    pub cloud: Mark,
    /// The broker takes connections.
    pub broker: Mark,
    /// What is in the way first; nothing if all is well.
    pub obstacle: Option<Obstacle>,
}

/// What follows from what was found out at `now`.
#[must_use]
pub fn reach(found: &Findings, now: Timestamp) -> Reach {
    let mark = |it| if it { Mark::Good } else { Mark::Bad };
    if !found.is_found {
        let obstacle = Some(Obstacle::Names);
        return Reach { names: Mark::Bad, obstacle, ..Reach::default() };
    }
    let is_late = found.time.map(|it| it.duration_since(now).unsigned_abs() > SKEW);
    let has_cloud = found.answer == Answer::Cloud;
    let host = |it: &Answer| match it {
        Answer::Elsewhere(host) => Some(host.clone()),
        _ => None,
    };
    // A cloud may send plain questions on to where it answers.
    let portal = [Some(&found.answer), found.plain.as_ref()].into_iter().flatten().find_map(host);
    let portal = portal.filter(|_| !has_cloud);
    let obstacle = match (portal, is_late, &found.answer) {
        (Some(host), ..) => Some(Obstacle::Portal(host)),
        (_, Some(true), _) => Some(Obstacle::Clock),
        (.., Answer::Untrusted) => Some(Obstacle::Certificate),
        (.., Answer::Cloud) => (!found.has_broker).then_some(Obstacle::Broker),
        _ => Some(Obstacle::Cloud),
    };
    Reach {
        names: Mark::Good,
        clock: is_late.map(|it| mark(!it)).unwrap_or_default(),
        cloud: mark(has_cloud),
        broker: mark(found.has_broker),
        obstacle,
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn networks_are_listed_once_and_the_best_heard_first() {
        let list = " :Hall\\: 4:40:WPA2\n*:Office:55:WPA2 802.1X\n :Guests:90:\n :Hall\\: 4:82:WPA1 WPA2\n :::WPA2\n :-x:9:\nrubbish\n";
        let found = spots(list);
        let names: Vec<_> = found.iter().map(|it| (it.name.as_str(), it.signal)).collect();
        assert_eq!(names, [("Office", 55), ("Guests", 90), ("Hall: 4", 82)]);
        assert_eq!(found.iter().map(|it| it.is_locked).collect::<Vec<_>>(), [true, false, true]);
        assert_eq!(found.iter().map(|it| it.is_used).collect::<Vec<_>>(), [true, false, false]);
    }

    #[test]
    fn a_cable_counts_when_it_works() {
        assert!(has_cable("wifi:disconnected\nethernet:connected\n"));
        assert!(!has_cable("ethernet:unavailable\nwifi:connected\n") && !has_cable(""));
    }

    fn well() -> Findings {
        let (answer, plain) = (Answer::Cloud, None);
        Findings { is_found: true, answer, plain, time: Some(NOW), has_broker: true }
    }

    #[test]
    fn what_is_in_the_way_first_is_said() {
        let late = Some(NOW + SignedDuration::from_hours(24));
        let portal = || Answer::Elsewhere("login.hall.example".into());
        let of = |it: Findings| reach(&it, NOW).obstacle;
        assert_eq!(of(well()), None);
        assert_eq!(of(Findings { is_found: false, ..well() }), Some(Obstacle::Names));
        assert_eq!(of(Findings { time: late, ..well() }), Some(Obstacle::Clock));
        assert_eq!(of(Findings { has_broker: false, ..well() }), Some(Obstacle::Broker));
        let untrusted = Findings { answer: Answer::Untrusted, ..well() };
        assert_eq!(of(untrusted.clone()), Some(Obstacle::Certificate));
        // Certificates count from a day on: who lives before it trusts none.
        assert_eq!(of(Findings { time: late, ..untrusted.clone() }), Some(Obstacle::Clock));
        for answer in [Answer::Nobody, Answer::Other] {
            assert_eq!(of(Findings { answer, ..well() }), Some(Obstacle::Cloud));
        }
        let is_portal = Some(Obstacle::Portal("login.hall.example".into()));
        assert_eq!(of(Findings { answer: portal(), ..well() }), is_portal);
        assert_eq!(of(Findings { plain: Some(portal()), ..untrusted }), is_portal);
        assert_eq!(of(Findings { plain: Some(portal()), ..well() }), None);
    }

    #[test]
    fn what_was_not_tried_stays_open() {
        let none = reach(&Findings { is_found: false, ..well() }, NOW);
        assert_eq!((none.names, none.cloud, none.broker), (Mark::Bad, Mark::Open, Mark::Open));
        let silent = reach(&Findings { answer: Answer::Nobody, time: None, ..well() }, NOW);
        assert_eq!((silent.clock, silent.cloud), (Mark::Open, Mark::Bad));
        assert_eq!(silent.broker, Mark::Good);
    }
}
