//! The Type 2 tags there are: sizes, and what stands in them as delivered.
//! Sources: NXP product data sheets NTAG213/215/216, rev. 3.2 (sections without further mark), and
//! MIFARE Ultralight MF0ICU1, rev. 3.9.

/// Size of a page in bytes.
pub(crate) const PAGE: usize = 4;
/// First page of the user memory (§8.5).
pub(crate) const USER: usize = 4;

/// Which chip is in a Type 2 tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// 144 bytes of user memory.
    Ntag213,
    /// 504 bytes of user memory.
    Ntag215,
    /// 888 bytes of user memory.
    Ntag216,
    /// MIFARE Ultralight: 48 bytes of user memory, neither GET_VERSION nor FAST_READ nor password.
    Ultralight,
}

impl Model {
    /// Reads `ntag213`, `ntag215`, `ntag216` or `ultralight`.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "ntag213" => Self::Ntag213,
            "ntag215" => Self::Ntag215,
            "ntag216" => Self::Ntag216,
            "ultralight" => Self::Ultralight,
            _ => return None,
        })
    }

    /// Pages of 4 bytes, configuration pages included (§8.5; MF0ICU1 §7.5).
    pub fn pages(self) -> usize {
        match self {
            Self::Ntag213 => 45,
            Self::Ntag215 => 135,
            Self::Ntag216 => 231,
            Self::Ultralight => 16,
        }
    }

    /// The page with the dynamic lock bytes, first after the user memory (§8.5.3). Two pages of
    /// configuration, the password and its acknowledge follow.
    pub(crate) fn dynamic_lock(self) -> Option<usize> {
        (self != Self::Ultralight).then(|| self.pages() - 5)
    }

    /// Pages that one dynamic lock bit guards (§8.5.3).
    pub(crate) fn pages_per_lock(self) -> usize {
        match self {
            Self::Ntag213 => 2,
            Self::Ntag215 | Self::Ntag216 | Self::Ultralight => 16,
        }
    }

    /// Size byte of the capability container: NDEF memory in units of 8 bytes (§8.5.6).
    pub(crate) fn size_byte(self) -> u8 {
        match self {
            Self::Ntag213 => 0x12,
            Self::Ntag215 => 0x3E,
            Self::Ntag216 => 0x6D,
            Self::Ultralight => 0x06,
        }
    }

    /// Answer to GET_VERSION (§10.1), where there is such a command.
    pub(crate) fn version(self) -> Option<[u8; 8]> {
        let storage = match self {
            Self::Ntag213 => 0x0F,
            Self::Ntag215 => 0x11,
            Self::Ntag216 => 0x13,
            Self::Ultralight => return None,
        };
        Some([0x00, 0x04, 0x04, 0x02, 0x01, 0x00, storage, 0x03])
    }

    /// What stands before the NDEF message as delivered: the NTAG213 carries a lock control TLV
    /// (§8.5.7).
    pub(crate) fn prefix(self) -> &'static [u8] {
        match self {
            Self::Ntag213 => &[0x01, 0x03, 0xA0, 0x0C, 0x34],
            Self::Ntag215 | Self::Ntag216 | Self::Ultralight => &[],
        }
    }

    /// Longest NDEF message in bytes that fits.
    pub fn capacity(self) -> usize {
        let tlv = usize::from(self.size_byte()) * 8 - self.prefix().len();
        if tlv - 2 < 0xFF { tlv - 2 } else { tlv - 4 }
    }
}
