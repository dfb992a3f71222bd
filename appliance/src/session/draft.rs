//! A card that is written here, line by line.

use tapcard_protocol::{Card, Edition};

/// Most characters of a line of the own card.
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

    pub(super) fn set(&mut self, line: Line, text: String) {
        self.lines[line as usize] = text;
    }

    /// Without blanks at the ends, and no longer than any card shows.
    pub(super) fn trimmed(&self) -> Draft {
        let trim = |text: &String| text.trim().chars().take(MAX_LINE).collect();
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
    Address,
    /// What the owner offers.
    Offer,
    /// What the owner's company is.
    Company,
}

impl Line {
    /// All of them, in the order in which they are written.
    pub const ALL: [Line; 10] = [
        Line::Name,
        Line::Title,
        Line::Organisation,
        Line::Mobile,
        Line::Landline,
        Line::Mail,
        Line::Website,
        Line::Address,
        Line::Offer,
        Line::Company,
    ];

    pub(super) fn next(self) -> Option<Line> {
        Line::ALL.get(self as usize + 1).copied()
    }

    pub(super) fn previous(self) -> Option<Line> {
        Line::ALL.get((self as usize).checked_sub(1)?).copied()
    }
}

/// The own card under somebody's hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editing {
    /// Its lines by now.
    pub draft: Draft,
    /// Which one is written.
    pub line: Line,
    /// It was to be saved, and has no name.
    pub is_nameless: bool,
}

impl Editing {
    pub(super) fn begin(draft: Draft) -> Editing {
        Editing { draft, line: Line::Name, is_nameless: false }
    }
}
