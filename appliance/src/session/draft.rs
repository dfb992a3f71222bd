//! A card that is written here, line by line.

use tapcard_protocol::{Card, Edition};

use super::Input;

/// Most characters of a line that is typed.
const MAX_LINE: usize = 200;

/// The part of the own card that is edited here, and the edition it was taken from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The edition it began from.
    pub base: Edition,
    /// By [`Line`].
    lines: Box<[String; Line::ALL.len()]>,
}

impl Draft {
    /// What stands on a card.
    pub fn of(base: Edition, card: &Card) -> Draft {
        let lines = Line::ALL.map(|it| match it {
            Line::Name => card.name(),
            Line::Title => card.title().to_owned(),
            Line::Organisation => card.organisation().to_owned(),
            Line::Mobile => card.mobile().to_owned(),
            Line::Landline => card.landline().to_owned(),
            Line::Mail => card.mails().next().unwrap_or_default().to_owned(),
            Line::Website => card.website().to_owned(),
            Line::Messenger => card.messenger(),
            Line::Address => card.address(),
            Line::Offer => card.offer().to_owned(),
            Line::Company => card.company().to_owned(),
        });
        Draft { base, lines: lines.into() }
    }

    /// Writes every line on a card; what the lines say already stays as it is.
    pub fn lay_on(&self, card: &mut Card) {
        for line in Line::ALL {
            let text = self.line(line);
            match line {
                Line::Name => card.set_name(text),
                Line::Title => card.set_title(text),
                Line::Organisation => card.set_organisation(text),
                Line::Mobile => card.set_mobile(text),
                Line::Landline => card.set_landline(text),
                Line::Mail => card.set_mail(text),
                Line::Website => card.set_website(text),
                Line::Messenger => card.set_messenger(text),
                Line::Address => card.set_address(text),
                Line::Offer => card.set_offer(text),
                Line::Company => card.set_company(text),
            }
        }
    }

    /// What a line says.
    pub fn line(&self, line: Line) -> &str {
        &self.lines[line as usize]
    }

    /// The name; never empty when saved.
    pub fn name(&self) -> &str {
        self.line(Line::Name)
    }

    /// The same with another line.
    pub fn with(mut self, line: Line, text: &str) -> Draft {
        self.set(line, text.to_owned());
        self
    }

    fn set(&mut self, line: Line, text: String) {
        self.lines[line as usize] = text;
    }

    /// Without blanks at the ends.
    fn trimmed(&self) -> Draft {
        let trim = |text: &String| text.trim().to_owned();
        Draft { base: self.base, lines: self.lines.each_ref().map(trim).into() }
    }
}

/// One line of a [`Draft`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of a card")]
pub enum Line {
    Name,
    Title,
    Organisation,
    Mobile,
    Landline,
    Mail,
    Website,
    Messenger,
    Address,
    /// What the owner offers.
    Offer,
    /// What the owner's company is.
    Company,
}

impl Line {
    /// All of them, in the order in which they are written.
    pub const ALL: [Line; 11] = [
        Line::Name,
        Line::Title,
        Line::Organisation,
        Line::Mobile,
        Line::Landline,
        Line::Mail,
        Line::Website,
        Line::Messenger,
        Line::Address,
        Line::Offer,
        Line::Company,
    ];

    /// Those that a visitor writes, who is in a hurry.
    pub const VISITORS: [Line; 5] =
        [Line::Name, Line::Mobile, Line::Mail, Line::Organisation, Line::Title];
}

/// A card under somebody's hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editing {
    /// Its lines by now.
    pub draft: Draft,
    /// Which of them are written here.
    pub lines: &'static [Line],
    /// Which one is written now.
    pub line: Line,
    /// It was to be saved, and has no name.
    pub is_nameless: bool,
}

impl Editing {
    pub(super) fn begin(draft: Draft, lines: &'static [Line]) -> Editing {
        Editing { draft, lines, line: Line::Name, is_nameless: false }
    }

    /// The place of the line that is written, from zero.
    pub fn place(&self) -> usize {
        self.lines.iter().position(|it| *it == self.line).unwrap_or_default()
    }

    /// Takes what was done; what is written once it is done. A card without a name needs one first.
    pub(super) fn take(&mut self, input: Input) -> Option<Draft> {
        let place = self.place();
        match input {
            Input::Typed(text) => {
                self.is_nameless &= self.line != Line::Name;
                self.draft.set(self.line, text.chars().take(MAX_LINE).collect());
            }
            Input::Previous => self.line = self.lines[place.saturating_sub(1)],
            Input::Next if place + 1 < self.lines.len() => self.line = self.lines[place + 1],
            Input::Next | Input::Save if self.draft.name().trim().is_empty() => {
                (self.line, self.is_nameless) = (Line::Name, true);
            }
            Input::Next | Input::Save => return Some(self.draft.trimmed()),
            _ => {}
        }
        None
    }
}
