//! The system's own networks, by NetworkManager's command.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use tracing::warn;

use crate::network::{Air, Unjoined, has_cable, spots};

/// See nmcli(1).
const TOOL: &str = "nmcli";
/// How long it may take to join, in seconds.
const PATIENCE: &str = "30";
/// What nmcli answers when a password is missing or wrong: "Connection activation failed".
const NOT_ACTIVATED: i32 = 4;

/// How the kiosk can be connected. Where the command is missing the networks are somebody else's business.
pub(super) fn air() -> Air {
    let has_cable =
        ask(&["--fields", "TYPE,STATE", "device", "status"]).is_some_and(|it| has_cable(&it));
    let has_radio = ask(&["--fields", "TYPE", "device", "status"])
        .is_some_and(|it| it.lines().any(|it| it == "wifi"));
    let list = has_radio
        .then(|| {
            ask(&[
                "--fields",
                "IN-USE,SSID,SIGNAL,SECURITY",
                "device",
                "wifi",
                "list",
                "--rescan",
                "auto",
            ])
        })
        .flatten();
    Air { has_cable, spots: list.map(|it| spots(&it)) }
}

/// Joins a network. The password goes over standard input, since everybody can read a command line.
pub(super) fn join(name: &str, password: &str) -> Result<(), Unjoined> {
    let words = ["--wait", PATIENCE, "--ask", "device", "wifi", "connect", name];
    let output = run(&words, password).map_err(|why| {
        warn!("{TOOL} cannot be used: {why}");
        Unjoined::Other
    })?;
    if output.status.success() {
        return Ok(());
    }
    // What it says may hold the network's name, and nothing that helps more than the code does.
    warn!("{TOOL} did not join a network: {}", output.status);
    let said = String::from_utf8_lossy(&output.stderr).to_lowercase();
    let is_password = output.status.code() == Some(NOT_ACTIVATED) || said.contains("secrets");
    Err(if is_password && !password.is_empty() { Unjoined::Password } else { Unjoined::Other })
}

fn ask(words: &[&str]) -> Option<String> {
    let output = run(&[&["--terse"], words].concat(), "").ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn run(words: &[&str], said: &str) -> std::io::Result<Output> {
    let mut command = Command::new(TOOL);
    command.args(words).env("LC_ALL", "C");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut tool = command.spawn()?;
    if let Some(mut input) = tool.stdin.take() {
        // Who wants no password does not read it.
        let _ = writeln!(input, "{said}");
    }
    tool.wait_with_output()
}
