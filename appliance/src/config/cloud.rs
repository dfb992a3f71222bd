//! Where the cloud is, and how the kiosk proves there who it is.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};

use tapcard_protocol::TerminalId;

use super::Config;
use crate::credentials::{Cloud, Credentials, Owned};
use crate::surveyor::Goal;

impl Config {
    /// Whose the kiosk is, by its settings or as it was found at the first start.
    ///
    /// # Errors
    /// Fails when the file that says so cannot be read.
    pub fn owned(&self) -> anyhow::Result<Option<Owned>> {
        match (self.account, self.terminal) {
            (Some(account), Some(terminal)) => Ok(Some(Owned { account, terminal })),
            _ => Owned::load(&self.key_file),
        }
    }

    /// Where it wants to come in the network.
    pub fn goal(&self) -> Goal {
        let (cloud, ca_file) = (self.cloud.clone(), self.ca_file.clone());
        Goal { cloud, ca_file, brokers: self.broker.clone() }
    }

    /// The cloud, to fetch the owner's picture from; none where a token lies in a file.
    ///
    /// # Errors
    /// Fails when the file with the certificates cannot be read.
    pub fn gallery(&self, terminal: TerminalId) -> anyhow::Result<Option<Cloud>> {
        let Some(address) = &self.cloud else { return Ok(None) };
        let place = (address.as_str(), self.ca_file.as_deref());
        // The code is redeemed with the connection.
        Cloud::new(place, terminal, None, self.key_file.clone()).map(Some)
    }

    /// How the kiosk gets its tokens; a cloud's address counts before a file.
    ///
    /// # Errors
    /// Fails when the file with the certificates cannot be read.
    pub fn credentials(&self, terminal: TerminalId) -> anyhow::Result<Credentials> {
        let Some(address) = &self.cloud else {
            return Ok(Credentials::File(self.token_file.clone().unwrap_or_default()));
        };
        let (code, key_file) = (self.code.clone(), self.key_file.clone());
        let cloud = Cloud::new((address, self.ca_file.as_deref()), terminal, code, key_file)?;
        Ok(Credentials::Cloud(Box::new(cloud)))
    }
}

pub(super) fn check(config: &Config) -> Result<(), String> {
    let has_file = config.token_file.as_deref().is_some_and(|it| it != Path::new(""));
    if config.cloud.is_none() && !has_file {
        return Err("`cloud` or `token_file` must be said".into());
    }
    if config.cloud.is_none() && config.account.is_none() {
        return Err(
            "without `account` and `terminal` the kiosk asks for its owner, and needs `cloud`"
                .into(),
        );
    }
    Ok(())
}

pub(super) fn key_file() -> PathBuf {
    "/var/lib/tapcard/terminal.key".into()
}

/// Over TLS, but for a desk.
pub(super) fn address<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let is_local = ["http://127.0.0.1", "http://localhost", "http://[::1]"].iter().any(|it| {
        text.strip_prefix(it).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    });
    if is_local || text.strip_prefix("https://").is_some_and(|host| !host.is_empty()) {
        return Ok(Some(text));
    }
    Err(serde::de::Error::custom("must be https://HOST"))
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    #[test]
    fn a_kiosk_has_a_cloud_or_a_file() {
        let least = "account = \"0000000000001\"\nterminal = \"0000000000002\"\n";
        let of = |line: &str| parse(&format!("{least}{line}")).map(|it| it.cloud);
        assert_eq!(of("").err().unwrap(), "`cloud` or `token_file` must be said");
        assert_eq!(of("token_file = \"t\""), Ok(None));
        for right in ["https://a.example", "http://127.0.0.1:8080", "http://localhost"] {
            assert_eq!(of(&format!("cloud = \"{right}\"")), Ok(Some(right.to_owned())));
        }
        for wrong in ["http://a.example", "https://", "http://localhost.evil.example", "a.example"]
        {
            let problem = of(&format!("cloud = \"{wrong}\"")).err().unwrap();
            assert_eq!(problem, "line 3, `cloud`: must be https://HOST");
        }
    }
}
