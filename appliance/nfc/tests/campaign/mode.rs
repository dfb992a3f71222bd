//! What a kiosk in each mode orders its unit to do.

use std::fmt;

use tapcard_nfc::{Order, Radio};

use crate::desk::{only, order};

/// Which way cards travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Both,
    Give,
    Take,
}

impl Mode {
    pub(crate) const ALL: [Self; 3] = [Self::Both, Self::Give, Self::Take];

    pub(crate) fn order(self, message: &[u8]) -> Order {
        match self {
            Self::Both => order(Radio::Alternate, message, true),
            Self::Give => order(Radio::Emulate, message, false),
            Self::Take => only(Radio::Read),
        }
    }

    pub(crate) fn gives(self) -> bool {
        self != Self::Take
    }

    pub(crate) fn takes(self) -> bool {
        self != Self::Give
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Both => "Both",
            Self::Give => "Give",
            Self::Take => "Take",
        })
    }
}
