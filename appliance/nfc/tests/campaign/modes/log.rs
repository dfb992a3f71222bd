//! What the simulator's journal says of one unit, and the rules of its mode.

use pn532_simulator::{Entry, Event};

use crate::mode::Mode;

/// Instruction of UPDATE BINARY (ISO/IEC 7816-4).
const UPDATE_BINARY: u8 = 0xd6;
/// Status word: the security status is not satisfied.
const REFUSED: [u8; 2] = [0x69, 0x82];

/// Counts.
#[derive(Default)]
pub(super) struct Log {
    pub(super) n_fields: usize,
    pub(super) n_activated: usize,
    pub(super) n_writes: usize,
    pub(super) n_refused: usize,
}

impl Log {
    /// Counts what was done in this mode, and says what must not have been.
    pub(super) fn add(&mut self, mode: Mode, journal: &[Entry], broken: &mut Vec<String>) {
        let mut wrong = |what: String| broken.push(format!("{mode}: {what}"));
        let mut is_asked_to_write = false;
        for Entry { at, event } in journal {
            let at = at.as_millis();
            match event {
                Event::FieldOn => self.n_fields += 1,
                Event::Activated => self.n_activated += 1,
                Event::Heard { ins, .. } => {
                    is_asked_to_write = *ins == Some(UPDATE_BINARY);
                    self.n_writes += usize::from(is_asked_to_write);
                }
                Event::Replied { status: Some(status), .. } => {
                    let is_refused = *status == REFUSED;
                    self.n_refused += usize::from(is_asked_to_write && is_refused);
                    if is_asked_to_write && mode == Mode::Give && !is_refused {
                        wrong(format!("a write was answered {status:02x?} at {at} ms"));
                    }
                }
                Event::FieldOff
                | Event::Found { .. }
                | Event::Sent { .. }
                | Event::Replied { status: None, .. }
                | Event::Released => {}
            }
            let is_reader =
                matches!(event, Event::FieldOn | Event::Found { .. } | Event::Sent { .. });
            let is_card =
                matches!(event, Event::Activated | Event::Heard { .. } | Event::Replied { .. });
            if (is_reader && !mode.takes()) || (is_card && !mode.gives()) {
                wrong(format!("{event:?} at {at} ms"));
            }
        }
    }
}
