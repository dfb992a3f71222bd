//! The reader's thread as a writer of badges.

use tapcard_nfc::{ChipError, Unit, Unreadable};

use super::{Desk, Job, Report};
use crate::badge::Refusal;
use crate::writer;

impl<F: FnMut(Report)> Desk<F> {
    /// Writes the tag that was laid down, if it is blank.
    pub(super) fn write(
        &mut self,
        unit: &mut Unit,
        found: &Result<Vec<u8>, Unreadable>,
    ) -> Result<(), ChipError> {
        let Some(Job { badge, lock }) = self.order.job.clone() else { return Ok(()) };
        if let Err(reason) = badge.may_go_on(found, false) {
            (self.tell)(Report::Wrote(Err(reason)));
            return Ok(());
        }
        (self.tell)(Report::Writing);
        match writer::write(unit, &badge, lock) {
            Ok(outcome) => (self.tell)(Report::Wrote(outcome)),
            // If the new order is to write, too, the tag is news to it.
            Err(ChipError::Interrupted) => {}
            Err(error) => {
                (self.tell)(Report::Wrote(Err(Refusal::PulledAway)));
                return Err(error);
            }
        }
        Ok(())
    }
}
