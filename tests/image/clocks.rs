//! A kiosk whose clock is wrong, where no time server answers.

use crate::booth::Booth;
use crate::{image, say};

fn works_from(time: &str) -> anyhow::Result<()> {
    let Some(image) = image() else { return Ok(()) };
    let mut booth = Booth::open_at(&image, time)?;
    booth.swap("+491713900001")?;
    booth.see_exchange("+491713900001")?;
    let off = booth.cloud.seconds_off("+491713900001")?;
    assert!(off < 120.0, "the exchange is dated {off} s away");
    let log = booth.machine.ask("journalctl -b -u tapcard-clock --no-pager -o cat")?;
    let said = log.lines().find(|it| it.contains("the clock was wrong"));
    say(&format!("from {time}: {}", said.unwrap_or("the clock was left alone")));
    assert!(said.is_some(), "{log}");
    Ok(())
}

#[test]
fn a_clock_that_begins_in_1970_is_put_right_and_nothing_is_refused() -> anyhow::Result<()> {
    works_from("1970-01-01T00:00:10")
}

#[test]
fn a_clock_ten_years_ahead_is_put_right_and_nothing_is_refused() -> anyhow::Result<()> {
    works_from("2036-11-30T12:00:00")
}
