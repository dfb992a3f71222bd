//! The cloud's web door.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::Response;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{ConnectProxyConnector, Connector, TcpConnector};
use ureq::{Agent, Body, Error};

use super::tls::Tls;
use crate::trust::Demands;

/// Where questions to the cloud go.
pub struct Door {
    agent: Agent,
    address: String,
}

impl Door {
    /// The door at `address`, such as `https://cards.example.org`, which must show what is demanded and takes no longer than
    /// `patience` for an answer. Nobody is followed who sends the kiosk elsewhere.
    #[must_use]
    pub fn new(address: &str, demands: Demands, patience: Duration) -> Door {
        let config = Agent::config_builder()
            .timeout_global(Some(patience))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        let connector =
            ().chain(ConnectProxyConnector::default())
                .chain(TcpConnector::default())
                .chain(Tls(demands));
        let agent = Agent::with_parts(config, connector, DefaultResolver::default());
        Door { agent, address: address.trim_end_matches('/').to_owned() }
    }

    /// Whatever the door answers.
    ///
    /// # Errors
    /// Fails when nobody answers, or whose certificate does not count.
    pub fn get(&self, path: &str) -> Result<Response<Body>, Error> {
        self.agent.get(format!("{}{path}", self.address)).call()
    }

    /// What is there for who has the token.
    pub(super) fn fetch(&self, path: &str, token: &str) -> Result<Vec<u8>> {
        let address = format!("{}{path}", self.address);
        let asked = self.agent.get(&address).header("authorization", &format!("Bearer {token}"));
        let mut answer = asked.call().with_context(|| format!("asking {address}"))?;
        if answer.status().as_u16() != 200 {
            bail!("{address} answers with status {}", answer.status());
        }
        answer.body_mut().read_to_vec().context("reading a picture")
    }

    /// Leaves something there for which there is a yes and no other answer.
    pub(super) fn send(&self, path: &str, token: &str, bytes: &[u8]) -> Result<()> {
        let address = format!("{}{path}", self.address);
        let sent = self.agent.post(&address).header("authorization", &format!("Bearer {token}"));
        let sent = sent.header("content-type", "application/octet-stream").send(bytes);
        let status = sent.with_context(|| format!("asking {address}"))?.status();
        if status.as_u16() != 200 {
            bail!("{address} answers with status {status}");
        }
        Ok(())
    }

    /// The answer to a question, also where it is a no.
    pub(super) fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        self.post_as(path, body, None)
    }

    /// The same for who has the token.
    pub(super) fn post_as<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        token: Option<&str>,
    ) -> Result<T> {
        let body = serde_json::to_vec(body).context("writing a question")?;
        let address = format!("{}{path}", self.address);
        let mut asked = self.agent.post(&address).header("content-type", "application/json");
        if let Some(token) = token {
            asked = asked.header("authorization", &format!("Bearer {token}"));
        }
        let asked = asked.send(&body[..]);
        let mut answer = asked.with_context(|| format!("asking {address}"))?;
        let status = answer.status().as_u16();
        if status != 200 && status != 403 {
            bail!("{address} answers with status {status}");
        }
        let text = answer.body_mut().read_to_string().context("reading the cloud's answer")?;
        serde_json::from_str(&text)
            .with_context(|| format!("{address} does not answer as the cloud does"))
    }
}

#[cfg(test)]
mod tests;
