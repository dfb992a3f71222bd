//! What operators see, and how the program ends.

use std::fs;
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Broker, Client, Connect, Who, eventually, get, notice, state};

#[test]
fn health_says_whether_messages_pass_and_terminals_come_in() {
    let broker = Broker::start_closed("");
    let health = || get(broker.addresses.metrics, "/health");
    let waiting = eventually("the router's first answer", || {
        let (status, text) = health();
        (status == 200).then_some(text)
    });
    assert!(waiting.contains("terminals wait"), "{waiting}");
    broker.open();
    assert_eq!(health(), (200, "well\n".to_owned()));
}

#[test]
fn metrics_count_without_names() {
    let broker = Broker::start();
    let mut worker = broker.client(&Who::worker());
    worker.publish(&notice(1), "hello");
    let stranger = Who { kid: "stranger", ..Who::phone(1, 2) };
    assert_eq!(Client::tcp(broker.addresses.tcp).connect(&stranger.connect()), Some(4));
    let text = eventually("the counts", || {
        let (_, text) = get(broker.addresses.metrics, "/metrics");
        text.contains("tapcard_broker_logins_total{outcome=\"token\"} 1").then_some(text)
    });
    for line in [
        "tapcard_broker_messages_total{kind=\"notice\"} 1",
        "tapcard_broker_connections 1",
        "tapcard_broker_closed_total{reason=\"goodbye\"} 1",
        "# EOF",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(!text.contains("0000000000002"), "no client is named");
}

#[test]
fn a_signal_lets_everybody_go_and_then_ends_the_broker() {
    let mut broker = Broker::start();
    let mut worker = broker.client(&Who::worker());
    assert_eq!(worker.subscribe(&[("tapcard/v1/state/+", 1)]), [1]);
    let will = Some((state(2), "offline".into(), 1, false));
    let connect = Connect { will, ..Who::kiosk(1, 2).connect() };
    let mut kiosk = Client::tcp(broker.addresses.tcp).let_in(&connect);
    kill_process(Pid::from_child(&broker.process), Signal::TERM).unwrap();
    kiosk.assert_closed();
    worker.assert_closed();
    let status = eventually("the end", || broker.process.try_wait().unwrap());
    assert_eq!(status.code(), Some(0));
}

#[test]
fn a_configuration_that_cannot_work_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broker.toml");
    for (text, sentence) in [
        ("keys = \"k\"\n[listen]\n", "[listen] names no address"),
        ("keys = \"nowhere.json\"\n[listen]\ntcp = \"127.0.0.1:0\"\n", "nowhere.json"),
        ("keys = 7\n[listen]\n", "keys = 7"),
    ] {
        fs::write(&path, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tapcard-broker"));
        let output = command.arg("--config").arg(&path).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(sentence), "{said}");
    }
}

#[test]
fn who_starts_the_broker_for_systemd_hears_when_it_is_ready() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let heard = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    heard.set_read_timeout(Some(crate::support::PATIENCE)).unwrap();
    let _broker = Broker::start_with("", &[("NOTIFY_SOCKET", path.as_os_str())]);
    let mut bytes = [0; 256];
    let mut said = String::new();
    while !(said.contains("READY=1") && said.contains("WATCHDOG=1")) {
        let length = heard.recv(&mut bytes).expect("it tells");
        said.push_str(std::str::from_utf8(&bytes[..length]).unwrap());
    }
}
