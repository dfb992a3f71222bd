//! Mosquitto: one listener for terminals, one for pages, one for workers, each with its own passwords and rules.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use tapcard_protocol::access::Acl;

use super::{Guest, Node, debian};
use crate::program::output;

/// What every terminal may do. `%c` is its login's name, see `use_username_as_clientid`; of the shard Mosquitto knows
/// nothing, and the worker passes over a task on another one.
const TERMINALS: &str = "\
pattern write tapcard/v1/task/+/%c
pattern write tapcard/v1/state/%c
pattern write tapcard/v1/login
pattern read tapcard/v1/terminal/%c
";
/// What the patterns do not say: an account's phones hear its notices.
const NOTICE: &str = "tapcard/v1/notice/";
/// What a test that listens to all may hear.
pub(super) const EVERYTHING: &str = "tapcard/v1/#";

/// Writes the configuration. Mosquitto's fallback user cannot read a private folder, so it stays who it is.
pub(super) fn write(folder: &Path, node: &Node) -> anyhow::Result<()> {
    let file = |name: &str| folder.join(name).display().to_string();
    let listener = |port: u16, more: &str, guests: &str| {
        format!(
            "\nlistener {port} 127.0.0.1\n{more}allow_anonymous false\npassword_file {}\nacl_file {}\n",
            file(&format!("{guests}.passwords")),
            file(&format!("{guests}.acl")),
        )
    };
    let text = [
        "per_listener_settings true\nuser root\npersistence false\nmax_packet_size 69632\nmax_queued_messages 10000\n"
            .to_owned(),
        listener(node.tcp, "use_username_as_clientid true\n", "terminals"),
        listener(node.ws, "protocol websockets\nuse_username_as_clientid true\n", "terminals"),
        listener(node.worker, "", "worker"),
    ];
    fs::write(folder.join("mosquitto.conf"), text.concat()).context("writing Mosquitto's settings")
}

/// The process.
pub(super) fn command(folder: &Path) -> anyhow::Result<Command> {
    let mut command = debian("mosquitto", "mosquitto")?;
    command.arg("-c").arg(folder.join("mosquitto.conf"));
    Ok(command)
}

/// Writes who may come in, and what they may do.
pub(super) fn write_guests(folder: &Path, guests: &[Guest]) -> anyhow::Result<()> {
    let Some((worker, terminals)) = guests.split_first() else { return Ok(()) };
    let newest = terminals.last().unwrap_or(worker);
    let file = if terminals.is_empty() { "worker.passwords" } else { "terminals.passwords" };
    for name in ["worker.passwords", "terminals.passwords"] {
        let file = folder.join(name);
        if !file.exists() {
            fs::write(&file, "").context("making a file of passwords")?;
        }
    }
    output(
        Command::new("mosquitto_passwd")
            .arg("-b")
            .arg(folder.join(file))
            .args([&newest.name, &newest.password]),
    )?;
    fs::write(folder.join("worker.acl"), worker_rules(worker)).context("writing rules")?;
    fs::write(folder.join("terminals.acl"), terminal_rules(terminals)).context("writing rules")
}

fn worker_rules(worker: &Guest) -> String {
    let Acl { publish, subscribe } = &worker.acl;
    let mut rules = format!("user {}\n", worker.name);
    for (verb, filters) in [("write", publish), ("read", subscribe)] {
        for filter in filters {
            let _ = writeln!(rules, "topic {verb} {filter}");
        }
    }
    rules
}

fn terminal_rules(terminals: &[Guest]) -> String {
    let mut rules = TERMINALS.to_owned();
    for terminal in terminals {
        let is_named = |it: &&String| it.starts_with(NOTICE) || *it == EVERYTHING;
        for filter in terminal.acl.subscribe.iter().filter(is_named) {
            let _ = writeln!(rules, "user {}\ntopic read {filter}", terminal.name);
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use tapcard_protocol::access::{Kind, Party, acl};
    use tapcard_protocol::{AccountId, TerminalId};

    use super::*;

    #[test]
    fn the_rules_are_the_access_table_but_for_the_shard() -> anyhow::Result<()> {
        let (account, terminal) = (AccountId::new(9), TerminalId::new(0x5e));
        for kind in [Kind::Phone, Kind::Kiosk, Kind::OrganiserKiosk] {
            let acl = acl(&Party::Terminal { kind, account, terminal });
            let mut table: Vec<String> = Vec::new();
            for (verb, filters) in [("write", &acl.publish), ("read", &acl.subscribe)] {
                table.extend(filters.iter().map(|it| format!("{verb} {it}")));
            }
            let table: Vec<String> = table.iter().map(|it| it.replace("/14/", "/+/")).collect();
            let name = terminal.to_string();
            let guest = Guest { name: name.clone(), password: String::new(), acl };
            let rules = terminal_rules(&[guest]).replace("%c", &name);
            let rules: Vec<&str> = rules
                .lines()
                .filter_map(|it| it.strip_prefix("pattern ").or(it.strip_prefix("topic ")))
                .collect();
            assert_eq!(rules, table, "{kind:?}");
        }
        Ok(())
    }

    #[test]
    fn the_operators_page_shows_these_rules() {
        let page = include_str!("../../../broker/OTHER_BROKERS.md");
        let worker =
            Guest { name: "worker".into(), password: String::new(), acl: acl(&Party::Worker) };
        for rules in [TERMINALS.to_owned(), worker_rules(&worker)] {
            assert!(page.contains(&rules), "the page lacks:\n{rules}");
        }
    }
}
