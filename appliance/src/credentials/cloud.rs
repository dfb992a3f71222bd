//! Redeeming the code once, and fetching tokens for signatures.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use ed25519_dalek::{Signer, SigningKey};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tapcard_protocol::TerminalId;
use tapcard_protocol::card::MediaName;
use tapcard_protocol::enrolment::{
    Answer, AskNonce, AskToken, Base64, NONCE, Nonce, REDEEM, Redeem, TOKEN, signed, words,
};
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::{Held, Token, client, key};

/// How long the cloud may take for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The cloud's address, and what is needed to prove oneself there.
pub struct Cloud {
    agent: Agent,
    address: String,
    terminal: TerminalId,
    code: Option<String>,
    key_file: PathBuf,
    key: Option<SigningKey>,
}

impl Cloud {
    /// The cloud at `address`, such as `https://cards.example.org`; `code` is redeemed when the key is not known there yet.
    ///
    /// # Errors
    /// Fails when the file with the certificates cannot be read.
    pub fn new(
        (address, ca_file): (&str, Option<&Path>),
        terminal: TerminalId,
        code: Option<String>,
        key_file: PathBuf,
    ) -> Result<Cloud> {
        let mut config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .max_redirects(0);
        if let Some(path) = ca_file {
            let roots = RootCerts::new_with_certs(&certificates(path)?);
            config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
        }
        let address = address.trim_end_matches('/').to_owned();
        Ok(Cloud { agent: config.build().into(), address, terminal, code, key_file, key: None })
    }

    /// A token for a signature; the code is redeemed before, if the cloud does not know the key.
    pub(super) fn token(&mut self) -> Result<Token, Held> {
        let key = match &self.key {
            Some(it) => it.clone(),
            None => self.key.insert(key::open(&self.key_file)?).clone(),
        };
        match self.ask_token(&key)? {
            Answer::Refused => match self.redeem(&key)? {
                Answer::Waiting => Err(self.to_compare(&key)),
                Answer::Enrolled => {
                    Err(anyhow!("the cloud knows this kiosk and gives it no token").into())
                }
                Answer::Refused | Answer::Token { .. } => Err(Held::Refused),
            },
            Answer::Waiting | Answer::Enrolled => Err(self.to_compare(&key)),
            Answer::Token { token, life } => {
                Ok(Token { text: token, life: Some(Duration::from_secs(life)) })
            }
        }
    }

    /// What the cloud's store has under a name.
    ///
    /// # Errors
    /// Fails when the cloud is not there, or gives nothing of that name to this kiosk.
    pub fn medium(&mut self, name: MediaName) -> Result<Vec<u8>> {
        let token = match self.token() {
            Ok(it) => it.text,
            Err(Held::Away(why)) => return Err(why),
            Err(Held::Compare(_) | Held::Refused) => {
                bail!("the owner has not confirmed this kiosk")
            }
        };
        let address = format!("{}/media/{name}", self.address);
        let asked = self.agent.get(&address).header("authorization", &format!("Bearer {token}"));
        let mut answer = asked.call().with_context(|| format!("asking {address}"))?;
        if answer.status().as_u16() != 200 {
            bail!("{address} answers with status {}", answer.status());
        }
        answer.body_mut().read_to_vec().context("reading a picture")
    }

    fn to_compare(&self, key: &SigningKey) -> Held {
        Held::Compare(words(self.terminal, &Base64(key.verifying_key().to_bytes())))
    }

    fn ask_token(&self, key: &SigningKey) -> Result<Answer> {
        let terminal = self.terminal;
        let Nonce { nonce } = self.post(NONCE, &AskNonce { terminal })?;
        let signature = Base64(key.sign(&signed(terminal, &nonce)).to_bytes());
        self.post(TOKEN, &AskToken { terminal, nonce, signature, client: client() })
    }

    fn redeem(&self, key: &SigningKey) -> Result<Answer> {
        let Some(code) = self.code.clone() else { return Ok(Answer::Refused) };
        let key = Base64(key.verifying_key().to_bytes());
        self.post(REDEEM, &Redeem { terminal: self.terminal, code, key })
    }

    fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        let body = serde_json::to_vec(body).context("writing a question")?;
        let address = format!("{}{path}", self.address);
        let asked =
            self.agent.post(&address).header("content-type", "application/json").send(&body[..]);
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

/// The certificates of a PEM file that the cloud's own is signed with.
fn certificates(path: &Path) -> Result<Vec<Certificate<'static>>> {
    let text = std::fs::read(path)
        .with_context(|| format!("reading the certificates {}", path.display()))?;
    let certificate = |it| match it {
        Ok(PemItem::Certificate(it)) => Some(it),
        _ => None,
    };
    let found: Vec<Certificate<'static>> = parse_pem(&text).filter_map(certificate).collect();
    anyhow::ensure!(!found.is_empty(), "{} holds no certificate", path.display());
    Ok(found)
}
