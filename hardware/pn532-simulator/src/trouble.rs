//! What a test can do to a chip that no host does: faults, the reset line, pulling the plug.

use crate::fault::Fault;
use crate::line::Line;
use crate::simulator::{Refusal, Simulator};

impl Simulator {
    /// The next so many commands, answers or RF exchanges of a chip suffer this fault.
    pub fn fault(&self, chip: &str, fault: Fault, times: u32) -> Result<(), Refusal> {
        self.fault_after(chip, fault, times, 0)
    }

    /// The same after so many events of this kind have passed unharmed; a fault of a kind that
    /// already waits follows when that one has struck.
    pub fn fault_after(
        &self,
        chip: &str,
        fault: Fault,
        times: u32,
        after: u32,
    ) -> Result<(), Refusal> {
        let chip = self.chip(chip)?;
        if fault.is_on_air() {
            self.air.act(|world, _| world.field.faults(chip).inflict(fault, times, after));
        } else {
            self.air.with_line(chip, |line| line.faults.inflict(fault, times, after));
        }
        Ok(())
    }

    /// Takes back all faults that have not struck; a chip that hangs goes on hanging.
    pub fn spare(&self, chip: &str) -> Result<(), Refusal> {
        let chip = self.chip(chip)?;
        self.air.act(|world, _| world.field.faults(chip).clear());
        self.air.with_line(chip, |line| line.faults.clear());
        Ok(())
    }

    /// The hardware reset of a chip, as its reset line does it: it hears again, its field is off, it
    /// knows no target and is no card. Faults to come remain.
    pub fn reset(&self, chip: &str) -> Result<(), Refusal> {
        let chip = self.chip(chip)?;
        self.air.act(|world, now| world.field.reset(chip, now));
        self.air.with_line(chip, Line::reset);
        Ok(())
    }

    /// Takes a chip off its line: it loses its power and says nothing until it is plugged in.
    pub fn unplug(&self, chip: &str) -> Result<(), Refusal> {
        self.reset(chip)?;
        self.air.with_line(self.chip(chip)?, |line| line.plug(false));
        Ok(())
    }

    /// Puts a chip back on its line, as after power-up.
    pub fn plug(&self, chip: &str) -> Result<(), Refusal> {
        self.air.with_line(self.chip(chip)?, |line| line.plug(true));
        Ok(())
    }
}
