//! One-time codes: how they look, how many may be asked for, and when one counts. Pure; randomness, time and what was
//! asked before come from outside.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tapcard_protocol::TerminalId;
use tapcard_protocol::enrolment::plain;

use crate::addressee::Addressee;

/// Digits of a code.
const DIGITS: usize = 6;
/// How many codes may be asked for, by what they have in common.
const PER_NUMBER_AND_HOUR: i64 = 3;
const PER_NUMBER_AND_DAY: i64 = 10;
const PER_TOUCH: i64 = 5;
const PER_KIOSK_AND_HOUR: i64 = 120;

/// The secret under which codes are stored.
#[derive(Clone)]
pub(crate) struct Key(pub(crate) [u8; 32]);

/// What was asked for before.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked {
    /// For this number or address in the last hour.
    pub(crate) number_hour: i64,
    /// For it in the last day.
    pub(crate) number_day: i64,
    /// At this touch.
    pub(crate) touch: i64,
    /// At this kiosk in the last hour.
    pub(crate) kiosk_hour: i64,
    /// By everybody in the last day, in the same way.
    pub(crate) all_day: i64,
}

/// Whether one more code may be sent; `budget` is how many a day may be sent in all.
pub(crate) fn may_ask(asked: &Asked, budget: i64) -> bool {
    asked.number_hour < PER_NUMBER_AND_HOUR
        && asked.number_day < PER_NUMBER_AND_DAY
        && asked.touch < PER_TOUCH
        && asked.kiosk_hour < PER_KIOSK_AND_HOUR
        && asked.all_day < budget
}

/// A code out of 64 random bits; the bias of the remainder is below 10⁻¹².
pub(crate) fn code(random: u64) -> String {
    let number = random % 10_u64.pow(DIGITS as u32);
    format!("{number:0DIGITS$}")
}

/// What is stored of a code, and compared with what a browser says: bound to the browser and to whom it went.
pub(crate) fn sealed(key: &Key, browser: &[u8], to: &Addressee, code: &str) -> Vec<u8> {
    mac(key, browser, to, code).finalize().into_bytes().to_vec()
}

/// Whether a code is the stored one; takes the same time whatever the answer is. People put spaces between digits.
pub(crate) fn fits(key: &Key, browser: &[u8], to: &Addressee, said: &str, stored: &[u8]) -> bool {
    let digits: String = said.chars().filter(char::is_ascii_digit).collect();
    mac(key, browser, to, &digits).verify_slice(stored).is_ok()
}

fn mac(key: &Key, browser: &[u8], to: &Addressee, code: &str) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(&key.0).expect("HMAC takes keys of any length");
    mac.chain_update(browser).chain_update(to.as_str()).chain_update(code)
}

/// What is kept of the code by which a kiosk is enrolled.
pub(crate) fn sealed_enrolment(key: &Key, terminal: TerminalId, code: &str) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(&key.0).expect("HMAC takes keys of any length");
    let mac = mac.chain_update("enrolment ").chain_update(terminal.as_u64().to_be_bytes());
    mac.chain_update(plain(code)).finalize().into_bytes().to_vec()
}

/// The subject of a mail with a code.
pub(crate) const SUBJECT: &str = "Your Tapcard code";

/// What the message says. Browsers find the code by its last line and the host that it names
/// (<https://wicg.github.io/sms-one-time-codes/>).
pub(crate) fn text(code: &str, host: &str) -> String {
    format!("Your Tapcard code is {code}. Nobody else needs it.\n\n@{host} #{code}")
}

/// The subject of a mail that says so.
pub(crate) const LEAVING: &str = "Your Tapcard account moves";

/// What a number is told whose account is about to leave it.
pub(crate) fn leaving(host: &str) -> String {
    format!(
        "Your Tapcard account moves to another number in three days. If that was not you, call it off: {host}/account/number"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = Key([7; 32]);

    fn number(text: &str) -> Addressee {
        Addressee::read(text).unwrap()
    }

    #[test]
    fn a_code_has_six_digits() {
        assert_eq!((code(0).as_str(), code(1_000_007).as_str()), ("000000", "000007"));
        assert_eq!(code(u64::MAX).len(), DIGITS);
    }

    #[test]
    fn a_code_fits_its_browser_and_number_alone() {
        let (ada, bo) = (number("+491713920001"), number("+491713920002"));
        let stored = sealed(&KEY, b"browser", &ada, "123456");
        assert!(fits(&KEY, b"browser", &ada, " 123 456 ", &stored));
        for said in ["123457", "", "1234567", "abcdef"] {
            assert!(!fits(&KEY, b"browser", &ada, said, &stored), "{said}");
        }
        assert!(!fits(&KEY, b"other", &ada, "123456", &stored));
        assert!(!fits(&KEY, b"browser", &bo, "123456", &stored));
        assert!(!fits(&Key([8; 32]), b"browser", &ada, "123456", &stored));
    }

    #[test]
    fn each_limit_holds_alone() {
        let none = Asked::default();
        assert!(may_ask(&none, 1) && !may_ask(&none, 0));
        let full = [
            Asked { number_hour: 3, ..none },
            Asked { number_day: 10, ..none },
            Asked { touch: 5, ..none },
            Asked { kiosk_hour: 120, ..none },
            Asked { all_day: 50, ..none },
        ];
        for asked in full {
            assert!(!may_ask(&asked, 50), "{asked:?}");
        }
        let below = Asked { number_hour: 2, number_day: 9, touch: 4, kiosk_hour: 119, all_day: 49 };
        assert!(may_ask(&below, 50));
    }
}
