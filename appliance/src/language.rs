//! The languages of the screens. Pure.

use serde::Deserialize;

/// A language that the screens speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Language {
    /// English, in which the screens are written.
    #[default]
    #[serde(rename = "en")]
    English,
    /// German.
    #[serde(rename = "de")]
    German,
    /// French.
    #[serde(rename = "fr")]
    French,
    /// Spanish.
    #[serde(rename = "es")]
    Spanish,
    /// Chinese, in simplified characters.
    #[serde(rename = "zh")]
    Chinese,
    /// Japanese.
    #[serde(rename = "ja")]
    Japanese,
}

impl Language {
    /// All of them, as the invitation shows them.
    pub const ALL: [Language; 6] = [
        Language::English,
        Language::German,
        Language::French,
        Language::Spanish,
        Language::Chinese,
        Language::Japanese,
    ];

    /// Its tag (RFC 5646).
    pub const fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::German => "de",
            Language::French => "fr",
            Language::Spanish => "es",
            Language::Chinese => "zh",
            Language::Japanese => "ja",
        }
    }

    /// What its speakers call it.
    pub const fn name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::German => "Deutsch",
            Language::French => "Français",
            Language::Spanish => "Español",
            Language::Chinese => "中文",
            Language::Japanese => "日本語",
        }
    }

    /// The one after it; after the last one comes the first.
    pub fn next(self) -> Language {
        Language::at(self.place() + 1).unwrap_or_default()
    }

    /// Its place in [`Language::ALL`].
    pub fn place(self) -> i32 {
        self as i32
    }

    /// The one of this place in [`Language::ALL`].
    pub fn at(place: i32) -> Option<Language> {
        usize::try_from(place).ok().and_then(|it| Language::ALL.get(it)).copied()
    }
}
