use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;
use crate::trust::{self, Authorities};

const PATIENCE: Duration = Duration::from_secs(20);
/// More than one record of TLS.
const N_BYTES: usize = 100_000;

/// An authority's certificate in PEM, and the address of a host that it has signed, which sends it along and answers each
/// question with [`N_BYTES`].
fn serve() -> (String, String) {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let chain = vec![own.signed_by(&key, &authority).unwrap().into(), authority.der().clone()];
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::try_from(key.serialize_der()).unwrap());
    let config = Arc::new(config.unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = BufReader::new(StreamOwned::new(connection, stream.unwrap()));
            let mut line = String::new();
            // A client that does not trust this host says so and leaves.
            while stream.read_line(&mut line).is_ok_and(|it| it > 2) {
                line.clear();
            }
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {N_BYTES}\r\n\r\n");
            let stream = stream.get_mut();
            let _ = stream.write_all(&[head.as_bytes(), &[b'x'; N_BYTES]].concat());
        }
    });
    (authority.pem(), format!("https://localhost:{port}"))
}

#[test]
fn the_web_door_is_held_against_whichever_authority_is_named() {
    let (pem, address) = serve();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, &pem).unwrap();
    let mut openssl = Command::new("openssl");
    let said = openssl.args(["x509", "-noout", "-fingerprint", "-sha256", "-in"]).arg(&file);
    let said = String::from_utf8(said.output().unwrap().stdout).unwrap();
    let fingerprint = said.trim().split_once('=').unwrap().1.parse().unwrap();
    for named in [Authorities::File(file.clone()), Authorities::Fingerprint(fingerprint)] {
        let door = Door::new(&address, trust::demands(&named).unwrap(), PATIENCE);
        for _ in 0..2 {
            let mut answer = door.get("/").unwrap();
            assert_eq!(answer.body_mut().read_to_vec().unwrap(), [b'x'; N_BYTES], "{named:?}");
        }
    }
    let other = "ab".repeat(32).parse().unwrap();
    for named in [Authorities::World, Authorities::Fingerprint(other)] {
        let door = Door::new(&address, trust::demands(&named).unwrap(), PATIENCE);
        let problem = door.get("/").unwrap_err().to_string();
        assert!(problem.contains("UnknownIssuer"), "{named:?}: {problem}");
    }
}

/// Carries what comes from one side to the other, until one ends.
fn carry(mut from: TcpStream, mut to: TcpStream) {
    // A side that is gone is the end of both.
    let _ = std::io::copy(&mut from, &mut to);
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

/// The address of a proxy (RFC 9110, 9.3.6), and the questions that it gets.
fn proxy() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (asked, questions) = channel();
    thread::spawn(move || {
        for near in listener.incoming() {
            let mut near = BufReader::new(near.unwrap());
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                near.read_line(&mut head).unwrap();
            }
            let place = head.split(' ').nth(1).unwrap();
            let far = TcpStream::connect(place).unwrap();
            asked.send(head.lines().next().unwrap().to_owned()).unwrap();
            let mut near = near.into_inner();
            near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            let back = (far.try_clone().unwrap(), near.try_clone().unwrap());
            thread::spawn(move || carry(back.0, back.1));
            thread::spawn(move || carry(near, far));
        }
    });
    (address, questions)
}

#[test]
fn the_web_door_is_reached_through_a_proxy_that_learns_nothing() {
    let (address, questions) = proxy();
    // Where it is stands in the environment: a test's own, so that no other test is sent there.
    let mut same = Command::new(std::env::current_exe().unwrap());
    let it = "credentials::door::tests::the_web_door_is_held_against_whichever_authority_is_named";
    let output = same.args([it, "--exact"]).env("HTTPS_PROXY", &address).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    let asked: Vec<_> = questions.try_iter().collect();
    assert!(!asked.is_empty(), "nobody asked the proxy");
    assert!(asked.iter().all(|it| it.starts_with("CONNECT localhost:")), "{asked:?}");
}
