//! The questions, asked with MQTT.js: a script takes all of them, and prints what came of each.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use super::table::{Ask, Verb};
use super::{Answer, Speaker};
use crate::listener::Door;
use crate::peers::mqtt_js::node;

pub(super) fn ask(door: &Door, speaker: &Speaker, asks: &[Ask]) -> Vec<Answer> {
    let verb = |it: &Ask| if it.verb == Verb::Publish { "publish" } else { "subscribe" };
    let asks: Vec<Value> =
        asks.iter().map(|it| json!({ "verb": verb(it), "topic": it.topic })).collect();
    let questions = json!({
        "url": door.url(),
        "authority": door.authority,
        "id": speaker.who.claims.cid,
        "token": speaker.who.token(),
        "hears": speaker.hears,
        "payload": speaker.payload,
        "asks": asks,
    });
    let mut child = node("access/mqtt_js.mjs", "")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node is installed by `make packages`");
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(questions.to_string().as_bytes()).unwrap();
    drop(stdin);
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "node: {}", done.status);
    let answers: Vec<String> = serde_json::from_slice(&done.stdout).unwrap();
    answers.into_iter().map(answer).collect()
}

fn answer(word: String) -> Answer {
    match word.as_str() {
        "granted" => Answer::Granted,
        "refused" => Answer::Refused,
        "closed" => Answer::Closed,
        "kept back" => Answer::KeptBack,
        _ => Answer::Strange(word),
    }
}
