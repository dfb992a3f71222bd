//! The few packets of MQTT 3.1.1 that the load needs, to bytes and from bytes.

use anyhow::{Context, bail};

use crate::frame::{framed, text};

/// The last packet of a client (MQTT 3.1.1 §3.14).
pub const DISCONNECT: [u8; 2] = [0xe0, 0];
/// Seconds of silence that clients ask for; longer than any measurement.
const KEEP_ALIVE: u16 = 600;

/// A message at QoS 1, all but its packet identifier.
pub struct Publication {
    bytes: Vec<u8>,
    id_at: usize,
}

impl Publication {
    /// A message that is published again and again.
    pub fn new(topic: &str, payload: &[u8]) -> Publication {
        let body = [&text(topic)[..], &[0, 0], payload].concat();
        let bytes = framed(0x32, &body);
        let id_at = bytes.len() - payload.len() - 2;
        Publication { bytes, id_at }
    }

    /// Appends it with this packet identifier.
    pub fn write(&self, id: u16, output: &mut Vec<u8>) {
        let start = output.len() + self.id_at;
        output.extend_from_slice(&self.bytes);
        output[start..start + 2].copy_from_slice(&id.to_be_bytes());
    }
}

/// CONNECT with a clean session and a password.
pub fn connect(client_id: &str, password: &str) -> Vec<u8> {
    let mut body = text("MQTT");
    body.extend([4, 0b1100_0010]);
    body.extend(KEEP_ALIVE.to_be_bytes());
    body.extend([text(client_id), text("tapcard"), text(password)].concat());
    framed(0x10, &body)
}

/// SUBSCRIBE at QoS 1.
pub fn subscribe(filters: &[String]) -> Vec<u8> {
    let filters = filters.iter().flat_map(|it| [text(it), vec![1]].concat());
    framed(0x82, &[0, 1].into_iter().chain(filters).collect::<Vec<u8>>())
}

/// What a broker says.
pub enum Heard {
    /// CONNACK that lets in.
    Admitted,
    /// SUBACK that grants everything.
    Subscribed,
    /// PUBACK.
    Acknowledged,
    /// PUBLISH, at QoS 1 with this packet identifier.
    Message(Option<u16>),
}

/// The first packet of the input and its length; none until all of it is there.
///
/// # Errors
/// Fails at a refusal and at what nobody asked for.
pub fn first(input: &[u8]) -> anyhow::Result<Option<(Heard, usize)>> {
    let (mut length, mut at) = (0, 1);
    loop {
        let Some(byte) = input.get(at).copied().map(usize::from) else { return Ok(None) };
        length |= (byte & 0x7f) << (7 * (at - 1));
        at += 1;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let Some(body) = input.get(at..at + length) else { return Ok(None) };
    Ok(Some((read(input[0], body).context("from the broker")?, at + length)))
}

fn read(first: u8, body: &[u8]) -> anyhow::Result<Heard> {
    let word = |at: usize| -> anyhow::Result<u16> {
        let bytes = body.get(at..at + 2).context("a packet that is too short")?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    };
    Ok(match (first, body) {
        (0x20, [0, 0]) => Heard::Admitted,
        (0x20, [_, code]) => bail!("a refusal, code {code}"),
        (0x40, [_, _]) => Heard::Acknowledged,
        (0x90, [_, _, codes @ ..]) if codes.iter().all(|it| *it == 1) => Heard::Subscribed,
        (0x90, _) => bail!("a filter that was refused"),
        (0x30, _) => Heard::Message(None),
        (0x32, _) => Heard::Message(Some(word(2 + usize::from(word(0)?))?)),
        _ => bail!("a packet that begins with {first:#x}"),
    })
}
