//! What people put on their cards, made harmless before it is stored: what it is, its bytes say and not its sender;
//! pictures are drawn anew, and nothing keeps where and with what it was made. Pure: bytes in, a [`Medium`] out.

mod animation;
pub(crate) mod apart;
mod document;
mod film;
mod picture;

use serde::{Deserialize, Serialize};
use tapcard_protocol::picture::Unread;
use thiserror::Error;

/// Most bytes of a file that somebody sends: a film's limit, which is the largest.
pub(crate) const MAX_SENT: usize = film::MAX_BYTES;

/// How a medium is stored. Which limits it goes by follows from that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Form {
    /// A picture.
    Jpeg,
    /// A picture that is clear in places.
    Png,
    /// Pictures that follow one another.
    Gif,
    /// A film.
    Mp4,
    /// Pages to read.
    Pdf,
}

impl Form {
    /// As browsers and the database call it.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Form::Jpeg => "image/jpeg",
            Form::Png => "image/png",
            Form::Gif => "image/gif",
            Form::Mp4 => "video/mp4",
            Form::Pdf => "application/pdf",
        }
    }

    /// Whether it can stand on the face of a card.
    pub(crate) const fn is_picture(self) -> bool {
        matches!(self, Form::Jpeg | Form::Png | Form::Gif)
    }
}

/// Something that may be stored and shown.
pub(crate) struct Medium {
    pub(crate) form: Form,
    pub(crate) bytes: Vec<u8>,
    /// A small JPEG of a picture, for a vCard that leaves the system; at most 100 kB.
    pub(crate) small: Option<Vec<u8>>,
}

/// Why something is not stored, for the person who sent it.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Refused {
    #[error(
        "This is no picture, film or document that cards can carry. JPEG, PNG, GIF, WebP, MP4 and PDF are."
    )]
    Unknown,
    #[error("This file is damaged, or only a part of it has come.")]
    Damaged,
    #[error("This picture has more than 24 million points. Please send a smaller one.")]
    TooManyPoints,
    #[error("This animation is too long or too large: at most 2 MB. Please send a shorter one.")]
    LongAnimation,
    #[error("This film is larger than 20 MB. Please send a shorter one.")]
    LongFilm,
    #[error("This document is larger than 10 MB. Please send a smaller one.")]
    LongDocument,
    #[error("This document is locked with a password. Please send one that everybody can open.")]
    Locked,
}

/// Makes what somebody sent harmless.
///
/// # Errors
/// Says why it is not stored.
pub(crate) fn take(sent: &[u8]) -> Result<Medium, Refused> {
    match sent {
        [0xff, 0xd8, 0xff, ..] | [0x89, b'P', b'N', b'G', ..] => picture::take(sent),
        [b'G', b'I', b'F', b'8', ..]
        | [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => animation::take(sent),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => film::take(sent),
        [b'%', b'P', b'D', b'F', b'-', ..] => document::take(sent),
        _ => Err(Refused::Unknown),
    }
}

impl From<Unread> for Refused {
    fn from(why: Unread) -> Refused {
        match why {
            Unread::Unknown => Refused::Unknown,
            Unread::TooManyPoints => Refused::TooManyPoints,
            Unread::Damaged => Refused::Damaged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_bytes_do_not_say_is_not_taken() {
        for wrong in [
            &b""[..],
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            b"<html>",
            b"BM\0\0\0\0",
            b"MZ",
        ] {
            assert_eq!(take(wrong).err(), Some(Refused::Unknown));
        }
    }

    #[test]
    fn nothing_that_only_begins_well_is_taken() {
        for start in [
            &b"\xff\xd8\xff\xe0"[..],
            b"\x89PNG\r\n\x1a\n",
            b"GIF89a",
            b"RIFF\0\0\0\0WEBP",
            b"\0\0\0\x08ftyp",
            b"%PDF-1.7",
        ] {
            let mut sent = start.to_vec();
            sent.resize(400, b'x');
            assert!(take(&sent).is_err(), "{start:?}");
            assert!(take(start).is_err(), "{start:?}");
        }
    }
}
