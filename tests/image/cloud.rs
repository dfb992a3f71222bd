//! The cloud as an emulated kiosk sees it: over TLS, under an authority of its own.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use postgres::Client;
use tapcard_protocol::{AccountId, TerminalId};
use tapcard_tests::World;
use tapcard_tests::broker::GUESTS_HOST;
use tapcard_tests::patience::wait;
use tapcard_tests::people::{ADA, card_file};
use tapcard_tests::program::{Program, output};
use tapcard_tests::radio::Radio;
use tapcard_tests::visitor::Visitor;
use tapcard_tests::world::free_port;

/// The chip behind the kiosk's line.
pub(crate) const CHIP: &str = "K";

/// Postgres, broker and worker, a way in over TLS, an owner, and a radio.
pub(crate) struct Cloud {
    /// The radio.
    pub(crate) radio: Radio,
    _door: Program,
    port: u16,
    owner: AccountId,
    browser: Visitor,
    db: Client,
    world: World,
}

impl Cloud {
    /// Starts everything.
    pub(crate) fn start() -> anyhow::Result<Cloud> {
        let world = World::start()?;
        let owner = world.account(ADA, Some(&card_file("ada.vcf")))?;
        let browser = Visitor::at_front(&world)?;
        browser.sign_in_at("/sign-in", ADA)?;
        let radio = Radio::start(&world.path(""), &[CHIP])?;
        let (port, certificates) = (free_port()?, world.broker.own_certificates());
        let web = world.web()?;
        let listen = format!(
            "OPENSSL-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork,verify=0,cert={},key={}",
            certificates.join("server.pem").display(),
            certificates.join("server.key").display()
        );
        let to = format!("TCP:{}", web.trim_start_matches("http://"));
        let mut door = Command::new("socat");
        door.args([listen, to]);
        let door = Program::start("door", &mut door, &world.path("door.log"))?;
        let db = world.postgres.client()?;
        Ok(Cloud { radio, _door: door, port, owner, browser, db, world })
    }

    /// A path in its folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.world.path(name)
    }

    /// The file that an operator puts on the card: what the operator's command made, and what the image needs beside it.
    pub(crate) fn settings(&self) -> anyhow::Result<String> {
        let broker = format!("mqtts://{GUESTS_HOST}:{}", self.world.broker.tls());
        let cloud = format!("https://{GUESTS_HOST}:{}", self.port);
        let (owner, out) = (self.owner.to_string(), self.path("kiosks").display().to_string());
        let made = self.world.operate(&[
            "kiosk", "add", "--owner", &owner, "--name", "Hall 3", "--broker", &broker, "--cloud",
            &cloud, "--out", &out,
        ])?;
        let folder = made.trim_end().split('\t').nth(2).context("no folder")?;
        let settings = fs::read_to_string(PathBuf::from(folder).join("kiosk.toml"))?;
        let ca = fs::read_to_string(self.world.broker.own_certificates().join("ca.pem"))?;
        // Nobody leads through a first start here, and visitors' numbers are from China.
        let settings = settings.replace("guide = true\n", "");
        Ok(format!(
            "{settings}\nregion = \"CN\"\npage = \"https://cards.example.org\"\nstaff_pin = \"2468\"\n\
             [screen]\nthanks_seconds = 60\n[image]\nca = '''\n{ca}'''\n\
             [[image.wifi]]\nname = \"Hall\"\npassword = \"correct horse\"\n"
        ))
    }

    /// What a kiosk that has these settings would find on a stick, with the cloud's authority by its fingerprint alone.
    pub(crate) fn settings_by_fingerprint(&self, settings: &str) -> anyhow::Result<String> {
        let mut table: toml::Table = settings.parse()?;
        // These are the kiosk's own.
        for key in ["ca_file", "store", "key_file", "upkeep", "stick", "reader"] {
            table.remove(key);
        }
        table.insert("ca_sha256".into(), self.world.broker.fingerprint()?.into());
        Ok(toml::to_string(&table)?)
    }

    /// Has the kiosk erased, as an owner does whose kiosk was stolen.
    pub(crate) fn order_erasure(&mut self) -> anyhow::Result<()> {
        let terminal: i64 = self.ask("select terminal_id from terminal where kind = 'kiosk'")?;
        let terminal = TerminalId::from(terminal).to_string();
        self.world.operate(&["terminal", "wipe", &terminal]).map(drop)
    }

    /// A number or a text from Postgres.
    pub(crate) fn ask<T>(&mut self, query: &str) -> anyhow::Result<T>
    where
        T: for<'a> postgres::types::FromSql<'a>,
    {
        Ok(self.db.query_one(query, &[])?.get(0))
    }

    /// The owner compares four words on a page, and says yes.
    pub(crate) fn confirm_key(&self, patience: Duration) -> anyhow::Result<()> {
        let page = wait("the kiosk's key", patience, || {
            let page = self.browser.open("/account/terminals")?.text;
            Ok(page.contains("name=\"key\"").then_some(page))
        })?;
        let field = |name: &str| -> anyhow::Result<String> {
            let (_, rest) = page
                .split_once(&format!("name=\"{name}\" value=\""))
                .with_context(|| format!("no {name} on the page"))?;
            Ok(rest.split('"').next().unwrap_or_default().to_owned())
        };
        let (terminal, key) = (field("terminal")?, field("key")?);
        let form = [("terminal", terminal.as_str()), ("key", key.as_str())];
        self.browser.send("/account/terminals/confirm", &form).map(drop)
    }

    /// Lays a visitor's badge on the antenna.
    pub(crate) fn lay_badge(&self, number: &str) -> anyhow::Result<()> {
        let card = format!(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Visitor {number}\r\nTEL;TYPE=CELL:{number}\r\nEND:VCARD\r\n"
        );
        self.radio.lay(CHIP, card.as_bytes())
    }

    /// Takes the badge away.
    pub(crate) fn clear(&self) -> anyhow::Result<()> {
        self.radio.clear(CHIP)
    }

    /// How many exchanges there are.
    pub(crate) fn n_exchanges(&mut self) -> anyhow::Result<i64> {
        self.ask("select count(*) from exchange")
    }

    /// How far from now an exchange is dated, in seconds.
    pub(crate) fn seconds_off(&mut self, number: &str) -> anyhow::Result<f64> {
        let off =
            "select abs(extract(epoch from now() - at))::float8 from exchange where partner = $1";
        Ok(self.db.query_one(off, &[&number])?.get(0))
    }

    /// Gives the broker keys that have signed no token; returns those of before.
    pub(crate) fn exchange_keys(&self) -> anyhow::Result<String> {
        let others = self.path("others");
        let mut keygen = Command::new(tapcard_tests::program::path("tapcard-worker")?);
        output(keygen.arg("--config").arg(self.path("worker.toml")).arg("keygen").arg(&others))?;
        let (file, other) = (self.key_set(), others.join("public/jwks.json"));
        let before = fs::read_to_string(&file)?;
        fs::write(file, fs::read_to_string(other)?)?;
        Ok(before)
    }

    /// Gives it the keys of before.
    pub(crate) fn restore_keys(&self, keys: &str) -> anyhow::Result<()> {
        Ok(fs::write(self.key_set(), keys)?)
    }

    fn key_set(&self) -> PathBuf {
        self.path("keys/public/jwks.json")
    }

    /// Waits until an exchange with this partner is in Postgres.
    pub(crate) fn see_exchange(&mut self, number: &str, patience: Duration) -> anyhow::Result<()> {
        let db = &mut self.db;
        wait("the exchange in Postgres", patience, || {
            let n: i64 = db
                .query_one("select count(*) from exchange where partner = $1", &[&number])?
                .get(0);
            anyhow::ensure!(n < 2, "it is there twice");
            Ok((n == 1).then_some(()))
        })
        .with_context(|| self.world.logs())
    }
}
