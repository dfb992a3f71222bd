//! QR codes, drawn to the pixels of the panel. Level M: a camera may miss a seventh of it.

use fast_qr::{ECL, QRBuilder};
use slint::{ComponentHandle, Image, Rgb8Pixel, SharedPixelBuffer};

use super::window::{self, App};

/// Modules of white that belong on every side of a code (ISO/IEC 18004 §6.3.8).
const QUIET: usize = 4;

pub(super) fn bind(app: &App) {
    app.global::<window::Codes<'_>>().on_picture(|text, pixels| picture(&text, pixels));
}

/// A code without its quiet zone that has room in so many pixels with it, as far as whole pixels to a
/// module can have it so; nothing for a text that no code holds.
fn picture(text: &str, pixels: f32) -> Image {
    let Ok(code) = QRBuilder::new(text).ecl(ECL::M).build() else { return Image::default() };
    let module = (pixels / (code.size + 2 * QUIET) as f32).round().max(1.0) as usize;
    let side = code.size * module;
    let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(side as u32, side as u32);
    for (at, pixel) in buffer.make_mut_slice().iter_mut().enumerate() {
        let (row, column) = (at / side / module, at % side / module);
        let shade = if code[row][column].value() { 0 } else { 255 };
        *pixel = Rgb8Pixel::new(shade, shade, shade);
    }
    Image::from_rgb8(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_a_whole_number_of_pixels() {
        let url = format!("HTTPS://CARDS.EXAMPLE.ORG/T/{}", "0".repeat(50));
        for (pixels, module) in [(132.0, 3), (105.6, 3), (158.4, 4), (384.0, 9), (1.0, 1)] {
            let size = picture(&url, pixels).size();
            assert_eq!((size.width, size.height), (33 * module, 33 * module), "{pixels}");
        }
        assert_eq!(picture(&"x".repeat(9000), 132.0).size().width, 0);
    }
}
