//! A person's picture, made ready for the face of a card: square, small, cut to a circle. Pure.
//!
//! What strangers bring is read within limits, and by a program of its own ([`apart`]).

pub mod apart;

use std::fmt::{self, Debug};

use image::RgbaImage;
use image::imageops::FilterType;
use tapcard_protocol::picture::{self, Unread};

/// How wide and high a picture is on every screen, in pixels: the largest face is 88 of 600 logical pixels high.
pub const SIDE: u32 = 176;
/// Bytes of one: red, green, blue and how opaque, row by row from the top.
pub const SIZE: usize = (SIDE * SIDE * 4) as usize;

/// A picture of [`SIZE`] bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Portrait(pub Vec<u8>);

impl Debug for Portrait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Portrait")
    }
}

/// Reads a picture.
///
/// # Errors
/// Says why it is not shown.
pub fn take(bytes: &[u8]) -> Result<Portrait, Unread> {
    let square = picture::read(bytes)?.resize_to_fill(SIDE, SIDE, FilterType::Triangle);
    Ok(Portrait(round(square.to_rgba8()).into_raw()))
}

/// Cuts a circle, with an edge of one pixel that is half clear.
fn round(mut picture: RgbaImage) -> RgbaImage {
    let radius = SIDE as f32 / 2.0;
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let (across, down) = (x as f32 + 0.5 - radius, y as f32 + 0.5 - radius);
        let inside = (radius - across.hypot(down) + 0.5).clamp(0.0, 1.0);
        pixel.0[3] = (f32::from(pixel.0[3]) * inside) as u8;
    }
    picture
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, Rgb, RgbImage, Rgba};

    use super::*;

    fn written(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let picture = RgbImage::from_fn(width, height, |x, _| {
            if x < width / 2 { Rgb([200, 0, 0]) } else { Rgb([0, 0, 200]) }
        });
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_picture_becomes_a_circle() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
            let Portrait(pixels) = take(&written(600, 400, format)).unwrap();
            assert_eq!(pixels.len(), SIZE, "{format:?}");
            let picture = RgbaImage::from_raw(SIDE, SIDE, pixels).unwrap();
            assert_eq!(picture.get_pixel(0, 0).0[3], 0, "the corner is clear");
            let Rgba([left, _, _, opaque]) = *picture.get_pixel(10, SIDE / 2);
            assert!(left > 150 && opaque == 255, "{format:?}");
            assert!(picture.get_pixel(SIDE - 10, SIDE / 2).0[2] > 150, "{format:?}");
        }
    }

    #[test]
    fn what_is_no_picture_is_refused_before_it_costs_anything() {
        let svg = "<svg xmlns='http://www.w3.org/2000/svg'><!DOCTYPE s [<!ENTITY a 'aaaa'>]></svg>";
        assert_eq!(take(svg.as_bytes()), Err(Unread::Unknown));
        assert_eq!(take(b""), Err(Unread::Unknown));
        let png = written(20, 20, ImageFormat::Png);
        assert_eq!(take(&png[..png.len() / 2]), Err(Unread::Damaged));
        // The head of a PNG says how large it is (PNG, third edition, 11.2.1): 8,000 by 5,000 points.
        let mut large = written(20, 20, ImageFormat::Png);
        large[16..24].copy_from_slice(&[8000_u32.to_be_bytes(), 5000_u32.to_be_bytes()].concat());
        let sum = crc(&large[12..29]);
        large[29..33].copy_from_slice(&sum.to_be_bytes());
        assert_eq!(take(&large), Err(Unread::TooManyPoints));
    }

    /// PNG, third edition, annex D.
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
                if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 }
            })
        })
    }
}
