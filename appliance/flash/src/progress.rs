//! How far the work is: a bar on a terminal, one line a step elsewhere.

use std::io::{self, IsTerminal, Read, Seek, SeekFrom, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The bar, wide enough for 80 columns.
const BAR: &str = "{msg:<14} [{bar:30}] {percent:>3}% {binary_bytes_per_sec} {eta}";

/// One step of the work.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Begins a step of so many bytes.
    pub fn begin(step: &'static str, n_bytes: u64) -> Progress {
        let is_terminal = io::stderr().is_terminal();
        if !is_terminal {
            say(step);
        }
        let bar = ProgressBar::with_draw_target(Some(n_bytes), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template(BAR).expect("the template is a constant");
        bar.set_style(style.progress_chars("=> "));
        bar.set_message(step);
        Progress { bar }
    }

    /// A step that nobody watches.
    pub fn hidden() -> Progress {
        Progress { bar: ProgressBar::hidden() }
    }

    /// So many bytes more are done.
    pub fn add(&self, n_bytes: u64) {
        self.bar.inc(n_bytes);
    }

    /// So many bytes are done.
    pub fn set(&self, n_bytes: u64) {
        self.bar.set_position(n_bytes);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.abandon();
        // It leaves the cursor behind the bar.
        if !self.bar.is_hidden() {
            say("");
        }
    }
}

/// One line to whoever started the program.
pub fn say(text: &str) {
    // Nobody is left to tell that this failed.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Something that is read, written or sought, and counted.
pub struct Metered<'a, T> {
    pub(crate) inner: T,
    pub(crate) progress: &'a Progress,
}

impl<'a, T> Metered<'a, T> {
    /// Counts from here on.
    pub fn new(inner: T, progress: &'a Progress) -> Metered<'a, T> {
        Metered { inner, progress }
    }
}

impl<T: Read> Read for Metered<'_, T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_read = self.inner.read(buffer)?;
        self.progress.add(n_read as u64);
        Ok(n_read)
    }
}

impl<T: Write> Write for Metered<'_, T> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let n_written = self.inner.write(buffer)?;
        self.progress.add(n_written as u64);
        Ok(n_written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Where nothing is read or written, nothing is counted.
impl<T: Seek> Seek for Metered<'_, T> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
