//! A PIN that is chosen, twice the same.

use super::{Input, MIN_PIN};

/// Most digits of a PIN.
const MAX_PIN: usize = 8;

/// A PIN that is chosen.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct NewPin {
    first: Option<String>,
    typed: String,
    /// The second was another one than the first.
    pub differs: bool,
}

impl NewPin {
    /// How many digits are typed.
    pub fn n_typed(&self) -> usize {
        self.typed.len()
    }

    /// It is typed for the second time.
    pub fn is_again(&self) -> bool {
        self.first.is_some()
    }

    /// Whether that is long enough.
    pub fn is_enough(&self) -> bool {
        self.typed.len() >= MIN_PIN
    }

    /// Takes what was done; the PIN, once it was typed twice.
    pub(super) fn take(&mut self, input: &Input) -> Option<String> {
        match input {
            Input::Digit(it) if it.is_ascii_digit() && self.typed.len() < MAX_PIN => {
                self.typed.push(*it);
                self.differs = false;
            }
            Input::Erase => drop(self.typed.pop()),
            Input::Next if self.is_enough() => {
                let typed = std::mem::take(&mut self.typed);
                match self.first.take() {
                    None => self.first = Some(typed),
                    Some(first) if first == typed => return Some(typed),
                    Some(_) => self.differs = true,
                }
            }
            _ => {}
        }
        None
    }
}

impl std::fmt::Debug for NewPin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewPin").field("n_typed", &self.n_typed()).finish_non_exhaustive()
    }
}
