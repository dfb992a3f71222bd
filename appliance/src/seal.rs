//! Boxes that only the holder of another's secret key opens, as libsodium makes them
//! (<https://doc.libsodium.org/public-key_cryptography/sealed_boxes>).

use anyhow::{Result, anyhow};
use crypto_box::PublicKey;
use crypto_box::aead::OsRng;
use tapcard_protocol::wipe::SealKey;

/// Seals to a key.
///
/// # Errors
/// Fails when the text is longer than any.
pub fn to(key: &SealKey, text: &[u8]) -> Result<Vec<u8>> {
    PublicKey::from(key.0).seal(&mut OsRng, text).map_err(|_| anyhow!("sealing for the cloud"))
}
