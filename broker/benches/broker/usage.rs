//! What a program has used, as Linux counts it (proc(5)).

use std::fs;

use anyhow::Context;

/// Ticks a second in `/proc/PID/stat`: Linux fixes USER_HZ at 100 for programs.
const TICKS: f64 = 100.0;

/// What a program has used so far.
#[derive(Clone, Copy)]
pub(crate) struct Usage {
    /// Processor time in µs, in ticks of 10 ms.
    pub(crate) cpu: f64,
    /// Resident memory in bytes.
    pub(crate) memory: f64,
}

/// Asks for a program's.
pub(crate) fn of(pid: u32) -> anyhow::Result<Usage> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("reading a stat")?;
    // The name before the bracket may hold anything; user and system time are fields 14 and 15.
    let (_, fields) = stat.rsplit_once(')').context("a stat without a name")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    let ticks = ticks.sum::<Result<f64, _>>().context("reading processor time")?;
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("reading a status")?;
    let memory = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let memory = memory.and_then(|it| it.trim().strip_suffix("kB")).context("no memory")?;
    Ok(Usage { cpu: ticks / TICKS * 1e6, memory: memory.trim().parse::<f64>()? * 1024.0 })
}

/// How busy the machine is, as `/proc/loadavg` begins.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}
