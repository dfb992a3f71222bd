//! What Slint generated, and how the window fits its screen.

use slint::platform::WindowEvent;
use slint::{ComponentHandle, PhysicalSize};

pub(crate) use tapcard_window::*;

/// Least logical size of a lying and of a standing screen: two layouts serve all panels.
const WIDE: (f32, f32) = (1000.0, 600.0);
const TALL: (f32, f32) = (600.0, 1067.0);

/// How many pixels of this panel a logical pixel is.
pub(crate) fn scale(size: PhysicalSize) -> f32 {
    let (width, height) = if size.width > size.height { WIDE } else { TALL };
    (size.width as f32 / width).min(size.height as f32 / height)
}

/// Follows the size of the panel from now on.
pub(crate) fn fit(app: &App) {
    let weak = app.as_weak();
    app.global::<Nav<'_>>().on_resized(move || {
        let weak = weak.clone();
        // Not from inside the change that told of the new size.
        slint::Timer::single_shot(std::time::Duration::ZERO, move || {
            if let Some(app) = weak.upgrade() {
                settle(&app);
            }
        });
    });
}

/// Sets scale and layout for the size that the window has.
pub(crate) fn settle(app: &App) {
    let window = app.window();
    let size = window.size();
    if size.width == 0 || size.height == 0 {
        return;
    }
    app.global::<Theme<'_>>().set_tall(size.height > size.width);
    let scale_factor = scale(size);
    if (scale_factor - window.scale_factor()).abs() > 0.005 {
        let _ = window.dispatch_event_with_result(WindowEvent::ScaleFactorChanged { scale_factor });
        let size = size.to_logical(scale_factor);
        let _ = window.dispatch_event_with_result(WindowEvent::Resized { size });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_panel_has_room_for_the_layout() {
        for (width, height, expected) in
            [(1024, 600, 1.0), (800, 480, 0.8), (1280, 800, 1.28), (720, 1280, 1.2)]
        {
            let scale = scale(PhysicalSize::new(width, height));
            assert!((scale - expected).abs() < 0.001, "{width}x{height}: {scale}");
        }
    }
}
