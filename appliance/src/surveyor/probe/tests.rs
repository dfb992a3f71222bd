use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread;

use super::*;
use crate::network::{Obstacle, reach};
use crate::trust::{self, Authorities};

/// Answers every question with this; its address.
fn serve(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            while lines.next().is_some_and(|it| it.is_ok_and(|it| !it.is_empty())) {}
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    format!("http://{address}")
}

fn goal(cloud: String) -> Goal {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // It goes on listening until the test ends.
    std::mem::forget(listener);
    Goal {
        cloud: Some(cloud),
        demands: trust::demands(&Authorities::World).unwrap(),
        brokers: vec![Broker { host: "127.0.0.1".into(), port, is_secret: false }],
    }
}

fn obstacle(goal: &Goal, now: &str) -> Option<Obstacle> {
    reach(&probe(goal), now.parse().unwrap()).obstacle
}

const WELL: &str = "HTTP/1.1 200 OK\r\nDate: Sun, 29 Nov 2026 18:00:00 GMT\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";
const PORTAL: &str = "HTTP/1.1 302 Found\r\nLocation: http://login.hall.example/?from=x\r\nContent-Length: 0\r\n\
                      Connection: close\r\n\r\n";
const PAGE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
const NOW: &str = "2026-11-29T18:01:00Z";

#[test]
fn a_cloud_that_is_well_tells_the_time() {
    let goal = goal(serve(WELL));
    assert_eq!(obstacle(&goal, NOW), None);
    assert_eq!(obstacle(&goal, "2026-11-29T18:06:00Z"), Some(Obstacle::Clock));
    assert_eq!(obstacle(&goal, "1970-01-01T00:00:00Z"), Some(Obstacle::Clock));
}

#[test]
fn who_answers_in_its_stead_is_named() {
    let portal = Some(Obstacle::Portal("login.hall.example".into()));
    assert_eq!(obstacle(&goal(serve(PORTAL)), NOW), portal);
    assert_eq!(obstacle(&goal(serve(PAGE)), NOW), Some(Obstacle::Cloud));
}

#[test]
fn what_is_silent_is_named() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let cloud = goal(format!("http://{closed}"));
    assert_eq!(obstacle(&cloud, NOW), Some(Obstacle::Cloud));
    let broker = Broker { host: closed.ip().to_string(), port: closed.port(), is_secret: false };
    let broker = Goal { brokers: vec![broker], ..goal(serve(WELL)) };
    assert_eq!(obstacle(&broker, NOW), Some(Obstacle::Broker));
    let nowhere = goal("https://cards.invalid".into());
    assert_eq!(obstacle(&nowhere, NOW), Some(Obstacle::Names));
}

#[test]
fn a_strangers_certificate_is_no_silence() {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=hall.example"])
        .args(["-days", "2", "-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(folder.path())
        .stderr(Stdio::null())
        .status();
    assert!(made.unwrap().success());
    let mut server = Command::new("openssl")
        .args([
            "s_server",
            "-accept",
            "127.0.0.1:0",
            "-www",
            "-cert",
            "cert.pem",
            "-key",
            "key.pem",
        ])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It says "ACCEPT 127.0.0.1:PORT" once it listens.
    let said = BufReader::new(server.stdout.take().unwrap()).lines().map(Result::unwrap);
    let line = said.into_iter().find(|it| it.starts_with("ACCEPT ")).unwrap();
    let port = line.rsplit(':').next().unwrap().to_owned();
    let found = obstacle(&goal(format!("https://localhost:{port}")), NOW);
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(found, Some(Obstacle::Certificate));
}
