//! How the kiosk proves who it is: by a token that somebody put into a file, or by a key that it makes itself. Its owner
//! confirms that key once; from then on it fetches tokens with it.

mod cloud;
mod door;
mod finder;
mod key;
mod owned;
mod tls;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use tapcard_protocol::enrolment::{PublicKey, WORDS};

pub use cloud::{Cloud, Kiosk, Taken};
pub use door::Door;
pub use finder::{Finder, Found};
pub use owned::Owned;

/// What this program says of itself.
#[must_use]
pub fn client() -> String {
    format!("tapcard-kiosk {} {}", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH)
}

/// Where tokens come from.
pub enum Credentials {
    /// A file, read at every connection.
    File(PathBuf),
    /// The cloud, for a signature.
    Cloud(Box<Cloud>),
}

/// What the broker takes for a login.
pub struct Token {
    /// The token.
    pub text: String,
    /// How long it lasts, if that is known: it can be renewed while a connection stands.
    pub life: Option<Duration>,
    /// Who signs orders to erase this kiosk, as the cloud says.
    pub order_key: Option<PublicKey>,
}

/// Why there is no token.
#[derive(Debug)]
pub enum Held {
    /// The owner has not confirmed this kiosk: these words are to be compared.
    Compare([&'static str; WORDS]),
    /// The code is none of this kiosk's, or it was switched off.
    Refused,
    /// It was erased from afar, and the cloud has all that it had not sent.
    Erased,
    /// Something is in the way.
    Away(anyhow::Error),
}

impl From<anyhow::Error> for Held {
    fn from(why: anyhow::Error) -> Held {
        Held::Away(why)
    }
}

impl Credentials {
    /// A token that counts now.
    ///
    /// # Errors
    /// Says why there is none.
    pub fn token(&mut self) -> Result<Token, Held> {
        match self {
            Credentials::File(file) => {
                let text = std::fs::read_to_string(&*file)
                    .with_context(|| format!("reading the token file {}", file.display()))?;
                Ok(Token { text: text.trim().to_owned(), life: None, order_key: None })
            }
            Credentials::Cloud(it) => it.token(),
        }
    }
}
