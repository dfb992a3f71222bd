//! What is on the emulated screen.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::Context;

/// Pixels, each with red, green and blue.
#[derive(Clone, PartialEq)]
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    rgb: Vec<[u8; 3]>,
}

impl Picture {
    /// Reads a PNG.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Picture> {
        let mut reader = png::Decoder::new(BufReader::new(File::open(path)?)).read_info()?;
        let mut bytes = vec![0; reader.output_buffer_size().context("a picture beyond measure")?];
        let frame = reader.next_frame(&mut bytes)?;
        anyhow::ensure!(frame.color_type == png::ColorType::Rgb, "{:?}", frame.color_type);
        let rgb = bytes[..frame.buffer_size()].chunks_exact(3).map(|it| [it[0], it[1], it[2]]);
        let (width, height) = (frame.width as usize, frame.height as usize);
        Ok(Picture { width, height, rgb: rgb.collect() })
    }

    /// Whether a pixel is of a button's blue, pressed or not.
    pub(crate) fn is_blue(&self, (x, y): (usize, usize)) -> bool {
        let [red, _, blue] = self.rgb[y * self.width + x];
        blue > red.saturating_add(80)
    }

    /// Whether a pixel is as white as a button that is not the first, or a card: the page is a little darker.
    pub(crate) fn is_white(&self, (x, y): (usize, usize)) -> bool {
        self.rgb[y * self.width + x] == [255; 3]
    }

    /// What the codes on it say.
    pub(crate) fn codes(&self) -> Vec<String> {
        let grey = |x: usize, y: usize| {
            let [r, g, b] = self.rgb[y * self.width + x];
            ((u32::from(r) * 2 + u32::from(g) * 5 + u32::from(b)) / 8) as u8
        };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(self.width, self.height, grey);
        image.detect_grids().iter().filter_map(|it| Some(it.decode().ok()?.1)).collect()
    }
}
