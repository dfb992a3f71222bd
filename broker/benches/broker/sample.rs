//! Figures of several rounds.

use std::time::Instant;

use crate::brokers::Broker;

/// The same figure, round by round.
#[derive(Clone, Default)]
pub(crate) struct Sample(Vec<f64>);

impl Sample {
    pub(crate) fn push(&mut self, figure: f64) {
        self.0.push(figure);
        self.0.sort_by(f64::total_cmp);
    }

    /// The middle one.
    pub(crate) fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        match self.0.len() % 2 {
            _ if self.0.is_empty() => f64::NAN,
            0 => (self.0[middle - 1] + self.0[middle]) / 2.0,
            _ => self.0[middle],
        }
    }

    /// The smallest and the largest.
    pub(crate) fn spread(&self) -> (f64, f64) {
        let end = |it: Option<&f64>| it.copied().unwrap_or(f64::NAN);
        (end(self.0.first()), end(self.0.last()))
    }
}

/// How fast something went, and what it cost the broker.
#[derive(Clone, Default)]
pub(crate) struct Speed {
    /// Per second.
    pub(crate) rate: Sample,
    /// µs of processor time each.
    pub(crate) cost: Sample,
}

impl Speed {
    /// Does something `n` times and notes it.
    pub(crate) fn measure(
        &mut self,
        broker: &Broker,
        n: usize,
        work: impl FnOnce() -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let (before, began) = (broker.usage()?, Instant::now());
        work()?;
        let (took, after) = (began.elapsed(), broker.usage()?);
        self.rate.push(n as f64 / took.as_secs_f64());
        self.cost.push((after.cpu - before.cpu) / n as f64);
        Ok(())
    }
}

/// A figure of ours and of Mosquitto's.
#[derive(Clone, Default)]
pub(crate) struct Both<T> {
    pub(crate) ours: T,
    pub(crate) theirs: T,
}

/// Goes through rounds; in every other one the second broker comes first.
pub(crate) fn alternate(
    rounds: usize,
    mut round: impl FnMut(bool) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for at in 0..rounds {
        let first = at % 2 == 0;
        round(first)?;
        round(!first)?;
    }
    Ok(())
}

impl<T> Both<T> {
    pub(crate) fn of(&mut self, ours: bool) -> &mut T {
        if ours { &mut self.ours } else { &mut self.theirs }
    }
}
