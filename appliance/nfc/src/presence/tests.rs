use super::*;
use crate::ndef::Record;

const SECOND: Duration = Duration::from_secs(1);

fn uid(bytes: &[u8]) -> Uid {
    Uid::from(bytes)
}

/// A phone or a kiosk; its name means nothing.
fn random(last: u8) -> Uid {
    uid(&[8, last])
}

fn pair(one: u8, other: u8) -> [Target; 2] {
    [one, other].map(|last| Target { number: 1, sel_res: 0, uid: uid(&[4, last]) })
}

/// A kiosk's message: a new address each time, the card behind it.
fn offer(token: &str, card: &[u8]) -> Outcome {
    let uri = Record::uri(&format!("https://tapcard.example/t/{token}"));
    Ok(ndef::encode(&[uri, Record::mime("text/vcard", card)]).unwrap())
}

#[test]
fn a_tag_that_stays_is_known() {
    let mut presence = Presence::default();
    let (badge, now) = (uid(&[4, 1]), Instant::now());
    assert_eq!(presence.found(&badge, now), Found::New);
    assert!(presence.read(&badge, &Ok(vec![1]), now));
    for n_seconds in 0..10 {
        assert_eq!(presence.found(&badge, now + n_seconds * SECOND), Found::Known);
    }
}

#[test]
fn three_empty_polls_in_a_row_make_it_news_again() {
    let mut presence = Presence::default();
    let (badge, now) = (uid(&[4, 1]), Instant::now());
    presence.found(&badge, now);
    presence.read(&badge, &Ok(vec![1]), now);
    for _ in 0..5 {
        assert!(!presence.nobody(now));
        assert!(!presence.nobody(now));
        assert_eq!(presence.found(&badge, now), Found::Known);
    }
    assert!(!presence.nobody(now));
    assert!(!presence.nobody(now));
    assert!(presence.nobody(now));
    assert!(!presence.is_occupied());
    assert!(!presence.nobody(now), "gone is said once");
    assert_eq!(presence.found(&badge, now), Found::New);
    assert!(presence.read(&badge, &Ok(vec![1]), now));
}

#[test]
fn a_random_uid_is_judged_by_its_content_now_and_then() {
    let mut presence = Presence::default();
    let now = Instant::now();
    assert_eq!(presence.found(&random(1), now), Found::New);
    assert!(presence.read(&random(1), &Ok(vec![1]), now));
    assert_eq!(presence.found(&random(1), now), Found::Known);
    assert_eq!(presence.found(&random(2), now + SECOND / 2), Found::Known);
    assert_eq!(presence.found(&random(2), now + SECOND), Found::Unsure);
    assert!(!presence.read(&random(2), &Ok(vec![1]), now + SECOND));
    assert_eq!(presence.found(&random(3), now + 2 * SECOND), Found::Known);
    assert_eq!(presence.found(&random(3), now + 3 * SECOND), Found::Unsure);
    assert!(presence.read(&random(3), &Ok(vec![2]), now + 3 * SECOND));
}

#[test]
fn another_badge_on_the_heels_of_the_first_is_reported() {
    let mut presence = Presence::default();
    let now = Instant::now();
    presence.found(&uid(&[4, 1]), now);
    presence.read(&uid(&[4, 1]), &Ok(vec![1]), now);
    assert_eq!(presence.found(&uid(&[4, 2]), now), Found::Unsure);
    assert!(presence.read(&uid(&[4, 2]), &Ok(vec![2]), now));
    assert_eq!(presence.found(&uid(&[4, 2]), now), Found::Known);
    assert_eq!(presence.found(&random(1), now), Found::Unsure);
}

#[test]
fn an_empty_tag_is_reported_once_and_a_torn_one_is_read_again() {
    let mut presence = Presence::default();
    let (badge, now) = (uid(&[4, 1]), Instant::now());
    presence.found(&badge, now);
    assert!(presence.read(&badge, &Err(Unreadable::PulledAway), now));
    assert_eq!(presence.found(&badge, now), Found::New);
    assert!(presence.read(&badge, &Err(Unreadable::Empty), now));
    assert_eq!(presence.found(&badge, now), Found::Known);
}

fn leave(presence: &mut Presence, now: Instant) {
    for _ in 0..EMPTY_POLLS {
        presence.nobody(now);
    }
    assert!(!presence.is_occupied());
}

#[test]
fn another_phone_after_the_first_is_looked_at_at_once() {
    let mut presence = Presence::default();
    let now = Instant::now();
    presence.found(&random(1), now);
    presence.read(&random(1), &Ok(vec![1]), now);
    leave(&mut presence, now);
    assert_eq!(presence.found(&random(2), now), Found::Unsure);
    assert!(presence.read(&random(2), &Ok(vec![2]), now));
}

#[test]
fn a_phone_that_comes_back_after_a_while_is_news() {
    let mut presence = Presence::default();
    let now = Instant::now();
    presence.found(&random(1), now);
    presence.read(&random(1), &Ok(vec![1]), now);
    leave(&mut presence, now);
    assert_eq!(presence.found(&random(2), now + MEMORY), Found::New);
    assert!(presence.read(&random(2), &Ok(vec![1]), now + MEMORY));
}

#[test]
fn a_badge_with_the_card_of_a_phone_that_left_is_news() {
    let mut presence = Presence::default();
    let now = Instant::now();
    presence.found(&random(1), now);
    presence.read(&random(1), &Ok(vec![1]), now);
    leave(&mut presence, now);
    assert_eq!(presence.found(&uid(&[4, 1]), now), Found::New);
    assert!(presence.read(&uid(&[4, 1]), &Ok(vec![1]), now));
}

#[test]
fn another_kiosk_that_lies_there_is_reported_once_and_read_ever_less() {
    let mut presence = Presence::default();
    let start = Instant::now();
    let (mut n_reads, mut n_reports) = (0, 0);
    // Every two seconds it has a new offer, and is no card for the second in between.
    for n_seconds in 0..60 {
        let now = start + n_seconds * SECOND;
        if n_seconds % 2 == 1 {
            leave(&mut presence, now);
        } else if presence.found(&random(1), now) != Found::Known {
            n_reads += 1;
            let outcome = offer(&n_seconds.to_string(), b"BEGIN:VCARD ...");
            n_reports += u32::from(presence.read(&random(1), &outcome, now));
        }
    }
    assert_eq!(n_reports, 1);
    assert!(n_reads <= 10, "{n_reads} reads in a minute");
    assert!(presence.read(&random(1), &offer("1", b"BEGIN:VCARD other"), start + 60 * SECOND));
}

#[test]
fn two_tags_keep_the_field_occupied_and_are_judged_once() {
    let mut presence = Presence::default();
    let now = Instant::now();
    for is_fine in [false, true] {
        assert_eq!(presence.found_two(&pair(1, 2)), Both::Unknown);
        presence.judged(&pair(1, 2), is_fine);
        let judged = if is_fine { Both::Fine } else { Both::Ambiguous };
        assert!(!presence.nobody(now));
        assert!(!presence.nobody(now));
        assert_eq!(presence.found_two(&pair(2, 1)), judged);
        assert_eq!(presence.found_two(&pair(1, 3)), Both::Unknown);
        assert!(!presence.nobody(now));
        assert!(!presence.nobody(now));
        assert!(presence.nobody(now));
    }
}

#[test]
fn a_pair_of_which_one_has_gone_is_judged_anew() {
    let mut presence = Presence::default();
    presence.found_two(&pair(1, 2));
    presence.judged(&pair(1, 2), false);
    assert_eq!(presence.found(&uid(&[4, 1]), Instant::now()), Found::New);
    assert_eq!(presence.found_two(&pair(1, 2)), Both::Unknown);
}

#[test]
fn a_kiosk_that_has_written_its_card_is_no_news_when_it_is_found() {
    let mut presence = Presence::default();
    let now = Instant::now();
    let wrote = offer("1", b"BEGIN:VCARD ...").unwrap();
    presence.brought(&wrote, now);
    assert_eq!(presence.found(&random(1), now), Found::Known);
    assert_eq!(presence.found(&random(1), now + FIRST_LOOK), Found::Unsure);
    assert!(!presence.read(&random(1), &offer("2", b"BEGIN:VCARD ..."), now + FIRST_LOOK));
}

#[test]
fn a_badge_that_lies_there_is_not_read_again_because_somebody_wrote() {
    let mut presence = Presence::default();
    let (badge, now) = (uid(&[4, 1]), Instant::now());
    presence.found(&badge, now);
    presence.read(&badge, &Ok(vec![1]), now);
    presence.brought(&[2], now);
    assert_eq!(presence.found(&badge, now), Found::Known);
}
