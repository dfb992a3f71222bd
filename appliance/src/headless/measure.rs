//! What the screens cost, for the bench: all of them drawn into memory, on this thread.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use slint::platform::WindowEvent;
use slint::{ComponentHandle, LogicalPosition};
use tapcard_canvas::Canvas;
use tapcard_nfc::ndef::{self, Record};

use super::pages::{attract, book, pages, plain};
use crate::meeting::Meeting;
use crate::screens::window::{App, settle};
use crate::screens::{Screens, show};
use crate::session::{Input, Mode, Session};
use crate::view::{World, compose};
use crate::visitor::{self, Visitor};

/// What was measured; times of single frames ascending.
pub struct Measured {
    /// From the beginning of the program to the first frame.
    pub start: Duration,
    /// A whole page takes another's place.
    pub page_changes: Vec<Duration>,
    /// Which page took longest.
    pub slowest: String,
    /// One step of the waves on the invitation.
    pub idle_frames: Vec<Duration>,
    /// A list of [`MANY`] contacts takes another page's place.
    pub long_list: Duration,
    /// One step of scrolling through it.
    pub scrolled: Vec<Duration>,
    /// Processor time of the invitation, as a share of one core.
    pub idle_share: f64,
    /// From the reader's word that it feels something to the frame that says so.
    pub felt: Vec<Duration>,
    /// From a card that was read to the frame with the question.
    pub read: Vec<Duration>,
}

/// Rounds of what is measured frame by frame.
const ROUNDS: usize = 40;
/// As many contacts as a kiosk may have after a show.
const MANY: usize = 5_000;
/// Logical pixels of one step of a finger that scrolls.
const STEP: f32 = 37.0;
/// How long the invitation is watched.
const WATCHED: Duration = Duration::from_secs(10);

/// Draws everything on a panel of 1024 by 600 pixels; `began` is when the program did.
///
/// # Errors
/// Fails when there is no memory to draw into, or a card is none.
pub fn measure(began: Instant, badge: &[u8]) -> Result<Measured> {
    let mut canvas = Canvas::install(1024, 600)?;
    let screens = Screens::open(Duration::from_secs(10), |_| {})?;
    let app = screens.app();
    app.show()?;
    settle(app);
    show(app, &plain(attract(None, None)));
    canvas.paint();
    let start = began.elapsed();
    let pages: Vec<_> = pages().into_iter().map(|it| (it.0, plain(it.2))).collect();
    let (mut page_changes, mut slowest) = (Vec::new(), (Duration::ZERO, String::new()));
    for _ in 0..3 {
        for (name, view) in &pages {
            let began = Instant::now();
            show(app, view);
            canvas.paint();
            let took = began.elapsed();
            page_changes.push(took);
            slowest = slowest.max((took, name.clone()));
        }
    }
    let (long_list, scrolled) = scroll(&mut canvas, app);
    let (felt, read) = touches(&mut canvas, &screens, badge)?;
    show(app, &plain(attract(None, None)));
    canvas.paint();
    let (idle_frames, idle_share) = idle(&mut canvas)?;
    let sorted = |mut it: Vec<Duration>| {
        it.sort_unstable();
        it
    };
    Ok(Measured {
        start,
        page_changes: sorted(page_changes),
        slowest: slowest.1,
        idle_frames: sorted(idle_frames),
        idle_share,
        long_list,
        scrolled: sorted(scrolled),
        felt: sorted(felt),
        read: sorted(read),
    })
}

/// Opens a long list, and scrolls through some of it.
fn scroll(canvas: &mut Canvas, app: &App) -> (Duration, Vec<Duration>) {
    let view = plain(book(MANY));
    let began = Instant::now();
    show(app, &view);
    canvas.paint();
    let opened = began.elapsed();
    let position = LogicalPosition::new(500.0, 300.0);
    let step = |_| {
        let began = Instant::now();
        let scrolled = WindowEvent::PointerScrolled { position, delta_x: 0.0, delta_y: -STEP };
        app.window().dispatch_event(scrolled);
        let is_drawn = canvas.paint_if_due();
        is_drawn.then(|| began.elapsed())
    };
    (opened, (0..4 * ROUNDS).filter_map(step).collect())
}

/// From the reader's word to the frame: the session, the view and the picture, without a thread between them.
fn touches(
    canvas: &mut Canvas,
    screens: &Screens,
    badge: &[u8],
) -> Result<(Vec<Duration>, Vec<Duration>)> {
    let app = screens.app();
    // As the kiosk does when it starts.
    visitor::warm_up();
    let message = ndef::encode(&[Record::mime("text/vcard", badge)])?;
    let world = World { place: "Hall 4", online: true, ..World::default() };
    let (mut felt, mut read) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut session = Session::new(Mode::Both, None);
        show(app, &compose(&session, Duration::ZERO, &world));
        canvas.paint();
        let mut time = |input: Input, times: &mut Vec<Duration>, canvas: &mut Canvas| {
            let began = Instant::now();
            session.handle(Duration::ZERO, input);
            show(app, &compose(&session, Duration::ZERO, &world));
            canvas.paint();
            times.push(began.elapsed());
        };
        time(Input::Felt, &mut felt, canvas);
        let began = Instant::now();
        let visitor = Visitor::read(&message, Meeting::BADGE, None)
            .context("the badge of the bench holds no card")?;
        let decoded = began.elapsed();
        time(Input::Read(Box::new(visitor)), &mut read, canvas);
        if let Some(it) = read.last_mut() {
            *it += decoded;
        }
    }
    Ok((felt, read))
}

/// Watches the invitation as its loop would draw it.
fn idle(canvas: &mut Canvas) -> Result<(Vec<Duration>, f64)> {
    let mut frames = Vec::new();
    let (began, used) = (Instant::now(), processor_time()?);
    while began.elapsed() < WATCHED {
        let frame = Instant::now();
        if canvas.paint_if_due() {
            frames.push(frame.elapsed());
        }
        canvas.rest();
    }
    Ok((frames, (processor_time()? - used).as_secs_f64() / began.elapsed().as_secs_f64()))
}

fn processor_time() -> Result<Duration> {
    let text = std::fs::read_to_string("/proc/self/stat").context("asking for processor time")?;
    // Behind the name, which may hold blanks; utime and stime are the 14th and 15th field (proc(5)), in ticks of 10 ms.
    let rest = text.rsplit(')').next().unwrap_or_default();
    let field = |at: usize| rest.split_whitespace().nth(at).and_then(|it| it.parse::<u64>().ok());
    let ticks = field(11).zip(field(12)).map(|(a, b)| a + b).context("reading processor time")?;
    Ok(Duration::from_millis(ticks * 10))
}
