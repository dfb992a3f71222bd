//! A chip's serial end: a pseudo-terminal, one thread, and the pace of a real line.
//! Decides nothing about commands; it carries frames between the terminal and the field.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, ioctl_tiocnxcl, tcgetattr, tcsetattr};

use crate::air::Air;
use crate::chip::ChipId;
use crate::field::Answer;
use crate::frame::{self, Decoder, Incoming};
use crate::link::Link;
use crate::pace::Pace;

/// A frame whose rest does not come within this time is forgotten, so that a host that died in the
/// middle of one does not spoil the next host's first command.
const MID_FRAME_PATIENCE: Duration = Duration::from_millis(100);
/// SetSerialBaudRate and its rates in bit/s (UM0701-02 §7.2.8).
const SET_BAUD_RATE: u8 = 0x10;
const BAUD_RATES: [u32; 9] =
    [9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600, 1_288_000];

/// The rate after a reset (§7.2.8).
const DEFAULT_BAUD: u32 = 115_200;

/// One chip's serial end.
pub(crate) struct EndPoint {
    chip: ChipId,
    air: Arc<Air>,
    master: OwnedFd,
    /// Held open, so that the terminal outlives its users.
    slave: OwnedFd,
    decoder: Decoder,
    heard_at: Instant,
    last_answer: Vec<u8>,
    baud: u32,
    /// The rate that the host's acknowledge will bring (§7.2.8).
    next_baud: Option<u32>,
    inward: Pace,
    outward: Pace,
}

impl EndPoint {
    /// Opens a pseudo-terminal, raw at both ends, and links `path` to it.
    pub(crate) fn open(
        chip: ChipId,
        air: Arc<Air>,
        path: &Path,
        baud: u32,
    ) -> Result<(Self, Link)> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)
            .context("opening a pseudo-terminal")?;
        grantpt(&master).and_then(|()| unlockpt(&master)).context("unlocking the terminal")?;
        let name = ptsname(&master, Vec::new()).context("naming the terminal")?;
        let name = PathBuf::from(name.into_string().context("the terminal's name is not text")?);
        let slave =
            rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())
                .with_context(|| format!("opening {}", name.display()))?;
        for end in [&master, &slave] {
            let mut settings = tcgetattr(end)?;
            settings.make_raw();
            settings.set_speed(DEFAULT_BAUD)?;
            tcsetattr(end, OptionalActions::Now, &settings)?;
        }
        // A host that reads nothing loses bytes, as on a real line, instead of blocking the chip.
        rustix::io::ioctl_fionbio(&master, true)?;
        let link = Link::create(path, &name)
            .with_context(|| format!("linking {} to the terminal", path.display()))?;
        let end_point = Self {
            chip,
            air,
            master,
            slave,
            decoder: Decoder::default(),
            heard_at: Instant::now(),
            last_answer: frame::SYNTAX_ERROR.to_vec(),
            baud,
            next_baud: None,
            inward: Pace::new(baud),
            outward: Pace::new(baud),
        };
        Ok((end_point, link))
    }

    /// Serves the line until the simulator stops.
    pub(crate) fn run(mut self) -> Result<()> {
        while !self.air.is_stopping() {
            let has_bytes = self.wait()?;
            // Before new bytes are heard: a busy machine may be late to notice that the rest did not come.
            if self.heard_at.elapsed() >= MID_FRAME_PATIENCE {
                self.decoder.reset();
            }
            if has_bytes {
                self.receive()?;
            }
            self.air.act(|world, now| world.field.expire(now));
            while let Some(answer) = self.next_answer() {
                self.send_answer(&answer)?;
            }
        }
        Ok(())
    }

    /// Waits for bytes, a wake-up or a deadline; says whether there are bytes.
    fn wait(&self) -> Result<bool> {
        let patience = MID_FRAME_PATIENCE.saturating_sub(self.heard_at.elapsed());
        let patience = self.decoder.is_mid_frame().then_some(patience);
        let deadline = self.air.time_to_deadline(self.chip);
        let timeout = [patience, deadline].into_iter().flatten().min();
        let timeout = timeout.map(|it| Timespec {
            tv_sec: i64::try_from(it.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(it.subsec_nanos()),
        });
        let waker = self.air.waker(self.chip);
        let mut ends = [
            PollFd::new(&self.master, PollFlags::IN),
            PollFd::from_borrowed_fd(waker, PollFlags::IN),
        ];
        match poll(&mut ends, timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error).context("waiting for the line"),
        }
        let [line, woken] = ends.map(|end| end.revents().contains(PollFlags::IN));
        if woken {
            rustix::io::read(waker, &mut [0; 8])?;
        }
        Ok(line)
    }

    fn receive(&mut self) -> Result<()> {
        let mut buffer = [0; 1024];
        let length = match rustix::io::read(&self.master, &mut buffer) {
            Ok(length) => length,
            Err(Errno::AGAIN | Errno::INTR) => return Ok(()),
            Err(error) => return Err(error).context("reading the line"),
        };
        // Exclusive use ends with its user on a real port; here the terminal stays open.
        ioctl_tiocnxcl(&self.slave)?;
        self.heard_at = Instant::now();
        self.inward.add(length);
        self.air.count(self.chip, |counters| counters.to_chip += length as u64);
        if !self.understands_host()? {
            return Ok(());
        }
        self.decoder.push(&buffer[..length]);
        while let Some(incoming) = self.decoder.next_incoming() {
            self.inward.wait();
            match incoming {
                Incoming::Ack => {
                    self.air.cancel(self.chip);
                    if let Some(baud) = self.next_baud.take() {
                        self.air.with_line(self.chip, |line| line.baud = Some(baud));
                    }
                }
                Incoming::Nack if self.air.with_line(self.chip, |line| line.is_mute()) => {}
                Incoming::Nack => {
                    let repeated = self.last_answer.clone();
                    self.write(&repeated)?;
                }
                Incoming::Packet(packet) => self.begin(&packet)?,
            }
        }
        Ok(())
    }

    fn begin(&mut self, packet: &[u8]) -> Result<()> {
        let reception = self.air.hear_command(self.chip);
        if reception.is_acknowledged() {
            self.write(&frame::ACK)?;
        }
        self.air.carry_out(self.chip, packet, reception);
        while let Some(answer) = self.next_answer() {
            self.send_answer(&answer)?;
        }
        if let [_, SET_BAUD_RATE, rate] = packet {
            self.set_baud_rate(*rate);
        }
        Ok(())
    }

    /// The pace counts only when the simulated line has one at all.
    fn set_baud_rate(&mut self, rate: u8) {
        self.next_baud = BAUD_RATES.get(usize::from(rate)).copied();
        if let (1.., Some(baud)) = (self.baud, self.next_baud) {
            self.inward = Pace::new(baud);
            self.outward = Pace::new(baud);
        }
    }

    /// What a host says at another rate than the chip's is noise.
    fn understands_host(&self) -> Result<bool> {
        let spoken = tcgetattr(&self.slave)?.output_speed();
        let baud = self.air.with_line(self.chip, |line| line.baud).unwrap_or(DEFAULT_BAUD);
        Ok(spoken == baud || Some(spoken) == self.next_baud)
    }

    fn next_answer(&self) -> Option<Answer> {
        self.air.with_line(self.chip, |line| line.outbox.pop_front())
    }

    fn send_answer(&mut self, answer: &Answer) -> Result<()> {
        let mut bytes = match answer {
            Answer::Packet(packet) => frame::encode(packet),
            Answer::SyntaxError => frame::SYNTAX_ERROR.to_vec(),
        };
        self.last_answer.clone_from(&bytes);
        self.air.with_line(self.chip, |line| line.spoil(&mut bytes));
        self.write(&bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.outward.add(bytes.len());
        self.outward.wait();
        self.air.count(self.chip, |counters| counters.from_chip += bytes.len() as u64);
        match retry_on_intr(|| rustix::io::write(&self.master, bytes)) {
            Ok(_) | Err(Errno::AGAIN) => Ok(()),
            Err(error) => Err(error).context("writing to the line"),
        }
    }
}
