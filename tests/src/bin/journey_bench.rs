//! `make bench`: how long people wait, each beside the least that the same machine could take in the same run.
//!
//! - `touch_to_screen_ms`: from the badge on the antenna until the kiosk asks. Limit: the bytes of that reading on the
//!   serial line, at its baud rate.
//! - `accept_to_receipt_ms`: from the yes until the cloud's receipt is in the kiosk's store. Limit: the three durable
//!   commits on that way (kiosk's yes, cloud, kiosk's receipt), measured as commits of one row in Postgres.
//! - `edit_to_phone_ms`: from the edit on one phone until the other phone has the card. Limit: three messages through
//!   the broker with one durable commit, measured as one commit.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use rusqlite::OpenFlags;
use serde_json::{Value, json};
use tapcard_protocol::{Card, Edition};
use tapcard_tests::World;
use tapcard_tests::cast::CHIP;
use tapcard_tests::kiosk::Kiosk;
use tapcard_tests::people::{ADA, BO, card_file};
use tapcard_tests::phone::Phone;
use tapcard_tests::radio::Radio;

/// Rounds of each measurement.
const ROUNDS: usize = 200;
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bits on a serial line for one byte: start, eight, stop.
const BITS: f64 = 10.0;
/// The kiosk's line.
const BAUD: f64 = 115_200.0;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = writeln!(io::stderr(), "the bench failed: {why:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let world = World::start()?;
    let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
    let radio = Radio::start(&world.path(""), &[CHIP])?;
    let kiosk = world.kiosk(ada, &radio, CHIP)?;
    let commit = commits(&world)?;
    let exchanges = exchanges(kiosk, &radio)?;
    let edits = edits(&world)?;
    let rows: Vec<Value> = [
        rows("touch_to_screen_ms", &exchanges.touch, "bytes on the serial line", &exchanges.line),
        rows(
            "accept_to_receipt_ms",
            &exchanges.receipt,
            "three Postgres commits",
            &times(&commit, 3.0),
        ),
        rows("edit_to_phone_ms", &edits, "one Postgres commit", &commit),
    ]
    .concat();
    print(&rows)?;
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    fs::create_dir_all(&folder).context("making the folder for results")?;
    fs::write(folder.join("journey.json"), serde_json::to_string_pretty(&rows)?)
        .context("writing the results")
}

/// What the kiosk's rounds took, in milliseconds.
struct Exchanges {
    touch: Vec<f64>,
    line: Vec<f64>,
    receipt: Vec<f64>,
}

fn exchanges(mut kiosk: Kiosk, radio: &Radio) -> anyhow::Result<Exchanges> {
    let mut took = Exchanges { touch: Vec::new(), line: Vec::new(), receipt: Vec::new() };
    let store = kiosk.plan.store();
    for round in 0..ROUNDS {
        let card = format!(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Visitor {round:03}\r\nORG:Brightwater Foods\r\nTITLE:Supply Chain Lead\r\n\
             TEL;TYPE=CELL:+4917139{round:05}\r\nEMAIL:visitor{round:03}@brightwater.example\r\nEND:VCARD\r\n"
        );
        radio.control(&format!("counters {CHIP}"))?;
        let start = Instant::now();
        radio.lay(CHIP, card.as_bytes())?;
        kiosk.see("confirm")?;
        took.touch.push(ms(start));
        took.line.push(bytes(&radio.control(&format!("counters {CHIP}"))?) * BITS / BAUD * 1000.0);
        let start = Instant::now();
        kiosk.press("Swap")?;
        until(|| Ok(sent(&store)? > round as i64))?;
        took.receipt.push(ms(start));
        kiosk.see("done")?;
    }
    Ok(took)
}

/// The bytes of both directions in the simulator's answer to `counters`.
fn bytes(counters: &str) -> f64 {
    let number =
        |name: &str| counters.split(' ').find_map(|it| it.strip_prefix(name)?.parse::<f64>().ok());
    number("to_chip=").unwrap_or_default() + number("from_chip=").unwrap_or_default()
}

/// How many contacts of a kiosk the cloud has receipted.
fn sent(store: &Path) -> anyhow::Result<i64> {
    let db = rusqlite::Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    db.busy_timeout(PATIENCE)?;
    Ok(db.query_row("select count(*) from contact where state = 'sent'", [], |row| row.get(0))?)
}

fn edits(world: &World) -> anyhow::Result<Vec<f64>> {
    let (bo, cy) = (world.account(BO, None)?, world.account("+491713920099", None)?);
    let (mut editor, mut reader) = (world.phone(bo)?, world.phone(cy)?);
    editor.update_card(Edition(0), Card::named("Bo 0"))?;
    befriend(&mut editor, &mut reader)?;
    let mut took = Vec::new();
    for round in 1..=u32::try_from(ROUNDS)? {
        let start = Instant::now();
        editor.update_card(Edition(round), Card::named(&format!("Bo {round}")))?;
        reader.card_of(bo, Edition(round + 1))?;
        took.push(ms(start));
    }
    Ok(took)
}

/// The second follows the first's card from now on.
fn befriend(editor: &mut Phone, reader: &mut Phone) -> anyhow::Result<()> {
    let task = tapcard_tests::people::touch("+491713920099", "Cy", "bench")?;
    editor.ask(&task)?;
    reader.offer(editor.account)?;
    reader.accept(editor.account)?;
    reader.card_of(editor.account, Edition(1)).map(drop)
}

/// Commits of one row, each waited for.
fn commits(world: &World) -> anyhow::Result<Vec<f64>> {
    let mut db = world.postgres.client()?;
    db.batch_execute("create table bench (number bigint)")?;
    let statement = db.prepare("insert into bench values ($1)")?;
    let mut took = Vec::new();
    for round in 0..ROUNDS as i64 {
        let start = Instant::now();
        db.execute(&statement, &[&round])?;
        took.push(ms(start));
    }
    db.batch_execute("drop table bench")?;
    Ok(took)
}

fn until(mut look: impl FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let end = Instant::now() + PATIENCE;
    while !look()? {
        anyhow::ensure!(Instant::now() < end, "no receipt came");
        thread::park_timeout(Duration::from_millis(1));
    }
    Ok(())
}

fn ms(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}

fn times(values: &[f64], factor: f64) -> Vec<f64> {
    values.iter().map(|it| it * factor).collect()
}

fn percentile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (part * (sorted.len() - 1) as f64).round() as usize;
    sorted.get(at).copied().unwrap_or_default()
}

fn rows(name: &str, values: &[f64], peer: &str, peers: &[f64]) -> Vec<Value> {
    let row = |suffix: &str, part: f64| {
        let (value, least) = (percentile(values, part), percentile(peers, part));
        let round = |it: f64| (it * 100.0).round() / 100.0;
        json!({
            "name": format!("{name}_{suffix}"), "value": round(value), "unit": "ms", "peer": peer,
            "peer_value": round(least), "ratio": round(value / least),
        })
    };
    vec![row("p50", 0.5), row("p99", 0.99)]
}

fn print(rows: &[Value]) -> anyhow::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "{:<26} {:>9}  {:<26} {:>9} {:>7}", "", "ms", "limit", "ms", "ratio")?;
    for row in rows {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        writeln!(
            out,
            "{:<26} {:>9}  {:<26} {:>9} {:>7}",
            text("name"),
            row["value"],
            text("peer"),
            row["peer_value"],
            row["ratio"],
        )?;
    }
    Ok(())
}
