//! The keys of orders to erase a stolen kiosk: one that signs them, and the pair to which kiosks seal what they had not sent.

use std::path::Path;

use crypto_box::SecretKey;
use ed25519_dalek::{Signer, SigningKey};
use tapcard_protocol::TerminalId;
use tapcard_protocol::enrolment::{Base64, PublicKey};
use tapcard_protocol::wipe::{Order, Unsent, WipeNonce};

use super::secret;

/// The key that signs orders.
#[derive(Clone)]
pub(crate) struct OrderKey(SigningKey);

impl OrderKey {
    /// What kiosks know it by.
    pub(crate) fn public(&self) -> PublicKey {
        Base64(self.0.verifying_key().to_bytes())
    }

    fn sign(&self, order: &Order) -> Base64<64> {
        Base64(self.0.sign(&order.signed()).to_bytes())
    }
}

/// The secret half of the pair to which kiosks seal.
#[derive(Clone)]
pub(crate) struct SealedKey(SecretKey);

impl SealedKey {
    /// What a kiosk has sealed; nothing if it was sealed to somebody else, or changed.
    pub(crate) fn open(&self, sealed: &[u8]) -> Option<Unsent> {
        Unsent::read(&self.0.unseal(sealed).ok()?)
    }
}

/// The key of `DIR/orders.key`; made at the first use. All workers of one database must have the same.
///
/// # Errors
/// Fails when the file cannot be read or made.
pub(crate) fn orders(folder: &Path) -> anyhow::Result<OrderKey> {
    secret(&folder.join("orders.key")).map(|it| OrderKey(SigningKey::from_bytes(&it)))
}

/// The key of `DIR/sealed.key`, in the same way. Whoever loses it loses what stolen kiosks had not sent.
///
/// # Errors
/// Fails when the file cannot be read or made.
pub(crate) fn sealed(folder: &Path) -> anyhow::Result<SealedKey> {
    secret(&folder.join("sealed.key")).map(|it| SealedKey(SecretKey::from(it)))
}

/// An order for a kiosk, with its signature.
///
/// # Errors
/// Fails when a key cannot be read or made.
pub(crate) fn order(
    folder: &Path,
    terminal: TerminalId,
    nonce: WipeNonce,
) -> anyhow::Result<(Order, Base64<64>)> {
    let seal_key = Base64(*sealed(folder)?.0.public_key().as_bytes());
    let order = Order { terminal, nonce, seal_key };
    Ok((order, orders(folder)?.sign(&order)))
}

#[cfg(test)]
mod tests {
    use crypto_box::aead::OsRng;

    use super::*;

    #[test]
    fn an_order_is_signed_and_what_is_sealed_on_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let (terminal, nonce) = (TerminalId::new(7), Base64([1; 16]));
        let (it, signature) = order(folder.path(), terminal, nonce).unwrap();
        let key = orders(folder.path()).unwrap();
        assert!(it.is_signed(&key.public(), &signature));

        let unsent = Unsent { terminal, nonce, is_last: true, tasks: vec!["{}".into()] };
        let seal_key = crypto_box::PublicKey::from(it.seal_key.0);
        let mut sealed_box = seal_key.seal(&mut OsRng, &unsent.write()).unwrap();
        let key = sealed(folder.path()).unwrap();
        assert!(key.open(&sealed_box) == Some(unsent));
        sealed_box[40] ^= 1;
        assert!(key.open(&sealed_box).is_none());
        assert!(key.open(b"").is_none());
    }
}
