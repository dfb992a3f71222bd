//! The hall's wireless networks: NetworkManager's own command beside a NetworkManager that python-dbusmock plays.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;

use crate::program::{Program, output};

/// Says where the system's bus is, to every program that asks for it.
const BUS: &str = "DBUS_SYSTEM_BUS_ADDRESS";
const PATIENCE: Duration = Duration::from_secs(30);

/// A hall with two networks: `Hall: 4`, which wants a password, and `Guests`. It ends when it is dropped.
pub struct Hall {
    bus: String,
    _program: Program,
}

impl Hall {
    /// Opens it; what it logs goes to `log`.
    ///
    /// # Errors
    /// Fails when Debian's python3-dbusmock or network-manager is missing.
    pub fn open(log: &Path) -> anyhow::Result<Hall> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/network-manager");
        let program = Program::start("the hall's networks", &mut Command::new(script), log)?;
        let bus = program.line(PATIENCE).context("the hall's networks do not come up")?;
        Ok(Hall { bus, _program: program })
    }

    /// What a program must be told in its environment to be in this hall.
    pub fn environment(&self) -> (&'static str, &str) {
        (BUS, &self.bus)
    }

    /// The networks that were joined, as NetworkManager's command lists them.
    ///
    /// # Errors
    /// Fails when the command does.
    pub fn joined(&self) -> anyhow::Result<Vec<String>> {
        let mut command = Command::new("nmcli");
        command.args(["-t", "-f", "NAME", "connection", "show"]).env(BUS, &self.bus);
        Ok(output(&mut command)?.lines().map(|it| it.replace('\\', "")).collect())
    }
}
