//! One picture. It is decoded within limits and written anew, so that nothing of its file but what it shows is kept.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, RgbImage};
use tapcard_protocol::picture::{Unread, read};

use super::{Form, Medium, Refused};

/// Most bytes as it is stored.
const MAX_BYTES: usize = 512 * 1000;
/// Most bytes of the small one inside a vCard.
const MAX_SMALL: usize = 100 * 1000;
/// Longest side of the stored picture, in points: sharp on every phone.
const SIDE: u32 = 1600;
/// Longest side of the small one.
const SMALL_SIDE: u32 = 480;

/// Takes a picture. How the camera was held stands in what is dropped.
pub(super) fn take(sent: &[u8]) -> Result<Medium, Refused> {
    draw(&read(sent)?)
}

/// A picture as it is stored.
pub(super) fn draw(picture: &DynamicImage) -> Result<Medium, Refused> {
    let small = jpeg(&fit(picture, SMALL_SIDE), MAX_SMALL)?;
    let fitted = fit(picture, SIDE);
    let clear = if fitted.color().has_alpha() { png(&fitted)? } else { None };
    let (form, bytes) = match clear {
        Some(it) => (Form::Png, it),
        None => (Form::Jpeg, jpeg(&fitted, MAX_BYTES)?),
    };
    Ok(Medium { form, bytes, small: Some(small) })
}

fn fit(picture: &DynamicImage, side: u32) -> DynamicImage {
    if picture.width().max(picture.height()) <= side {
        return picture.clone();
    }
    picture.resize(side, side, FilterType::CatmullRom)
}

/// As PNG, which keeps what is clear: a logo. None when it is too large for that.
fn png(picture: &DynamicImage) -> Result<Option<Vec<u8>>, Refused> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgba8(picture.to_rgba8())
        .write_to(&mut bytes, ImageFormat::Png)
        .map_err(Unread::from)?;
    Ok(Some(bytes.into_inner()).filter(|it| it.len() <= MAX_BYTES))
}

/// As JPEG, as good as the room allows.
fn jpeg(picture: &DynamicImage, room: usize) -> Result<Vec<u8>, Refused> {
    let mut picture = on_white(picture);
    loop {
        for quality in [85, 70, 50] {
            let mut bytes = Vec::new();
            JpegEncoder::new_with_quality(&mut bytes, quality)
                .encode_image(&picture)
                .map_err(Unread::from)?;
            if bytes.len() <= room {
                return Ok(bytes);
            }
        }
        let (width, height) = (picture.width() / 2, picture.height() / 2);
        picture =
            image::imageops::resize(&picture, width.max(1), height.max(1), FilterType::CatmullRom);
    }
}

/// JPEG knows nothing clear; paper is white.
fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let clear = picture.to_rgba8();
    RgbImage::from_fn(clear.width(), clear.height(), |x, y| {
        let [red, green, blue, alpha] = clear.get_pixel(x, y).0;
        let mix = |it: u8| {
            let mixed = (u32::from(it) * u32::from(alpha) + 255 * (255 - u32::from(alpha))) / 255;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        image::Rgb([mix(red), mix(green), mix(blue)])
    })
}

#[cfg(test)]
mod tests {
    use image::{GenericImageView, Rgba, RgbaImage};

    use super::*;

    /// A picture that no encoder makes small.
    fn noise(width: u32, height: u32) -> DynamicImage {
        let mut state = 1_u32;
        RgbImage::from_fn(width, height, |_, _| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [_, a, b, c] = state.to_be_bytes();
            image::Rgb([a, b, c])
        })
        .into()
    }

    fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// A JPEG that says with what and where it was made, and that the camera was held upright.
    fn with_exif(jpeg: &[u8]) -> Vec<u8> {
        // TIFF in big-endian order with one entry: Orientation (0112h) = 6 (Exif 2.32 §4.6.4).
        let mut exif =
            b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
        exif.extend_from_slice(b"GPS 52.5200 N 13.4050 E, Lindqvist's camera");
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
    }

    #[test]
    fn a_photo_keeps_what_it_shows_and_nothing_else() {
        let sent = with_exif(&written(&noise(300, 200), ImageFormat::Jpeg));
        let it = take(&sent).unwrap();
        assert_eq!(it.form, Form::Jpeg);
        let is_in = |text: &[u8]| it.bytes.windows(text.len()).any(|it| it == text);
        assert!(!is_in(b"Exif") && !is_in(b"Lindqvist"));
        let drawn = image::load_from_memory(&it.bytes).unwrap();
        assert_eq!(drawn.dimensions(), (200, 300), "it lies on its side");
        assert!(it.small.unwrap().len() <= MAX_SMALL);
    }

    #[test]
    fn a_large_photo_becomes_as_small_as_the_room_is() {
        let it = take(&written(&noise(2400, 1800), ImageFormat::Jpeg)).unwrap();
        assert!(it.bytes.len() <= MAX_BYTES, "{}", it.bytes.len());
        assert!(it.small.unwrap().len() <= MAX_SMALL);
    }

    #[test]
    fn a_logo_stays_clear() {
        let clear = RgbaImage::from_pixel(40, 20, Rgba([200, 0, 0, 0]));
        let it = take(&written(&clear.into(), ImageFormat::Png)).unwrap();
        assert_eq!(it.form, Form::Png);
        let small = image::load_from_memory(&it.small.unwrap()).unwrap();
        assert!(small.to_rgb8().get_pixel(3, 3).0.iter().all(|it| *it > 250), "not on white");
    }

    #[test]
    fn what_would_take_much_memory_is_told_by_its_head() {
        // A PNG's head with a size of 100,000 by 100,000 (PNG, third edition, §11.2.1); nothing behind it is read.
        let mut sent = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        sent.extend(100_000_u32.to_be_bytes().repeat(2));
        sent.extend([8, 2, 0, 0, 0]);
        let check = crc(&sent[12..]);
        sent.extend(check.to_be_bytes());
        sent.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
        assert_eq!(take(&sent).err(), Some(Refused::TooManyPoints));
    }

    /// PNG's check sum (PNG, third edition, annex D).
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |it, _| {
                if it & 1 == 1 { it >> 1 ^ 0xedb8_8320 } else { it >> 1 }
            })
        })
    }
}
