//! A part of a disk that looks like a whole one: FAT is read and written through it.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::ops::Range;

/// The bytes of a range, from 0 on.
pub struct Window<T> {
    inner: T,
    range: Range<u64>,
    position: u64,
}

impl<T: Seek> Window<T> {
    /// Nothing outside of this range is reached.
    pub fn new(inner: T, range: Range<u64>) -> Window<T> {
        Window { inner, range, position: 0 }
    }

    /// Goes to where the next byte belongs, and says how many of so many there are.
    fn reach(&mut self, wanted: usize) -> io::Result<usize> {
        let left = (self.range.end - self.range.start).saturating_sub(self.position);
        self.inner.seek(SeekFrom::Start(self.range.start + self.position))?;
        Ok(wanted.min(usize::try_from(left).unwrap_or(usize::MAX)))
    }
}

impl<T: Read + Seek> Read for Window<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reach(buffer.len())?;
        let n_read = self.inner.read(&mut buffer[..length])?;
        self.position += n_read as u64;
        Ok(n_read)
    }
}

impl<T: Write + Seek> Write for Window<T> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let length = self.reach(buffer.len())?;
        let n_written = self.inner.write(&buffer[..length])?;
        self.position += n_written as u64;
        Ok(n_written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T> Seek for Window<T> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let length = self.range.end - self.range.start;
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn nothing_outside_is_read_or_written() {
        let mut bytes = *b"0123456789";
        let mut window = Window::new(Cursor::new(&mut bytes[..]), 2..6);
        let mut text = String::new();
        window.read_to_string(&mut text).unwrap();
        assert_eq!(text, "2345");
        assert_eq!(window.seek(SeekFrom::End(-2)).unwrap(), 2);
        assert!(window.write_all(b"abc").is_err());
        assert_eq!(window.seek(SeekFrom::Start(9)).unwrap(), 9);
        assert_eq!(window.write(b"x").unwrap(), 0);
        assert!(window.seek(SeekFrom::Current(-10)).is_err());
        assert_eq!(&bytes, b"0123ab6789");
    }
}
