//! Writing by sounds: Latin letters become characters.

use golia_pinyin::{PinyinEngine, Session};

/// Most letters that are composed at once.
const MOST: usize = 48;

/// What letters may become.
pub(super) trait Script {
    /// For letters of which there is one at least, the likeliest first.
    fn suggestions(&self, letters: &str) -> Vec<String>;
}

/// Letters on their way to characters. It learns nothing of what is chosen: the next person is another one.
pub struct Composer {
    script: Box<dyn Script>,
    letters: String,
}

impl Composer {
    pub(super) fn new(script: impl Script + 'static) -> Composer {
        Composer { script: Box::new(script), letters: String::new() }
    }

    /// One more letter.
    pub fn add(&mut self, letter: char) {
        if self.letters.len() < MOST {
            self.letters.push(letter.to_ascii_lowercase());
        }
    }

    /// Takes the last letter away.
    pub fn erase(&mut self) {
        self.letters.pop();
    }

    /// Forgets all letters.
    pub fn clear(&mut self) {
        self.letters.clear();
    }

    /// The letters.
    pub fn written(&self) -> &str {
        &self.letters
    }

    /// What they may become, the likeliest first.
    pub fn suggestions(&self) -> Vec<String> {
        if self.letters.is_empty() { vec![] } else { self.script.suggestions(&self.letters) }
    }
}

/// Chinese by Hanyu Pinyin, without tones.
pub(super) struct Pinyin;

impl Script for Pinyin {
    fn suggestions(&self, letters: &str) -> Vec<String> {
        // A new one each time: an engine remembers what was picked.
        let engine = PinyinEngine::new();
        let mut session = Session::new(&engine);
        letters.chars().for_each(|it| session.input_char(it));
        session.candidates().to_vec()
    }
}

/// Japanese syllables by Hepburn's romanisation: Hiragana, or Katakana.
pub(super) struct Kana;

impl Script for Kana {
    fn suggestions(&self, letters: &str) -> Vec<String> {
        let hiragana = hiragana(letters);
        let katakana = hiragana.chars().map(katakana).collect();
        vec![hiragana, katakana]
    }
}

/// Syllables by their first consonant, and for each vowel what it becomes.
const SYLLABLES: [(&str, [&str; 5]); 32] = [
    ("", ["あ", "い", "う", "え", "お"]),
    ("k", ["か", "き", "く", "け", "こ"]),
    ("ky", ["きゃ", "", "きゅ", "", "きょ"]),
    ("g", ["が", "ぎ", "ぐ", "げ", "ご"]),
    ("gy", ["ぎゃ", "", "ぎゅ", "", "ぎょ"]),
    ("s", ["さ", "し", "す", "せ", "そ"]),
    ("sh", ["しゃ", "し", "しゅ", "しぇ", "しょ"]),
    ("z", ["ざ", "じ", "ず", "ぜ", "ぞ"]),
    ("j", ["じゃ", "じ", "じゅ", "じぇ", "じょ"]),
    ("t", ["た", "ち", "つ", "て", "と"]),
    ("ch", ["ちゃ", "ち", "ちゅ", "ちぇ", "ちょ"]),
    ("ts", ["", "", "つ", "", ""]),
    ("d", ["だ", "ぢ", "づ", "で", "ど"]),
    ("n", ["な", "に", "ぬ", "ね", "の"]),
    ("ny", ["にゃ", "", "にゅ", "", "にょ"]),
    ("h", ["は", "ひ", "ふ", "へ", "ほ"]),
    ("hy", ["ひゃ", "", "ひゅ", "", "ひょ"]),
    ("f", ["ふぁ", "ふぃ", "ふ", "ふぇ", "ふぉ"]),
    ("b", ["ば", "び", "ぶ", "べ", "ぼ"]),
    ("by", ["びゃ", "", "びゅ", "", "びょ"]),
    ("p", ["ぱ", "ぴ", "ぷ", "ぺ", "ぽ"]),
    ("py", ["ぴゃ", "", "ぴゅ", "", "ぴょ"]),
    ("m", ["ま", "み", "む", "め", "も"]),
    ("my", ["みゃ", "", "みゅ", "", "みょ"]),
    ("y", ["や", "", "ゆ", "", "よ"]),
    ("r", ["ら", "り", "る", "れ", "ろ"]),
    ("ry", ["りゃ", "", "りゅ", "", "りょ"]),
    ("w", ["わ", "", "", "", "を"]),
    ("v", ["ゔぁ", "ゔぃ", "ゔ", "ゔぇ", "ゔぉ"]),
    ("l", ["ら", "り", "る", "れ", "ろ"]),
    ("c", ["か", "し", "く", "せ", "こ"]),
    ("q", ["", "", "く", "", ""]),
];

fn hiragana(letters: &str) -> String {
    let mut kana = String::new();
    let mut consonants = String::new();
    for letter in letters.chars() {
        match "aiueo".find(letter) {
            Some(vowel) => {
                kana += &syllable(&consonants, vowel, letter);
                consonants.clear();
            }
            // A doubled consonant is a small pause; a doubled n is the nasal, as is one before another consonant.
            None if consonants == "n" && letter != 'y' => {
                kana.push('ん');
                consonants.clear();
                consonants.push(letter);
            }
            None if consonants.ends_with(letter) => kana.push('っ'),
            None => consonants.push(letter),
        }
    }
    match consonants.as_str() {
        "n" => kana.push('ん'),
        rest => kana += rest,
    }
    kana
}

fn syllable(consonants: &str, vowel: usize, letter: char) -> String {
    let found = SYLLABLES.iter().find(|it| it.0 == consonants).map_or("", |it| it.1[vowel]);
    if found.is_empty() { format!("{consonants}{letter}") } else { found.to_owned() }
}

/// Katakana stand 0x60 behind Hiragana in Unicode.
fn katakana(it: char) -> char {
    match it {
        'ぁ'..='ゔ' => char::from_u32(it as u32 + 0x60).unwrap_or(it),
        it => it,
    }
}
