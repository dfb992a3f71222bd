//! `make bench-cloud`: what the cloud worker carries from end to end, beside what Postgres itself and Mosquitto could
//! carry on the same machine in the same run. The load comes from the same processors.
//!
//! - `ingest_over_copy`: exchanges from the kiosks' messages to their receipts, beside COPY of the rows that they left.
//! - `ingest_over_single_tx`: beside the same worker that makes a transaction for each message.
//! - `update_over_raw_mosquitto`: a changed card from the edit until 10,000 partners have it, beside Mosquitto with as
//!   many raw messages.
//! - `receipt_p50_ms`, `receipt_p99_ms`: from a kiosk's message to its receipt at half of that load, beside one commit.
//! - `notice_p50_ms`, `notice_p99_ms`: from an edit to each partner's phone at half of that load, beside Mosquitto.
//! - `cpu_*`, `memory_*`: what each program takes for it, beside all of them.
//! - `cost_*`: what an exchange and an update cost with more accounts in the database.
//! - `bytes_*`: what an exchange and an account take of the disk, beside the rows' own bytes.
//! - `answer_*`: whether the time that a receipt takes says if a number is known.

mod answers;
mod burden;
mod ceiling;
mod exchanges;
mod guests;
mod updates;

use std::fs;
use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tapcard_load::report::{self, Goal, Report, remark};
use tapcard_load::sample::Sample;
use tapcard_load::usage;
use tapcard_protocol::access::Kind;
use tapcard_tests::World;

use burden::Burden;
use exchanges::{Hall, KIOSKS};
use updates::{PARTNERS, Party, Raw};

/// Sockets of all phones at two brokers, and of everything else.
const FILES: u64 = 30_000;
/// Rounds of each measurement.
const ROUNDS: usize = 3;
/// Exchanges of each kiosk in a round.
const EACH: usize = 40;
/// The same when each has a transaction of its own.
const EACH_SINGLE: usize = 4;
/// Commits of one row.
const COMMITS: usize = 2_000;
/// Edits at half load.
const STEADY: usize = 10;
/// Numbers that people may bring: the kiosks' owners are before them.
const VISITORS: (usize, usize) = (KIOSKS, 100_000);

type Part = fn(&mut Report) -> anyhow::Result<()>;

/// The parts of the bench; all, or those that the command line names.
const PARTS: [(&str, Part); 4] = [
    ("exchanges", exchanges),
    ("updates", updates),
    ("growth", growth),
    ("answers", answers::measure),
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            report::complain(&format!("the bench failed: {why:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let began = Instant::now();
    let limit = getrlimit(Resource::Nofile);
    let files = limit.maximum.map_or(FILES, |it| it.min(FILES));
    setrlimit(Resource::Nofile, Rlimit { current: Some(files), ..limit })?;
    // Cargo adds `--bench`.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    let mut report = Report::default();
    report::head(&usage::load())?;
    for (part, measure) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|it| it == part) {
            measure(&mut report).with_context(|| format!("measuring {part}"))?;
        }
    }
    report.write("cloud")?;
    let took = began.elapsed().as_secs();
    remark(&format!("load of the machine after: {}; it took {took} s", usage::load()))
}

/// A world whose broker does not slow the load down, which is quicker than people are.
fn world() -> anyhow::Result<World> {
    let mut world = World::start()?;
    let limits =
        b"[limits]\npublish_rate = 1000000\nunverified = 20000\nunverified_per_address = 20000\n";
    let path = world.path("broker/broker.toml");
    fs::OpenOptions::new().append(true).open(path)?.write_all(limits)?;
    world.kill_broker();
    world.start_broker()?;
    world.configure_worker("single", "[work]\nconnections = 1\nbatch = 1\n")?;
    Ok(world)
}

fn exchanges(report: &mut Report) -> anyhow::Result<()> {
    let mut world = world()?;
    guests::open(&world, (0, KIOSKS), Some(Kind::Kiosk))?;
    guests::open(&world, VISITORS, None)?;
    let (mut ours, mut single, mut copy) = <(Sample, Sample, Sample)>::default();
    let mut burden = Burden::default();
    let mut hall = Hall::open(&world)?;
    for _ in 0..ROUNDS {
        hall.settle(&world, VISITORS)?;
        ours.push(burden.measure(EACH * KIOSKS, || hall.meet(EACH, VISITORS))?);
        copy.push(ceiling::copy(&world)?);
        world.kill_worker();
        let worker = world.worker("single")?;
        hall.settle(&world, VISITORS)?;
        single.push(hall.meet(EACH_SINGLE, VISITORS)?);
        drop(worker);
        world.start_worker()?;
    }
    let name = "exchanges/s";
    let goal = Some(Goal::AtLeast(0.5));
    report.note(("ingest_over_copy", name), &ours, ("COPY", &copy), goal)?;
    let goal = Some(Goal::AtLeast(10.0));
    report.note(("ingest_over_single_tx", name), &ours, ("one each", &single), goal)?;
    hall.settle(&world, VISITORS)?;
    let took = hall.meet_steadily(EACH, VISITORS, ours.median() / 2.0)?;
    let commit = ceiling::commits(&world, COMMITS)?;
    quantiles(report, "receipt", &took, ("one commit", &commit))?;
    burden.note(report)
}

/// The median and what all but a hundredth stay below.
fn quantiles(
    report: &mut Report,
    what: &str,
    ours: &Sample,
    (peer, theirs): (&'static str, &Sample),
) -> anyhow::Result<()> {
    for (name, part) in [("p50", 0.5), ("p99", 0.99)] {
        let of = |it: &Sample| Sample::of(vec![it.quantile(part)]);
        report.note((&format!("{what}_{name}_ms"), "ms"), &of(ours), (peer, &of(theirs)), None)?;
    }
    Ok(())
}

fn updates(report: &mut Report) -> anyhow::Result<()> {
    let world = world()?;
    guests::open(&world, (0, PARTNERS + 1), Some(Kind::Phone))?;
    let mut party = Party::open(&world, 0, (1, PARTNERS + 1))?;
    let (mut ours, mut theirs) = <(Sample, Sample)>::default();
    // One after the other: many machines allow no more sockets than either has.
    for _ in 0..ROUNDS {
        ours.push(party.update()?);
    }
    let period = |rate: &Sample| Duration::from_secs_f64(2.0 * PARTNERS as f64 / rate.median());
    let took = party.update_steadily(STEADY, period(&ours))?;
    drop(party);
    let mut raw = Raw::open(&world)?;
    for _ in 0..ROUNDS {
        theirs.push(raw.tell()?);
    }
    let goal = Some(Goal::AtLeast(0.5));
    let name = ("update_over_raw_mosquitto", "deliveries/s");
    report.note(name, &ours, ("Mosquitto", &theirs), goal)?;
    let raw = raw.tell_steadily(STEADY, period(&ours))?;
    quantiles(report, "notice", &took, ("Mosquitto", &raw))
}

/// How many accounts there are, and how the figures are called.
const LEVELS: [(usize, &str); 4] =
    [(1_000, "1e3"), (10_000, "1e4"), (100_000, "1e5"), (1_000_000, "1e6")];
/// Partners of the one who changes the card.
const FEW: usize = 400;
/// Changes of one round, one after the other: each is over in the blink of an eye.
const UPDATES: usize = 10;

fn growth(report: &mut Report) -> anyhow::Result<()> {
    let world = world()?;
    let phones = (KIOSKS, KIOSKS + FEW + 1);
    guests::open(&world, (0, KIOSKS), Some(Kind::Kiosk))?;
    guests::open(&world, phones, Some(Kind::Phone))?;
    let mut hall = Hall::open(&world)?;
    let mut party = Party::open(&world, phones.0, (phones.0 + 1, phones.1))?;
    let mut first: Option<(Sample, Sample)> = None;
    let mut n_accounts = phones.1;
    for (level, name) in LEVELS {
        guests::open(&world, (n_accounts, level), None)?;
        n_accounts = level;
        hall.settle(&world, (phones.1, level))?;
        let (mut exchange, mut update) = <(Sample, Sample)>::default();
        for _ in 0..ROUNDS {
            exchange.push(1e6 / hall.meet(EACH / 4, (phones.1, level))?);
            update.push(1e6 / party.update_often(UPDATES)?);
        }
        let (exchange_before, update_before) =
            first.get_or_insert_with(|| (exchange.clone(), update.clone()));
        let goal = Some(Goal::AtMost(1.5));
        let (what, peer) = (format!("cost_exchange_{name}_over_1e3"), "at 1e3");
        report.note((&what, "µs"), &exchange, (peer, exchange_before), goal)?;
        let what = format!("cost_update_{name}_over_1e3");
        report.note((&what, "µs a partner"), &update, (peer, update_before), goal)?;
    }
    bytes(&world, report)
}

/// What one of each takes of the disk, with its indexes and all that belongs to it.
const STORED: [(&str, &str, &[&str]); 2] = [
    ("exchange", "exchange", &["exchange", "contact", "offer", "outcome"]),
    ("account", "account", &["account", "identifier"]),
];

fn bytes(world: &World, report: &mut Report) -> anyhow::Result<()> {
    let mut db = world.postgres.client()?;
    db.batch_execute("vacuum full exchange, contact, offer, outcome, account, identifier")?;
    for (name, counted, tables) in STORED {
        let n_rows: i64 = db.query_one(&format!("select count(*) from {counted}"), &[])?.get(0);
        let (mut whole, mut rows) = (0.0, 0.0);
        for table in tables {
            let text = format!(
                "select pg_total_relation_size('{table}')::float8,
                     (select coalesce(sum(pg_column_size(it.*)), 0)::float8 from {table} it)"
            );
            let row = db.query_one(&text, &[])?;
            (whole, rows) = (whole + row.get::<_, f64>(0), rows + row.get::<_, f64>(1));
        }
        let each = |it: f64| Sample::of(vec![it / n_rows as f64]);
        let what = format!("bytes_{name}");
        report.note((&what, "bytes"), &each(whole), ("the rows", &each(rows)), None)?;
    }
    Ok(())
}
