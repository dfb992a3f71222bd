//! What each program takes of the machine.

use tapcard_load::report::Report;
use tapcard_load::sample::Sample;
use tapcard_load::usage::{self, Usage};

/// The programs: how Linux calls them, at most 15 bytes, and how the table does.
const PROGRAMS: [(&str, &str); 4] = [
    ("postgres", "postgres"),
    ("tapcard-broker", "broker"),
    ("tapcard-worker", "worker"),
    ("cloud", "load"),
];

/// What the programs took in several rounds.
#[derive(Default)]
pub(crate) struct Burden {
    /// µs of processor time each, and bytes, in the order of the programs.
    of: [(Sample, Sample); PROGRAMS.len()],
    all: (Sample, Sample),
}

impl Burden {
    /// Does something `n` times and notes what it took.
    pub(crate) fn measure<T>(
        &mut self,
        n: usize,
        work: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let before = taken()?;
        let result = work()?;
        let after = taken()?;
        let mut all = Usage::default();
        for (at, of) in self.of.iter_mut().enumerate() {
            let cpu = (after[at].cpu - before[at].cpu) / n as f64;
            of.0.push(cpu);
            of.1.push(after[at].memory / MB);
            all.cpu += cpu;
            all.memory += after[at].memory / MB;
        }
        self.all.0.push(all.cpu);
        self.all.1.push(all.memory);
        Ok(result)
    }

    /// Notes everything beside the sum of it.
    pub(crate) fn note(&self, report: &mut Report) -> anyhow::Result<()> {
        for ((_, name), (cpu, _)) in PROGRAMS.iter().zip(&self.of) {
            report.note((&format!("cpu_{name}"), "µs each"), cpu, ("all", &self.all.0), None)?;
        }
        for ((_, name), (_, memory)) in PROGRAMS.iter().zip(&self.of) {
            report.note((&format!("memory_{name}"), "MB"), memory, ("all", &self.all.1), None)?;
        }
        Ok(())
    }
}

const MB: f64 = 1e6;

fn taken() -> anyhow::Result<[Usage; PROGRAMS.len()]> {
    let family = usage::family()?;
    // The bench's own name ends in a hash.
    let of = |name: &str| family.iter().find(|it| it.0.starts_with(name)).map(|it| *it.1);
    Ok(PROGRAMS.map(|(name, _)| of(name).unwrap_or_default()))
}
