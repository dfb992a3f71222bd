//! Who takes part in a world: accounts, and their kiosks and phones.

use std::fs;
use std::path::Path;

use tapcard_protocol::access::{Kind, Party};
use tapcard_protocol::message::Sync;
use tapcard_protocol::topic::Topic;
use tapcard_protocol::{AccountId, TerminalId};

use super::{KIOSK_NODE, PATIENCE, World};
use crate::kiosk::{Kiosk, KioskPlan, PLACE};
use crate::patience::wait;
use crate::phone::Phone;
use crate::radio::Radio;

impl World {
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
        let (account_id, place) =
            (account.to_string(), if kind == Kind::Phone { "" } else { PLACE });
        let words = ["terminal", "add", "--account", &account_id, "--kind", kind.name()];
        let words = [&words[..], &["--place", place]].concat();
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

    /// A new phone of an account, as a program; it is connected, and the worker listens to it.
    ///
    /// # Errors
    /// Fails when it cannot connect.
    pub fn phone(&self, account: AccountId) -> anyhow::Result<Phone> {
        let mut phone = self.phone_at(self.broker.living_node(), account)?;
        phone.page(&Sync::default())?;
        Ok(phone)
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
        self.bare_terminal(account, Kind::Kiosk)
    }

    /// A new terminal that is no phone, as a program without a screen; it is connected.
    ///
    /// # Errors
    /// Fails when it cannot connect.
    pub fn bare_terminal(&self, account: AccountId, kind: Kind) -> anyhow::Result<Phone> {
        let terminal = self.terminal(account, kind)?;
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
}
