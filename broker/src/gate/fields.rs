//! The fields of CONNECT, SUBSCRIBE and UNSUBSCRIBE, read as strictly as the standard asks.
//!
//! rumqttd's codec overlooks reserved bits, fields that no flag announces, text with NUL, and a will topic
//! that is no UTF-8; so these packets are read here.

use bytes::Bytes;
use rumqttd::protocol::{LastWill, QoS, qos};

use super::codec::{BadConnect, Connect, Malformed, Packet};

/// The only protocol name and level (MQTT 3.1.1 §3.1.2.1, §3.1.2.2).
const PROTOCOL: (&[u8], u8) = (b"MQTT", 4);

/// The connect flags (MQTT 3.1.1 §3.1.2.3).
const RESERVED: u8 = 1;
const CLEAN_SESSION: u8 = 1 << 1;
const WILL: u8 = 1 << 2;
const WILL_QOS: u8 = 0b11 << 3;
const WILL_RETAIN: u8 = 1 << 5;
const PASSWORD: u8 = 1 << 6;
const USER_NAME: u8 = 1 << 7;

/// Reads what follows the fixed header of CONNECT.
pub(crate) fn connect(body: &[u8]) -> Result<Connect, BadConnect> {
    let mut fields = Fields(body);
    let protocol = (fields.bytes()?, fields.byte()?);
    if protocol != PROTOCOL {
        return Err(BadConnect::Version);
    }
    let (flags, keep_alive) = (fields.byte()?, fields.word()?);
    if flags & RESERVED != 0
        || (flags & WILL == 0 && flags & (WILL_QOS | WILL_RETAIN) != 0)
        || (flags & USER_NAME == 0 && flags & PASSWORD != 0)
    {
        return Err(BadConnect::Malformed);
    }
    let client_id = fields.text()?.to_owned();
    let will = if flags & WILL == 0 { None } else { Some(will(flags, &mut fields)?) };
    if flags & USER_NAME != 0 {
        fields.text()?;
    }
    // It may be any bytes; a token is text, so what is none is merely a wrong one.
    let password = if flags & PASSWORD == 0 { &[][..] } else { fields.bytes()? };
    fields.end()?;
    Ok(Connect {
        client_id,
        password: String::from_utf8_lossy(password).into_owned(),
        clean_session: flags & CLEAN_SESSION != 0,
        keep_alive,
        will,
    })
}

fn will(flags: u8, fields: &mut Fields<'_>) -> Result<LastWill, Malformed> {
    Ok(LastWill {
        topic: Bytes::copy_from_slice(fields.text()?.as_bytes()),
        message: Bytes::copy_from_slice(fields.bytes()?),
        qos: qos((flags & WILL_QOS) >> 3).ok_or(Malformed)?,
        retain: flags & WILL_RETAIN != 0,
    })
}

/// Reads what follows the fixed header of SUBSCRIBE.
pub(crate) fn subscribe(body: &[u8]) -> Result<Packet, Malformed> {
    let filter = |fields: &mut Fields<'_>| {
        let (path, options) = (fields.text()?.to_owned(), fields.byte()?);
        // It refuses the reserved bits too.
        Ok((path, qos(options).ok_or(Malformed)?))
    };
    let (id, filters): (u16, Vec<(String, QoS)>) = list(body, filter)?;
    Ok(Packet::Subscribe { id, filters })
}

/// Reads what follows the fixed header of UNSUBSCRIBE.
pub(crate) fn unsubscribe(body: &[u8]) -> Result<Packet, Malformed> {
    let (id, filters) = list(body, |fields| Ok(fields.text()?.to_owned()))?;
    Ok(Packet::Unsubscribe { id, filters })
}

/// A packet identifier, and at least one of whatever `read` reads.
fn list<T>(
    body: &[u8],
    read: impl Fn(&mut Fields<'_>) -> Result<T, Malformed>,
) -> Result<(u16, Vec<T>), Malformed> {
    let (mut fields, mut list) = (Fields(body), Vec::new());
    let id = fields.word()?;
    while !fields.0.is_empty() {
        list.push(read(&mut fields)?);
    }
    if id == 0 || list.is_empty() { Err(Malformed) } else { Ok((id, list)) }
}

/// What has not been read yet.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        Ok(self.take(1)?[0])
    }

    fn word(&mut self) -> Result<u16, Malformed> {
        let word = self.take(2)?;
        Ok(u16::from_be_bytes([word[0], word[1]]))
    }

    /// Bytes with their length before them.
    fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.word()?;
        self.take(usize::from(length))
    }

    /// UTF-8 without NUL (MQTT 3.1.1 §1.5.3).
    fn text(&mut self) -> Result<&'a str, Malformed> {
        let text = std::str::from_utf8(self.bytes()?).map_err(|_| Malformed)?;
        if text.contains('\0') { Err(Malformed) } else { Ok(text) }
    }

    fn end(&self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}

impl From<Malformed> for BadConnect {
    fn from(_: Malformed) -> BadConnect {
        BadConnect::Malformed
    }
}
