//! The way back to an account whose number is lost: a name that its owner chose, and a code that is shown once.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

/// Crockford's base32 in capitals: no letter that looks like another (<https://www.crockford.com/base32.html>).
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code: 100 bits.
const LENGTH: usize = 20;
/// Characters of a group.
const GROUP: usize = 5;

/// A code out of as many random bytes as it has characters.
pub(crate) fn code(drawn: &[u8; LENGTH]) -> String {
    let digits: Vec<char> =
        drawn.iter().map(|it| char::from(DIGITS[usize::from(it & 31)])).collect();
    let groups: Vec<String> = digits.chunks(GROUP).map(|it| it.iter().collect()).collect();
    groups.join("-")
}

/// A code as people type it: without what parts it, in capitals, with O and I for what they look like.
fn plain(typed: &str) -> String {
    let letters =
        typed.chars().filter(char::is_ascii_alphanumeric).map(|it| it.to_ascii_uppercase());
    letters
        .map(|it| match it {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

/// What is kept of a code: its Argon2id hash (RFC 9106) with the parameters in it.
pub(crate) fn hashed(code: &str, salt: &[u8; 16]) -> String {
    let hash = Argon2::default().hash_password_with_salt(plain(code).as_bytes(), salt);
    hash.expect("the parameters are the crate's own").to_string()
}

/// Whether a code is the one that a hash was made of. Without a hash it takes as long.
pub(crate) fn fits(typed: &str, hash: Option<&str>) -> bool {
    static NOBODYS: LazyLock<String> = LazyLock::new(|| hashed("", &[0; 16]));
    let text = hash.unwrap_or(&NOBODYS);
    let is_right = PasswordHash::new(text)
        .is_ok_and(|it| Argon2::default().verify_password(plain(typed).as_bytes(), &it).is_ok());
    is_right && hash.is_some()
}

/// A name as it is kept: 3 to 30 of a to z, digits, point, hyphen and underscore; none if it is no name.
pub(crate) fn name(typed: &str) -> Option<String> {
    let name = typed.trim().to_ascii_lowercase();
    let is_plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || b".-_".contains(&it);
    let begins = name.bytes().next().is_some_and(|it| it.is_ascii_lowercase());
    ((3..=30).contains(&name.len()) && begins && name.bytes().all(is_plain)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_again_however_it_is_typed() {
        let code = code(&std::array::from_fn(|it| it as u8 * 7));
        assert_eq!(code.len(), 23);
        let hash = hashed(&code, &[7; 16]);
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(
            fits(&code, Some(&hash)) && fits(&code.to_lowercase().replace('-', " "), Some(&hash))
        );
        assert!(fits(&code.replace('0', "o").replace('1', "l"), Some(&hash)));
        assert!(!fits(&code[..22], Some(&hash)) && !fits("", Some(&hash)) && !fits(&code, None));
        assert!(!fits("", None) && !fits(&code, Some("no hash")));
    }

    #[test]
    fn a_name_is_plain() {
        assert_eq!(name(" Ada.Lindqvist "), Some("ada.lindqvist".into()));
        for wrong in ["", "ab", "+4917", "4ada", "ada lindqvist", "ädä", &"x".repeat(31)] {
            assert_eq!(name(wrong), None, "{wrong}");
        }
    }
}
