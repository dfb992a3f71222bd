//! What a terminal has to sign: the time, and a proof that it is ours. Nothing of it is kept.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use tapcard_protocol::TerminalId;
use tapcard_protocol::enrolment::Base64;

/// How long a nonce is good for, in seconds.
const LIFE: i64 = 60;

/// By how many seconds another worker's clock may be ahead.
const AHEAD: i64 = 5;

/// The secret that proves nonces. It has no `Debug`.
#[derive(Clone)]
pub(crate) struct NonceKey(pub(crate) [u8; 32]);

impl NonceKey {
    /// A nonce: 8 bytes of time, 16 of proof.
    pub(crate) fn draw(&self, terminal: TerminalId, now: Timestamp) -> Base64<24> {
        let time = now.as_second().to_be_bytes();
        let mut nonce = [0; 24];
        nonce[..8].copy_from_slice(&time);
        nonce[8..].copy_from_slice(&self.mac(terminal, time).finalize().into_bytes()[..16]);
        Base64(nonce)
    }

    /// Whether a nonce was drawn for this terminal within the last minute.
    pub(crate) fn counts(&self, terminal: TerminalId, nonce: &Base64<24>, now: Timestamp) -> bool {
        let [time @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = nonce.0;
        let age = now.as_second().saturating_sub(i64::from_be_bytes(time));
        (-AHEAD..=LIFE).contains(&age)
            && self.mac(terminal, time).verify_truncated_left(&nonce.0[8..]).is_ok()
    }

    fn mac(&self, terminal: TerminalId, time: [u8; 8]) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.chain_update(terminal.as_u64().to_be_bytes()).chain_update(time)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_nonce_counts_for_its_terminal_for_a_minute() {
        let (key, terminal, now) = (NonceKey([1; 32]), TerminalId::new(5), Timestamp::UNIX_EPOCH);
        let nonce = key.draw(terminal, now);
        let after = |seconds| now + SignedDuration::from_secs(seconds);
        assert!(key.counts(terminal, &nonce, now) && key.counts(terminal, &nonce, after(60)));
        assert!(
            !key.counts(terminal, &nonce, after(61)) && !key.counts(terminal, &nonce, after(-6))
        );
        assert!(!key.counts(TerminalId::new(6), &nonce, now));
        assert!(!NonceKey([2; 32]).counts(terminal, &nonce, now));
        for at in 0..24 {
            let mut changed = nonce;
            changed.0[at] ^= 1;
            assert!(!key.counts(terminal, &changed, now), "{at}");
        }
    }
}
