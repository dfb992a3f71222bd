//! The line along the bottom says how long is left, of what is there now.

use std::time::{Duration, Instant};

use slint::{ComponentHandle, Rgb8Pixel};
use tapcard_canvas::Canvas;

use super::pages::plain;
use crate::screens::window::settle;
use crate::screens::{Screens, show};
use crate::view::{Face, Page};

const PATIENCE: Duration = Duration::from_secs(20);

/// A pixel in the line's right end.
fn end(canvas: &mut Canvas) -> Rgb8Pixel {
    let frame = canvas.paint();
    frame.pixels[frame.pixels.len() - 2 * frame.width as usize - 2]
}

#[test]
fn the_second_badge_of_a_pair_has_a_time_of_its_own() {
    let mut canvas = Canvas::install(1024, 600).unwrap();
    let screens = Screens::open(Duration::from_secs(10), |_| {}).unwrap();
    let app = screens.app();
    app.show().unwrap();
    settle(app);
    let view = |other| {
        let page = Page::Pair(Face::default(), other);
        plain(page)
    };
    show(app, &view(None));
    let whole = end(&mut canvas);
    let until = Instant::now() + PATIENCE;
    while end(&mut canvas) == whole {
        assert!(Instant::now() < until, "the line grows no shorter");
        canvas.rest();
    }
    show(app, &view(Some(Face::default())));
    assert_eq!(end(&mut canvas), whole, "the line does not begin anew");
}
