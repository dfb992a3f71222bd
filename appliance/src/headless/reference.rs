//! Reference pictures: every page at an eighth of its size, in two languages on three panels, one file a page.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use tapcard_canvas::Frame;

/// How much smaller they are.
const SCALE: usize = 8;
/// Where each panel's picture begins, and how wide and high all are together.
const COLUMNS: [(u32, usize); 3] = [(1024, 0), (800, 130), (720, 232)];
const SIZE: (usize, usize) = (322, 2 * 162);
/// By how much one of the three colours of a pixel may differ, of 255.
const SHADE: u8 = 32;
/// How many pixels of a thousand may differ by more: a line's edge may fall one way or the other.
const SHARE: usize = 2;

/// Pictures of every page.
#[derive(Default)]
pub(super) struct Sheets(BTreeMap<String, Vec<u8>>);

impl Sheets {
    /// Adds a page as one panel shows it; the second language stands below the first.
    pub(super) fn add(&mut self, page: &str, row: usize, frame: &Frame) {
        let Some((_, left)) = COLUMNS.iter().find(|it| it.0 == frame.width) else { return };
        let sheet = self.0.entry(page.to_owned()).or_insert_with(|| vec![255; SIZE.0 * SIZE.1 * 3]);
        let (width, height) = (frame.width as usize / SCALE, frame.height as usize / SCALE);
        for y in 0..height {
            for x in 0..width {
                let at = ((row * SIZE.1 / 2 + y) * SIZE.0 + left + x) * 3;
                // Fewer shades make smaller files.
                let colour = frame.mean((x * SCALE, y * SCALE), SCALE).map(|it| it & 0xf0);
                sheet[at..at + 3].copy_from_slice(&colour);
            }
        }
    }

    /// Holds all of them against the accepted ones, or makes them the accepted ones; what is not as it was.
    pub(super) fn compare(&self, folder: &Path, accepts: bool) -> Vec<String> {
        let path = |name: &str| folder.join(format!("{name}.png"));
        if accepts {
            let _ = std::fs::remove_dir_all(folder);
            std::fs::create_dir_all(folder).unwrap();
            self.0.iter().for_each(|(name, sheet)| write(&path(name), sheet));
            return vec![];
        }
        let known = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let known: Vec<PathBuf> = known.map(|it| it.path()).collect();
        let gone = known.iter().filter_map(|it| it.file_stem()?.to_str());
        let gone = gone.filter(|it| !self.0.contains_key(*it));
        let gone = gone.map(|it| format!("{it}: there is no such page any more"));
        let changed = self.0.iter().filter_map(|(name, sheet)| {
            let Some(before) = read(&path(name)) else {
                return Some(format!("{name}: this page was never accepted"));
            };
            let pixels = before.chunks_exact(3).zip(sheet.chunks_exact(3));
            let far =
                |(a, b): &(&[u8], &[u8])| a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > SHADE);
            let n_far = pixels.filter(far).count();
            let most = SIZE.0 * SIZE.1 * SHARE / 1000;
            (n_far > most).then(|| format!("{name}: {n_far} of at most {most} pixels differ"))
        });
        gone.chain(changed).collect()
    }
}

fn write(path: &Path, pixels: &[u8]) {
    let file = BufWriter::new(File::create(path).unwrap());
    let mut encoder = png::Encoder::new(file, SIZE.0 as u32, SIZE.1 as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    encoder.write_header().unwrap().write_image_data(pixels).unwrap();
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let file = BufReader::new(File::open(path).ok()?);
    let mut reader = png::Decoder::new(file).read_info().ok()?;
    let mut pixels = vec![0; SIZE.0 * SIZE.1 * 3];
    (reader.info().width as usize == SIZE.0).then_some(())?;
    reader.next_frame(&mut pixels).ok()?;
    Some(pixels)
}
