//! Where the cloud is, and how the kiosk proves there who it is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Deserializer};

use tapcard_protocol::TerminalId;

use super::Config;
use crate::credentials::{Cloud, Credentials, Kiosk, Owned};
use crate::surveyor::Goal;
use crate::trust::{self, Authorities, Demands, Fingerprint};

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

    /// Whose word counts for the cloud and its broker.
    pub fn authorities(&self) -> Authorities {
        let pinned = self.ca_sha256.map(Authorities::Fingerprint);
        let named = self.ca_file.clone().map(Authorities::File);
        pinned.or(named).unwrap_or(Authorities::World)
    }

    /// What both must show.
    ///
    /// # Errors
    /// Fails when the file with the certificates cannot be read.
    pub fn demands(&self) -> anyhow::Result<Demands> {
        trust::demands(&self.authorities())
    }

    /// Where it wants to come in the network.
    pub fn goal(&self, demands: &Demands) -> Goal {
        let (cloud, brokers) = (self.cloud.clone(), self.broker.clone());
        Goal { cloud, demands: Arc::clone(demands), brokers }
    }

    /// The cloud, to fetch the owner's picture from; none where a token lies in a file.
    pub fn gallery(&self, terminal: TerminalId, demands: &Demands) -> Option<Cloud> {
        // The code is redeemed with the connection.
        self.cloud_for(terminal, None, demands)
    }

    /// How the kiosk gets its tokens; a cloud's address counts before a file.
    pub fn credentials(&self, terminal: TerminalId, demands: &Demands) -> Credentials {
        let cloud = self.cloud_for(terminal, self.code.clone(), demands);
        let file = || Credentials::File(self.token_file.clone().unwrap_or_default());
        cloud.map_or_else(file, |it| Credentials::Cloud(Box::new(it)))
    }

    fn cloud_for(
        &self,
        terminal: TerminalId,
        code: Option<String>,
        demands: &Demands,
    ) -> Option<Cloud> {
        let (name, key_file) = (self.name.clone(), self.key_file.clone());
        let kiosk = Kiosk { terminal, name, code, key_file };
        Some(Cloud::new(self.cloud.as_ref()?, Arc::clone(demands), kiosk))
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
    if config.ca_file.is_some() && config.ca_sha256.is_some() {
        return Err("`ca_file` and `ca_sha256` say the same; one is enough".into());
    }
    Ok(())
}

pub(super) fn fingerprint<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Fingerprint>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(serde::de::Error::custom)
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
    use super::Authorities;

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

    #[test]
    fn an_authority_is_named_once() {
        let of = |lines: &str| {
            parse(&format!("cloud = \"https://a.example\"\n{lines}")).map(|it| it.authorities())
        };
        let sum = "ab".repeat(32);
        assert_eq!(of(""), Ok(Authorities::World));
        assert_eq!(of("ca_file = \"/ca\""), Ok(Authorities::File("/ca".into())));
        let pinned = Authorities::Fingerprint(sum.parse().unwrap());
        assert_eq!(of(&format!("ca_sha256 = \"{sum}\"")), Ok(pinned));
        for more in ["ca_file = \"/ca\"", "[image]\nca = \"-----BEGIN CERTIFICATE-----\""] {
            let problem = of(&format!("ca_sha256 = \"{sum}\"\n{more}")).unwrap_err();
            assert!(problem.ends_with("say the same; one is enough"), "{problem}");
        }
        let problem = of("ca_sha256 = \"ab\"").unwrap_err();
        let must = "must be the SHA-256 of a certificate, in 64 hexadecimal digits";
        assert_eq!(problem, format!("line 2, `ca_sha256`: {must}"));
    }
}
