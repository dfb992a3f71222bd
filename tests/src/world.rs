//! Postgres, broker and worker on free ports of this machine, and everything that people hold beside them.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use anyhow::Context;
use tapcard_protocol::access::{Kind, Party};
use tapcard_protocol::topic::Topic;
use tapcard_protocol::{AccountId, TerminalId};
use tempfile::TempDir;

use crate::broker::{Broker, Make};
use crate::kiosk::{Kiosk, KioskPlan};
use crate::patience::wait;
use crate::phone::Phone;
use crate::postgres::Postgres;
use crate::program::{Program, output, path};
use crate::radio::Radio;

/// How long a program may take to come up on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which node of a cluster of brokers the worker tries first.
pub const WORKER_NODE: usize = 0;
/// Which one kiosks try first.
pub const KIOSK_NODE: usize = 1;

/// The cloud and its surroundings. Everything ends when it is dropped.
pub struct World {
    // Programs end before the folder they write to.
    worker: Option<Program>,
    broker: Broker,
    /// The database.
    pub postgres: Postgres,
    folder: TempDir,
}

/// The first port that is tried; below those that Linux gives to outgoing connections (32768 and up), so that none of
/// them takes it before our program does.
const FIRST_PORT: u16 = 20_000;
/// How many ports are tried.
const PORTS: u16 = 12_000;
/// How many were asked for in this program.
static ASKED: AtomicU16 = AtomicU16::new(0);

/// A port that nobody listens on at this moment, and that this program has not given away before.
///
/// # Errors
/// Fails when the machine has none.
pub fn free_port() -> anyhow::Result<u16> {
    // Programs that run beside one another begin at different places.
    let begin = std::process::id() as u16 % 100 * 120;
    for _ in 0..PORTS {
        let step = ASKED.fetch_add(1, Ordering::Relaxed);
        let port = FIRST_PORT + begin.wrapping_add(step) % PORTS;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    anyhow::bail!("there is no free port on this machine")
}

impl World {
    /// Starts Postgres, our own broker and the worker.
    ///
    /// # Errors
    /// Says what does not come up.
    pub fn start() -> anyhow::Result<World> {
        World::start_on(Make::Tapcard)
    }

    /// Starts Postgres, a broker and the worker.
    ///
    /// # Errors
    /// Says what does not come up.
    pub fn start_on(make: Make) -> anyhow::Result<World> {
        let folder = tempfile::Builder::new()
            .prefix("tapcard-world-")
            .tempdir()
            .context("making a folder")?;
        let postgres = Postgres::start()?;
        let keys = folder.path().join("keys");
        let broker =
            Broker::prepare(make, &folder.path().join("broker"), &keys.join("public/jwks.json"))?;
        let mut world = World { worker: None, broker, postgres, folder };
        world.write_configuration()?;
        output(Command::new(path("tapcard-worker")?).arg("keygen").arg(keys))?;
        world.start_broker()?;
        world.start_worker()?;
        Ok(world)
    }

    fn write_configuration(&self) -> anyhow::Result<()> {
        let worker = format!(
            "postgres = {:?}\nbroker = {}\nkeys = {:?}\n{}[http]\nlisten = \"127.0.0.1:0\"\n\
             broker = \"ws://127.0.0.1:{}/mqtt\"\naddress_file = {:?}\n",
            self.postgres.url(),
            self.broker.urls(WORKER_NODE, true),
            self.path("keys"),
            self.broker.worker_login(),
            self.broker.ws(),
            self.path("http"),
        );
        fs::write(self.path("worker.toml"), worker).context("writing the worker's configuration")
    }

    /// A path in this world's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts the broker; it has lost everything if it ran before.
    ///
    /// # Errors
    /// Fails when it does not come up.
    pub fn start_broker(&mut self) -> anyhow::Result<()> {
        self.broker.start()
    }

    /// Kills one node of a cluster of brokers.
    pub fn kill_node(&mut self, node: usize) {
        self.broker.kill_node(node);
    }

    /// Starts the worker.
    ///
    /// # Errors
    /// Fails when it does not come up.
    pub fn start_worker(&mut self) -> anyhow::Result<()> {
        self.start_worker_without_page()?;
        self.wait_for_page()
    }

    /// Starts the worker and does not wait.
    ///
    /// # Errors
    /// Fails when the program is missing.
    pub fn start_worker_without_page(&mut self) -> anyhow::Result<()> {
        let _ = fs::remove_file(self.path("http"));
        let mut command = Command::new(path("tapcard-worker")?);
        command.arg("--config").arg(self.path("worker.toml")).arg("all");
        self.worker = Some(Program::start("worker", &mut command, &self.path("worker.log"))?);
        Ok(())
    }

    /// Waits until the worker serves its page, which it does once the database is up to date.
    ///
    /// # Errors
    /// Fails when it does not come up.
    pub fn wait_for_page(&self) -> anyhow::Result<()> {
        wait("the worker", PATIENCE, || Ok(self.web().ok())).map(drop)
    }

    /// Kills the broker; nothing of what it held in memory is left.
    pub fn kill_broker(&mut self) {
        self.broker.kill();
    }

    /// Kills the worker.
    pub fn kill_worker(&mut self) {
        self.worker = None;
    }

    /// Whether broker and worker run.
    pub fn is_whole(&mut self) -> bool {
        self.broker.is_running() && self.worker.as_mut().is_some_and(Program::is_running)
    }

    /// The web part's address, such as `http://127.0.0.1:41234`.
    ///
    /// # Errors
    /// Fails before the worker has written it down.
    pub fn web(&self) -> anyhow::Result<String> {
        let address = fs::read_to_string(self.path("http")).context("looking for the page")?;
        Ok(format!("http://{address}"))
    }

    /// The broker's TCP port.
    pub fn broker_port(&self) -> u16 {
        self.broker.tcp(self.broker.living_node())
    }

    /// Runs an operator's command of the worker and returns what it prints.
    ///
    /// # Errors
    /// Fails with what the command says.
    pub fn operate(&self, words: &[&str]) -> anyhow::Result<String> {
        output(
            Command::new(path("tapcard-worker")?)
                .arg("--config")
                .arg(self.path("worker.toml"))
                .args(words),
        )
    }

    /// Makes an active account.
    ///
    /// # Errors
    /// Fails with what the worker says.
    pub fn account(&self, phone: &str, card: Option<&Path>) -> anyhow::Result<AccountId> {
        let card = card.map(|it| it.display().to_string());
        let mut words = vec!["account", "add", "--phone", phone];
        words.extend(card.iter().flat_map(|it| ["--card", it.as_str()]));
        Ok(self.operate(&words)?.parse()?)
    }

    /// Enrols a terminal; a broker that cannot read tokens learns of it here.
    ///
    /// # Errors
    /// Fails with what the worker says, or when the broker does not learn.
    pub fn terminal(&self, account: AccountId, kind: Kind) -> anyhow::Result<TerminalId> {
        let words = ["terminal", "add", "--account", &account.to_string(), "--kind", kind.name()];
        let terminal: TerminalId = self.operate(&words)?.parse()?;
        if !self.broker.reads_tokens() {
            // A NATS node that is told of a new user forgets what it was about to grant.
            let log = self.path("worker.log");
            wait("the worker's subscription", PATIENCE, || {
                Ok(fs::read_to_string(&log)?.contains("taking tasks in").then_some(()))
            })?;
            let token = self.mint(terminal)?;
            let party = Party::Terminal { kind, account, terminal };
            self.broker.admit(&terminal.to_string(), token, &party)?;
        }
        Ok(terminal)
    }

    fn mint(&self, terminal: TerminalId) -> anyhow::Result<String> {
        self.operate(&["token", &terminal.to_string(), "--ttl", "12h"])
    }

    /// A token for a terminal, good for twelve hours.
    ///
    /// # Errors
    /// Fails with what the worker says.
    pub fn token(&self, terminal: TerminalId) -> anyhow::Result<String> {
        self.broker.password(&terminal.to_string()).map_or_else(|| self.mint(terminal), Ok)
    }

    /// A new phone of an account, as a program; it is connected.
    ///
    /// # Errors
    /// Fails when it cannot connect.
    pub fn phone(&self, account: AccountId) -> anyhow::Result<Phone> {
        self.phone_at(self.broker.living_node(), account)
    }

    /// The same, at one node of a cluster of brokers.
    ///
    /// # Errors
    /// Fails when it cannot connect.
    pub fn phone_at(&self, node: usize, account: AccountId) -> anyhow::Result<Phone> {
        let terminal = self.terminal(account, Kind::Phone)?;
        Phone::connect(self.broker.tcp(node), account, terminal, &self.token(terminal)?)
    }

    /// A new kiosk of an account, as a program without a screen; it is connected.
    ///
    /// # Errors
    /// Fails when it cannot connect.
    pub fn bare_kiosk(&self, account: AccountId) -> anyhow::Result<Phone> {
        let terminal = self.terminal(account, Kind::Kiosk)?;
        let (port, token) = (self.broker_port(), self.token(terminal)?);
        Phone::connect_to(&[Topic::Terminal(terminal)], port, account, terminal, &token)
    }

    /// The same phone again, after its connection was lost.
    ///
    /// # Errors
    /// Fails when it cannot connect.
    pub fn reconnect(&self, phone: &Phone) -> anyhow::Result<Phone> {
        let token = self.token(phone.terminal)?;
        Phone::connect(self.broker_port(), phone.account, phone.terminal, &token)
            .map(|it| it.continuing(phone))
    }

    /// The link that opens a phone's page.
    ///
    /// # Errors
    /// Fails with what the worker says.
    pub fn page(&self, account: AccountId) -> anyhow::Result<String> {
        let terminal = self.terminal(account, Kind::Phone)?;
        Ok(format!("{}/#token={}", self.web()?, self.token(terminal)?))
    }

    /// The plan of a new kiosk of an account on a chip of the radio.
    ///
    /// # Errors
    /// Fails with what the worker says.
    pub fn kiosk_plan(
        &self,
        account: AccountId,
        radio: &Radio,
        chip: &str,
    ) -> anyhow::Result<KioskPlan> {
        let terminal = self.terminal(account, Kind::Kiosk)?;
        let folder = self.path(&format!("kiosk-{chip}"));
        KioskPlan::write(
            &folder,
            account,
            terminal,
            &self.token(terminal)?,
            &self.broker.urls(KIOSK_NODE, false),
            &radio.port(chip),
        )
    }

    /// A new kiosk of an account on a chip of the radio; it shows its first screen.
    ///
    /// # Errors
    /// Fails when it does not come up.
    pub fn kiosk(&self, account: AccountId, radio: &Radio, chip: &str) -> anyhow::Result<Kiosk> {
        self.kiosk_plan(account, radio, chip)?.start()
    }

    /// What the programs logged, for a failed test.
    pub fn logs(&self) -> String {
        let worker = fs::read_to_string(self.path("worker.log")).unwrap_or_default();
        format!("{}--- worker\n{worker}", self.broker.logs())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() || std::env::var_os("TAPCARD_KEEP_LOGS").is_some() {
            let _ = std::io::Write::write_all(&mut std::io::stderr(), self.logs().as_bytes());
        }
    }
}
