use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};

use tapcard_protocol::message::Notice;
use tapcard_protocol::message::{Down, down};
use tapcard_protocol::{AccountId, Card, Edition};
use tempfile::TempDir;

use super::*;
use crate::credentials::{Cloud, Kiosk};
use crate::trust::{self, Authorities, Demands};

const TERMINAL: TerminalId = TerminalId::new(3);
const DEADLINE: Duration = Duration::from_secs(20);

/// One side of an MQTT 3.1.1 connection, byte by byte: a broker that does what a test says.
struct Peer(TcpStream);

impl Peer {
    fn accept(listener: &TcpListener) -> Peer {
        let stream = listener.accept().unwrap().0;
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        Peer(stream)
    }

    /// The next packet: its first byte and its body.
    fn packet(&mut self) -> (u8, Vec<u8>) {
        let mut first = [0];
        self.0.read_exact(&mut first).unwrap();
        let (mut length, mut shift) = (0usize, 0);
        loop {
            let mut byte = [0];
            self.0.read_exact(&mut byte).unwrap();
            length |= usize::from(byte[0] & 0x7f) << shift;
            shift += 7;
            if byte[0] < 0x80 {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        (first[0], body)
    }

    fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }

    /// Accepts the login and the subscription; gives the CONNECT and the filter.
    fn welcome(&mut self, suback: u8) -> (Vec<u8>, String) {
        let (kind, connect) = self.packet();
        assert_eq!(kind, 0x10);
        self.send(&[0x20, 2, 0, 0]);
        let (kind, subscribe) = self.packet();
        assert_eq!(kind, 0x82);
        self.send(&[0x90, 3, subscribe[0], subscribe[1], suback]);
        (connect, String::from_utf8(subscribe[4..subscribe.len() - 1].to_vec()).unwrap())
    }

    fn publish(&mut self, topic: &str, payload: &[u8]) {
        let mut body = (topic.len() as u16).to_be_bytes().to_vec();
        body.extend(topic.as_bytes());
        body.extend(payload);
        let mut packet = vec![0x30];
        let mut length = body.len();
        while length >= 0x80 {
            packet.push((length as u8 & 0x7f) | 0x80);
            length >>= 7;
        }
        packet.push(length as u8);
        packet.extend(body);
        self.send(&packet);
    }

    /// The topic and payload of the next PUBLISH.
    fn published(&mut self) -> (String, Vec<u8>) {
        let (kind, body) = self.packet();
        assert_eq!(kind & 0xf6, 0x32, "QoS 1");
        let end = 2 + usize::from(u16::from_be_bytes([body[0], body[1]]));
        (String::from_utf8(body[2..end].to_vec()).unwrap(), body[end + 2..].to_vec())
    }
}

struct Desk {
    _folder: TempDir,
    token_file: PathBuf,
    listener: TcpListener,
    /// The second broker of the list, where there is one.
    other: Option<TcpListener>,
    uplink: Uplink,
    news: Receiver<News>,
}

fn desk() -> Desk {
    desk_with(None)
}

fn desk_with(other: Option<TcpListener>) -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let token_file = folder.path().join("token");
    std::fs::write(&token_file, "first\n").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let broker = |it: &TcpListener| Broker {
        host: "127.0.0.1".into(),
        port: it.local_addr().unwrap().port(),
        is_secret: false,
    };
    let address = Address {
        brokers: [Some(&listener), other.as_ref()].into_iter().flatten().map(broker).collect(),
        terminal: TERMINAL,
        credentials: Credentials::File(token_file.clone()),
        demands: world(),
    };
    let (tell, news) = channel();
    let uplink = Uplink::start(address, move |it| drop(tell.send(it))).unwrap();
    Desk { _folder: folder, token_file, listener, other, uplink, news }
}

/// What anybody asks whom the world knows.
fn world() -> Demands {
    trust::demands(&Authorities::World).unwrap()
}

/// A cloud that draws one nonce and answers each question for a token with the next of these.
fn cloud(mut answers: Vec<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    answers.reverse();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut first, mut length) = (String::new(), 0);
            stream.read_line(&mut first).unwrap();
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                let line = line.trim_end().to_ascii_lowercase();
                length =
                    line.strip_prefix("content-length: ").map_or(length, |it| it.parse().unwrap());
                if line.is_empty() {
                    break;
                }
            }
            stream.read_exact(&mut vec![0; length]).unwrap();
            let nonce = r#"{"nonce":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#;
            let body =
                if first.contains("/nonce") { nonce } else { answers.pop().unwrap_or(REFUSED) };
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            stream.get_mut().write_all((head + body).as_bytes()).unwrap();
        }
    });
    address
}

const REFUSED: &str = r#"{"state":"refused"}"#;

/// Starts the wire of a kiosk that proves itself at a cloud.
fn enrolled(cloud: &str) -> (TempDir, TcpListener, Uplink, Receiver<News>) {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("terminal.key");
    let code = Some("abcd-efgh".to_owned());
    let kiosk = Kiosk { terminal: TERMINAL, name: String::new(), code, key_file: key };
    let cloud = Cloud::new(cloud, world(), kiosk);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let broker = Broker { host: "127.0.0.1".into(), port, is_secret: false };
    let credentials = Credentials::Cloud(Box::new(cloud));
    let (tell, news) = channel();
    let address =
        Address { brokers: vec![broker], terminal: TERMINAL, credentials, demands: world() };
    let uplink = Uplink::start(address, move |it| drop(tell.send(it))).unwrap();
    (folder, listener, uplink, news)
}

fn holds(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|it| it == part.as_bytes())
}

#[test]
fn it_logs_in_subscribes_its_own_topic_and_then_speaks() {
    let desk = desk();
    let mut peer = Peer::accept(&desk.listener);
    let (connect, filter) = peer.welcome(1);
    assert!(holds(&connect, "0000000000003") && holds(&connect, "first"));
    assert!(holds(&connect, "tapcard/v1/state/0000000000003") && holds(&connect, "offline"));
    assert_eq!(filter, "tapcard/v1/terminal/0000000000003");
    assert!(matches!(desk.news.recv_timeout(DEADLINE), Ok(News::Connected)));
    assert_eq!(peer.published(), ("tapcard/v1/state/0000000000003".into(), b"online".to_vec()));
    let large = vec![b'x'; tapcard_protocol::message::MAX_PAYLOAD];
    desk.uplink.publish(large.clone());
    assert_eq!(peer.published(), ("tapcard/v1/task/03/0000000000003".into(), large));
}

#[test]
fn it_tells_what_it_understands_and_passes_over_the_rest() {
    let desk = desk();
    let mut peer = Peer::accept(&desk.listener);
    let (_, topic) = peer.welcome(1);
    assert!(matches!(desk.news.recv_timeout(DEADLINE), Ok(News::Connected)));
    let mut card = Card::named("Bo");
    card.set_title(&"x".repeat(15_000));
    let notice =
        Notice::Card { owner: AccountId::new(1), edition: Edition(2), card, remarks: None };
    let said = Down::Notice(notice);
    peer.publish(&topic, b"not a message");
    peer.publish("tapcard/v1/terminal/0000000000004", b"{}");
    peer.publish(&topic, &down(jiff::Timestamp::UNIX_EPOCH, &said));
    let Ok(News::Down(heard)) = desk.news.recv_timeout(DEADLINE) else { panic!() };
    assert!(*heard == said, "more than rumqttc's 10 KiB arrive");
}

#[test]
fn a_refused_login_is_tried_again_with_the_token_as_it_is_then() {
    let desk = desk();
    let mut peer = Peer::accept(&desk.listener);
    assert!(holds(&peer.packet().1, "first"));
    std::fs::write(&desk.token_file, "second").unwrap();
    peer.send(&[0x20, 2, 0, 5]);
    let mut peer = Peer::accept(&desk.listener);
    let (connect, _) = peer.welcome(1);
    assert!(holds(&connect, "second") && !holds(&connect, "first"));
    assert!(matches!(desk.news.recv_timeout(DEADLINE), Ok(News::Connected)));
}

#[test]
fn without_its_own_topic_a_connection_does_not_stand() {
    let desk = desk();
    let mut refused = Peer::accept(&desk.listener);
    refused.welcome(0x80);
    let mut peer = Peer::accept(&desk.listener);
    peer.welcome(1);
    assert!(matches!(desk.news.recv_timeout(DEADLINE), Ok(News::Connected)));
}

#[test]
fn a_lost_connection_is_told_and_made_anew() {
    let desk = desk();
    let mut peer = Peer::accept(&desk.listener);
    peer.welcome(1);
    assert!(matches!(desk.news.recv_timeout(DEADLINE), Ok(News::Connected)));
    drop(peer);
    assert!(matches!(desk.news.recv_timeout(DEADLINE), Ok(News::Disconnected)));
    desk.uplink.publish(b"lost".to_vec());
    let mut peer = Peer::accept(&desk.listener);
    peer.welcome(1);
    assert!(matches!(desk.news.recv_timeout(DEADLINE), Ok(News::Connected)));
    assert_eq!(peer.published().1, b"online");
    desk.uplink.publish(b"said again".to_vec());
    assert_eq!(peer.published().1, b"said again");
}

#[test]
fn when_a_broker_is_lost_the_next_of_the_list_is_tried() {
    let desk = desk_with(Some(TcpListener::bind("127.0.0.1:0").unwrap()));
    let other = desk.other.as_ref().unwrap();
    let mut first = Peer::accept(&desk.listener);
    first.welcome(1);
    assert!(matches!(desk.news.recv_timeout(DEADLINE), Ok(News::Connected)));
    drop(first);
    assert!(matches!(desk.news.recv_timeout(DEADLINE), Ok(News::Disconnected)));
    let mut second = Peer::accept(other);
    second.welcome(1);
    assert!(matches!(desk.news.recv_timeout(DEADLINE), Ok(News::Connected)));
    // One that accepts but does not serve is left as well, and the list begins again behind its end.
    drop(second);
    assert!(matches!(desk.news.recv_timeout(DEADLINE), Ok(News::Disconnected)));
    Peer::accept(&desk.listener).welcome(0x80);
    let mut third = Peer::accept(other);
    third.welcome(1);
    assert!(matches!(desk.news.recv_timeout(DEADLINE), Ok(News::Connected)));
}

#[test]
fn a_token_is_renewed_while_the_connection_stands() {
    let first = r#"{"state":"token","token":"first","life":2}"#;
    // This cloud has learnt meanwhile to give orders.
    let second = r#"{"state":"token","token":"second","life":3600,"order_key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#;
    let (_folder, listener, _uplink, news) = enrolled(&cloud(vec![first, second]));
    let mut peer = Peer::accept(&listener);
    assert!(holds(&peer.welcome(1).0, "first"));
    assert!(matches!(news.recv_timeout(DEADLINE), Ok(News::Connected)));
    assert_eq!(peer.published().1, b"online");
    let (topic, payload) = peer.published();
    assert_eq!((topic.as_str(), &payload[..]), ("tapcard/v1/login", &b"second"[..]));
    let Ok(News::Orders(key)) = news.recv_timeout(DEADLINE) else { panic!("no key of orders") };
    assert_eq!(key.0, [0; 32]);
}

#[test]
fn who_is_not_confirmed_yet_shows_words_and_is_let_in_by_itself() {
    let waiting = r#"{"state":"waiting"}"#;
    let token = r#"{"state":"token","token":"first","life":3600}"#;
    // Unknown at first: the code is redeemed, and then it waits.
    let (_folder, listener, _uplink, news) =
        enrolled(&cloud(vec![REFUSED, waiting, waiting, token]));
    let Ok(News::Enrolling(Enrolling::Compare(words))) = news.recv_timeout(DEADLINE) else {
        panic!()
    };
    let Ok(News::Enrolling(again)) = news.recv_timeout(DEADLINE) else { panic!() };
    assert_eq!(again, Enrolling::Compare(words));
    assert!(matches!(news.recv_timeout(DEADLINE), Ok(News::Enrolled)));
    let mut peer = Peer::accept(&listener);
    assert!(holds(&peer.welcome(1).0, "first"));
    assert!(matches!(news.recv_timeout(DEADLINE), Ok(News::Connected)));
}

#[test]
fn a_code_that_is_used_up_is_said() {
    let (_folder, _listener, _uplink, news) = enrolled(&cloud(vec![]));
    assert!(matches!(news.recv_timeout(DEADLINE), Ok(News::Enrolling(Enrolling::Refused))));
}
