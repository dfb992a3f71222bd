//! Pictures that strangers made, read within limits. Whoever reads them does so in a program of its own.

use std::io::Cursor;

use image::codecs::gif::GifDecoder;
use image::codecs::webp::WebPDecoder;
use image::{
    AnimationDecoder, DynamicImage, Frames, ImageDecoder, ImageError, ImageFormat, ImageReader,
    Limits,
};
use thiserror::Error;

/// Most points, told from the head before anything is decoded.
const MAX_POINTS: u64 = 24_000_000;
/// Most bytes that decoding may take: four for each point, twice.
const MAX_MEMORY: u64 = 2 * 4 * MAX_POINTS;
/// What is read. Drawings (SVG) are programs, and none of a stranger's is run.
const KNOWN: [ImageFormat; 4] =
    [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP];

/// Why a picture is not read.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Unread {
    /// Neither JPEG nor PNG, GIF or WebP.
    #[error("this is no picture of a kind that is read here")]
    Unknown,
    /// It would take more memory than there is.
    #[error("this picture has more than 24 million points")]
    TooManyPoints,
    /// It cannot be read.
    #[error("this picture is damaged")]
    Damaged,
}

impl From<ImageError> for Unread {
    fn from(error: ImageError) -> Unread {
        match error {
            ImageError::Limits(_) => Unread::TooManyPoints,
            _ => Unread::Damaged,
        }
    }
}

/// Pictures that follow one another, all of them as large.
pub struct Animation<'a> {
    /// In points.
    pub width: u32,
    /// In points.
    pub height: u32,
    /// One after another, as they are asked for.
    pub frames: Frames<'a>,
}

/// Reads a GIF or a WebP that moves, frame by frame; none for what does not.
///
/// # Errors
/// Says why it is not read.
pub fn animation(bytes: &[u8]) -> Result<Option<Animation<'_>>, Unread> {
    if bytes.starts_with(b"GIF8") {
        return frames_of(GifDecoder::new(Cursor::new(bytes))?).map(Some);
    }
    if !(bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP")) {
        return Ok(None);
    }
    let decoder = WebPDecoder::new(Cursor::new(bytes))?;
    if decoder.has_animation() { frames_of(decoder).map(Some) } else { Ok(None) }
}

fn frames_of<'a>(
    mut decoder: impl ImageDecoder + AnimationDecoder<'a>,
) -> Result<Animation<'a>, Unread> {
    decoder.set_limits(limits())?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_POINTS {
        return Err(Unread::TooManyPoints);
    }
    Ok(Animation { width, height, frames: decoder.into_frames() })
}

/// What decoding may take.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    limits
}

/// Reads one picture, turned as its camera was held; of several that follow one another the first.
///
/// # Errors
/// Says why it is not read.
pub fn read(bytes: &[u8]) -> Result<DynamicImage, Unread> {
    let reader =
        ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| Unread::Damaged)?;
    if !reader.format().is_some_and(|it| KNOWN.contains(&it)) {
        return Err(Unread::Unknown);
    }
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_POINTS {
        return Err(Unread::TooManyPoints);
    }
    decoder.set_limits(limits())?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}
