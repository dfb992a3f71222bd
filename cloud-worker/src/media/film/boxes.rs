//! The boxes of a film, one after the other and one inside the other (ISO/IEC 14496-12 §4.2).

use std::ops::Range;

use super::super::Refused;

/// One box: where it begins, and what is in it.
#[derive(Clone, Debug)]
pub(super) struct Box {
    pub(super) kind: [u8; 4],
    pub(super) start: usize,
    pub(super) body: Range<usize>,
}

/// The boxes of a part of the file. The last one may reach to its end.
pub(super) fn inside(file: &[u8], part: Range<usize>) -> Result<Vec<Box>, Refused> {
    let (mut found, mut start) = (Vec::new(), part.start);
    while start < part.end {
        // Some writers end a list with four bytes of zero.
        if part.end - start < 8 && file[start..part.end].iter().all(|it| *it == 0) {
            break;
        }
        let size = usize::try_from(number(file, start)?).map_err(|_| Refused::Damaged)?;
        let kind = file
            .get(start + 4..start + 8)
            .and_then(|it| it.try_into().ok())
            .ok_or(Refused::Damaged)?;
        let (head, size) = match size {
            0 => (8, part.end - start),
            1 => (16, usize::try_from(wide(file, start + 8)?).map_err(|_| Refused::Damaged)?),
            _ => (8, size),
        };
        let end = start.checked_add(size).filter(|it| *it <= part.end && size >= head);
        let end = end.ok_or(Refused::Damaged)?;
        found.push(Box { kind, start, body: start + head..end });
        start = end;
    }
    Ok(found)
}

/// A number of 32 bits.
pub(super) fn number(file: &[u8], at: usize) -> Result<u32, Refused> {
    let bytes = file.get(at..).and_then(|it| it.first_chunk()).ok_or(Refused::Damaged)?;
    Ok(u32::from_be_bytes(*bytes))
}

/// A number of 64 bits.
pub(super) fn wide(file: &[u8], at: usize) -> Result<u64, Refused> {
    let bytes = file.get(at..).and_then(|it| it.first_chunk()).ok_or(Refused::Damaged)?;
    Ok(u64::from_be_bytes(*bytes))
}
