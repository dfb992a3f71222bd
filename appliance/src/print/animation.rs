//! What moves, made as small as the kiosk can afford: fewer frames and smaller ones, as long in all.

use std::time::Duration;

use image::imageops::FilterType;
use image::{Delay, DynamicImage};
use tapcard_protocol::picture::{Animation, Unread};

use super::Print;

/// Most frames that are kept.
pub(super) const MOST: usize = 16;
/// Most width and height of one, in pixels; sixteen of them take five megabytes.
pub(super) const BOX: (u32, u32) = (320, 240);
/// Browsers show a frame that says less than 20 ms for 100.
const LEAST: Duration = Duration::from_millis(20);
const INSTEAD: Duration = Duration::from_millis(100);
/// Longest that a frame stands.
const LONGEST: Duration = Duration::from_secs(10);

/// Takes every frame, every second, every fourth … so that no more than [`MOST`] are left.
pub(super) fn thinned(it: Animation<'_>) -> Result<Print, Unread> {
    let (mut kept, mut step, mut n_frames) = (Vec::new(), 1_usize, 0_usize);
    let mut lasts = Duration::ZERO;
    for frame in it.frames {
        let frame = frame.map_err(Unread::from)?;
        lasts += stands(frame.delay());
        if n_frames.is_multiple_of(step) {
            if kept.len() == MOST {
                kept = kept.into_iter().step_by(2).collect();
                step *= 2;
            }
            if n_frames.is_multiple_of(step) {
                kept.push(reduced(frame.into_buffer()));
            }
        }
        n_frames += 1;
    }
    let first: &image::RgbaImage = kept.first().ok_or(Unread::Damaged)?;
    let (width, height) = first.dimensions();
    let pace = lasts / kept.len() as u32;
    Ok(Print {
        width,
        height,
        frames: kept.into_iter().map(image::RgbaImage::into_raw).collect(),
        pace,
    })
}

fn reduced(frame: image::RgbaImage) -> image::RgbaImage {
    let (width, height) = BOX;
    if frame.width() <= width && frame.height() <= height {
        return frame;
    }
    DynamicImage::ImageRgba8(frame).resize(width, height, FilterType::Triangle).into_rgba8()
}

fn stands(delay: Delay) -> Duration {
    let said = Duration::from(delay);
    if said < LEAST { INSTEAD } else { said.min(LONGEST) }
}
