//! What the driver does when it is told that the kiosk was stolen.

use anyhow::Result;
use tapcard_protocol::TerminalId;
use tapcard_protocol::enrolment::{Base64, PublicKey};
use tapcard_protocol::wipe::Order;
use tracing::{info, warn};

use super::Driver;
use crate::seal;

impl Driver {
    /// Seals what was not sent and erases everything, if the cloud has signed that for this kiosk; else nothing.
    pub(super) fn obey(&mut self, order: &Order, signature: &Base64<64>) -> Result<()> {
        let (own, key) = (self.identity.terminal, self.order_key.as_ref());
        if let Some(why) = objection(order, signature, own, key) {
            warn!("passed over an order to erase this kiosk: {why}");
            return Ok(());
        }
        if self.edges.store.obey(order, |it| seal::to(&order.seal_key, it))? {
            info!("erased everything on the owner's order");
        }
        // Nobody goes on with a store that is erased.
        self.is_erased = true;
        Ok(())
    }
}

/// What there is against an order.
fn objection(
    order: &Order,
    signature: &Base64<64>,
    own: TerminalId,
    key: Option<&PublicKey>,
) -> Option<&'static str> {
    match key {
        _ if order.terminal != own => Some("it names another kiosk"),
        None => Some("the cloud has not said who signs such orders"),
        Some(key) if !order.is_signed(key, signature) => Some("the cloud has not signed it"),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;

    #[test]
    fn only_what_the_cloud_has_signed_for_this_kiosk_counts() {
        let (own, other) = (TerminalId::new(7), TerminalId::new(8));
        let order =
            |terminal| Order { terminal, nonce: Base64([1; 16]), seal_key: Base64([2; 32]) };
        let key = SigningKey::from_bytes(&[3; 32]);
        let public = Base64(key.verifying_key().to_bytes());
        let sign = |it: &Order| Base64(key.sign(&it.signed()).to_bytes());
        let (right, foreign) = (order(own), order(other));
        assert_eq!(objection(&right, &sign(&right), own, Some(&public)), None);
        assert!(objection(&foreign, &sign(&foreign), own, Some(&public)).is_some());
        assert!(objection(&right, &sign(&foreign), own, Some(&public)).is_some());
        assert!(objection(&right, &sign(&right), own, None).is_some());
        let stranger = Base64(SigningKey::from_bytes(&[4; 32]).verifying_key().to_bytes());
        assert!(objection(&right, &sign(&right), own, Some(&stranger)).is_some());
    }
}
