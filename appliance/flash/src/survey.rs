//! Reads an image to its end before anything is written, as a card that was half written with half an image is worth
//! nothing.

use std::io::{self, Cursor, ErrorKind, Read, Write};
use std::ops::Range;

use bmap_parser::{Bmap, CopyError, HashType, HashValue, SeekForward};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::boot;

/// As much of an image's beginning is kept as holds its partition table.
const HEAD: usize = 64 * 1024;
/// Bytes that share a checksum when nobody made a map.
const RANGE: u64 = 16 * 1024 * 1024;
/// Bytes of a block, where a map must name some.
const BLOCK: u64 = 4096;

/// What an image turned out to be.
pub struct Survey {
    /// What is to be written, with checksums: the map that was given, or one of everything.
    pub map: Bmap,
    /// Where the partition lies that takes settings.
    pub boot: Option<Range<u64>>,
}

/// Why an image is not written.
#[derive(Debug, Error)]
pub enum Flaw {
    /// It was not fetched whole.
    #[error("the image ends too early: it was not fetched or copied whole. {AGAIN}")]
    Truncated,
    /// Its bytes are not those that the map was made of.
    #[error(
        "the image is damaged, or its block map is of another one: a checksum is wrong. {AGAIN}"
    )]
    Checksum,
    /// It goes on where it should end.
    #[error("the image is longer than its block map says; the map is of another one. {AGAIN}")]
    TooLong,
    /// It does not unpack.
    #[error("the image is damaged and does not unpack ({0}). {AGAIN}")]
    Damaged(io::Error),
}

/// What to do about it.
const AGAIN: &str = "Fetch it again and run the same command; nothing was written";

impl From<io::Error> for Flaw {
    fn from(error: io::Error) -> Flaw {
        match error.kind() {
            ErrorKind::UnexpectedEof => Flaw::Truncated,
            _ => Flaw::Damaged(error),
        }
    }
}

impl From<CopyError> for Flaw {
    fn from(error: CopyError) -> Flaw {
        match error {
            CopyError::UnexpectedEof => Flaw::Truncated,
            CopyError::ChecksumError => Flaw::Checksum,
            CopyError::ReadError(error) | CopyError::WriteError(error) => error.into(),
        }
    }
}

/// Reads an image to its end and holds it against its map.
///
/// # Errors
/// The first flaw.
pub fn survey(mut image: impl Read + SeekForward, map: Option<Bmap>) -> Result<Survey, Flaw> {
    let mut head = Head { bytes: vec![0; HEAD], position: 0 };
    let map = match map {
        Some(map) => {
            compare(&mut image, &mut head, &map)?;
            map
        }
        None => map_all(&mut image, &mut head)?,
    };
    let table = boot::table(&mut Cursor::new(&head.bytes));
    // An image without a map that was cut off still says where it should end.
    if table.as_ref().is_some_and(|it| it.end > map.image_size()) {
        return Err(Flaw::Truncated);
    }
    Ok(Survey { map, boot: table.and_then(|it| it.boot) })
}

fn compare(image: &mut (impl Read + SeekForward), head: &mut Head, map: &Bmap) -> Result<(), Flaw> {
    bmap_parser::copy(image, head, map)?;
    let left = map.image_size().saturating_sub(head.position);
    if left > 0 {
        // Seeking finds no end in a file that is too short, reading its last byte does.
        image.seek_forward(left - 1)?;
        image.read_exact(&mut [0])?;
    }
    if image.read(&mut [0])? > 0 { Err(Flaw::TooLong) } else { Ok(()) }
}

fn map_all(image: &mut impl Read, head: &mut Head) -> Result<Bmap, Flaw> {
    let mut map = Bmap::builder();
    let mut bytes = Vec::new();
    let mut size = 0;
    loop {
        bytes.clear();
        let length = image.by_ref().take(RANGE).read_to_end(&mut bytes)? as u64;
        if length == 0 {
            break;
        }
        head.write_all(&bytes)?;
        map.add_byte_range(size, length, HashValue::Sha256(Sha256::digest(&bytes).into()));
        size += length;
    }
    let n_blocks = size.div_ceil(BLOCK);
    map.image_size(size).block_size(BLOCK).blocks(n_blocks).mapped_blocks(n_blocks);
    map.checksum_type(HashType::Sha256);
    Ok(map.build().expect("everything was given above"))
}

/// Keeps the beginning of what is written to it.
struct Head {
    bytes: Vec<u8>,
    position: u64,
}

impl Write for Head {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let start = usize::try_from(self.position).unwrap_or(HEAD).min(HEAD);
        let kept = buffer.len().min(HEAD - start);
        self.bytes[start..start + kept].copy_from_slice(&buffer[..kept]);
        self.position += buffer.len() as u64;
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl SeekForward for Head {
    fn seek_forward(&mut self, offset: u64) -> io::Result<()> {
        self.position += offset;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(image: &[u8]) -> Bmap {
        let of = |bytes: &[u8]| HashValue::Sha256(Sha256::digest(bytes).into());
        let mut map = Bmap::builder();
        map.image_size(image.len() as u64).block_size(4096).blocks(5).mapped_blocks(2);
        map.checksum_type(HashType::Sha256);
        map.add_block_range(0, 0, of(&image[..4096])).add_block_range(
            3,
            3,
            of(&image[12288..16384]),
        );
        map.build().unwrap()
    }

    fn image() -> Vec<u8> {
        (0..20000_u32).map(|it| (it % 251) as u8).collect()
    }

    #[test]
    fn a_whole_image_agrees_with_its_map() {
        let image = image();
        assert!(survey(Cursor::new(&image), Some(mapped(&image))).is_ok());
    }

    #[test]
    fn an_image_that_is_cut_anywhere_is_refused() {
        let whole = image();
        for end in (0..whole.len()).step_by(97).chain([whole.len() - 1]) {
            let flaw = survey(Cursor::new(&whole[..end]), Some(mapped(&whole))).err().unwrap();
            assert!(matches!(flaw, Flaw::Truncated), "{end}: {flaw}");
        }
    }

    #[test]
    fn an_image_that_was_changed_or_goes_on_is_refused() {
        let mut image = image();
        let map = mapped(&image);
        image[13000] ^= 1;
        let changed = survey(Cursor::new(&image), Some(map.clone())).err().unwrap();
        assert!(matches!(changed, Flaw::Checksum), "{changed}");
        image[13000] ^= 1;
        image.push(0);
        let longer = survey(Cursor::new(&image), Some(map)).err().unwrap();
        assert!(matches!(longer, Flaw::TooLong), "{longer}");
    }

    #[test]
    fn without_a_map_everything_is_mapped() {
        let size = RANGE as usize + 5;
        let found = survey(Cursor::new(vec![7; size]), None).unwrap();
        let ranges: Vec<_> = found.map.block_map().map(|it| (it.offset(), it.length())).collect();
        assert_eq!(ranges, [(0, RANGE), (RANGE, 5)]);
        assert_eq!((found.map.image_size(), found.boot), (size as u64, None));
        assert_eq!(survey(Cursor::new(Vec::new()), None).unwrap().map.image_size(), 0);
    }
}
