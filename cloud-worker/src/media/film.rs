//! A film in MP4 (ISO/IEC 14496-12). It is not coded anew; what says where, when and with what it was made is blanked
//! where it stands, so that no offset moves.

mod boxes;
mod samples;

use std::ops::Range;

use super::{Form, Medium, Refused};
use boxes::{Box, inside};

/// Most bytes, sent and stored.
pub(super) const MAX_BYTES: usize = 20_000_000;

/// Boxes that hold pictures, sound and how they follow one another; every other is blanked.
const KEPT: [&[u8; 4]; 3] = [b"ftyp", b"mdat", b"wide"];
/// What tells of the film, below `moov` and `trak`: names, places, devices; some programs leave it in what is called free.
const TELLING: [&[u8; 4]; 5] = [b"udta", b"meta", b"uuid", b"free", b"skip"];
/// Handlers (§8.4.3) of what people see and hear; phones add tracks of their own, with the place of every second.
const SHOWN: [&[u8; 4]; 6] = [b"vide", b"soun", b"text", b"sbtl", b"subt", b"clcp"];

/// What is changed in the file.
enum Blank {
    /// A whole box: it becomes free space.
    Whole(Box),
    /// Some bytes become zero.
    Bytes(Range<usize>),
}

/// Takes a film.
pub(super) fn take(sent: &[u8]) -> Result<Medium, Refused> {
    if sent.len() > MAX_BYTES {
        return Err(Refused::LongFilm);
    }
    let mut blanks = Vec::new();
    let mut has_pictures = false;
    for it in inside(sent, 0..sent.len())? {
        match &it.kind {
            b"moov" => has_pictures |= movie(sent, &it, &mut blanks)?,
            // In pieces for sending live; no phone's camera writes that.
            b"moof" => return Err(Refused::Unknown),
            kind if KEPT.contains(&kind) => {}
            _ => blanks.push(Blank::Whole(it)),
        }
    }
    if !has_pictures {
        return Err(Refused::Damaged);
    }
    let mut bytes = sent.to_vec();
    for it in blanks {
        blank(&mut bytes, it)?;
    }
    Ok(Medium { form: Form::Mp4, bytes, small: None })
}

fn blank(bytes: &mut [u8], it: Blank) -> Result<(), Refused> {
    let range = match it {
        Blank::Whole(it) => {
            bytes[it.start + 4..it.start + 8].copy_from_slice(b"free");
            it.body
        }
        Blank::Bytes(it) => it,
    };
    bytes.get_mut(range).ok_or(Refused::Damaged)?.fill(0);
    Ok(())
}

/// The head of the film; whether it has pictures.
fn movie(sent: &[u8], moov: &Box, blanks: &mut Vec<Blank>) -> Result<bool, Refused> {
    let mut has_pictures = false;
    for it in inside(sent, moov.body.clone())? {
        match &it.kind {
            b"mvhd" => blanks.push(times(sent, &it)?),
            b"trak" => has_pictures |= track(sent, it, blanks)?,
            b"mvex" => return Err(Refused::Unknown),
            kind if TELLING.contains(&kind) => blanks.push(Blank::Whole(it)),
            _ => {}
        }
    }
    Ok(has_pictures)
}

/// One track; whether it is of pictures.
fn track(sent: &[u8], trak: Box, blanks: &mut Vec<Blank>) -> Result<bool, Refused> {
    let parts = inside(sent, trak.body.clone())?;
    let media = parts.iter().find(|it| &it.kind == b"mdia").ok_or(Refused::Damaged)?;
    let media = inside(sent, media.body.clone())?;
    let handler = media.iter().find(|it| &it.kind == b"hdlr").ok_or(Refused::Damaged)?;
    // Version and flags, four bytes that are nothing, then the kind.
    let handler =
        sent.get(handler.body.start + 8..handler.body.start + 12).ok_or(Refused::Damaged)?;
    if !SHOWN.iter().any(|it| &it[..] == handler) {
        blanks.extend(samples::of(sent, &media)?.into_iter().map(Blank::Bytes));
        blanks.push(Blank::Whole(trak));
        return Ok(false);
    }
    for it in media.iter().chain(&parts).filter(|it| matches!(&it.kind, b"tkhd" | b"mdhd")) {
        blanks.push(times(sent, it)?);
    }
    let is_telling = |it: &Box| TELLING.contains(&&it.kind);
    blanks.extend(parts.into_iter().chain(media).filter(is_telling).map(Blank::Whole));
    Ok(handler == b"vide")
}

/// When it was made and changed: twice four bytes behind version 0, twice eight behind version 1 (§8.2.2, §8.3.2, §8.4.2).
fn times(sent: &[u8], it: &Box) -> Result<Blank, Refused> {
    let start = it.body.start + 4;
    match sent.get(it.body.start) {
        Some(0) => Ok(Blank::Bytes(start..start + 8)),
        Some(1) => Ok(Blank::Bytes(start..start + 16)),
        _ => Err(Refused::Damaged),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atom(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
        let body = parts.concat();
        let size = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
        [&size[..], kind, &body].concat()
    }

    fn numbers(them: &[u32]) -> Vec<u8> {
        them.iter().flat_map(|it| it.to_be_bytes()).collect()
    }

    /// A track whose one sample of 8 bytes stands at `offset`.
    fn trak(handler: &[u8; 4], offset: u32) -> Vec<u8> {
        let stbl = atom(
            b"stbl",
            &[
                &atom(b"stsz", &[&numbers(&[0, 0, 1, 8])]),
                &atom(b"stsc", &[&numbers(&[0, 1, 1, 1, 1])]),
                &atom(b"stco", &[&numbers(&[0, 1, offset])]),
            ],
        );
        let hdlr = atom(b"hdlr", &[&numbers(&[0, 0]), handler, &[0; 13]]);
        let mdhd = atom(b"mdhd", &[&numbers(&[0, 77_777, 77_777, 1, 1, 0])]);
        let mdia = atom(b"mdia", &[&mdhd, &hdlr, &atom(b"minf", &[&stbl])]);
        let tkhd = atom(b"tkhd", &[&numbers(&[0, 77_777, 77_777])]);
        atom(b"trak", &[&tkhd, &mdia, &atom(b"udta", &[b"Lindqvist"])])
    }

    fn film() -> Vec<u8> {
        let ftyp = atom(b"ftyp", &[b"isom\0\0\0\0"]);
        let mdat = atom(b"mdat", &[b"pictures", b"52.52 13"]);
        let first = u32::try_from(ftyp.len() + 8).unwrap();
        let mvhd = atom(b"mvhd", &[&numbers(&[0, 77_777, 77_777, 1, 1])]);
        let xyz = atom(b"udta", &[b"+52.5200+013.4050/"]);
        let moov = atom(b"moov", &[&mvhd, &trak(b"vide", first), &trak(b"mebx", first + 8), &xyz]);
        let free = atom(b"free", &[b"Lindqvist was here"]);
        [ftyp, mdat, moov, free, atom(b"uuid", &[b"Lindqvist's phone"])].concat()
    }

    #[test]
    fn a_film_keeps_its_pictures_and_its_length() {
        let sent = film();
        let it = take(&sent).unwrap();
        assert_eq!((it.form, it.bytes.len()), (Form::Mp4, sent.len()));
        let is_in = |text: &[u8]| it.bytes.windows(text.len()).any(|it| it == text);
        assert!(is_in(b"pictures") && is_in(b"vide"));
        for telling in [&b"Lindqvist"[..], b"+52.52", b"52.52 13", &77_777_u32.to_be_bytes()] {
            assert!(!is_in(telling), "{telling:?}");
        }
        let again = take(&it.bytes).unwrap();
        assert_eq!(again.bytes, it.bytes, "there is something left to blank");
    }

    #[test]
    fn every_cut_is_refused_or_harmless() {
        let sent = film();
        for end in 0..sent.len() {
            if let Ok(it) = take(&sent[..end]) {
                assert!(!it.bytes.windows(9).any(|it| it == b"Lindqvist"), "{end}");
            }
        }
        for at in 0..sent.len() {
            let mut changed = sent.clone();
            changed[at] ^= 0xff;
            let _ = take(&changed);
        }
    }
}
