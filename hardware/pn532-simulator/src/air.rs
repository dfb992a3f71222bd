//! What the threads share: the field and the lines under one lock, the clock, and a waker for each
//! chip.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::event::{EventfdFlags, eventfd};

use crate::chip::ChipId;
use crate::field::{Answer, Field};
use crate::line::{Counters, Line, Reception};

/// The field and the lines, under one lock.
pub(crate) struct World {
    pub(crate) field: Field,
    lines: Vec<Line>,
}

/// What the end points share.
pub(crate) struct Air {
    world: Mutex<World>,
    wakers: Vec<OwnedFd>,
    started: Instant,
    stopping: AtomicBool,
}

impl Air {
    pub(crate) fn new(chips: usize) -> Result<Self> {
        let wakers = (0..chips)
            .map(|_| eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK))
            .collect::<Result<Vec<_>, _>>()
            .context("making wakers")?;
        let lines = (0..chips).map(|_| Line::default()).collect();
        Ok(Self {
            world: Mutex::new(World { field: Field::new(chips), lines }),
            wakers,
            started: Instant::now(),
            stopping: AtomicBool::new(false),
        })
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something to the world, hands out the answers, and wakes the chips that have one or that
    /// must now wait for another moment.
    pub(crate) fn act<T>(&self, act: impl FnOnce(&mut World, Duration) -> T) -> T {
        let mut world = self.lock();
        let chips = 0..self.wakers.len();
        let before: Vec<_> = chips.clone().map(|chip| world.field.deadline(chip)).collect();
        let now = self.started.elapsed();
        world.field.now = now;
        let result = act(&mut world, now);
        let answers = world.field.take_answers();
        for (chip, answer) in answers {
            world.lines[chip].outbox.push_back(answer);
            self.wake(chip);
        }
        chips.filter(|chip| world.field.deadline(*chip) != before[*chip]).for_each(|chip| {
            self.wake(chip);
        });
        result
    }

    pub(crate) fn with_line<T>(&self, chip: ChipId, act: impl FnOnce(&mut Line) -> T) -> T {
        act(&mut self.lock().lines[chip])
    }

    pub(crate) fn count(&self, chip: ChipId, count: impl FnOnce(&mut Counters)) {
        self.with_line(chip, |line| count(&mut line.counters));
    }

    /// A command frame has come: what the chip was doing ends, unless it hears nothing.
    pub(crate) fn hear_command(&self, chip: ChipId) -> Reception {
        let was_mute = self.with_line(chip, |line| line.is_mute());
        let reception = self.with_line(chip, Line::hear_command);
        if !was_mute {
            self.cancel(chip);
        }
        reception
    }

    /// Does with a command what was said when it came.
    pub(crate) fn carry_out(&self, chip: ChipId, packet: &[u8], reception: Reception) {
        match reception {
            Reception::Accepted { .. } => {
                self.act(|world, now| world.field.execute(chip, packet, now));
            }
            Reception::Refused => {
                self.with_line(chip, |line| line.outbox.push_back(Answer::SyntaxError));
            }
            Reception::Stalled | Reception::Ignored => {}
        }
    }

    pub(crate) fn cancel(&self, chip: ChipId) {
        let mut world = self.lock();
        world.field.now = self.started.elapsed();
        world.field.cancel(chip);
        world.lines[chip].outbox.clear();
    }

    pub(crate) fn time_to_deadline(&self, chip: ChipId) -> Option<Duration> {
        let deadline = self.lock().field.deadline(chip)?;
        Some(deadline.saturating_sub(self.started.elapsed()))
    }

    pub(crate) fn waker(&self, chip: ChipId) -> BorrowedFd<'_> {
        self.wakers[chip].as_fd()
    }

    /// Asks every chip's thread to end.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        (0..self.wakers.len()).for_each(|chip| self.wake(chip));
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    fn wake(&self, chip: ChipId) {
        // A full counter refuses, which means that the chip is being woken already.
        let _ = rustix::io::write(&self.wakers[chip], &1_u64.to_ne_bytes());
    }
}
