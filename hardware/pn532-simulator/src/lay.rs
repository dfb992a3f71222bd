//! What shall be laid on an antenna: its kind, its message, and the state it is in.

use thiserror::Error;

use crate::model::Model;
use crate::tag::Tag;
use crate::type2::Type2;
use crate::type4::{self, Application, Layout};

/// The password of protected tags.
pub const PASSWORD: [u8; 4] = *b"pass";

/// A kind of tag or card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagKind {
    /// Memory that is read as it is.
    Type2(Model),
    /// Type 4 tag, mapping 2.0.
    Type4,
    /// Type 4 tag, mapping 3.0.
    Type4V3,
    /// MIFARE Classic 1K with unknown keys.
    Classic,
    /// Bank card: no NDEF, but an answer to 2PAY.SYS.DDF01.
    Payment,
}

impl TagKind {
    /// Reads a model's name, `type4`, `type4v3`, `classic` or `payment`.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "type4" => Self::Type4,
            "type4v3" => Self::Type4V3,
            "classic" => Self::Classic,
            "payment" => Self::Payment,
            model => Self::Type2(Model::from_name(model)?),
        })
    }

    /// Longest NDEF message in bytes that fits.
    pub fn capacity(self) -> usize {
        match self {
            Self::Type2(model) => model.capacity(),
            Self::Type4 => type4::LONGEST,
            Self::Type4V3 => type4::LONGEST_EXTENDED,
            Self::Classic | Self::Payment => 0,
        }
    }

    fn name(self) -> String {
        match self {
            Self::Type2(model) => format!("{model:?}"),
            other => format!("{other:?}"),
        }
    }
}

/// Why such a tag cannot exist.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unfit {
    /// The message or image is longer than the tag.
    #[error("message of {length} bytes does not fit {kind}, which holds {capacity}")]
    TooLong {
        /// The kind of tag.
        kind: String,
        /// Length of the message in bytes.
        length: usize,
        /// What the tag holds in bytes.
        capacity: usize,
    },
    /// Tags of this kind have no such property.
    #[error("a {kind} cannot be {wish}")]
    Impossible {
        /// The kind of tag.
        kind: String,
        /// What it was to be.
        wish: &'static str,
    },
}

/// What shall lie on an antenna.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lay {
    kind: TagKind,
    message: Vec<u8>,
    raw: bool,
    blank: bool,
    locked: bool,
    protected: bool,
    extended: bool,
    mle: Option<u16>,
    mlc: Option<u16>,
    pub(crate) leaves_after: Option<u32>,
}

impl Lay {
    /// A tag with this NDEF message; without one it is empty, as delivered.
    pub fn new(kind: TagKind, message: &[u8]) -> Self {
        Self {
            kind,
            message: message.to_vec(),
            raw: false,
            blank: false,
            locked: false,
            protected: false,
            extended: false,
            mle: None,
            mlc: None,
            leaves_after: None,
        }
    }

    /// A Type 2 tag with these bytes from page 3, the capability container, on.
    pub fn image(model: Model, bytes: &[u8]) -> Self {
        Self { raw: true, ..Self::new(TagKind::Type2(model), bytes) }
    }

    /// Pulled away after so many RF exchanges.
    #[must_use]
    pub fn torn(self, exchanges: u32) -> Self {
        Self { leaves_after: Some(exchanges), ..self }
    }

    /// Type 2: never formatted, the capability container is empty too.
    #[must_use]
    pub fn blank(self) -> Self {
        Self { blank: true, ..self }
    }

    /// Type 2: all lock bits are set, and the capability container says so. Type 4: write access
    /// FFh, and UPDATE BINARY is answered 6982.
    #[must_use]
    pub fn locked(self) -> Self {
        Self { locked: true, ..self }
    }

    /// NTAG: the user memory is neither read nor written without [`PASSWORD`].
    #[must_use]
    pub fn protected(self) -> Self {
        Self { protected: true, ..self }
    }

    /// Mapping 3.0: the length stands in four bytes even when two would do.
    #[must_use]
    pub fn extended(self) -> Self {
        Self { extended: true, ..self }
    }

    /// Type 4: most bytes in an answer; asked for more, the tag says 6700.
    #[must_use]
    pub fn mle(self, bytes: u16) -> Self {
        Self { mle: Some(bytes), ..self }
    }

    /// Type 4: most bytes in a command; given more, the tag says 6700.
    #[must_use]
    pub fn mlc(self, bytes: u16) -> Self {
        Self { mlc: Some(bytes), ..self }
    }

    /// The tag as described; `hash` gives an identifier that follows from what it is made of.
    pub(crate) fn tag(&self, salt: u8) -> Result<Tag, Unfit> {
        self.check()?;
        let [a, b, c, d, e, f, ..] = self.hash().to_be_bytes();
        // 04 is NXP's manufacturer code; 08 would say that the identifier is random.
        let long = [0x04, a, b, c, d, e, f.wrapping_add(salt)];
        let short = [0x0C, a, b, c.wrapping_add(salt)];
        Ok(match self.kind {
            TagKind::Type2(model) => Tag::Type2(self.type2(model, long)),
            TagKind::Type4 | TagKind::Type4V3 => {
                Tag::type4(long, Application::new(self.layout(), &self.message))
            }
            TagKind::Classic => Tag::Classic(short),
            TagKind::Payment => Tag::payment(short),
        })
    }

    fn type2(&self, model: Model, uid: [u8; 7]) -> Type2 {
        let mut tag = match (self.raw, self.blank) {
            (true, _) => Type2::with_image(model, uid, &self.message),
            (false, true) => Type2::blank(model, uid),
            (false, false) => Type2::with_message(model, uid, &self.message),
        };
        if self.locked {
            tag.lock();
        }
        if self.protected {
            tag.protect(PASSWORD);
        }
        tag
    }

    fn layout(&self) -> Layout {
        Layout {
            third: self.kind == TagKind::Type4V3,
            extended: self.extended || self.message.len() > type4::LONGEST,
            mle: self.mle.unwrap_or(type4::MLE),
            mlc: self.mlc.unwrap_or(type4::MLC),
            read_only: self.locked,
        }
    }

    fn check(&self) -> Result<(), Unfit> {
        let type4 = matches!(self.kind, TagKind::Type4 | TagKind::Type4V3);
        let type2 = matches!(self.kind, TagKind::Type2(_));
        let ntag = type2 && self.kind != TagKind::Type2(Model::Ultralight);
        let wishes = [
            (self.blank && !(type2 && self.message.is_empty()), "blank"),
            (self.locked && !(type2 || type4), "locked"),
            (self.protected && !ntag, "protected"),
            (self.extended && self.kind != TagKind::Type4V3, "extended"),
            (self.mle.is_some_and(|mle| !type4 || mle < 15), "given this MLe"),
            (self.mlc.is_some_and(|mlc| !type4 || mlc < 1), "given this MLc"),
        ];
        if let Some((_, wish)) = wishes.into_iter().find(|(impossible, _)| *impossible) {
            return Err(Unfit::Impossible { kind: self.kind.name(), wish });
        }
        let capacity = match self.kind {
            TagKind::Type2(model) if self.raw => Type2::room(model),
            kind => kind.capacity(),
        };
        let length = self.message.len();
        if length > capacity {
            return Err(Unfit::TooLong { kind: self.kind.name(), length, capacity });
        }
        Ok(())
    }

    /// FNV-1a of kind and message: the same card is the same card when it comes back.
    fn hash(&self) -> u64 {
        let kind = match self.kind {
            TagKind::Type2(model) => model.pages() as u64,
            other => other.name().bytes().map(u64::from).sum::<u64>() << 8,
        };
        let bytes = kind.to_be_bytes().into_iter().chain(self.message.iter().copied());
        bytes.fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NTAG213: TagKind = TagKind::Type2(Model::Ntag213);

    #[test]
    fn the_identifier_follows_from_kind_and_message() {
        let uid = |kind, message: &[u8]| Lay::new(kind, message).tag(0).unwrap().identity().uid;
        assert_eq!(uid(NTAG213, &[1]), uid(NTAG213, &[1]));
        let others = [uid(NTAG213, &[2]), uid(TagKind::Type2(Model::Ntag215), &[1])];
        let others =
            [&others[..], &[uid(TagKind::Type4, &[1]), uid(TagKind::Type4V3, &[1])]].concat();
        assert!(!others.contains(&uid(NTAG213, &[1])));
        assert_ne!(others[2], others[3]);
        assert_ne!(Lay::new(NTAG213, &[1]).tag(1).unwrap().identity().uid, uid(NTAG213, &[1]));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let payment = || Lay::new(TagKind::Payment, &[]);
        let classic = || Lay::new(TagKind::Classic, &[]);
        let ultralight = || Lay::new(TagKind::Type2(Model::Ultralight), &[]);
        let impossible = [
            payment().locked(),
            classic().blank(),
            ultralight().protected(),
            ultralight().mle(20),
            Lay::new(TagKind::Type4, &[]).extended(),
            Lay::new(TagKind::Type4, &[]).mle(14),
            Lay::new(TagKind::Type4, &[]).mlc(0),
            Lay::new(NTAG213, &[1]).blank(),
            Lay::new(NTAG213, &[1; 138]),
            Lay::image(Model::Ntag213, &[1; 149]),
            Lay::new(TagKind::Classic, &[1]),
            Lay::new(TagKind::Type4, &vec![1; type4::LONGEST + 1]),
        ];
        for lay in impossible {
            assert!(lay.tag(0).is_err(), "{:?} {}", lay.kind, lay.message.len());
        }
    }

    #[test]
    fn an_image_stands_where_the_capability_container_is() {
        let tag = Lay::image(Model::Ntag213, &[0xE1, 0x10, 0xFF, 0x00, 0x03, 0xFF, 0xFF]);
        let contents = tag.tag(0).unwrap().contents();
        assert_eq!(contents[12..20], [0xE1, 0x10, 0xFF, 0x00, 0x03, 0xFF, 0xFF, 0x00]);
        assert!(Lay::image(Model::Ultralight, &[1; 52]).tag(0).is_ok());
    }

    #[test]
    fn a_long_message_gets_a_long_length() {
        let contents = |lay: Lay| lay.tag(0).unwrap().contents();
        let long = contents(Lay::new(TagKind::Type4V3, &vec![7; type4::LONGEST + 1]));
        assert_eq!((long[2], long[7], &long[17..21]), (0x30, 0x06, &[0, 0, 0x7F, 0xFE][..]));
        let short = contents(Lay::new(TagKind::Type4V3, &[7]));
        assert_eq!((short[2], short[7], &short[15..]), (0x30, 0x04, &[0, 1, 7][..]));
        let wanted = contents(Lay::new(TagKind::Type4V3, &[7]).extended().mle(255).locked());
        assert_eq!(
            (wanted[16], &wanted[3..5], &wanted[17..]),
            (0xFF, &[0, 255][..], &[0, 0, 0, 1, 7][..])
        );
    }

    #[test]
    fn locked_protected_and_blank_tags_are_in_that_state() {
        let contents = |lay: Lay| lay.tag(0).unwrap().contents();
        assert_eq!(contents(Lay::new(NTAG213, &[]).blank())[12..40], [0; 28]);
        let locked = contents(Lay::new(NTAG213, &[]).locked());
        assert_eq!((locked[10], locked[15]), (0xFF, 0x0F));
        let protected = contents(Lay::new(NTAG213, &[]).protected());
        assert_eq!((protected[41 * 4 + 3], protected[42 * 4]), (4, 0x80));
    }
}
