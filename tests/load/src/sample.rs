//! Figures of several rounds.

use std::time::Instant;

use crate::usage::Usage;

/// The same figure, round by round.
#[derive(Clone, Default)]
pub struct Sample(Vec<f64>);

impl Sample {
    /// These figures.
    pub fn of(mut figures: Vec<f64>) -> Sample {
        figures.sort_by(f64::total_cmp);
        Sample(figures)
    }

    /// Adds a round's.
    pub fn push(&mut self, figure: f64) {
        self.0.push(figure);
        self.0.sort_by(f64::total_cmp);
    }

    /// The middle one.
    pub fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        match self.0.len() % 2 {
            _ if self.0.is_empty() => f64::NAN,
            0 => (self.0[middle - 1] + self.0[middle]) / 2.0,
            _ => self.0[middle],
        }
    }

    /// The smallest figure that so much of all does not exceed, such as 0.99 of them.
    pub fn quantile(&self, part: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        let at = (self.0.len() as f64 * part).ceil() as usize;
        self.0.get(at.saturating_sub(1).min(last)).copied().unwrap_or(f64::NAN)
    }

    /// The smallest and the largest.
    pub fn spread(&self) -> (f64, f64) {
        let end = |it: Option<&f64>| it.copied().unwrap_or(f64::NAN);
        (end(self.0.first()), end(self.0.last()))
    }
}

/// How fast something went, and what it cost the broker.
#[derive(Clone, Default)]
pub struct Speed {
    /// Per second.
    pub rate: Sample,
    /// µs of processor time each.
    pub cost: Sample,
}

impl Speed {
    /// Does something `n` times and notes it; `usage` says what the program has used that serves it.
    ///
    /// # Errors
    /// Fails when one of the two does.
    pub fn measure(
        &mut self,
        usage: impl Fn() -> anyhow::Result<Usage>,
        n: usize,
        work: impl FnOnce() -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let (before, began) = (usage()?, Instant::now());
        work()?;
        let (took, after) = (began.elapsed(), usage()?);
        self.rate.push(n as f64 / took.as_secs_f64());
        self.cost.push((after.cpu - before.cpu) / n as f64);
        Ok(())
    }
}

/// A figure of ours and of a peer's.
#[derive(Clone, Default)]
pub struct Both<T> {
    /// Ours.
    pub ours: T,
    /// The peer's.
    pub theirs: T,
}

/// Goes through rounds, ours (true) and the peer's; in every other one the peer comes first.
///
/// # Errors
/// Fails when a round does.
pub fn alternate(
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
    /// Ours, or the peer's.
    pub fn of(&mut self, ours: bool) -> &mut T {
        if ours { &mut self.ours } else { &mut self.theirs }
    }
}
