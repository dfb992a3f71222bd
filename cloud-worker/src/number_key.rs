//! How a number is remembered that must not be kept: by its HMAC under a key that is not in the database.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tapcard_protocol::{AccountId, Identifier};

/// The secret under which numbers are remembered. It has no `Debug`.
#[derive(Clone)]
pub(crate) struct NumberKey(pub(crate) [u8; 32]);

impl NumberKey {
    /// What is kept of a number.
    pub(crate) fn sealed(&self, number: &Identifier) -> Vec<u8> {
        self.mac(b"barred ", number).to_vec()
    }

    /// Under which number it stands in address books while it must have no account: the same for everybody, and in
    /// nothing different from an unclaimed account's.
    pub(crate) fn stand_in(&self, number: &Identifier) -> AccountId {
        self.account(b"stand-in ", number)
    }

    /// Under which number it stands in address books when it was named beyond the day's limit; its owner's account takes
    /// what stands there over.
    pub(crate) fn waiting(&self, number: &Identifier) -> AccountId {
        self.account(b"waiting ", number)
    }

    fn account(&self, purpose: &[u8], number: &Identifier) -> AccountId {
        let [a, b, c, d, e, f, g, h, ..] = self.mac(purpose, number);
        AccountId::new(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
    }

    fn mac(&self, purpose: &[u8], number: &Identifier) -> [u8; 32] {
        let mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.chain_update(purpose).chain_update(number.as_str()).finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_under_one_key_alone() {
        let of = |it: &str| Identifier::phone(it, None).unwrap();
        let (ada, bo) = (of("+491713920001"), of("+491713920002"));
        let (key, other) = (NumberKey([1; 32]), NumberKey([2; 32]));
        assert_eq!(key.sealed(&ada), key.sealed(&ada));
        assert_eq!(key.stand_in(&ada), key.stand_in(&ada));
        assert_ne!(key.sealed(&ada), key.sealed(&bo));
        assert_ne!(key.sealed(&ada), other.sealed(&ada));
        assert_ne!(key.stand_in(&ada), other.stand_in(&ada));
        assert_ne!(key.stand_in(&ada), key.waiting(&ada));
        assert_ne!(key.sealed(&ada)[..8], key.stand_in(&ada).as_u64().to_le_bytes());
    }
}
