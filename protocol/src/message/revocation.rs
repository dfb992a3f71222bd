//! What workers tell the gate: which tokens no longer count.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Undecodable;
use super::event::{CLOUD, Event, TYPE, event};
use crate::TerminalId;

/// The type of the event.
const NAME: &str = "revocation";

/// A part of the list of revoked tokens, or an addition to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Revocation {
    /// Terminals whose earlier tokens no longer count; at most [`Revocation::MOST`] in one message.
    #[serde(default)]
    pub revoked: Vec<Revoked>,
    /// The list is complete with this message.
    #[serde(default)]
    pub complete: bool,
}

/// One terminal's tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Revoked {
    /// The terminal.
    pub terminal: TerminalId,
    /// Tokens that were signed before this time do not count, in seconds since 1970.
    pub not_before: u64,
}

impl Revocation {
    /// Most entries of one message, which then has less than 64 KiB.
    pub const MOST: usize = 500;

    /// As an MQTT payload for [`crate::topic::Topic::Revoke`].
    pub fn write(&self, at: Timestamp) -> Vec<u8> {
        event(NAME, &format!("{TYPE}{NAME}"), CLOUD, at, &json!(self))
    }

    /// Reads a payload.
    ///
    /// # Errors
    /// Fails when it is no revocation.
    pub fn read(payload: &[u8]) -> Result<Revocation, Undecodable> {
        let event: Event = serde_json::from_slice(payload).map_err(|_| Undecodable)?;
        let is_one = event.r#type.strip_prefix(TYPE) == Some(NAME);
        let read = serde_json::from_value(event.data).map_err(|_| Undecodable)?;
        if is_one { Ok(read) } else { Err(Undecodable) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::MAX_PAYLOAD;
    use super::*;

    #[test]
    fn the_longest_message_fits_and_is_read_as_it_was_written() {
        let revoked = Revoked { terminal: TerminalId::new(u64::MAX >> 1), not_before: u64::MAX };
        let longest = Revocation { revoked: vec![revoked; Revocation::MOST], complete: true };
        let payload = longest.write(Timestamp::UNIX_EPOCH);
        assert!(payload.len() < MAX_PAYLOAD);
        assert_eq!(Revocation::read(&payload), Ok(longest));
    }

    #[test]
    fn anything_else_is_no_revocation() {
        for payload in [
            "",
            "{}",
            r#"{"specversion":"1.0","type":"org.tapcard.notice","source":"x","data":{}}"#,
        ] {
            assert_eq!(Revocation::read(payload.as_bytes()), Err(Undecodable), "{payload}");
        }
    }
}
