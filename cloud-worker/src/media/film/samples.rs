//! Where the samples of a track stand in the file (ISO/IEC 14496-12 §8.7).

use std::ops::Range;

use super::super::Refused;
use super::boxes::{Box, inside, number, wide};

/// Samples of one track; a camera writes a hundred a second at most.
const MAX_SAMPLES: u32 = 1_000_000;

/// Every sample's bytes, from the boxes inside the track's `mdia`.
pub(super) fn of(file: &[u8], media: &[Box]) -> Result<Vec<Range<usize>>, Refused> {
    let table = |them: &[Box], kind: &[u8; 4]| them.iter().find(|it| &it.kind == kind).cloned();
    let minf = table(media, b"minf").ok_or(Refused::Damaged)?;
    let stbl = table(&inside(file, minf.body)?, b"stbl").ok_or(Refused::Damaged)?;
    let tables = inside(file, stbl.body)?;
    let of = |kind| table(&tables, kind).map(|it| it.body.start).ok_or(Refused::Damaged);
    let (sizes, chunks) = (of(b"stsz")?, of(b"stsc")?);
    let n_samples = number(file, sizes + 8)?;
    if n_samples > MAX_SAMPLES {
        return Err(Refused::Damaged);
    }
    let same = number(file, sizes + 4)?;
    let size = |sample: u32| match same {
        0 => number(file, sizes + 12 + 4 * sample as usize),
        it => Ok(it),
    };
    let mut runs = Runs::new(file, chunks)?;
    let (mut found, mut sample) = (Vec::new(), 0);
    for offset in offsets(file, &tables)? {
        let mut at = usize::try_from(offset).map_err(|_| Refused::Damaged)?;
        for _ in 0..runs.next()? {
            if sample == n_samples {
                return Ok(found);
            }
            let end = at.checked_add(size(sample)? as usize).filter(|it| *it <= file.len());
            let end = end.ok_or(Refused::Damaged)?;
            found.push(at..end);
            (at, sample) = (end, sample + 1);
        }
    }
    Ok(found)
}

/// Where each chunk begins.
fn offsets(file: &[u8], tables: &[Box]) -> Result<Vec<u64>, Refused> {
    for it in tables {
        let start = it.body.start;
        let n_chunks = || Ok::<_, Refused>(number(file, start + 4)?.min(MAX_SAMPLES) as usize);
        match &it.kind {
            b"stco" => {
                return (0..n_chunks()?)
                    .map(|it| Ok(number(file, start + 8 + 4 * it)?.into()))
                    .collect();
            }
            b"co64" => return (0..n_chunks()?).map(|it| wide(file, start + 8 + 8 * it)).collect(),
            _ => {}
        }
    }
    Err(Refused::Damaged)
}

/// How many samples each chunk has. Runs of chunks with as many begin at the one that is named, counted from one; both go
/// forwards only.
struct Runs<'f> {
    file: &'f [u8],
    /// Where the next run's entry stands, and how many there are still.
    entry: usize,
    left: u32,
    chunk: u32,
    n_samples: u32,
}

impl<'f> Runs<'f> {
    fn new(file: &'f [u8], table: usize) -> Result<Runs<'f>, Refused> {
        let left = number(file, table + 4)?;
        Ok(Runs { file, entry: table + 8, left, chunk: 0, n_samples: 0 })
    }

    /// Of the next chunk.
    fn next(&mut self) -> Result<u32, Refused> {
        self.chunk += 1;
        while self.left > 0 && number(self.file, self.entry)? <= self.chunk {
            self.n_samples = number(self.file, self.entry + 4)?;
            (self.entry, self.left) = (self.entry + 12, self.left - 1);
        }
        Ok(self.n_samples)
    }
}
