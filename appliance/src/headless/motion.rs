//! What moves: the waves run away from the reader while it invites, and to it while it reads; pictures follow one another.

use std::time::{Duration, Instant};

use slint::{ComponentHandle, Rgb8Pixel};
use tapcard_canvas::Canvas;

use super::pages::{attract, moving, plain};
use crate::screens::window::{App, settle};
use crate::screens::{Screens, animate, show};
use crate::view::{Look, Page};

const PATIENCE: Duration = Duration::from_secs(20);
/// Changes that are watched: a round and a bit.
const CHANGES: usize = 5;

fn opened() -> (Canvas, Screens) {
    let canvas = Canvas::install(1024, 600).unwrap();
    let screens = Screens::open(Duration::from_secs(10), |_| {}).unwrap();
    screens.app().show().unwrap();
    settle(screens.app());
    (canvas, screens)
}

/// The rings above the middle of the reader's mark, the innermost first: at the right edge, each 72 pixels wide.
fn rings(canvas: &mut Canvas, middle: usize) -> [Rgb8Pixel; 3] {
    let frame = canvas.paint();
    let at =
        |radius| frame.pixels[(middle - radius) * frame.width as usize + frame.width as usize - 1];
    [128, 200, 272].map(at)
}

/// Which ring is lit, one after another. The inner ones shine through what lies on them.
fn lit(canvas: &mut Canvas, app: &App, page: Page, middle: usize) -> Vec<usize> {
    let view = plain(page);
    animate(app, false);
    show(app, &view);
    let rest = rings(canvas, middle);
    animate(app, true);
    let (mut order, until) = (Vec::new(), Instant::now() + PATIENCE);
    while order.len() < CHANGES {
        assert!(Instant::now() < until, "the waves stand still after {order:?}");
        canvas.rest();
        let now = rings(canvas, middle);
        let outermost = (1..=3).rev().find(|ring| now[ring - 1] != rest[ring - 1]);
        order.extend(outermost.filter(|it| order.last() != Some(it)));
    }
    order
}

#[test]
fn waves_run_away_from_the_reader_and_back_to_it_while_it_reads() {
    let (mut canvas, screens) = opened();
    let app = screens.app();
    let invites = lit(&mut canvas, app, attract(None, None), 284);
    assert!(invites.windows(2).all(|it| it[1] == it[0] % 3 + 1), "{invites:?}");
    let reads = lit(&mut canvas, app, Page::Hold, 292);
    assert!(reads.windows(2).all(|it| it[1] == (it[0] + 1) % 3 + 1), "{reads:?}");
}

/// Where the ball of the animation is, from the left.
fn ball(canvas: &mut Canvas) -> Option<usize> {
    let frame = canvas.paint();
    // The picture is drawn a quarter larger, from 56 and 112 on; the ball is 60 pixels further each time.
    (0..4).find(|at| frame.pixels[262 * frame.width as usize + 131 + at * 75].r > 200)
}

#[test]
fn pictures_follow_one_another_unless_nothing_is_to_move() {
    let (mut canvas, screens) = opened();
    let app = screens.app();
    animate(app, true);
    show(app, &plain(moving()));
    let (mut order, until) = (Vec::new(), Instant::now() + PATIENCE);
    while order.len() < CHANGES {
        assert!(Instant::now() < until, "it stands still after {order:?}");
        let now = ball(&mut canvas);
        order.extend(now.filter(|it| order.last() != Some(it)));
        canvas.rest();
    }
    assert_eq!(order, [0, 1, 2, 3, 0]);
    let mut view = plain(moving());
    view.look = Look { still: true, ..view.look };
    show(app, &plain(attract(None, None)));
    show(app, &view);
    // For as long as two more frames would have stood.
    let until = Instant::now() + Duration::from_millis(500);
    while Instant::now() < until {
        assert_eq!(ball(&mut canvas), Some(0));
        canvas.rest();
    }
}
