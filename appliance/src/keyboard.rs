//! The on-screen keyboard: what its keys are, and what a press does. Pure.

mod compose;
mod layouts;

pub use compose::Composer;
pub use layouts::Layout;

/// What a field is for: it chooses the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// Words.
    #[default]
    Words,
    /// A phone number.
    Number,
    /// A mail or web address.
    Address,
    /// A password, which may hold any sign of ASCII.
    Secret,
}

/// A key that is pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Press {
    /// One with this text on it.
    Text(String),
    /// A suggestion.
    Suggestion(usize),
    /// Capital letters from now on, or none.
    Shift,
    /// Digits and signs in place of letters, or back.
    Signs,
    /// Another layout.
    Layout,
    /// The space bar.
    Space,
    /// Takes the last away.
    Erase,
    /// On to the next.
    Go,
}

/// What a press does to the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing; the keys may look different.
    Nothing,
    /// This is written.
    Type(String),
    /// The last character is taken away.
    Erase,
    /// On to the next.
    Go,
}

/// What is on the keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Three rows of letters or signs.
    pub rows: Vec<Vec<String>>,
    /// Keys before the space bar.
    pub before: Vec<String>,
    /// Keys behind it.
    pub after: Vec<String>,
    /// What is being composed.
    pub composing: String,
    /// What it may become.
    pub suggestions: Vec<String>,
    /// Capital letters are shown.
    pub is_shifted: bool,
    /// Signs are shown.
    pub has_signs: bool,
    /// There is a choice between letters and signs, of capitals and of layouts.
    pub has_letters: bool,
    /// The layout's short name.
    pub layout: String,
}

/// Most suggestions that are shown.
const SUGGESTIONS: usize = 8;

/// The keyboard as it is now.
pub struct Keyboard {
    layout: Layout,
    purpose: Purpose,
    is_shifted: bool,
    has_signs: bool,
    composer: Option<Composer>,
}

impl Keyboard {
    /// A keyboard for a field. Words begin with a capital letter.
    pub fn new(layout: Layout, purpose: Purpose, is_empty: bool) -> Keyboard {
        let composer = layout.composer().filter(|_| purpose == Purpose::Words);
        let is_shifted = purpose == Purpose::Words && is_empty && composer.is_none();
        Keyboard { layout, purpose, is_shifted, has_signs: false, composer }
    }

    /// Which layout it is.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// A key is pressed.
    pub fn press(&mut self, press: Press) -> Effect {
        match press {
            Press::Text(text) => self.text(text),
            Press::Suggestion(place) => self.choose(place),
            Press::Space if self.is_composing() => self.choose(0),
            Press::Space => Effect::Type(" ".to_owned()),
            Press::Go if self.is_composing() => self.choose(0),
            Press::Go => Effect::Go,
            Press::Erase => match &mut self.composer {
                Some(it) if !it.written().is_empty() => {
                    it.erase();
                    Effect::Nothing
                }
                _ => Effect::Erase,
            },
            Press::Shift => {
                self.is_shifted = !self.is_shifted;
                Effect::Nothing
            }
            Press::Signs => {
                self.has_signs = !self.has_signs;
                Effect::Nothing
            }
            Press::Layout => {
                *self = Keyboard::new(self.layout.next(), self.purpose, false);
                Effect::Nothing
            }
        }
    }

    fn is_composing(&self) -> bool {
        self.composer.as_ref().is_some_and(|it| !it.written().is_empty())
    }

    fn text(&mut self, text: String) -> Effect {
        let letter = text.chars().next().filter(|it| it.is_ascii_alphabetic() && text.len() == 1);
        if let (Some(composer), Some(letter), false) = (&mut self.composer, letter, self.is_shifted)
        {
            composer.add(letter);
            return Effect::Nothing;
        }
        self.is_shifted = false;
        Effect::Type(text)
    }

    fn choose(&mut self, place: usize) -> Effect {
        let Some(composer) = &mut self.composer else { return Effect::Nothing };
        let chosen = composer.suggestions().into_iter().nth(place);
        let text = chosen.unwrap_or_else(|| composer.written().to_owned());
        composer.clear();
        Effect::Type(text)
    }

    /// What is on the keys.
    pub fn keys(&self) -> Keys {
        let has_letters = self.purpose != Purpose::Number;
        let rows = match self.purpose {
            Purpose::Number => layouts::DIGITS,
            Purpose::Secret if self.has_signs && self.is_shifted => layouts::SECRET_RARE,
            Purpose::Secret if self.has_signs => layouts::SECRET,
            _ if self.has_signs => layouts::SIGNS,
            _ => self.layout.rows(),
        };
        let cased = |it: &&str| if self.is_shifted { it.to_uppercase() } else { (*it).to_owned() };
        let (before, after) = layouts::beside_space(self.purpose);
        let composer = self.composer.as_ref();
        let mut suggestions = composer.map_or(vec![], Composer::suggestions);
        suggestions.truncate(SUGGESTIONS);
        let owned = |keys: &[&str]| keys.iter().map(|it| (*it).to_owned()).collect();
        Keys {
            rows: rows.iter().map(|row| row.iter().map(cased).collect()).collect(),
            before: owned(before),
            after: owned(after),
            composing: composer.map_or(String::new(), |it| it.written().to_owned()),
            suggestions,
            is_shifted: self.is_shifted,
            has_signs: self.has_signs,
            has_letters,
            layout: self.layout.name().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a field holds after some keys; `>` goes on, `<` erases, `_` is the space bar.
    fn typed(layout: Layout, keys: &str) -> String {
        let mut keyboard = Keyboard::new(layout, Purpose::Words, true);
        let mut text = String::new();
        for key in keys.chars() {
            let effect = keyboard.press(match key {
                '<' => Press::Erase,
                '_' => Press::Space,
                '^' => Press::Shift,
                '1'..='9' => Press::Suggestion(key as usize - '1' as usize),
                key => {
                    let shown = keyboard.keys();
                    let key =
                        if shown.is_shifted { key.to_uppercase().next().unwrap() } else { key };
                    let is_there = shown.rows.iter().flatten().any(|it| *it == key.to_string());
                    assert!(is_there, "{key} is on no key of {layout:?}: {:?}", shown.rows);
                    Press::Text(key.to_string())
                }
            });
            match effect {
                Effect::Type(it) => text += &it,
                Effect::Erase => drop(text.pop()),
                Effect::Nothing | Effect::Go => {}
            }
        }
        text
    }

    #[test]
    fn words_begin_with_a_capital_letter() {
        assert_eq!(typed(Layout::Qwerty, "mara_^lint<d"), "Mara Lind");
        assert_eq!(typed(Layout::Qwertz, "jörg_^müßig"), "Jörg Müßig");
        assert_eq!(typed(Layout::Azerty, "zoé"), "Zoé");
        assert_eq!(typed(Layout::Spanish, "íñigo"), "Íñigo");
    }

    #[test]
    fn pinyin_becomes_characters() {
        assert_eq!(typed(Layout::Pinyin, "wangxiaoming_"), "王小明");
        assert_eq!(typed(Layout::Pinyin, "wangg<1"), "王");
        assert_eq!(typed(Layout::Pinyin, "zongjingli1shenzhen_"), "总经理深圳");
        // Capital letters are for what is no Chinese.
        assert_eq!(typed(Layout::Pinyin, "^t^v"), "TV");
    }

    #[test]
    fn latin_letters_become_kana() {
        assert_eq!(typed(Layout::Kana, "tanaka_"), "たなか");
        assert_eq!(typed(Layout::Kana, "tanaka2"), "タナカ");
        assert_eq!(typed(Layout::Kana, "kyouto_"), "きょうと");
        assert_eq!(typed(Layout::Kana, "sapporo_shinnichi_"), "さっぽろしんにち");
    }

    #[test]
    fn a_number_has_digits_and_an_address_its_signs() {
        let keys = |purpose| Keyboard::new(Layout::Pinyin, purpose, true).keys();
        let number = keys(Purpose::Number);
        assert!(!number.has_letters && number.rows.concat().contains(&"0".to_owned()));
        let address = keys(Purpose::Address);
        assert!(!address.is_shifted && address.before.contains(&"@".to_owned()));
        let mut keyboard = Keyboard::new(Layout::Pinyin, Purpose::Address, true);
        assert_eq!(keyboard.press(Press::Text("a".into())), Effect::Type("a".into()));
    }

    #[test]
    fn every_layout_has_the_letters_of_an_address() {
        for layout in Layout::ALL {
            let keys = Keyboard::new(layout, Purpose::Address, true).keys().rows.concat();
            for letter in 'a'..='z' {
                assert!(keys.contains(&letter.to_string()), "{layout:?} lacks {letter}");
            }
            assert!(keys.len() <= 33, "{layout:?} has too many keys");
        }
    }
}
