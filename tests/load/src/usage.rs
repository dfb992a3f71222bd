//! What a program has used, as Linux counts it (proc(5)).

use std::collections::BTreeMap;
use std::{fs, process};

use anyhow::Context;

/// Ticks a second in `/proc/PID/stat`: Linux fixes USER_HZ at 100 for programs.
const TICKS: f64 = 100.0;

/// What a program has used so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Processor time in µs, in ticks of 10 ms.
    pub cpu: f64,
    /// Resident memory in bytes.
    pub memory: f64,
}

/// Asks for a program's.
///
/// # Errors
/// Fails when it has ended.
pub fn of(pid: u32) -> anyhow::Result<Usage> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("reading a stat")?;
    // The name before the bracket may hold anything.
    let (_, fields) = stat.rsplit_once(')').context("a stat without a name")?;
    let cpu = processor_time(fields)?;
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("reading a status")?;
    let memory = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let memory = memory.and_then(|it| it.trim().strip_suffix("kB")).context("no memory")?;
    Ok(Usage { cpu, memory: memory.trim().parse::<f64>()? * 1024.0 })
}

/// What this process and those below it have used, by the programs' names. Memory that some of them share is divided
/// among them (`Pss` of proc(5)).
///
/// # Errors
/// Fails when `/proc` cannot be read.
pub fn family() -> anyhow::Result<BTreeMap<String, Usage>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir("/proc").context("listing processes")? {
        let name = entry.context("listing processes")?.file_name();
        let Some(pid) = name.to_str().and_then(|it| it.parse::<u32>().ok()) else { continue };
        // Processes may end meanwhile.
        let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        let Some((head, fields)) = stat.rsplit_once(')') else { continue };
        let name = head.split_once('(').map_or("", |it| it.1).to_owned();
        let parent = fields.split_whitespace().nth(1).and_then(|it| it.parse().ok());
        let used = Usage { cpu: processor_time(fields)?, memory: share_of_memory(pid) };
        all.insert(pid, (parent.unwrap_or(0), name, used));
    }
    let me = process::id();
    let is_below = |mut pid: u32| loop {
        match all.get(&pid) {
            _ if pid == me => return true,
            Some((parent, ..)) => pid = *parent,
            None => return false,
        }
    };
    let mut family: BTreeMap<String, Usage> = BTreeMap::new();
    for (pid, (_, name, used)) in &all {
        if is_below(*pid) {
            let sum = family.entry(name.clone()).or_default();
            sum.cpu += used.cpu;
            sum.memory += used.memory;
        }
    }
    Ok(family)
}

/// User and system time in µs: fields 14 and 15 of a stat, whose fields from the third on these are.
fn processor_time(fields: &str) -> anyhow::Result<f64> {
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    let ticks = ticks.sum::<Result<f64, _>>().context("reading processor time")?;
    Ok(ticks / TICKS * 1e6)
}

fn share_of_memory(pid: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let share = text.lines().find_map(|it| it.strip_prefix("Pss:")?.trim().strip_suffix("kB"));
    share.and_then(|it| it.trim().parse::<f64>().ok()).map_or(0.0, |it| it * 1024.0)
}

/// How busy the machine is, as `/proc/loadavg` begins.
pub fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}
