//! Whether the time that an answer takes says whose numbers are known.

use std::time::Instant;

use tapcard_load::report::{Goal, Report};
use tapcard_load::sample::Sample;
use tapcard_protocol::access::Kind;
use tapcard_tests::chance::Chance;
use tapcard_tests::people::{ADA, touch};
use tapcard_tests::phone::Phone;

use crate::guests;

/// Numbers of each sort.
const EACH: usize = 200;
/// How many ends the worker makes at once.
const ENDS: usize = 100;

/// Receipts of exchanges with numbers that are known, that nobody has seen, and whose accounts were cancelled; one after
/// the other, on a machine that does nothing else.
pub(crate) fn measure(report: &mut Report) -> anyhow::Result<()> {
    let world = crate::world()?;
    guests::open(&world, (0, 2 * EACH), Some(Kind::Phone))?;
    let mut db = world.postgres.client()?;
    let gone: Vec<i64> = (EACH..2 * EACH).map(|it| guests::account(it).as_i64()).collect();
    db.execute("update account set cancel_at = now() where account_id = any($1)", &[&gone])?;
    for _ in 0..EACH.div_ceil(ENDS) {
        world.operate(&["housekeep"])?;
    }
    let mut phone = world.phone(world.account(ADA, None)?)?;
    let mut took = [const { Vec::new() }; 3];
    let (mut chance, _) = Chance::from_environment()?;
    for number in 0..EACH {
        for sort in order(&mut chance) {
            let them = [number, 2 * EACH + number, EACH + number][sort];
            took[sort].push(ask(&mut phone, them, &format!("touch {sort} {number}"))?);
        }
    }
    let [known, unknown, cancelled] = took;
    for (name, theirs) in [("unknown", unknown), ("cancelled", cancelled)] {
        let told = Sample::of(vec![told_apart(&theirs, &known)]);
        let of = |it: &[f64]| Sample::of(it.to_vec());
        let what = format!("answer_{name}_ms");
        report.note((&what, "ms"), &of(&theirs), ("known", &of(&known)), None)?;
        let what = format!("answer_{name}_told_apart");
        let coin = Sample::of(vec![0.5]);
        report.note((&what, "right guesses"), &told, ("a coin", &coin), Some(Goal::AtMost(1.2)))?;
    }
    Ok(())
}

/// One of the six orders: what came before must not say what comes next.
fn order(chance: &mut Chance) -> [usize; 3] {
    let mut sorts = [0, 1, 2];
    sorts.swap(0, chance.below(3) as usize);
    sorts.swap(1, 1 + chance.below(2) as usize);
    sorts
}

/// How long a receipt takes, in ms.
fn ask(phone: &mut Phone, number: usize, name: &str) -> anyhow::Result<f64> {
    let task = touch(guests::number(number)?.as_str(), "Somebody", name)?;
    let began = Instant::now();
    phone.ask(&task)?;
    Ok(began.elapsed().as_secs_f64() * 1e3)
}

/// How often somebody is right who is given one answer of each sort and guesses by which took longer, or less long if
/// that is better: 0.5 is chance, 1 is certain.
fn told_apart(these: &[f64], those: &[f64]) -> f64 {
    let longer = these.iter().map(|it| those.iter().filter(|other| it > other).count());
    let share = longer.sum::<usize>() as f64 / (these.len() * those.len()) as f64;
    share.max(1.0 - share)
}
