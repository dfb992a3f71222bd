//! `make bench-kiosk`: what the screens cost, each beside the goal that they have: target/bench/kiosk.json.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tapcard_appliance::headless::measure::measure;

/// One measured thing and its goal.
struct Row {
    name: &'static str,
    value: f64,
    unit: &'static str,
    goal: f64,
}

fn main() -> Result<()> {
    let began = Instant::now();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("a crate has a folder")?;
    let badge = fs::read(root.join("tests/cards/ios.vcf")).context("reading a card")?;
    let it = measure(began, &badge)?;
    let ms = |it: Duration| it.as_secs_f64() * 1e3;
    let rows = [
        row("start_to_first_frame_ms", ms(it.start), "ms", 1000.0),
        row("page_change_ms", ms(at(&it.page_changes, 0.5)), "ms", 16.0),
        row("page_change_worst_ms", ms(at(&it.page_changes, 1.0)), "ms", 50.0),
        row("list_of_5000_ms", ms(it.long_list), "ms", 50.0),
        row("scroll_frame_ms", ms(at(&it.scrolled, 0.99)), "ms", 1000.0 / 60.0),
        row("idle_frame_us", ms(at(&it.idle_frames, 0.5)) * 1e3, "µs", 16_000.0),
        row("idle_cpu_percent", it.idle_share * 100.0, "% of a core", 2.0),
        row("field_on_to_screen_ms", ms(at(&it.felt, 0.99)), "ms", 50.0),
        row("read_to_confirm_ms", ms(at(&it.read, 0.99)), "ms", 50.0),
        row("rss_mib", rss()?, "MiB", 40.0),
    ];
    print(&rows)?;
    writeln!(io::stdout(), "the slowest page: {}", it.slowest)?;
    let folder = root.join("target/bench");
    fs::create_dir_all(&folder).context("making target/bench")?;
    let json: Vec<Value> = rows.iter().map(as_json).collect();
    let text = serde_json::to_string_pretty(&json).context("writing the figures down")?;
    fs::write(folder.join("kiosk.json"), text).context("writing target/bench/kiosk.json")
}

fn row(name: &'static str, value: f64, unit: &'static str, goal: f64) -> Row {
    Row { name, value, unit, goal }
}

/// The value below which this share of ascending ones lies.
fn at(times: &[Duration], share: f64) -> Duration {
    let place = (times.len() as f64 * share).ceil() as usize;
    times
        .get(place.saturating_sub(1).min(times.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}

/// What of this program is in memory, after every page has been drawn (proc(5), `VmRSS`).
fn rss() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status").context("asking for the memory")?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let kib: f64 = line
        .and_then(|it| it.split_whitespace().next()?.parse().ok())
        .context("reading the memory")?;
    Ok(kib / 1024.0)
}

fn as_json(it: &Row) -> Value {
    let Row { name, value, unit, goal } = it;
    json!({ "name": name, "value": value, "unit": unit, "peer": "goal", "peer_value": goal, "ratio": value / goal })
}

fn print(rows: &[Row]) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{:<26} {:>12} {:<12} {:>10} {:>7}", "", "measured", "", "goal", "ratio")?;
    for Row { name, value, unit, goal } in rows {
        let met = if value <= goal { "met" } else { "MISSED" };
        writeln!(
            out,
            "{name:<26} {value:>12.2} {unit:<12} {goal:>10} {:>7.2}  {met}",
            value / goal
        )?;
    }
    Ok(())
}
