//! Layouts as data.

use super::Purpose;
use super::compose::{Composer, Kana, Pinyin};
use crate::language::Language;

/// Rows of keys.
pub(super) type Rows = &'static [&'static [&'static str]];

const QWERTY: Rows = &[
    &["q", "w", "e", "r", "t", "y", "u", "i", "o", "p"],
    &["a", "s", "d", "f", "g", "h", "j", "k", "l"],
    &["z", "x", "c", "v", "b", "n", "m"],
];
const QWERTZ: Rows = &[
    &["q", "w", "e", "r", "t", "z", "u", "i", "o", "p", "ü"],
    &["a", "s", "d", "f", "g", "h", "j", "k", "l", "ö", "ä"],
    &["y", "x", "c", "v", "b", "n", "m", "ß"],
];
const AZERTY: Rows = &[
    &["a", "z", "e", "r", "t", "y", "u", "i", "o", "p", "é"],
    &["q", "s", "d", "f", "g", "h", "j", "k", "l", "m", "è"],
    &["w", "x", "c", "v", "b", "n", "ç", "à"],
];
const SPANISH: Rows = &[
    &["q", "w", "e", "r", "t", "y", "u", "i", "o", "p", "á"],
    &["a", "s", "d", "f", "g", "h", "j", "k", "l", "ñ", "é"],
    &["z", "x", "c", "v", "b", "n", "m", "í", "ó"],
];
pub(super) const SIGNS: Rows = &[
    &["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"],
    &["-", "/", ":", ";", "(", ")", "&", "+", "#", "%"],
    &["_", "’", "\"", "!", "?", ",", "·"],
];
/// Signs of a password. With the shifted ones and those beside the space bar they are all that ASCII has.
pub(super) const SECRET: Rows = &[
    &["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"],
    &["-", "/", ":", ";", "(", ")", "&", "+", "#", "%"],
    &["_", "'", "\"", "!", "?", ",", "*", "="],
];
pub(super) const SECRET_RARE: Rows = &[
    &["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"],
    &["[", "]", "{", "}", "<", ">", "|", "\\", "^", "~"],
    &["`", "'", "\"", "!", "?", ",", "*", "="],
];
pub(super) const DIGITS: Rows =
    &[&["1", "2", "3", "4", "5"], &["6", "7", "8", "9", "0"], &["+", "-", "(", ")"]];

/// What stands beside the space bar, before and behind it.
pub(super) fn beside_space(purpose: Purpose) -> (&'static [&'static str], &'static [&'static str]) {
    match purpose {
        Purpose::Words => (&[","], &["."]),
        Purpose::Number => (&[], &[]),
        Purpose::Address => (&["@", "-"], &[".", "/"]),
        Purpose::Secret => (&["@", "-"], &[".", "$"]),
    }
}

/// A layout of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// As in English.
    Qwerty,
    /// As in German.
    Qwertz,
    /// As in French.
    Azerty,
    /// As in Spanish.
    Spanish,
    /// Chinese by its sounds.
    Pinyin,
    /// Japanese by its sounds.
    Kana,
}

impl Layout {
    /// All of them, in the order in which one follows another.
    pub const ALL: [Layout; 6] = [
        Layout::Qwerty,
        Layout::Qwertz,
        Layout::Azerty,
        Layout::Spanish,
        Layout::Pinyin,
        Layout::Kana,
    ];

    /// The one for a language.
    pub fn of(language: Language) -> Layout {
        match language {
            Language::English => Layout::Qwerty,
            Language::German => Layout::Qwertz,
            Language::French => Layout::Azerty,
            Language::Spanish => Layout::Spanish,
            Language::Chinese => Layout::Pinyin,
            Language::Japanese => Layout::Kana,
        }
    }

    pub(super) fn next(self) -> Layout {
        let at = Layout::ALL.iter().position(|it| *it == self).unwrap_or_default();
        Layout::ALL[(at + 1) % Layout::ALL.len()]
    }

    /// Its short name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Layout::Qwerty => "EN",
            Layout::Qwertz => "DE",
            Layout::Azerty => "FR",
            Layout::Spanish => "ES",
            Layout::Pinyin => "拼",
            Layout::Kana => "あ",
        }
    }

    pub(super) const fn rows(self) -> Rows {
        match self {
            Layout::Qwerty | Layout::Pinyin | Layout::Kana => QWERTY,
            Layout::Qwertz => QWERTZ,
            Layout::Azerty => AZERTY,
            Layout::Spanish => SPANISH,
        }
    }

    /// What makes characters of its letters.
    pub(super) fn composer(self) -> Option<Composer> {
        match self {
            Layout::Pinyin => Some(Composer::new(Pinyin)),
            Layout::Kana => Some(Composer::new(Kana)),
            _ => None,
        }
    }
}
