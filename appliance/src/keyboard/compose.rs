//! Writing by sounds: Latin letters become characters.

use golia_pinyin::{PinyinEngine, Session};

/// Most letters that are composed at once.
const MOST: usize = 48;

/// Makes characters of letters. It learns nothing of what is chosen: the next person is another one.
pub trait Composer {
    /// One more letter.
    fn add(&mut self, letter: char);
    /// Takes the last letter away.
    fn erase(&mut self);
    /// Forgets all letters.
    fn clear(&mut self);
    /// The letters.
    fn written(&self) -> &str;
    /// What they may become, the likeliest first.
    fn suggestions(&self) -> Vec<String>;
}

/// Letters on their way.
#[derive(Default)]
struct Letters(String);

impl Letters {
    fn add(&mut self, letter: char) {
        if self.0.len() < MOST {
            self.0.push(letter.to_ascii_lowercase());
        }
    }
}

/// Chinese by Hanyu Pinyin, without tones.
#[derive(Default)]
pub(super) struct Pinyin {
    letters: Letters,
}

impl Composer for Pinyin {
    fn add(&mut self, letter: char) {
        self.letters.add(letter);
    }

    fn erase(&mut self) {
        self.letters.0.pop();
    }

    fn clear(&mut self) {
        self.letters.0.clear();
    }

    fn written(&self) -> &str {
        &self.letters.0
    }

    fn suggestions(&self) -> Vec<String> {
        if self.letters.0.is_empty() {
            return vec![];
        }
        // A new one each time: an engine remembers what was picked.
        let engine = PinyinEngine::new();
        let mut session = Session::new(&engine);
        self.letters.0.chars().for_each(|it| session.input_char(it));
        session.candidates().to_vec()
    }
}

/// Japanese syllables by Hepburn's romanisation: Hiragana, or Katakana.
#[derive(Default)]
pub(super) struct Kana {
    letters: Letters,
}

impl Composer for Kana {
    fn add(&mut self, letter: char) {
        self.letters.add(letter);
    }

    fn erase(&mut self) {
        self.letters.0.pop();
    }

    fn clear(&mut self) {
        self.letters.0.clear();
    }

    fn written(&self) -> &str {
        &self.letters.0
    }

    fn suggestions(&self) -> Vec<String> {
        if self.letters.0.is_empty() {
            return vec![];
        }
        let hiragana = hiragana(&self.letters.0);
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
                if letter != 'n' {
                    consonants.push(letter);
                } else {
                    consonants.push('n');
                }
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
