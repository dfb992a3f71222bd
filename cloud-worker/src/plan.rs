//! What a task changes. Pure: what the database knows goes in, what is to be written comes out.

use tapcard_protocol::access::Kind;
use tapcard_protocol::message::{
    CardUpdate, Counts, Direction, Ended, Exchange, LinkState, Offer, Outcome, OwnCard, Page,
    Refusal, Remarks, Settled, Sync, SyncedCard, Task, TaskId,
};
use tapcard_protocol::{AccountId, Card, Edition, TerminalId};

/// Most bytes of one page's cards, the own one among them; with the offers it stays below the 64 KiB of a message.
pub(crate) const MAX_PAGE: usize = 40 * 1024;
/// Most bytes of the offers on a page; further ones come when these have been answered.
const MAX_OFFERS: usize = 12 * 1024;

/// Whether a terminal may ask this at all; the broker's access rules are not enough.
pub(crate) fn forbidden(kind: Kind, is_cancelled: bool, task: &Task) -> Option<Outcome> {
    let text = match task {
        _ if is_cancelled => "this account is closed",
        Task::Register(_) => return None,
        Task::Introduce(_) if kind == Kind::OrganiserKiosk => return None,
        Task::Introduce(_) => "only an organiser's kiosk introduces visitors",
        _ if kind == Kind::OrganiserKiosk => "an organiser's kiosk has no cards of its own",
        Task::Exchange(it) if !it.consent => {
            "what is kept only on the terminal is not for the cloud"
        }
        Task::Link(_) if kind == Kind::Kiosk => "offers are answered on the owner's phone",
        _ => return None,
    };
    Some(Outcome::Refused { reason: Refusal::Forbidden, text: text.to_owned(), result: None })
}

/// Which ways an exchange asks for: to give the own card, to follow the partner's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ways {
    /// The own card was given.
    pub(crate) gives: bool,
    /// The partner's was taken.
    pub(crate) takes: bool,
}

/// The ways of a direction.
pub(crate) const fn ways(direction: Direction) -> Ways {
    match direction {
        Direction::Received => Ways { gives: false, takes: true },
        Direction::Given => Ways { gives: true, takes: false },
        Direction::Both => Ways { gives: true, takes: true },
    }
}

/// What one says and the other has said as well, from the first one's side.
pub(crate) const fn crossed(mine: Ways, theirs: Ways) -> Ways {
    Ways { gives: mine.gives && theirs.takes, takes: mine.takes && theirs.gives }
}

/// Under which number a card without a usable one stands in the book. Drawn from the task's identity, so that a
/// repeated task finds the same; no account has it.
pub(crate) fn local_owner(terminal: TerminalId, task: TaskId) -> AccountId {
    // SplitMix64's finisher (Steele, Lea, Flood 2014) spreads neighbouring rows.
    let mix = |it: u64| {
        let it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    };
    AccountId::new(mix(mix(task.epoch).wrapping_add(terminal.as_u64())).wrapping_add(mix(task.seq)))
}

/// The receipt of an exchange. It is the same whether the partner's number is known, unclaimed or cancelled.
pub(crate) fn exchanged(exchange: &Exchange, owner: Option<AccountId>) -> Outcome {
    let asked = owner.is_some() && ways(exchange.direction).takes;
    let state = if asked { LinkState::Offered } else { LinkState::None };
    Outcome::Done { result: Some(Settled::Linked { owner, state }) }
}

/// What comes of an edit of the own card.
pub(crate) enum Edit {
    /// It becomes this edition, with what was changed elsewhere since if there is a second.
    Take(Edition, Option<Card>),
    /// It was made from another edition than the current one.
    Refuse(Outcome),
}

/// Holds an edit against the current card. `base` is the card that it was made from, if that is an earlier one.
pub(crate) fn edit(
    update: &CardUpdate,
    edition: Edition,
    current: Option<Card>,
    base: Option<&Card>,
) -> Edit {
    let next = Edition(edition.0 + 1);
    if update.base == edition {
        return Edit::Take(next, None);
    }
    if let (Some(base), Some(current)) = (base, &current)
        && let Some(merged) = Card::merge(base, &update.card, current)
    {
        return Edit::Take(next, Some(merged));
    }
    let result = current.map(|card| Settled::Conflict { edition, card });
    let text = "the card was changed elsewhere in the meantime".to_owned();
    Edit::Refuse(Outcome::Refused { reason: Refusal::Conflict, text, result })
}

/// The receipt of an edit that was taken.
pub(crate) fn edited(edition: Edition, counts: Counts, card: Option<Card>) -> Outcome {
    Outcome::Done { result: Some(Settled::Updated { edition, counts, card }) }
}

/// One contact as the database knows it.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    /// Whose card.
    pub(crate) owner: AccountId,
    /// The edition that is to be seen; zero for a snapshot.
    pub(crate) edition: Edition,
    /// The card that is to be seen, if there is one yet.
    pub(crate) card: Option<Card>,
    /// Taken out of the book.
    pub(crate) deleted: bool,
    /// The holder's own words.
    pub(crate) remarks: Remarks,
    /// What the book's counter was when they changed last.
    pub(crate) remarked: u64,
    /// Why the owner's card follows no more.
    pub(crate) ended: Option<Ended>,
}

/// Holds what a terminal has against `held`, the account's contacts in the asked range, ascending by owner.
///
/// `more` says that the range has further contacts behind the last of `held`; `own` is the account's card if the
/// terminal has an older one.
pub(crate) fn page(sync: &Sync, own: Option<OwnCard>, held: Vec<Held>, more: bool) -> Page {
    let mut size = own.as_ref().map_or(0, |it| it.card.to_json().len());
    let mut page = Page { own, ..Page::default() };
    let last = held.last().map(|it| it.owner);
    let mut done = sync.after;
    for it in held {
        let owner = it.owner;
        let have = sync.have.binary_search_by_key(&owner, |it| it.0).ok().map(|at| sync.have[at].1);
        // A card that followed its owner stands there, and it follows no more.
        let has_ended = it.edition == Edition(0) && have.is_some_and(|have| have > it.edition);
        if it.deleted {
            page.gone.extend(have.map(|_| owner));
        } else {
            let synced = news(&it, have.filter(|_| !has_ended), sync.book);
            let bytes = synced.as_ref().map_or(0, |it| json_len(it) + 100);
            if size > 0 && size + bytes > MAX_PAGE {
                page.next = done;
                return page;
            }
            size += bytes;
            if has_ended {
                page.ended.push((owner, it.ended.unwrap_or(Ended::Withdrawn)));
            }
            page.cards.extend(synced);
        }
        done = Some(owner);
    }
    page.next = last.filter(|_| more);
    page
}

/// What a terminal that has this edition lacks of a contact; `book` is the counter of the last answer it has.
fn news(held: &Held, have: Option<Edition>, book: u64) -> Option<SyncedCard> {
    let is_remarked = held.remarked > book;
    let is_new = have.is_none_or(|have| have < held.edition);
    let card = held.card.clone().filter(|_| is_new || is_remarked)?;
    let says = |it: &Remarks| is_remarked || (have.is_none() && *it != Remarks::default());
    let remarks = Some(held.remarks.clone()).filter(says);
    Some(SyncedCard { owner: held.owner, edition: held.edition, card, remarks })
}

fn json_len(it: &SyncedCard) -> usize {
    serde_json::to_string(it).map_or(usize::MAX / 2, |it| it.len())
}

/// As many offers as a page can carry.
pub(crate) fn fitting(mut offers: Vec<Offer>) -> Vec<Offer> {
    let mut room = MAX_OFFERS;
    offers.retain(|it| {
        let bytes = serde_json::to_string(it).map_or(usize::MAX, |it| it.len());
        room = room.saturating_sub(bytes);
        room > 0
    });
    offers
}

/// The own card for a page, if the terminal has an older one.
pub(crate) fn own(sync: &Sync, edition: Edition, card: Option<Card>) -> Option<OwnCard> {
    card.filter(|_| sync.after.is_none() && edition > sync.own)
        .map(|card| OwnCard { edition, card })
}

#[cfg(test)]
mod tests {
    use tapcard_protocol::message::{Link, LinkVerb, Register};

    use super::*;

    fn owner(number: u64) -> AccountId {
        AccountId::new(number)
    }

    fn held(number: u64, edition: u32) -> Held {
        Held {
            owner: owner(number),
            edition: Edition(edition),
            card: Some(Card::named("Bo")),
            deleted: false,
            remarks: Remarks::default(),
            remarked: 0,
            ended: None,
        }
    }

    fn owners(page: &Page) -> Vec<u64> {
        page.cards.iter().map(|it| it.owner.as_u64()).collect()
    }

    #[test]
    fn a_page_brings_what_is_new_or_newer_and_what_is_gone() {
        let have = vec![(owner(1), Edition(3)), (owner(2), Edition(1)), (owner(4), Edition(0))];
        let sync = Sync { have, ..Sync::default() };
        let gone = Held { deleted: true, ..held(4, 0) };
        let never_had = Held { deleted: true, ..held(5, 0) };
        let page =
            page(&sync, None, vec![held(1, 3), held(2, 2), held(3, 0), gone, never_had], false);
        assert_eq!(owners(&page), [2, 3]);
        assert_eq!((page.gone, page.next), (vec![owner(4)], None));
    }

    #[test]
    fn an_older_edition_never_goes_out() {
        let sync = Sync { have: vec![(owner(1), Edition(3))], ..Sync::default() };
        assert_eq!(owners(&page(&sync, None, vec![held(1, 2)], false)), [0; 0]);
    }

    #[test]
    fn words_come_when_they_are_newer_than_the_terminals_book() {
        let remarks = Remarks { note: "likes green".into(), ..Remarks::default() };
        let it = Held { remarks: remarks.clone(), remarked: 7, ..held(1, 3) };
        let asked = |book, have: &[(AccountId, Edition)]| {
            let sync = Sync { book, have: have.to_vec(), ..Sync::default() };
            let page = page(&sync, None, vec![it.clone()], false);
            page.cards.into_iter().map(|it| it.remarks).collect::<Vec<_>>()
        };
        let have = [(owner(1), Edition(3))];
        assert_eq!(asked(6, &have), [Some(remarks.clone())]);
        assert_eq!(asked(7, &have), []);
        assert_eq!(asked(9, &[]), [Some(remarks)], "a terminal that lost the contact");
        assert_eq!(asked(9, &[(owner(1), Edition(2))]), [None]);
    }

    #[test]
    fn a_card_that_follows_no_more_gives_way_to_what_was_read() {
        let it = Held { ended: Some(Ended::Cancelled), ..held(1, 0) };
        let sync = Sync { have: vec![(owner(1), Edition(3))], ..Sync::default() };
        let page_of = |sync: &Sync, it: &Held| page(sync, None, vec![it.clone()], false);
        let page = page_of(&sync, &it);
        assert_eq!(
            (page.ended, page.cards[0].edition),
            (vec![(owner(1), Ended::Cancelled)], Edition(0))
        );
        let bare = page_of(&sync, &Held { card: None, ..it.clone() });
        assert_eq!((bare.ended.len(), bare.cards.len()), (1, 0));
        let known = Sync { have: vec![(owner(1), Edition(0))], ..Sync::default() };
        assert_eq!(page_of(&known, &it), Page::default());
    }

    #[test]
    fn pages_are_small_and_together_whole() {
        let mut card = Card::named("Bo");
        card.set_title(&"x".repeat(12_000));
        let all: Vec<Held> =
            (1..=9).map(|it| Held { card: Some(card.clone()), ..held(it, 1) }).collect();
        let (mut seen, mut sync) = (vec![], Sync::default());
        for _ in 0..9 {
            let rest: Vec<Held> =
                all.iter().filter(|it| Some(it.owner) > sync.after).cloned().collect();
            let page = page(&sync, None, rest, false);
            assert!(serde_json::to_string(&page).unwrap().len() < MAX_PAGE + 4096);
            seen.extend(owners(&page));
            match page.next {
                Some(next) => sync.after = Some(next),
                None => break,
            }
        }
        assert_eq!(seen, (1..=9).collect::<Vec<_>>());
    }

    #[test]
    fn the_own_card_and_the_offers_leave_room_for_the_envelope() {
        let mut card = Card::named("Ada");
        card.set_title(&"x".repeat(16_000));
        let own = Some(OwnCard { edition: Edition(2), card: card.clone() });
        let all: Vec<Held> =
            (1..=9).map(|it| Held { card: Some(card.clone()), ..held(it, 1) }).collect();
        let mut page = page(&Sync::default(), own, all, false);
        let offer = Offer {
            owner: owner(1),
            name: "名".repeat(100),
            place: "\"".repeat(200),
            at: jiff::Timestamp::UNIX_EPOCH,
            gives: true,
            takes: true,
        };
        page.offers = fitting(vec![offer; 50]);
        assert!(page.offers.len() > 5);
        let bytes = serde_json::to_string(&page).unwrap().len();
        assert!(bytes + 1024 < tapcard_protocol::message::MAX_PAYLOAD, "{bytes}");
    }

    #[test]
    fn a_terminal_asks_only_what_its_kind_and_account_allow() {
        let update = || {
            Task::CardUpdate(CardUpdate { base: Edition(0), card: Card::named("A"), notify: true })
        };
        let link = || {
            Task::Link(Link { owner: owner(1), verb: LinkVerb::Accept, gives: true, takes: true })
        };
        let may = |kind, task: Task| forbidden(kind, false, &task).is_none();
        assert!(
            may(Kind::Phone, link()) && may(Kind::Phone, update()) && may(Kind::Kiosk, update())
        );
        assert!(!may(Kind::Kiosk, link()) && !may(Kind::OrganiserKiosk, update()));
        assert!(forbidden(Kind::Phone, true, &update()).is_some());
        assert!(forbidden(Kind::Phone, true, &Task::Register(Register::default())).is_some());
    }

    #[test]
    fn a_stale_edit_is_refused_with_the_current_card() {
        let update = CardUpdate { base: Edition(1), card: Card::named("Ada"), notify: true };
        assert!(matches!(edit(&update, Edition(1), None, None), Edit::Take(Edition(2), None)));
        let base = Card::named("Adaline");
        let Edit::Refuse(Outcome::Refused { reason, result, .. }) =
            edit(&update, Edition(2), Some(Card::named("A")), Some(&base))
        else {
            panic!("a stale edit was taken");
        };
        assert_eq!(reason, Refusal::Conflict);
        assert_eq!(result, Some(Settled::Conflict { edition: Edition(2), card: Card::named("A") }));
    }

    #[test]
    fn an_edit_of_another_field_goes_on_top() {
        let base = Card::named("Ada");
        let (mut mine, mut current) = (base.clone(), base.clone());
        mine.set_title("Head");
        current.set_organisation("Exchange");
        let update = CardUpdate { base: Edition(1), card: mine, notify: true };
        let Edit::Take(Edition(4), Some(both)) =
            edit(&update, Edition(3), Some(current.clone()), Some(&base))
        else {
            panic!("the edits were not put together");
        };
        assert_eq!((both.title(), both.organisation()), ("Head", "Exchange"));
        // What it was made from is known no more.
        assert!(matches!(edit(&update, Edition(3), Some(current), None), Edit::Refuse(_)));
    }

    #[test]
    fn a_card_without_a_number_keeps_its_place_when_its_task_is_repeated() {
        let (terminal, task) = (TerminalId::new(7), TaskId { epoch: 9, seq: 1 });
        assert_eq!(local_owner(terminal, task), local_owner(terminal, task));
        assert_ne!(local_owner(terminal, task), local_owner(terminal, TaskId { epoch: 9, seq: 2 }));
        assert_ne!(local_owner(terminal, task), local_owner(TerminalId::new(8), task));
    }
}
