use std::io::Cursor;

use image::codecs::gif::{GifEncoder, Repeat};
use image::{Delay, Frame, ImageFormat, Rgb, RgbImage, Rgba};

use super::*;

fn written(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, _| {
        if x < width / 2 { Rgb([200, 0, 0]) } else { Rgb([0, 0, 200]) }
    });
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Each frame a little redder than the one before it.
fn gif(n_frames: u8, (width, height): (u32, u32), millis: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut bytes, 30);
    encoder.set_repeat(Repeat::Infinite).unwrap();
    for at in 0..n_frames {
        let picture = RgbaImage::from_pixel(width, height, Rgba([at * 2, 90, 90, 255]));
        let delay = Delay::from_numer_denom_ms(millis, 1);
        encoder.encode_frame(Frame::from_parts(picture, 0, 0, delay)).unwrap();
    }
    drop(encoder);
    bytes
}

#[test]
fn a_persons_picture_becomes_a_circle() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
        let it = take(&written(600, 400, format), Place::Face).unwrap();
        assert_eq!((it.width, it.height, it.frames.len()), (SIDE, SIDE, 1), "{format:?}");
        let picture = RgbaImage::from_raw(SIDE, SIDE, it.frames[0].clone()).unwrap();
        assert_eq!(picture.get_pixel(0, 0).0[3], 0, "the corner is clear");
        let Rgba([left, _, _, opaque]) = *picture.get_pixel(10, SIDE / 2);
        assert!(left > 150 && opaque == 255, "{format:?}");
        assert!(picture.get_pixel(SIDE - 10, SIDE / 2).0[2] > 150, "{format:?}");
    }
}

#[test]
fn a_sign_and_a_picture_by_itself_are_shown_whole() {
    for (place, sent, shown) in [
        (Place::Sign, (1080, 360), (216, 72)),
        (Place::Sign, (600, 600), (72, 72)),
        (Place::Sign, (90, 40), (90, 40)),
        (Place::Wall, (4000, 2000), (488, 244)),
        (Place::Wall, (100, 3000), (13, 400)),
        (Place::Wall, (300, 200), (300, 200)),
    ] {
        let it = take(&written(sent.0, sent.1, ImageFormat::Png), place).unwrap();
        assert_eq!((it.width, it.height), shown, "{sent:?}");
        assert_eq!(it.frames[0].len() as u32, shown.0 * shown.1 * 4);
    }
}

#[test]
fn what_moves_keeps_its_length_with_fewer_frames() {
    let it = take(&gif(3, (64, 48), 200), Place::Wall).unwrap();
    assert_eq!((it.width, it.height, it.frames.len()), (64, 48, 3));
    assert_eq!(it.pace, Duration::from_millis(200));
    assert!(it.frames[0] != it.frames[2]);
    for n_frames in [16_u8, 17, 30, 33, 100] {
        let it = take(&gif(n_frames, (8, 8), 100), Place::Wall).unwrap();
        assert!(it.frames.len() <= 16 && it.frames.len() > 7, "{n_frames}: {it:?}");
        let whole = it.pace * it.frames.len() as u32;
        let lasts = Duration::from_millis(100) * u32::from(n_frames);
        assert!(lasts.abs_diff(whole) < Duration::from_millis(1), "{n_frames}: {whole:?}");
        let reds: Vec<u8> = it.frames.iter().map(|it| it[0]).collect();
        assert!(reds.is_sorted() && reds[0] < 4, "{n_frames}: {reds:?}");
    }
    let it = take(&gif(2, (640, 640), 0), Place::Wall).unwrap();
    assert_eq!((it.width, it.height), (240, 240));
    assert_eq!(it.pace, Duration::from_millis(100), "as browsers do");
    // In a place where nothing moves the first one stands.
    assert_eq!(take(&gif(3, (64, 48), 200), Place::Sign).unwrap().frames.len(), 1);
    assert_eq!(take(&gif(1, (64, 48), 200), Place::Wall).unwrap().frames.len(), 1);
}

#[test]
fn what_is_no_picture_is_refused_before_it_costs_anything() {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg'><!DOCTYPE s [<!ENTITY a 'aaaa'>]></svg>";
    for place in Place::ALL {
        assert_eq!(take(svg.as_bytes(), place), Err(Unread::Unknown));
        assert_eq!(take(b"", place), Err(Unread::Unknown));
        let png = written(20, 20, ImageFormat::Png);
        assert_eq!(take(&png[..png.len() / 2], place), Err(Unread::Damaged));
        let gif = gif(3, (64, 48), 200);
        assert_eq!(take(&gif[..20], place), Err(Unread::Damaged));
        // The head of a PNG says how large it is (PNG, third edition, 11.2.1): 8,000 by 5,000 points.
        let mut large = written(20, 20, ImageFormat::Png);
        large[16..24].copy_from_slice(&[8000_u32.to_be_bytes(), 5000_u32.to_be_bytes()].concat());
        let sum = crc(&large[12..29]);
        large[29..33].copy_from_slice(&sum.to_be_bytes());
        assert_eq!(take(&large, place), Err(Unread::TooManyPoints));
    }
}

/// PNG, third edition, annex D.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 }
        })
    })
}
