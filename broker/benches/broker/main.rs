//! `make bench-broker`: `tapcard-broker` beside Debian's Mosquitto, under the same load in the same run.
//!
//! Both are programs of their own on loopback. The load is one thread that speaks MQTT by hand; kiosks,
//! phones and workers log in with real tokens, which Mosquitto gets too and does not look at: it checks
//! neither who somebody is nor what he may do. Rounds alternate between the two.

mod brokers;
mod guests;
mod idle;
mod known;
mod notices;
mod secure;
mod tasks;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use guests::Mint;
use tapcard_load::report::{self, Goal, Report, remark};
use tapcard_load::usage;

/// Sockets of 10,000 phones and of everything else.
const FILES: u64 = 10_200;

/// Measures something and notes it.
type Part = fn(&Mint, &mut Report) -> anyhow::Result<()>;

/// The parts of the bench; all, or those that the command line names.
const PARTS: [(&str, Part); 5] =
    [("p2p", p2p), ("fanout", fan_out), ("memory", memory), ("tls", tls), ("seen", seen)];

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
    raise_files()?;
    // Cargo adds `--bench`.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    let (mint, mut report) = (Mint::new()?, Report::default());
    report::head(&usage::load())?;

    for (part, measure) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|it| it == part) {
            measure(&mint, &mut report).with_context(|| format!("measuring {part}"))?;
        }
    }
    report.write("broker")?;
    let took = began.elapsed().as_secs();
    remark(&format!("load of the machine after: {}; it took {took} s", usage::load()))
}

fn p2p(mint: &Mint, report: &mut Report) -> anyhow::Result<()> {
    let (speed, goal) = (tasks::measure(mint)?, Some(Goal::AtLeast(1.4)));
    report.speed(("p2p_over_mosquitto", "messages/s"), "p2p_cpu_over_mosquitto", &speed, goal)
}

fn memory(mint: &Mint, report: &mut Report) -> anyhow::Result<()> {
    let memory = idle::measure(mint)?;
    let (peer, goal) = (("Mosquitto", &memory.theirs), Some(Goal::AtMost(2.0)));
    report.note(("memory_over_mosquitto", "B/connection"), &memory.ours, peer, goal)
}

fn tls(mint: &Mint, report: &mut Report) -> anyhow::Result<()> {
    let (name, cost) = ("tls_connects_over_mosquitto", "tls_connect_cpu_over_mosquitto");
    report.speed((name, "connects/s"), cost, &secure::measure(mint)?, None)
}

fn fan_out(mint: &Mint, report: &mut Report) -> anyhow::Result<()> {
    let (first, later) = (Some(Goal::AtLeast(0.5)), Some(Goal::AtLeast(1.0)));
    for (name, size, first, later) in [
        ("fanout", notices::ACCOUNTS, first, later),
        ("fanout_200_connections", notices::CONNECTIONS, None, None),
    ] {
        let rounds = notices::measure(mint, size)?;
        for (which, speed, goal) in [("first", rounds.first, first), ("later", rounds.later, later)]
        {
            let cost = format!("{name}_cpu_over_mosquitto_{which}");
            let name = format!("{name}_over_mosquitto_{which}");
            report.speed((&name, "deliveries/s"), &cost, &speed, goal)?;
        }
    }
    Ok(())
}

fn seen(mint: &Mint, report: &mut Report) -> anyhow::Result<()> {
    let (levels, left) = known::measure(mint)?;
    let goal = Some(Goal::AtMost(1.3));
    for known::Level { seen, tasks, notices } in &levels {
        for (name, speed) in [("p2p", tasks), ("fanout", notices)] {
            let name = format!("{name}_cost_{seen}_seen");
            let peer = ("100 seen", &speed.theirs.cost);
            report.note((&name, "µs CPU each"), &speed.ours.cost, peer, goal)?;
        }
    }
    report.note(("memory_per_seen_terminal", "B"), &left.gone, ("connected", &left.present), None)
}

/// Lets this program and the brokers open as many sockets as the system allows.
fn raise_files() -> anyhow::Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    ensure!(
        maximum.is_none_or(|it| it >= FILES),
        "the bench needs {FILES} open files, and no more than {maximum:?} are allowed"
    );
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
        .context("raising RLIMIT_NOFILE")
}
