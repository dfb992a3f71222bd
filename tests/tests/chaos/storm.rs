//! What happens to the cloud meanwhile: everything is killed, restarted and frozen.

use std::time::Duration;

use anyhow::Context;
use rustix::process::Signal;
use tapcard_tests::World;
use tapcard_tests::chance::Chance;
use tapcard_tests::clock::Clock;
use tapcard_tests::program::Program;

/// How often each kind of thing happened.
#[derive(Debug, Default)]
pub(crate) struct Damage {
    pub(crate) broker: usize,
    pub(crate) worker: usize,
    pub(crate) postgres: usize,
    pub(crate) frozen: usize,
    pub(crate) disk_full: usize,
    pub(crate) clock_set: usize,
}

/// How far clocks are off.
const OFF: [&str; 6] = ["-400d", "-2h", "-10", "+10", "+2h", "+400d"];

/// The cloud and those who serve it.
pub(crate) struct Cloud {
    pub(crate) world: World,
    workers: Vec<Option<Program>>,
    clocks: Clocks,
    pub(crate) damage: Damage,
}

/// What can be set while it runs.
pub(crate) struct Clocks {
    pub(crate) workers: Clock,
    pub(crate) postgres: Clock,
}

impl Cloud {
    /// Workers of these settings take the place of the world's own.
    pub(crate) fn serve(
        mut world: World,
        clocks: Clocks,
        n_workers: usize,
        settings: &str,
    ) -> anyhow::Result<Cloud> {
        world.kill_worker();
        for number in 0..n_workers {
            world.configure_worker(&name(number), settings)?;
        }
        let workers =
            (0..n_workers).map(|it| world.worker_by(&clocks.workers, &name(it)).map(Some));
        let workers = workers.collect::<anyhow::Result<_>>()?;
        Ok(Cloud { world, workers, clocks, damage: Damage::default() })
    }

    /// One blow, and what it broke is put up again.
    pub(crate) fn strike(&mut self, chance: &mut Chance) -> anyhow::Result<()> {
        match chance.below(6) {
            0 => {
                self.world.kill_broker();
                chance.rest(Duration::from_millis(800));
                self.damage.broker += 1;
                self.world.start_broker().context("starting the broker")
            }
            1 => {
                self.world.postgres.kill()?;
                chance.rest(Duration::from_millis(800));
                self.damage.postgres += 1;
                self.world.postgres.restart().context("starting Postgres")
            }
            2 => {
                let victim = chance.below(self.workers.len() as u64) as usize;
                self.workers[victim] = None;
                chance.rest(Duration::from_millis(800));
                self.damage.worker += 1;
                self.workers[victim] =
                    Some(self.world.worker_by(&self.clocks.workers, &name(victim))?);
                Ok(())
            }
            3 => self.fill_disk(chance),
            4 => self.set_clock(chance),
            _ => self.freeze(chance),
        }
    }

    /// Postgres cannot write, and may give up over it.
    fn fill_disk(&mut self, chance: &mut Chance) -> anyhow::Result<()> {
        let Some(disk) = self.world.postgres.disk() else { return Ok(()) };
        disk.fill()?;
        chance.rest(Duration::from_millis(2_000));
        disk.free()?;
        self.damage.disk_full += 1;
        self.world.postgres.revive().context("starting Postgres after its disk was full")
    }

    fn set_clock(&mut self, chance: &mut Chance) -> anyhow::Result<()> {
        let clock = if chance.below(2) == 0 { &self.clocks.workers } else { &self.clocks.postgres };
        clock.set(OFF[chance.below(OFF.len() as u64) as usize])?;
        chance.rest(Duration::from_millis(3_000));
        self.damage.clock_set += 1;
        clock.set("+0")
    }

    /// Longer than its leases last, and than Postgres lets a transaction stand still.
    fn freeze(&mut self, chance: &mut Chance) -> anyhow::Result<()> {
        let victim = chance.below(self.workers.len() as u64) as usize;
        let Some(worker) = &self.workers[victim] else { return Ok(()) };
        worker.signal(Signal::STOP)?;
        chance.rest(Duration::from_millis(4_000));
        self.damage.frozen += 1;
        worker.signal(Signal::CONT)
    }
}

fn name(number: usize) -> String {
    format!("chaos-{number}")
}
