//! GIF and WebP: one picture, or several that follow one another. What moves is written anew as GIF, which every
//! terminal plays.

use image::codecs::gif::{GifEncoder, Repeat};
use image::{DynamicImage, Frame};
use tapcard_protocol::picture::{Animation, Unread, animation};

use super::{Form, Medium, Refused, picture};

/// Most bytes as it is stored.
const MAX_BYTES: usize = 2_000_000;
/// Most points of one frame.
const MAX_POINTS: u64 = 1_000_000;
/// Most frames: half a minute at ten a second.
const MAX_FRAMES: usize = 300;
/// Most points of all frames.
const MAX_ALL_POINTS: u64 = 60_000_000;
/// How exactly colours are chosen: 1 takes longest, 30 is quickest.
const SPEED: i32 = 20;

/// Takes a GIF or a WebP.
pub(super) fn take(sent: &[u8]) -> Result<Medium, Refused> {
    let Some(Animation { width, height, frames }) = animation(sent)? else {
        return picture::take(sent);
    };
    let points = u64::from(width) * u64::from(height);
    if points > MAX_POINTS {
        return Err(Refused::LongAnimation);
    }
    let mut all: Vec<Frame> = Vec::new();
    for frame in frames {
        all.push(frame.map_err(Unread::from)?);
        if all.len() > MAX_FRAMES || points * all.len() as u64 > MAX_ALL_POINTS {
            return Err(Refused::LongAnimation);
        }
    }
    let first = all.first().ok_or(Refused::Damaged)?;
    let still = picture::draw(&DynamicImage::ImageRgba8(first.buffer().clone()))?;
    if all.len() == 1 {
        return Ok(still);
    }
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut bytes, SPEED);
    encoder.set_repeat(Repeat::Infinite).map_err(Unread::from)?;
    encoder.encode_frames(all).map_err(Unread::from)?;
    drop(encoder);
    if bytes.len() > MAX_BYTES {
        return Err(Refused::LongAnimation);
    }
    Ok(Medium { form: Form::Gif, bytes, small: still.small })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::codecs::gif::GifDecoder;
    use image::{AnimationDecoder, Delay, Rgba, RgbaImage};

    use super::*;

    fn gif(n_frames: u8, side: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = GifEncoder::new_with_speed(&mut bytes, 30);
        for it in 0..n_frames {
            let picture = RgbaImage::from_pixel(side, side, Rgba([it, 90, 90, 255]));
            let delay = Delay::from_numer_denom_ms(100, 1);
            encoder.encode_frame(Frame::from_parts(picture, 0, 0, delay)).unwrap();
        }
        drop(encoder);
        bytes
    }

    #[test]
    fn what_moves_still_moves_and_says_nothing_else() {
        let mut sent = gif(3, 16);
        // A comment extension (GIF89a §24) in front of the end.
        let end = sent.pop().unwrap();
        sent.extend(b"\x21\xfe\x09Lindqvist\x00");
        sent.push(end);
        let it = take(&sent).unwrap();
        assert_eq!(it.form, Form::Gif);
        assert!(!it.bytes.windows(9).any(|it| it == b"Lindqvist"));
        let decoder = GifDecoder::new(Cursor::new(&it.bytes)).unwrap();
        assert_eq!(decoder.into_frames().collect_frames().unwrap().len(), 3);
        assert!(it.small.is_some());
    }

    #[test]
    fn one_frame_is_a_picture_and_too_many_are_refused() {
        assert_eq!(take(&gif(1, 16)).unwrap().form, Form::Png);
        assert_eq!(take(&gif(3, 1_100)).err(), Some(Refused::LongAnimation));
        assert_eq!(take(&gif(200, 600)).err(), Some(Refused::LongAnimation));
    }
}
