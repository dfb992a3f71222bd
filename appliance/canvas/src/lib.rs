//! A display that is only memory: Slint's platform, its loop, and the frame it draws into.
//!
//! It is a crate of its own so that development builds can optimise it alone: whatever goes over all pixels is here.

use std::rc::Rc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use anyhow::{Context, Result};
use slint::platform::software_renderer::{MinimalSoftwareWindow, RepaintBufferType};
use slint::platform::{EventLoopProxy, Platform, WindowAdapter, duration_until_next_timer_update};
use slint::{EventLoopError, PhysicalSize, PlatformError, Rgb8Pixel};

/// The longest the loop sleeps; nothing depends on it.
const LONGEST: Duration = Duration::from_secs(1);
/// How often something that moves is drawn.
const FRAME: Duration = Duration::from_millis(16);

/// What wakes the loop.
pub enum Event {
    /// Something to do on this thread.
    Call(Box<dyn FnOnce() + Send>),
    /// Somebody wants a picture of that name.
    Shot(String),
    /// The end.
    Quit,
}

/// What was drawn.
pub struct Frame {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// All of them, row by row from the top.
    pub pixels: Vec<Rgb8Pixel>,
}

impl Frame {
    /// Whether this is the same picture as that one of the same size. At a broken scale the edge of a line may fall one
    /// way or the other, depending on how much was drawn anew: one pixel in a thousand may differ.
    #[must_use]
    pub fn is_like(&self, other: &[Rgb8Pixel]) -> bool {
        let n_other = self.pixels.iter().zip(other).filter(|(a, b)| a != b).count();
        self.pixels.len() == other.len() && n_other * 1000 < other.len()
    }

    /// Red, green and blue of every pixel, row by row from the top.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.pixels.iter().flat_map(|it| [it.r, it.g, it.b]).collect()
    }

    /// The mean colour of a square of `side` pixels whose first one is here.
    ///
    /// # Panics
    /// Panics where the square is not inside the picture.
    #[must_use]
    pub fn mean(&self, (left, top): (usize, usize), side: usize) -> [u8; 3] {
        let mut sum = [0; 3];
        for row in self.pixels.chunks_exact(self.width as usize).skip(top).take(side) {
            for it in &row[left..left + side] {
                sum = [
                    sum[0] + usize::from(it.r),
                    sum[1] + usize::from(it.g),
                    sum[2] + usize::from(it.b),
                ];
            }
        }
        sum.map(|it| (it / (side * side)) as u8)
    }
}

/// The display.
pub struct Canvas {
    window: Rc<MinimalSoftwareWindow>,
    frame: Frame,
    wake: Sender<Event>,
    woken: Receiver<Event>,
}

impl Canvas {
    /// Becomes the display of this thread, which alone works with it.
    ///
    /// # Errors
    /// Fails when the thread has one already.
    pub fn install(width: u32, height: u32) -> Result<Canvas> {
        Canvas::open(width, height, false)
    }

    /// Becomes the display of this thread, which others may give something to do: the only such one of the program.
    ///
    /// # Errors
    /// Fails when the program has one already.
    pub fn install_shared(width: u32, height: u32) -> Result<Canvas> {
        Canvas::open(width, height, true)
    }

    fn open(width: u32, height: u32, is_shared: bool) -> Result<Canvas> {
        let (wake, woken) = channel();
        let window = MinimalSoftwareWindow::new(RepaintBufferType::ReusedBuffer);
        let memory = Memory { window: window.clone(), wake: is_shared.then(|| wake.clone()) };
        slint::platform::set_platform(Box::new(memory)).context("taking the display's place")?;
        let frame = Frame { width: 0, height: 0, pixels: Vec::new() };
        let mut canvas = Canvas { window, frame, wake, woken };
        canvas.resize(width, height);
        Ok(canvas)
    }

    /// A way to wake the loop.
    pub fn waker(&self) -> Sender<Event> {
        self.wake.clone()
    }

    /// Gives the window another size.
    pub fn resize(&mut self, width: u32, height: u32) {
        let pixels = vec![Rgb8Pixel::default(); (width * height) as usize];
        self.frame = Frame { width, height, pixels };
        self.window.set_size(PhysicalSize::new(width, height));
        self.window.request_redraw();
    }

    /// Draws what changed, and gives the whole frame.
    pub fn paint(&mut self) -> &Frame {
        self.paint_if_due();
        &self.frame
    }

    /// Draws if something has changed; whether it had.
    pub fn paint_if_due(&mut self) -> bool {
        slint::platform::update_timers_and_animations();
        let Frame { width, pixels, .. } = &mut self.frame;
        self.window.draw_if_needed(|renderer| {
            renderer.render(pixels, *width as usize);
        })
    }

    /// Sleeps as long as [`Canvas::run`] would before the next frame.
    pub fn rest(&self) {
        let _ = self.woken.recv_timeout(self.patience());
    }

    fn patience(&self) -> Duration {
        let patience = if self.window.has_active_animations() { FRAME } else { LONGEST };
        duration_until_next_timer_update().map_or(patience, |it| it.min(patience))
    }

    /// Draws until the end; `watch` sees the frame after every event.
    pub fn run(mut self, mut watch: impl FnMut(&Frame, Option<String>)) {
        loop {
            watch(self.paint(), None);
            match self.woken.recv_timeout(self.patience()) {
                Ok(Event::Call(call)) => call(),
                Ok(Event::Shot(name)) => watch(self.paint(), Some(name)),
                Ok(Event::Quit) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

struct Memory {
    window: Rc<MinimalSoftwareWindow>,
    wake: Option<Sender<Event>>,
}

impl Platform for Memory {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(self.window.clone())
    }

    fn new_event_loop_proxy(&self) -> Option<Box<dyn EventLoopProxy>> {
        self.wake.clone().map(|it| Box::new(Waker(it)) as Box<dyn EventLoopProxy>)
    }
}

struct Waker(Sender<Event>);

impl EventLoopProxy for Waker {
    fn quit_event_loop(&self) -> Result<(), EventLoopError> {
        self.0.send(Event::Quit).map_err(|_| EventLoopError::EventLoopTerminated)
    }

    fn invoke_from_event_loop(
        &self,
        event: Box<dyn FnOnce() + Send>,
    ) -> Result<(), EventLoopError> {
        self.0.send(Event::Call(event)).map_err(|_| EventLoopError::EventLoopTerminated)
    }
}
