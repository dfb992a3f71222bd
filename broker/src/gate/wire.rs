//! The two directions of a connection, with the patience that each deserves. Knows no packets.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Poll, ready};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// Most bytes that are read at once.
const READ: usize = 16 * 1024;
/// No more is read while so many bytes wait to be written.
const MAX_OUTPUT: usize = 256 * 1024;
/// How long a client may take no byte of what it is sent.
const WRITE_TIME_OUT: Duration = Duration::from_secs(20);
/// How long the last bytes of a connection that ends may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// A connection's bytes.
pub(crate) struct Wire<R, W> {
    /// Read and not yet understood.
    pub input: BytesMut,
    /// Not yet written.
    pub output: BytesMut,
    reader: R,
    writer: W,
    flushed: bool,
    /// Whether something was to be written at the last turn.
    writing: bool,
    /// How long the client may be silent.
    silence: Duration,
    heard: Instant,
    /// When the client last took something, or was first offered it.
    taken: Instant,
    alarm: Pin<Box<Sleep>>,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Wire<R, W> {
    /// A wire that fails after so much silence of the client.
    pub(crate) fn new(reader: R, writer: W, silence: Duration) -> Wire<R, W> {
        let now = Instant::now();
        Wire {
            input: BytesMut::new(),
            output: BytesMut::new(),
            reader,
            writer,
            flushed: true,
            writing: false,
            silence,
            heard: now,
            taken: now,
            alarm: Box::pin(sleep_until(now + silence)),
        }
    }

    /// Changes how long the client may be silent.
    pub(crate) fn set_silence(&mut self, silence: Duration) {
        self.silence = silence;
    }

    /// Reads, if it shall, or writes something, whichever is possible first; nothing is lost when the
    /// future is dropped.
    ///
    /// # Errors
    /// Fails at the end of the stream, when it is broken and when patience is at its end.
    pub(crate) async fn turn(&mut self, reads: bool) -> io::Result<()> {
        let writing = !self.output.is_empty() || !self.flushed;
        // A client that was owed nothing begins its time only now, however long it was silent before.
        if writing != self.writing {
            self.writing = writing;
            self.taken = Instant::now();
        }
        let patience = self.patience(writing);
        if self.alarm.deadline() > patience {
            self.alarm.as_mut().reset(patience);
        }
        for buffer in [&mut self.input, &mut self.output] {
            if buffer.is_empty() {
                *buffer = BytesMut::new();
            }
        }
        tokio::select! {
            read = read(&mut self.reader, &mut self.input), if reads && self.output.len() < MAX_OUTPUT => {
                self.heard = Instant::now();
                read
            }
            written = write(&mut self.writer, &mut self.output), if writing => {
                self.flushed = written?;
                self.taken = Instant::now();
                Ok(())
            }
            () = &mut self.alarm => {
                let patience = self.patience(writing);
                self.alarm.as_mut().reset(patience);
                if Instant::now() < patience { Ok(()) } else { Err(io::ErrorKind::TimedOut.into()) }
            }
        }
    }

    /// Writes what is left, as far as the client takes it, and ends the stream.
    pub(crate) async fn close(mut self) {
        let farewell = async {
            self.writer.write_all(&self.output).await?;
            self.writer.shutdown().await
        };
        // The client may be gone already.
        let _ = tokio::time::timeout(FAREWELL, farewell).await;
    }

    fn patience(&self, writing: bool) -> Instant {
        let silence = self.heard + self.silence;
        if writing { silence.min(self.taken + WRITE_TIME_OUT) } else { silence }
    }
}

/// Appends what there is to the input. It passes over the stack, so that a connection that waits holds no
/// room for what may come.
async fn read(reader: &mut (impl AsyncRead + Unpin), input: &mut BytesMut) -> io::Result<()> {
    poll_fn(|context| {
        let mut room = [MaybeUninit::uninit(); READ];
        let mut room = ReadBuf::uninit(&mut room);
        ready!(Pin::new(&mut *reader).poll_read(context, &mut room))?;
        input.extend_from_slice(room.filled());
        let end = room.filled().is_empty();
        Poll::Ready(if end { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) })
    })
    .await
}

/// Writes some of the output, or flushes when there is none; whether everything is flushed.
async fn write(writer: &mut (impl AsyncWrite + Unpin), output: &mut BytesMut) -> io::Result<bool> {
    if output.is_empty() {
        writer.flush().await?;
        return Ok(true);
    }
    match writer.write_buf(output).await? {
        0 => Err(io::ErrorKind::WriteZero.into()),
        _ => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, DuplexStream, ReadHalf, WriteHalf, duplex, split};

    use super::*;

    const SILENCE: Duration = Duration::from_secs(45);
    const ROOM: usize = 10;

    fn wire() -> (Wire<ReadHalf<DuplexStream>, WriteHalf<DuplexStream>>, DuplexStream) {
        let (ours, theirs) = duplex(ROOM);
        let (reader, writer) = split(ours);
        (Wire::new(reader, writer, SILENCE), theirs)
    }

    /// Turns until the wire fails.
    async fn fail(wire: &mut Wire<ReadHalf<DuplexStream>, WriteHalf<DuplexStream>>) -> io::Error {
        loop {
            if let Err(error) = wire.turn(true).await {
                return error;
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_client_is_given_up() {
        let (mut wire, mut client) = wire();
        let start = Instant::now();
        tokio::time::sleep(SILENCE / 2).await;
        client.write_all(b"hello").await.unwrap();
        assert_eq!(fail(&mut wire).await.kind(), io::ErrorKind::TimedOut);
        assert_eq!(&wire.input[..], b"hello");
        assert!(start.elapsed() >= SILENCE + SILENCE / 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_given_up_although_it_speaks() {
        let (mut wire, client) = wire();
        let (_deaf, mut speaker) = split(client);
        wire.output.extend_from_slice(&[0; ROOM + 1]);
        let start = Instant::now();
        let speak = async {
            loop {
                speaker.write_all(b".").await.unwrap();
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        let error = tokio::select! { it = fail(&mut wire) => it, () = speak => unreachable!() };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!((20..22).contains(&start.elapsed().as_secs()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_was_owed_nothing_has_its_whole_time() {
        let (mut wire, mut client) = wire();
        let idle =
            tokio::time::timeout(WRITE_TIME_OUT + Duration::from_secs(1), wire.turn(true)).await;
        assert!(idle.is_err(), "nothing was to be done");
        wire.output.extend_from_slice(b"hello");
        for _ in 0..100 {
            wire.turn(true).await.unwrap();
            if wire.output.is_empty() {
                break;
            }
        }
        let mut heard = [0; 5];
        client.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"hello");
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_of_the_stream_is_an_error() {
        let (mut wire, client) = wire();
        drop(client);
        assert_eq!(fail(&mut wire).await.kind(), io::ErrorKind::UnexpectedEof);
    }
}
