use expect_test::{Expect, expect};
use tapcard_protocol::Card;

use super::*;
use crate::offer::Part;
use crate::roster::Entry;

fn batch(names: &[&str], rules: Rules) -> Result<Batch, String> {
    let entry = |(at, name): (usize, &&str)| Entry { row: at + 2, card: Card::named(name) };
    let entries = names.iter().enumerate().map(entry).collect();
    Batch::new(Form::Csv, Roster { entries, warnings: Vec::new() }, rules)
}

fn three(rules: Rules) -> Batch {
    batch(&["Ada", "Bo", "Cy"], rules).unwrap()
}

fn plain() -> Written {
    Written { left_out: Vec::new(), is_locked: false }
}

const BLANK: Result<Vec<u8>, Unreadable> = Err(Unreadable::Empty);

#[track_caller]
fn check(lines: &[String], said: &Expect) {
    said.assert_eq(&lines.join("\n"));
}

#[test]
fn a_batch_goes_from_row_to_row_and_counts() {
    let mut batch = three(Rules::default());
    let mut said = vec![batch.greet().unwrap()];
    said.extend([batch.ask().unwrap(), batch.writing().unwrap(), batch.written(&plain())]);
    said.extend([batch.ask().unwrap(), batch.hear("what?"), batch.hear(" Skip ")]);
    let left_out = vec![Part::Link, Part::Mail];
    said.extend([batch.ask().unwrap(), batch.stopped()]);
    said.push(batch.written(&Written { left_out, is_locked: true }));
    assert!(batch.is_over() && batch.ask().is_none());
    said.push(batch.summary());
    check(
        &said,
        &expect![[r#"
            3 badges to write. Type skip and Enter to pass over one; press Ctrl-C to stop.
            Row 2, Ada: lay a blank tag on the reader.
            Row 2, Ada: writing, do not move the tag.
            Row 2, Ada: written and read back. Take it away.
            Row 3, Bo: lay a blank tag on the reader.
            Type skip and Enter to pass over this one, or press Ctrl-C to stop.
            Row 3, Bo: passed over.
            Row 4, Cy: lay a blank tag on the reader.
            Stopped: 2 of 3 rows done, 1 of them passed over. To go on later, add --from 4.
            Row 4, Cy: written and read back, and locked for good. The tag had no room for the link, the mail address. Take it away.
            Done: 2 tags written, 1 row passed over."#]],
    );
}

#[test]
fn one_card_has_no_row() {
    let mut single = batch(&["Ada"], Rules::default()).unwrap();
    assert_eq!(single.greet(), None);
    let said =
        [single.ask().unwrap(), single.stopped(), single.written(&plain()), single.summary()];
    check(
        &said,
        &expect![[r#"
            Ada: lay a blank tag on the reader.
            Stopped: no tag was written.
            Ada: written and read back. Take it away.
            Done: 1 tag written."#]],
    );
}

#[test]
fn a_batch_goes_on_from_a_row() {
    let from = |row| batch(&["Ada", "Bo", "Cy"], Rules { from: Some(row), ..Rules::default() });
    let rest = from(4).unwrap();
    assert!(rest.greet().unwrap().starts_with("1 badge to write."));
    assert_eq!(rest.ask().unwrap(), "Row 4, Cy: lay a blank tag on the reader.");
    assert_eq!(from(1).unwrap().ask(), three(Rules::default()).ask());
    let problem = from(5).err().unwrap();
    assert_eq!(problem, "there is no row 5 in this file, nor any behind it");
}

#[test]
fn the_badge_that_was_just_written_is_never_written_over() {
    for overwrite in [false, true] {
        let mut batch = three(Rules { overwrite, ..Rules::default() });
        let ada = batch.badge_for(&BLANK).unwrap().fitted(137).message;
        batch.written(&plain());
        assert_eq!(batch.badge_for(&Ok(ada.clone())).err(), Some(Refusal::JustWritten));
        let bo = batch.badge_for(&BLANK).unwrap().fitted(137).message;
        assert!(batch.badge_for(&Ok(bo)).is_ok(), "it was pulled away before it was read back");
        batch.written(&plain());
        let refused = batch.badge_for(&Ok(ada)).err();
        assert_eq!(refused, (!overwrite).then_some(Refusal::Holds));
    }
}

#[test]
fn each_refusal_says_what_to_do() {
    let batch = three(Rules::default());
    let all = [
        Refusal::PulledAway,
        Refusal::Two,
        Refusal::Holds,
        Refusal::JustWritten,
        Refusal::Locked,
        Refusal::OtherKind,
        Refusal::OtherUse,
        Refusal::TooSmall,
        Refusal::Worn,
    ];
    let said = all.map(|it| batch.refuse(it));
    for (at, sentence) in said.iter().enumerate() {
        let asks = ["Lay ", "lay ", "Leave "].iter().any(|it| sentence.contains(it));
        assert!(asks && !said[..at].contains(sentence), "{sentence}");
    }
}
