//! A person's picture: square, small, cut to a circle.

use image::imageops::FilterType;
use image::{DynamicImage, RgbaImage};

/// How wide and high it is on every screen, in pixels: the largest face is 88 of 600 logical pixels high.
pub const SIDE: u32 = 176;

/// Cuts a circle out of the middle, with an edge of one pixel that is half clear.
pub(super) fn cut(picture: &DynamicImage) -> RgbaImage {
    let mut cut = picture.resize_to_fill(SIDE, SIDE, FilterType::Triangle).into_rgba8();
    let radius = SIDE as f32 / 2.0;
    for (x, y, pixel) in cut.enumerate_pixels_mut() {
        let (across, down) = (x as f32 + 0.5 - radius, y as f32 + 0.5 - radius);
        let inside = (radius - across.hypot(down) + 0.5).clamp(0.0, 1.0);
        pixel.0[3] = (f32::from(pixel.0[3]) * inside) as u8;
    }
    cut
}
