//! Redeeming the code once, and fetching tokens for signatures.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use ed25519_dalek::{Signer, SigningKey};
use tapcard_protocol::TerminalId;
use tapcard_protocol::card::MediaName;
use tapcard_protocol::enrolment::{
    Answer, AskNonce, AskToken, Base64, LEAVE, MAIL_EXPORT, Mailed, NONCE, Nonce, REDEEM, Redeem,
    TOKEN, signed, words,
};
use tapcard_protocol::wipe::SEALED;

use super::{Door, Held, Token, client, key};
use crate::trust::Demands;

/// How long the cloud may take for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What of a kiosk that was erased the cloud has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// This box.
    One,
    /// All that there was, before.
    All,
}

/// Who asks the cloud for tokens.
pub struct Kiosk {
    /// Which terminal it is.
    pub terminal: TerminalId,
    /// What its owner calls it.
    pub name: String,
    /// Redeemed when the key is not known there yet.
    pub code: Option<String>,
    /// Where the key is, or is made.
    pub key_file: PathBuf,
}

/// The cloud's address, and what is needed to prove oneself there.
pub struct Cloud {
    door: Door,
    kiosk: Kiosk,
    key: Option<SigningKey>,
}

impl Cloud {
    /// The cloud at `address`, such as `https://cards.example.org`, which must show what is demanded.
    #[must_use]
    pub fn new(address: &str, demands: Demands, kiosk: Kiosk) -> Cloud {
        Cloud { door: Door::new(address, demands, PATIENCE), kiosk, key: None }
    }

    /// A token for a signature; the code is redeemed before, if the cloud does not know the key.
    pub(super) fn token(&mut self) -> Result<Token, Held> {
        let key = match &self.key {
            Some(it) => it.clone(),
            None => self.key.insert(key::open(&self.kiosk.key_file)?).clone(),
        };
        match self.ask_token(&key)? {
            Answer::Refused => match self.redeem(&key)? {
                Answer::Waiting => Err(self.to_compare(&key)),
                Answer::Enrolled => {
                    Err(anyhow!("the cloud knows this kiosk and gives it no token").into())
                }
                Answer::Refused | Answer::Token { .. } | Answer::Erased => Err(Held::Refused),
            },
            Answer::Waiting | Answer::Enrolled => Err(self.to_compare(&key)),
            Answer::Erased => Err(Held::Erased),
            Answer::Token { token, life, order_key } => {
                Ok(Token { text: token, life: Some(Duration::from_secs(life)), order_key })
            }
        }
    }

    /// What the cloud's store has under a name.
    ///
    /// # Errors
    /// Fails when the cloud is not there, or gives nothing of that name to this kiosk.
    pub fn medium(&mut self, name: MediaName) -> Result<Vec<u8>> {
        let token = self.own_token()?;
        self.door.fetch(&format!("/media/{name}"), &token)
    }

    /// Lets the owner have the way to the contacts by mail.
    ///
    /// # Errors
    /// Fails when the cloud is not there, or does not know this kiosk.
    pub fn mail_export(&mut self) -> Result<Mailed> {
        let token = self.own_token()?;
        self.door.post_as(MAIL_EXPORT, &(), Some(&token))
    }

    /// Hands over a box with what was not sent.
    ///
    /// # Errors
    /// Fails when the cloud is not there, or has not taken it; then it is still to be handed over.
    pub fn hand_over(&mut self, sealed: &[u8]) -> Result<Taken> {
        match self.token() {
            Err(Held::Erased) => Ok(Taken::All),
            Err(Held::Away(why)) => Err(why),
            Err(Held::Compare(_) | Held::Refused) => bail!("the cloud does not know this kiosk"),
            Ok(token) => self.door.send(SEALED, &token.text, sealed).map(|()| Taken::One),
        }
    }

    /// Makes void what this kiosk proves itself by: the key, and this token of its own.
    ///
    /// # Errors
    /// Fails when the cloud is not there, or does not know this kiosk.
    pub fn leave(&self, token: &str) -> Result<()> {
        self.door.post_as(LEAVE, &(), Some(token))
    }

    /// A token, for a question that is asked once.
    ///
    /// # Errors
    /// Fails when the cloud is not there, or does not know this kiosk.
    pub fn own_token(&mut self) -> Result<String> {
        match self.token() {
            Ok(it) => Ok(it.text),
            Err(Held::Away(why)) => Err(why),
            Err(Held::Compare(_) | Held::Refused | Held::Erased) => {
                bail!("the owner has not confirmed this kiosk")
            }
        }
    }

    fn to_compare(&self, key: &SigningKey) -> Held {
        Held::Compare(words(self.kiosk.terminal, &Base64(key.verifying_key().to_bytes())))
    }

    fn ask_token(&self, key: &SigningKey) -> Result<Answer> {
        let Kiosk { terminal, name, .. } = &self.kiosk;
        let (terminal, name) = (*terminal, name.clone());
        let Nonce { nonce } = self.door.post(NONCE, &AskNonce { terminal })?;
        let signature = Base64(key.sign(&signed(terminal, &nonce)).to_bytes());
        self.door.post(TOKEN, &AskToken { terminal, nonce, signature, client: client(), name })
    }

    fn redeem(&self, key: &SigningKey) -> Result<Answer> {
        let Some(code) = self.kiosk.code.clone() else { return Ok(Answer::Refused) };
        let key = Base64(key.verifying_key().to_bytes());
        self.door.post(REDEEM, &Redeem { terminal: self.kiosk.terminal, code, key })
    }
}
