//! Our NDEF codec against ndeflib, written by others: what one writes the other reads.
//! Messages are random; the seed is printed, and `NDEF_SEED` plays one again.

mod python;
mod random;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use python::PYTHON;
use random::Random;
use serde_json::{Value, json};
use tapcard_nfc::ndef::{self, NdefError, Record, Tnf};

const N_MESSAGES: u32 = 2_000;

/// ndeflib in a Python process, asked one line at a time.
struct Ndeflib {
    python: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Ndeflib {
    fn start() -> Self {
        let mut python = Command::new(&*PYTHON)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ndeflib.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("start python");
        let requests = python.stdin.take().expect("stdin is piped");
        let answers = BufReader::new(python.stdout.take().expect("stdout is piped"));
        Self { python, requests, answers }
    }

    fn ask(&mut self, request: &Value) -> Value {
        writeln!(self.requests, "{request}").expect("write to python");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("read from python");
        serde_json::from_str(&line).expect("python answers with JSON")
    }

    fn finish(mut self) {
        drop(self.requests);
        assert!(self.python.wait().expect("python ends").success());
    }
}

#[test]
fn ndeflib_reads_what_we_write_and_we_read_what_it_writes() {
    let mut random = Random::from_environment("NDEF_SEED");
    let mut ndeflib = Ndeflib::start();
    for message_idx in 0..N_MESSAGES {
        let records = random_records(&mut random);
        let message = ndef::encode(&records).expect("random records are sound");

        let theirs = ndeflib.ask(&json!({ "decode": hex(&message) }));
        assert_eq!(theirs["records"], to_json(&records), "message {message_idx}");

        let theirs = ndeflib.ask(&json!({ "encode": chunked(&mut random, &records) }));
        let message = unhex(theirs["message"].as_str().expect("a message"));
        assert_eq!(ndef::decode(&message), Ok(records), "message {message_idx}");
    }
    ndeflib.finish();
}

#[test]
fn a_broken_message_that_ndeflib_accepts_reads_the_same_here() {
    let mut random = Random::from_environment("NDEF_SEED");
    let mut ndeflib = Ndeflib::start();
    let mut n_accepted = 0;
    for message_idx in 0..N_MESSAGES {
        let mut message = ndef::encode(&random_records(&mut random)).expect("sound records");
        let at = random.below(message.len());
        message[at] = random.byte();
        let theirs = ndeflib.ask(&json!({ "decode": hex(&message) }));
        match ndef::decode(&message) {
            Ok(ours) if theirs["unnamed"].is_null() => {
                assert_eq!(theirs["records"], to_json(&ours), "message {message_idx}: {theirs}");
                n_accepted += 1;
            }
            // ndeflib cannot name odd types, and leaves the order of chunks to its caller.
            Ok(_) | Err(NdefError::OutOfOrder) => {}
            Err(error) => {
                assert!(theirs["records"].is_null(), "message {message_idx}: {error}");
            }
        }
    }
    assert!(n_accepted > N_MESSAGES / 10, "only {n_accepted} were accepted by both");
    ndeflib.finish();
}

#[test]
fn both_abbreviate_and_expand_uris() {
    let mut ndeflib = Ndeflib::start();
    for uri in [
        "https://www.example.org/t/ABC?x=1",
        "http://example.org",
        "HTTPS://EXAMPLE.ORG/T/0123456789ABCDEF",
        "tel:+4915112345678",
        "mailto:a@b.example",
        "urn:epc:id:sgtin:1",
        "urn:nfc:sn:1",
        "geo:52.5,13.4",
        "https://例え.example/名刺",
        "",
    ] {
        let message = ndef::encode(&[Record::uri(uri)]).expect("one record");
        assert_eq!(ndeflib.ask(&json!({ "read_uri": hex(&message) }))["uri"], uri);
        let theirs = ndeflib.ask(&json!({ "write_uri": uri }));
        assert_eq!(theirs["message"], hex(&message), "{uri}");
    }
    for code in 0..=0x23 {
        let record = Record { payload: vec![code, b'x'], ..Record::uri("") };
        let message = ndef::encode(std::slice::from_ref(&record)).expect("one record");
        let theirs = ndeflib.ask(&json!({ "read_uri": hex(&message) }));
        assert_eq!(theirs["uri"].as_str(), record.as_uri().as_deref(), "{code:#04x}");
    }
    ndeflib.finish();
}

fn random_records(random: &mut Random) -> Vec<Record> {
    (0..=random.below(4)).map(|_| random_record(random)).collect()
}

fn random_record(random: &mut Random) -> Record {
    let (tnf, kind) = match random.below(6) {
        0 => return Record { tnf: Tnf::Empty, kind: vec![], id: vec![], payload: vec![] },
        1 => (Tnf::WellKnown, random.word(4)),
        2 => (Tnf::Mime, format!("{}/{}", random.word(10), random.word(10))),
        3 => (Tnf::AbsoluteUri, format!("http://{}.example/{}", random.word(9), random.word(9))),
        4 => (Tnf::External, format!("{}.example:{}", random.word(9), random.word(9))),
        _ => (Tnf::Unknown, String::new()),
    };
    let n_id_bytes = if random.below(3) == 0 { random.below(256) } else { 0 };
    let n_bytes = if random.below(4) == 0 { random.below(1500) } else { random.below(300) };
    let (id, payload) = (random.bytes(n_id_bytes), random.bytes(n_bytes));
    Record { tnf, kind: kind.into_bytes(), id, payload }
}

/// The records in ndeflib's form, some cut into chunks.
fn chunked(random: &mut Random, records: &[Record]) -> Value {
    let mut parts = Vec::new();
    for record in records {
        let [kind, id, _] = fields(record);
        let is_cut = record.tnf != Tnf::Empty && random.below(3) == 0;
        let cut =
            if is_cut { random.below(record.payload.len() + 1) } else { record.payload.len() };
        let (first, rest) = record.payload.split_at(cut);
        parts.push(json!([kind, id, hex(first)]));
        if is_cut {
            let (middle, last) = rest.split_at(random.below(rest.len() + 1));
            parts.push(json!(["unchanged", "", hex(middle)]));
            parts.push(json!(["unchanged", "", hex(last)]));
        }
    }
    Value::Array(parts)
}

fn to_json(records: &[Record]) -> Value {
    json!(records.iter().map(fields).collect::<Vec<_>>())
}

/// Type, id and payload as ndeflib names them.
fn fields(record: &Record) -> [String; 3] {
    let prefix = match record.tnf {
        Tnf::WellKnown => "urn:nfc:wkt:",
        Tnf::External => "urn:nfc:ext:",
        Tnf::Unknown => "unknown",
        Tnf::Empty | Tnf::Mime | Tnf::AbsoluteUri => "",
    };
    let kind = String::from_utf8_lossy(&record.kind);
    [format!("{prefix}{kind}"), hex(&record.id), hex(&record.payload)]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |idx: usize| u8::from_str_radix(&text[idx..idx + 2], 16).expect("hex digits");
    (0..text.len()).step_by(2).map(digit).collect()
}
