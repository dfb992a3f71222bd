//! Whom a code goes to: a phone number or a mail address. Pure.

use std::fmt;

use lettre::Address;
use tapcard_protocol::Identifier;

/// Most bytes of a mail address (RFC 5321 §4.5.3.1.3, without the brackets).
const MAX_MAIL: usize = 254;

/// A mail address, in small letters. Its `Debug` is masked; never log what [`MailAddress::as_str`] gives.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct MailAddress(String);

impl MailAddress {
    /// Reads an address as people type it. Large letters are small ones: no provider keeps `Ada@` and `ada@` apart.
    pub(crate) fn read(text: &str) -> Option<MailAddress> {
        let text = text.trim().to_lowercase();
        let address: Address = text.parse().ok()?;
        let is_public = address.domain().contains('.') && !address.domain().ends_with('.');
        (is_public && text.len() <= MAX_MAIL).then_some(MailAddress(text))
    }

    /// The address.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("••••@••••")
    }
}

/// Whom a code goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Addressee {
    /// By text message.
    Number(Identifier),
    /// By mail.
    Mail(MailAddress),
}

impl Addressee {
    /// Reads what somebody typed, or what is stored.
    pub(crate) fn read(text: &str) -> Option<Addressee> {
        if text.contains('@') {
            return MailAddress::read(text).map(Addressee::Mail);
        }
        Identifier::phone(text, None).ok().map(Addressee::Number)
    }

    /// As it is stored. A number begins with `+`, a mail address has an `@`.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Addressee::Number(it) => it.as_str(),
            Addressee::Mail(it) => it.as_str(),
        }
    }
}

impl From<Identifier> for Addressee {
    fn from(number: Identifier) -> Self {
        Addressee::Number(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_however_it_is_typed() {
        let read = |text: &str| Addressee::read(text).map(|it| it.as_str().to_owned());
        assert_eq!(read(" Ada@Example.ORG ").as_deref(), Some("ada@example.org"));
        assert_eq!(read("+49 171 3920001").as_deref(), Some("+491713920001"));
        for stored in ["ada@example.org", "+491713920001"] {
            assert_eq!(read(stored).as_deref(), Some(stored));
        }
    }

    #[test]
    fn what_nobody_gets_mail_at_is_none() {
        let long = format!("{}@example.org", "a".repeat(250));
        for text in [
            "ada@",
            "@example.org",
            "ada@localhost",
            "a b@example.org",
            "ada@example.org\r\nBcc: eve@example.org",
            "ada@example.org, eve@example.org",
            "<ada@example.org>",
            &long,
        ] {
            assert_eq!(Addressee::read(text), None, "{text}");
        }
    }

    #[test]
    fn debug_shows_nobodys_address() {
        let it = Addressee::read("ada@example.org").unwrap();
        assert!(!format!("{it:?}").contains("ada"));
    }
}
