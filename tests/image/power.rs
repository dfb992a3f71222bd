//! The plug is pulled while people exchange cards.

use std::collections::BTreeSet;

use tapcard_tests::chance::Chance;

use crate::booth::Booth;
use crate::{STEP, image, say};

/// How many visitors come, and how many of them see the screen go dark.
const VISITORS: usize = 20;
const CUTS: usize = 3;

#[test]
fn a_pulled_plug_loses_nothing_that_was_said_to_be_kept() -> anyhow::Result<()> {
    let Some(image) = image() else { return Ok(()) };
    let (mut chance, seed) = Chance::from_environment()?;
    say(&format!("TAPCARD_SEED={seed}"));
    let mut booth = Booth::open(&image)?;
    let mut dark = BTreeSet::new();
    while dark.len() < CUTS {
        dark.insert(chance.below(VISITORS as u64) as usize);
    }
    let mut kept = Vec::new();
    for visitor in 0..VISITORS {
        let number = format!("+4917139{visitor:05}");
        if !dark.contains(&visitor) {
            booth.swap(&number)?;
            kept.push(number);
            continue;
        }
        // While it reads, while it asks, or while the yes is being written.
        booth.cloud.lay_badge(&number)?;
        match chance.below(3) {
            0 => {}
            1 => booth.machine.see_question(STEP)?,
            _ => {
                booth.machine.see_question(STEP)?;
                booth.machine.touch_yes()?;
            }
        }
        booth.cloud.clear()?;
        booth.cut_the_power()?;
    }
    for number in &kept {
        booth.see_exchange(number)?;
    }
    booth.machine.stop();
    assert_eq!(booth.card.judge_store()?, "ok");
    say(&format!("{} exchanges kept, {CUTS} power cuts, the store is whole", kept.len()));
    Ok(())
}
