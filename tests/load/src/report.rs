//! What the bench prints and leaves behind.

use std::fs;
use std::io::{self, Write, stderr, stdout};
use std::path::Path;

use serde_json::{Value, json};

use crate::sample::{Both, Sample, Speed};

/// What is asked of a ratio.
#[derive(Clone, Copy)]
pub enum Goal {
    /// It must not be smaller.
    AtLeast(f64),
    /// It must not be larger.
    AtMost(f64),
}

/// One figure beside another of the same run.
struct Row {
    name: String,
    unit: &'static str,
    ours: Sample,
    peer: &'static str,
    theirs: Sample,
    goal: Option<Goal>,
}

/// All of them.
#[derive(Default)]
pub struct Report(Vec<Row>);

impl Report {
    /// Notes a figure and prints it.
    ///
    /// # Errors
    /// Fails when nobody listens.
    pub fn note(
        &mut self,
        (name, unit): (&str, &'static str),
        ours: &Sample,
        (peer, theirs): (&'static str, &Sample),
        goal: Option<Goal>,
    ) -> anyhow::Result<()> {
        let (ours, theirs) = (ours.clone(), theirs.clone());
        let row = Row { name: name.into(), unit, ours, peer, theirs, goal };
        row.print()?;
        self.0.push(row);
        Ok(())
    }

    /// Notes what was measured beside Mosquitto: a rate with its goal, and what each costs.
    ///
    /// # Errors
    /// Fails when nobody listens.
    pub fn speed(
        &mut self,
        (name, unit): (&str, &'static str),
        cost: &str,
        speed: &Both<Speed>,
        goal: Option<Goal>,
    ) -> anyhow::Result<()> {
        let Both { ours, theirs } = speed;
        self.note((name, unit), &ours.rate, ("Mosquitto", &theirs.rate), goal)?;
        self.note((cost, "µs CPU each"), &ours.cost, ("Mosquitto", &theirs.cost), None)
    }

    /// Writes everything to `target/bench/NAME.json`.
    ///
    /// # Errors
    /// Fails with the file.
    pub fn write(&self, name: &str) -> anyhow::Result<()> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench");
        fs::create_dir_all(&folder)?;
        let rows: Vec<Value> = self.0.iter().map(Row::json).collect();
        Ok(fs::write(
            folder.join(format!("{name}.json")),
            serde_json::to_string_pretty(&rows)? + "\n",
        )?)
    }
}

impl Row {
    fn ratio(&self) -> f64 {
        self.ours.median() / self.theirs.median()
    }

    fn print(&self) -> anyhow::Result<()> {
        let ratio = self.ratio();
        let verdict = match self.goal {
            Some(Goal::AtLeast(goal)) => format!(">= {goal} {}", met(ratio >= goal)),
            Some(Goal::AtMost(goal)) => format!("<= {goal} {}", met(ratio <= goal)),
            None => String::new(),
        };
        Ok(writeln!(
            stdout(),
            "{:<43} {:>26}  {:<12} {:>26}  {:<13} {ratio:>6.2}  {verdict}",
            self.name,
            figure(&self.ours),
            self.unit,
            figure(&self.theirs),
            self.peer
        )?)
    }

    fn json(&self) -> Value {
        json!({
            "name": self.name, "value": rounded(self.ours.median()), "unit": self.unit,
            "peer": self.peer, "peer_value": rounded(self.theirs.median()),
            "ratio": rounded(self.ratio()),
        })
    }
}

/// The head of the table.
///
/// # Errors
/// Fails when nobody listens.
pub fn head(load: &str) -> anyhow::Result<()> {
    writeln!(stdout(), "load of the machine before: {load}; median [least .. most] of all rounds")?;
    Ok(writeln!(
        stdout(),
        "{:<43} {:>26}  {:<12} {:>26}  {:<13} {:>6}  goal",
        "",
        "ours",
        "",
        "peer",
        "",
        "ratio"
    )?)
}

/// A line below the table.
///
/// # Errors
/// Fails when nobody listens.
pub fn remark(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(stdout(), "{text}")?)
}

/// One line to whoever started the bench.
pub fn complain(text: &str) {
    // Nobody is left to tell that this failed.
    let _: io::Result<()> = writeln!(stderr(), "{text}");
}

fn met(yes: bool) -> &'static str {
    if yes { "met" } else { "MISSED" }
}

fn figure(sample: &Sample) -> String {
    let digits = usize::from(sample.median() < 1000.0);
    let ((low, high), median) = (sample.spread(), sample.median());
    format!("{median:.digits$} [{low:.digits$} .. {high:.digits$}]")
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
