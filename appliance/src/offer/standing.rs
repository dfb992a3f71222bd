//! Which offers stand: one for the exchange unit, good for one touch, and one code on the screen, good
//! for a minute. Pure: time and tokens come from outside.

use std::time::Duration;

use tapcard_nfc::Offer;
use tapcard_protocol::Card;
use tapcard_protocol::touch::{Surface, TouchToken};

use super::{compose, link};
use crate::session::Mode;

/// How long a code stands on the screen; the cloud takes several claims of one.
const CODE: Duration = Duration::from_secs(60);
/// How old a key may be before a new one is asked for; the cloud takes one for 72 hours.
const KEY: Duration = Duration::from_secs(12 * 3600);

/// An offer that is good for one touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneOffer {
    /// Counts the offers from one; a later one has a larger number.
    pub number: u64,
    /// The touch that it names.
    pub token: Option<TouchToken>,
    /// What is emulated.
    pub offer: Offer,
}

/// The offers that stand.
pub struct Standing {
    page: Option<String>,
    key_due: Duration,
    n_made: u64,
    tag: Option<Tag>,
    code: Option<Code>,
}

/// What was made for the exchange unit, none if there was nothing to give, and from what.
struct Tag {
    mode: Mode,
    card: Option<Card>,
    offer: Option<OneOffer>,
}

struct Code {
    url: String,
    mode: Mode,
    until: Duration,
}

impl Standing {
    /// Nothing stands yet; links lead to this page, and without one there are none.
    pub fn new(page: Option<String>) -> Standing {
        Standing { page, key_due: KEY, n_made: 0, tag: None, code: None }
    }

    /// Whether to ask for a new key now; it is not asked again at once.
    pub fn wants_key(&mut self, now: Duration) -> bool {
        let is_due = self.page.is_some() && self.key_due <= now;
        if is_due {
            self.key_due = now + KEY;
        }
        is_due
    }

    /// When to ask for a new key.
    pub fn key_due(&self) -> Option<Duration> {
        self.page.as_ref().map(|_| self.key_due)
    }

    /// A key came; if it is another, what was made with the last one is withdrawn.
    pub fn key_came(&mut self, now: Duration, is_other: bool) {
        self.key_due = now + KEY;
        if is_other {
            self.tag = None;
            self.code = None;
        }
    }

    /// What the exchange unit is to offer in this mode; a new one if the card or the mode is another.
    pub fn tag(
        &mut self,
        mode: Mode,
        card: Option<&Card>,
        draw: impl FnOnce((Mode, Surface)) -> Option<TouchToken>,
    ) -> Option<OneOffer> {
        let standing = self.tag.take().filter(|it| it.mode == mode && it.card.as_ref() == card);
        let tag = standing.unwrap_or_else(|| self.make(mode, card, draw));
        self.tag.insert(tag).offer.clone()
    }

    fn make(
        &mut self,
        mode: Mode,
        card: Option<&Card>,
        draw: impl FnOnce((Mode, Surface)) -> Option<TouchToken>,
    ) -> Tag {
        let page = self.page.as_deref().filter(|_| mode != Mode::Take);
        let named = page
            .and_then(|page| draw((mode, Surface::Tag)).map(|token| (token, link(page, token))));
        let (token, url) = named.unzip();
        let offer = compose(mode, card, url.as_deref()).map(|offer| {
            self.n_made += 1;
            OneOffer { number: self.n_made, token, offer }
        });
        Tag { mode, card: card.cloned(), offer }
    }

    /// The address for a code on the screen, none without a page or a token. In capitals, which take
    /// less room in a code and mean the same: the page's own path is empty.
    pub fn code(
        &mut self,
        now: Duration,
        mode: Mode,
        draw: impl FnOnce((Mode, Surface)) -> Option<TouchToken>,
    ) -> Option<&str> {
        let page = self.page.as_deref()?;
        if self.code.as_ref().is_none_or(|it| it.until <= now || it.mode != mode) {
            let url = draw((mode, Surface::Code)).map(|token| link(page, token).to_uppercase());
            self.code = url.map(|url| Code { url, mode, until: now + CODE });
        }
        self.code.as_ref().map(|it| it.url.as_str())
    }

    /// When the code on the screen is to be replaced, if one is there.
    pub fn code_until(&self) -> Option<Duration> {
        self.code.as_ref().map(|it| it.until)
    }

    /// The exchange unit's offer is used up.
    pub fn spent(&mut self) {
        self.tag = None;
    }
}

#[cfg(test)]
mod tests {
    use tapcard_protocol::TerminalId;
    use tapcard_protocol::touch::TouchKey;

    use super::*;

    fn standing() -> Standing {
        Standing::new(Some("https://cards.example.org".into()))
    }

    fn drawer() -> impl FnMut((Mode, Surface)) -> Option<TouchToken> {
        let mut counter = 0;
        move |shown| {
            counter += 1;
            let key = TouchKey { epoch: 7, key: [1; 32] };
            Some(TouchToken::new(&key, TerminalId::new(3), counter, shown))
        }
    }

    fn counter(offer: Option<&OneOffer>) -> Option<u32> {
        offer.and_then(|it| it.token).map(|it| it.counter())
    }

    #[test]
    fn an_offer_stands_until_it_is_spent_or_out_of_date() {
        let (mut standing, mut draw) = (standing(), drawer());
        let (ada, bo) = (Card::named("Ada"), Card::named("Bo"));
        let first = standing.tag(Mode::Both, Some(&ada), &mut draw);
        assert_eq!(counter(first.as_ref()), Some(1));
        assert_eq!(standing.tag(Mode::Both, Some(&ada), &mut draw), first);
        let mut numbers = vec![first.unwrap().number];
        for step in 2..6 {
            let (mode, card) = match step {
                2 => (Mode::Give, &ada),
                3 => (Mode::Give, &bo),
                4 => {
                    standing.spent();
                    (Mode::Give, &bo)
                }
                _ => {
                    standing.key_came(Duration::ZERO, true);
                    (Mode::Give, &bo)
                }
            };
            let next = standing.tag(mode, Some(card), &mut draw);
            assert_eq!(counter(next.as_ref()), Some(step));
            numbers.push(next.unwrap().number);
        }
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_code_stands_for_a_minute() {
        let (mut standing, mut draw) = (standing(), drawer());
        let mut at = |second| {
            let url = standing.code(Duration::from_secs(second), Mode::Both, &mut draw).unwrap();
            assert_eq!(url, url.to_uppercase());
            crate::offer::token_in(url).unwrap().counter()
        };
        assert_eq!([at(0), at(59), at(60), at(61), at(200)], [1, 1, 2, 2, 3]);
        assert_eq!(standing.code_until(), Some(Duration::from_secs(260)));
        standing.key_came(Duration::ZERO, true);
        assert_eq!(standing.code_until(), None);
    }

    #[test]
    fn a_token_says_in_which_mode_and_where_it_was_shown() {
        let (mut standing, mut draw) = (standing(), drawer());
        let card = Card::named("Ada");
        let tag = standing.tag(Mode::Give, Some(&card), &mut draw).and_then(|it| it.token).unwrap();
        assert_eq!((tag.mode(), tag.surface()), (Mode::Give, Surface::Tag));
        let mut code = |mode| {
            let url = standing.code(Duration::ZERO, mode, &mut draw).unwrap();
            let token = crate::offer::token_in(url).unwrap();
            (token.mode(), token.surface())
        };
        assert_eq!(code(Mode::Both), (Mode::Both, Surface::Code));
        assert_eq!(code(Mode::Give), (Mode::Give, Surface::Code), "another mode, another code");
    }

    #[test]
    fn a_key_is_asked_for_when_the_last_one_is_half_a_day_old() {
        let hour = |it: u64| Duration::from_secs(it * 3600);
        let mut standing = standing();
        assert!(!standing.wants_key(hour(11)));
        assert!(standing.wants_key(hour(12)));
        assert!(!standing.wants_key(hour(13)));
        assert_eq!(standing.key_due(), Some(hour(24)));
        standing.code(hour(13), Mode::Both, drawer());
        standing.key_came(hour(14), false);
        assert!(standing.code_until().is_some(), "the same key");
        assert!(!standing.wants_key(hour(25)) && standing.wants_key(hour(26)));
        let mut lonely = Standing::new(None);
        assert!(!lonely.wants_key(hour(1000)) && lonely.key_due().is_none());
    }

    #[test]
    fn without_a_page_or_a_key_only_the_card_is_offered() {
        let card = Card::named("Ada");
        let mut draw = drawer();
        let mut lonely = Standing::new(None);
        let offer = lonely.tag(Mode::Both, Some(&card), &mut draw);
        assert_eq!((offer.is_some(), counter(offer.as_ref())), (true, None));
        assert_eq!(lonely.code(Duration::ZERO, Mode::Both, &mut draw), None);
        let mut standing = standing();
        assert_eq!(counter(standing.tag(Mode::Both, Some(&card), |_| None).as_ref()), None);
        assert_eq!(standing.code(Duration::ZERO, Mode::Both, |_| None), None);
        assert_eq!(standing.tag(Mode::Both, None, |_| None), None);
        assert_eq!(standing.tag(Mode::Take, Some(&card), &mut draw), None);
        let url = standing.code(Duration::ZERO, Mode::Both, &mut draw).map(str::to_owned).unwrap();
        assert_eq!(crate::offer::token_in(&url).unwrap().counter(), 1, "nothing was drawn in vain");
    }
}
