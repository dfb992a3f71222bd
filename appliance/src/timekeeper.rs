//! The time of a kiosk that no time server answers: its own cloud's, under the authority that it trusts. It is asked once a
//! run; the system runs it again.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use rustix::time::{ClockId, Timespec, clock_settime};
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};

use crate::trust::{self, Authorities};

/// A clock that is off by less is left alone: others are exact to a second.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(5);
/// How long the cloud may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most bytes of an answer's head.
const MAX_HEAD: u64 = 16 * 1024;
const HTTPS_PORT: u16 = 443;

/// Where the time may come from.
pub struct Sources {
    /// The cloud, such as `https://cards.example.org`.
    pub cloud: String,
    /// Whose certificates count there.
    pub authorities: Authorities,
    /// A file that is there once a time server has answered.
    pub synchronized: PathBuf,
    /// A file that no clock is older than.
    pub epoch: PathBuf,
}

/// What became of the clock.
#[derive(Debug, PartialEq, Eq)]
pub enum Kept {
    /// A time server has set it.
    BySystem,
    /// It is right.
    Right,
    /// It was set, by so much.
    Set(SignedDuration),
}

impl Sources {
    /// Asks the cloud, and sets the clock if it is wrong.
    ///
    /// # Errors
    /// Fails when the cloud does not answer, or the clock cannot be set.
    pub fn keep(&self) -> Result<Kept> {
        if self.synchronized.exists() {
            return Ok(Kept::BySystem);
        }
        let epoch = fs::metadata(&self.epoch).and_then(|it| it.modified());
        let epoch = Timestamp::try_from(epoch.unwrap_or(SystemTime::UNIX_EPOCH))?;
        let (told, now) = (ask(&self.cloud, &self.authorities)?, Timestamp::now());
        let Some(time) = correction(now, told, epoch) else { return Ok(Kept::Right) };
        let time = Timespec { tv_sec: time.as_second(), tv_nsec: 0 };
        clock_settime(ClockId::Realtime, time).context("setting the clock")?;
        Ok(Kept::Set(SignedDuration::from_secs(told.duration_since(now).as_secs())))
    }
}

/// What the clock is to be set to, if anything. Whoever tells a time before the system was built lies, or is broken.
fn correction(now: Timestamp, told: Timestamp, epoch: Timestamp) -> Option<Timestamp> {
    let is_off = told.duration_since(now).abs() > TOLERANCE;
    (is_off && told >= epoch).then_some(told)
}

/// The time by the cloud's clock.
fn ask(cloud: &str, authorities: &Authorities) -> Result<Timestamp> {
    let (host, port) = place(cloud).with_context(|| format!("{cloud} is no https://HOST"))?;
    let told = || -> Result<Timestamp> {
        let address = (host, port).to_socket_addrs()?.next().context("the name has no address")?;
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let demands = trust::demands_at_any_time(authorities)?;
        let name = ServerName::try_from(host.to_owned())?;
        let mut stream = StreamOwned::new(ClientConnection::new(demands, name)?, stream);
        let question =
            format!("HEAD /healthz HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n");
        stream.write_all(question.as_bytes())?;
        let mut head = Vec::new();
        // A head is all that comes; whether the end of the line was said goodbye to does not matter.
        let ended = stream.take(MAX_HEAD).read_to_end(&mut head);
        date(&String::from_utf8_lossy(&head)).with_context(|| format!("no date came: {ended:?}"))
    };
    told().with_context(|| format!("asking {cloud} for the time"))
}

fn place(cloud: &str) -> Option<(&str, u16)> {
    let rest = cloud.strip_prefix("https://")?.split('/').next()?;
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (rest, HTTPS_PORT),
    };
    Some((host.trim_start_matches('[').trim_end_matches(']'), port))
}

/// The field `Date` of an answer (RFC 9110, 6.6.1).
fn date(head: &str) -> Option<Timestamp> {
    let is_date = |line: &&str| line.get(..5).is_some_and(|it| it.eq_ignore_ascii_case("date:"));
    let line = head.lines().find(is_date)?;
    let time = jiff::fmt::rfc2822::parse(line[5..].trim()).ok()?;
    Some(time.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_clock_is_set_where_it_is_wrong_and_never_before_the_system() {
        let (built, told) = (at("2026-11-01T00:00:00Z"), at("2026-11-30T08:00:00Z"));
        for wrong in ["1970-01-01T00:00:10Z", "2036-11-30T08:00:00Z", "2026-11-30T08:00:06Z"] {
            assert_eq!(correction(at(wrong), told, built), Some(told), "{wrong}");
        }
        assert_eq!(correction(at("2026-11-30T08:00:04Z"), told, built), None);
        assert_eq!(correction(told, at("2026-10-31T00:00:00Z"), built), None);
    }

    #[test]
    fn an_answers_date_is_found() {
        let head = "HTTP/1.1 200 OK\r\nserver: x\r\nDATE: Mon, 30 Nov 2026 08:00:00 GMT\r\n\r\n";
        assert_eq!(date(head), Some(at("2026-11-30T08:00:00Z")));
        assert_eq!(date("HTTP/1.1 200 OK\r\nDate: today\r\n\r\n"), None);
    }

    #[test]
    fn the_cloud_is_a_host_and_a_port() {
        assert_eq!(place("https://a.example"), Some(("a.example", 443)));
        assert_eq!(place("https://a.example:8443/x"), Some(("a.example", 8443)));
        assert_eq!(place("https://[2001:db8::1]"), Some(("2001:db8::1", 443)));
        assert_eq!(place("http://a.example"), None);
    }
}
