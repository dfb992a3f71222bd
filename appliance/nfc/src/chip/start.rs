//! Brings the chip to where it can work, from wherever it is: fresh from power-on, in the middle of
//! somebody's command, at another baud rate, or hung (user manual UM0701-02 §7.2).

use pn532::requests::Command;

use super::{Chip, ChipError};

/// IC byte of GetFirmwareVersion (§7.2.2).
const IC_PN532: u8 = 0x32;

impl Chip {
    /// Brings the chip from any state, also fresh from power-on or in the middle of a command of
    /// somebody else, to where it does nothing and has no field. A chip that does not get there is
    /// reset by hardware, if a line does that.
    ///
    /// # Errors
    /// The link's or the chip's trouble.
    pub fn start(&mut self) -> Result<(), ChipError> {
        // The first frame after a long sleep may still be lost.
        for is_last in [false, true] {
            match self.configure() {
                Err(error) if may_pass(&error) => {
                    if is_last && !self.pn532.interface.reset()? {
                        return Err(error);
                    }
                }
                done => return done,
            }
        }
        self.configure()
    }

    /// Asks whether the chip is alive and a PN532.
    ///
    /// # Errors
    /// The link's or the chip's trouble.
    pub fn check(&mut self) -> Result<(), ChipError> {
        let version = self.command(Command::GetFirmwareVersion, &[])?;
        match version[..] {
            [IC_PN532, ..] => Ok(()),
            [other, _, _, _] => Err(ChipError::WrongChip(other)),
            _ => Err(ChipError::Garbled),
        }
    }

    fn configure(&mut self) -> Result<(), ChipError> {
        match self.greet() {
            Err(ChipError::NoAnswer | ChipError::Garbled) if self.speak_at_default(true)? => {
                let done = self.greet().and_then(|()| self.speed_up());
                self.speak_at_default(false)?;
                done?;
            }
            done => done?,
        }
        self.check()?;
        self.limit_retries()?;
        self.activate_iso_dep()?;
        self.field_off()
    }

    /// Ends whatever the chip is doing and wakes it. Out of reset it is in low battery mode and hears
    /// nothing before this SAMConfiguration: normal mode, no virtual card time-out, and whether it
    /// drives P70_IRQ (§7.2.10).
    fn greet(&mut self) -> Result<(), ChipError> {
        self.abort()?;
        self.pn532.interface.wake()?;
        let drives_irq = u8::from(self.pn532.interface.uses_irq());
        self.command(Command::SAMConfiguration, &[1, 0, drives_irq]).map(drop)
    }

    /// Speaks at the rate that a chip has after reset, or again at the one that it is to have; false
    /// if there is no difference.
    fn speak_at_default(&mut self, at_default: bool) -> Result<bool, ChipError> {
        let Some(hsu) = self.pn532.interface.faster_hsu() else { return Ok(false) };
        hsu.speak_at_default(at_default)?;
        Ok(true)
    }

    /// Tells the chip the rate that it is to have, which it has from the acknowledge of its answer on
    /// (§7.2.8).
    fn speed_up(&mut self) -> Result<(), ChipError> {
        let Some(code) = self.pn532.interface.faster_hsu().map(|hsu| hsu.rate_code()) else {
            return Ok(());
        };
        self.command(Command::SetSerialBaudRate, &[code])?;
        Ok(self.pn532.abort()?)
    }
}

/// Whether a hardware reset, or only another attempt, may mend this.
fn may_pass(error: &ChipError) -> bool {
    !matches!(error, ChipError::Io(_) | ChipError::WrongChip(_))
}
