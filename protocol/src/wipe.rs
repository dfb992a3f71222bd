//! The order to erase a stolen kiosk. Only one that the cloud has signed for this very kiosk counts. What the kiosk has not
//! sent goes to the cloud's key first, in boxes that nobody else can open, and from there to the cloud.

use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::TerminalId;
use crate::enrolment::{Base64, PublicKey};

/// Where a kiosk hands over what it had not sent, with its token.
pub const SEALED: &str = "/kiosk/sealed";
/// Most bytes of the tasks in one box. A single task is always smaller.
pub const MAX_TASKS: usize = 256 * 1024;
/// Most bytes of a box. In JSON a letter takes two bytes at most, as tasks are written.
pub const MAX_SEALED: usize = 2 * MAX_TASKS + 64 * 1024;
/// What a signature is for, so that it fits nothing else.
const PURPOSE: &[u8] = b"tapcard wipe 1\0";

/// Bytes that no two orders share.
pub type WipeNonce = Base64<16>;
/// An X25519 public key (RFC 7748), to which the kiosk seals.
pub type SealKey = Base64<32>;

/// What a kiosk is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Which kiosk.
    pub terminal: TerminalId,
    /// Which order: each is carried out once.
    pub nonce: WipeNonce,
    /// To whom the kiosk seals what it has not sent.
    pub seal_key: SealKey,
}

impl Order {
    /// What the cloud signs. Every part has a length of its own, so that no two orders are written alike.
    #[must_use]
    pub fn signed(&self) -> Vec<u8> {
        let terminal = self.terminal.as_u64().to_be_bytes();
        [PURPOSE, &terminal, &self.nonce.0, &self.seal_key.0].concat()
    }

    /// Whether the key that gives orders has signed this one.
    #[must_use]
    pub fn is_signed(&self, key: &PublicKey, signature: &Base64<64>) -> bool {
        let signature = Signature::from_bytes(&signature.0);
        VerifyingKey::from_bytes(&key.0)
            .is_ok_and(|key| key.verify_strict(&self.signed(), &signature).is_ok())
    }
}

/// What is in a box.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsent {
    /// Which kiosk has sealed it.
    pub terminal: TerminalId,
    /// On which order.
    pub nonce: WipeNonce,
    /// No box follows.
    pub is_last: bool,
    /// The messages, as they would have gone over MQTT; the oldest first.
    pub tasks: Vec<String>,
}

impl Unsent {
    /// As it is sealed.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and numbers can be written")
    }

    /// What was sealed; nothing if it is not that.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Unsent> {
        serde_json::from_slice(bytes).ok()
    }
}

/// The tasks of an outbox as boxes, of which the last says so; one without tasks if there are none.
#[must_use]
pub fn boxes(order: &Order, tasks: Vec<String>) -> Vec<Unsent> {
    let (terminal, nonce) = (order.terminal, order.nonce);
    let empty = || Unsent { terminal, nonce, is_last: false, tasks: vec![] };
    let (mut boxes, mut n_bytes) = (vec![], 0);
    let mut filled = empty();
    for task in tasks {
        if n_bytes + task.len() > MAX_TASKS && !filled.tasks.is_empty() {
            boxes.push(std::mem::replace(&mut filled, empty()));
            n_bytes = 0;
        }
        n_bytes += task.len();
        filled.tasks.push(task);
    }
    boxes.push(Unsent { is_last: true, ..filled });
    boxes
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;
    use crate::message::MAX_PAYLOAD;

    const ORDER: Order =
        Order { terminal: TerminalId::new(7), nonce: Base64([1; 16]), seal_key: Base64([2; 32]) };

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn public(seed: u8) -> PublicKey {
        Base64(key(seed).verifying_key().to_bytes())
    }

    fn sign(order: &Order) -> Base64<64> {
        Base64(key(5).sign(&order.signed()).to_bytes())
    }

    #[test]
    fn a_signed_order_counts() {
        assert!(ORDER.is_signed(&public(5), &sign(&ORDER)));
        assert!(ORDER.signed().starts_with(b"tapcard wipe 1\0"));
    }

    #[test]
    fn a_changed_order_or_another_key_counts_for_nothing() {
        let signature = sign(&ORDER);
        let others = [
            Order { terminal: TerminalId::new(8), ..ORDER },
            Order { nonce: Base64([9; 16]), ..ORDER },
            Order { seal_key: Base64([9; 32]), ..ORDER },
        ];
        for other in others {
            assert!(!other.is_signed(&public(5), &signature), "{other:?}");
        }
        assert!(!ORDER.is_signed(&public(6), &signature));
        // Not even a key that is none.
        assert!(!ORDER.is_signed(&Base64([0xff; 32]), &signature));
        for at in 0..64 {
            let mut changed = signature;
            changed.0[at] ^= 1;
            assert!(!ORDER.is_signed(&public(5), &changed), "byte {at}");
        }
    }

    #[test]
    fn a_signature_for_a_token_is_none_for_an_order() {
        let token = crate::enrolment::signed(ORDER.terminal, &Base64([1; 24]));
        let signature = Base64(key(5).sign(&token).to_bytes());
        assert!(!ORDER.is_signed(&public(5), &signature));
    }

    #[test]
    fn boxes_hold_every_task_in_order_and_end() {
        let large = |letter: char| String::from(letter).repeat(MAX_PAYLOAD);
        let tasks: Vec<String> = ('a'..='i').map(large).collect();
        let boxes = boxes(&ORDER, tasks.clone());
        let held: Vec<String> = boxes.iter().flat_map(|it| it.tasks.clone()).collect();
        assert_eq!(held, tasks);
        let ends: Vec<bool> = boxes.iter().map(|it| it.is_last).collect();
        assert_eq!(ends, [false, false, true]);
        for it in &boxes {
            assert!(it.write().len() <= MAX_SEALED, "{}", it.write().len());
            assert!(Unsent::read(&it.write()).as_ref() == Some(it));
        }
        assert!(Unsent::read(b"{}").is_none());
    }

    #[test]
    fn a_kiosk_that_has_sent_everything_hands_over_one_box() {
        let boxes = boxes(&ORDER, vec![]);
        assert_eq!(boxes.len(), 1);
        assert!(boxes[0].is_last && boxes[0].tasks.is_empty());
    }
}
