//! NATS: a cluster of three nodes with JetStream, of which any one may be lost. A user for each terminal, with the
//! access table word for word: `/` is written `.` and `+` is written `*`.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context;

use super::{Guest, Node, debian};
use crate::world::free_port;

/// How many nodes: the least of which one can be lost.
pub(super) const NODES: usize = 3;
/// Where JetStream hands a subscription with QoS 1 its messages; without it every such subscription is refused.
const DELIVERY: &str = "$MQTT.sub.>";
/// Messages and subscriptions on every node; subscriptions in memory, since they end with their connection, and no
/// rest of those of a lost node.
const MQTT: &str = "stream_replicas: 3
  consumer_replicas: 3
  consumer_memory_storage: true
  consumer_inactive_threshold: \"5m\"";

/// Writes every node's configuration.
pub(super) fn write(folder: &Path, nodes: &[Node]) -> anyhow::Result<()> {
    let ports = nodes.iter().map(|_| Ok((free_port()?, free_port()?)));
    let ports: Vec<(u16, u16)> = ports.collect::<anyhow::Result<_>>()?;
    let routes: Vec<String> =
        ports.iter().map(|it| format!("\"nats://127.0.0.1:{}\"", it.1)).collect();
    let routes = routes.join(", ");
    for (number, (node, (own, cluster))) in nodes.iter().zip(&ports).enumerate() {
        let Node { tcp, ws, .. } = node;
        let store = folder.join(format!("jetstream-{number}"));
        let text = format!(
            "server_name: node-{number}
listen: \"127.0.0.1:{own}\"
jetstream {{ store_dir: {store:?}, max_memory_store: 64MB, max_file_store: 256MB }}
cluster {{ name: tapcard, listen: \"127.0.0.1:{cluster}\", routes: [{routes}] }}
mqtt {{
  listen: \"127.0.0.1:{tcp}\"
  {MQTT}
}}
websocket {{ listen: \"127.0.0.1:{ws}\", no_tls: true }}
include users.conf
"
        );
        fs::write(folder.join(format!("node-{number}.conf")), text)
            .context("writing a node's settings")?;
    }
    Ok(())
}

/// The process of a node.
pub(super) fn command(folder: &Path, node: usize) -> anyhow::Result<Command> {
    let mut command = debian("nats-server", "nats-server")?;
    command.arg("-c").arg(folder.join(format!("node-{node}.conf")));
    Ok(command)
}

/// Writes who may come in, and what they may do. All in the one account that is there by itself: a cluster that read a
/// list of accounts again was once left without a leader for good.
pub(super) fn write_guests(folder: &Path, guests: &[Guest]) -> anyhow::Result<()> {
    let mut text = "authorization {\n  users: [\n".to_owned();
    for guest in guests {
        text.push_str(&user(guest));
    }
    text.push_str("  ]\n}\n");
    // A node that reads while another word is written would find half a file.
    let draft = folder.join("users.new");
    fs::write(&draft, text).context("writing the users")?;
    fs::rename(draft, folder.join("users.conf")).context("writing the users")
}

fn user(guest: &Guest) -> String {
    let subjects = |filters: &[String]| {
        let subjects = filters.iter().map(|it| it.replace('/', ".").replace('+', "*"));
        subjects.map(|it| format!("\"{it}\"")).collect::<Vec<_>>().join(", ")
    };
    let Guest { name, password, acl } = guest;
    format!(
        "    {{
      user: \"{name}\", password: \"{password}\"
      permissions: {{
        publish: [{}]
        subscribe: [{}, \"{DELIVERY}\"]
      }}
    }}\n",
        subjects(&acl.publish),
        subjects(&acl.subscribe),
    )
}

#[cfg(test)]
mod tests {
    use tapcard_protocol::access::{Kind, Party, acl};
    use tapcard_protocol::{AccountId, TerminalId};

    use super::*;

    #[test]
    fn the_operators_page_shows_these_users() {
        let page = include_str!("../../../broker/OTHER_BROKERS.md");
        let guest = |name: &str, party: &Party| Guest {
            name: name.to_owned(),
            password: "…".to_owned(),
            acl: acl(party),
        };
        let (account, terminal) = (AccountId::new(0xacc), TerminalId::new(0x5e));
        let name = terminal.to_string();
        for (name, party) in [
            ("worker", Party::Worker),
            (&name, Party::Terminal { kind: Kind::Kiosk, account, terminal }),
            (&name, Party::Terminal { kind: Kind::Phone, account, terminal }),
        ] {
            let user = user(&guest(name, &party));
            assert!(page.contains(&user), "the page lacks:\n{user}");
        }
        assert!(page.contains(MQTT));
    }
}
