//! Links by which somebody without a session gets one picture for an hour: signed, so that a name alone opens nothing.

use std::time::Duration;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use tapcard_protocol::card::MediaName;

/// How long a link is good for.
const LIFE: Duration = Duration::from_hours(1);

/// The secret that signs links. It has no `Debug`.
#[derive(Clone)]
pub(crate) struct LinkKey(pub(crate) [u8; 32]);

impl LinkKey {
    /// The address of a medium, with what opens it.
    pub(crate) fn link(&self, name: MediaName, now: Timestamp) -> String {
        // To the hour, so that a browser which loads a page again finds the picture where it had it.
        let life = LIFE.as_secs().cast_signed();
        let until = (now.as_second() / life + 2) * life;
        format!("/media/{name}?until={until}&proof={}", HEXLOWER.encode(&self.proof(name, until)))
    }

    /// Whether a link with this end opens it now; `until` in seconds since 1970.
    pub(crate) fn opens(&self, name: MediaName, until: i64, proof: &str, now: Timestamp) -> bool {
        let Ok(proof) = HEXLOWER.decode(proof.as_bytes()) else { return false };
        until > now.as_second() && self.mac(name, until).verify_slice(&proof).is_ok()
    }

    fn proof(&self, name: MediaName, until: i64) -> [u8; 32] {
        self.mac(name, until).finalize().into_bytes().into()
    }

    fn mac(&self, name: MediaName, until: i64) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.chain_update(name.0).chain_update(until.to_be_bytes())
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn parts(link: &str) -> (i64, String) {
        let (_, query) = link.split_once("?until=").unwrap();
        let (until, proof) = query.split_once("&proof=").unwrap();
        (until.parse().unwrap(), proof.to_owned())
    }

    #[test]
    fn a_link_opens_its_own_picture_for_an_hour_or_two() {
        let (key, name, now) = (LinkKey([1; 32]), MediaName([5; 16]), Timestamp::UNIX_EPOCH);
        let (until, proof) = parts(&key.link(name, now));
        let after = |minutes| now + SignedDuration::from_mins(minutes);
        assert!(key.opens(name, until, &proof, now) && key.opens(name, until, &proof, after(60)));
        assert!(!key.opens(name, until, &proof, after(120)));
        assert!(!key.opens(name, until + 1, &proof, now), "a longer life");
        assert!(!key.opens(MediaName([6; 16]), until, &proof, now), "another picture");
        assert!(!LinkKey([2; 32]).opens(name, until, &proof, now), "another key");
        assert!(!key.opens(name, until, "", now) && !key.opens(name, until, "zz", now));
    }
}
