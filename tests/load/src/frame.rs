//! The frame of MQTT 3.1.1's packets, written by hand.

/// A string with its length before it (MQTT 3.1.1 §1.5.3).
pub fn text(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("texts here are short");
    [&length.to_be_bytes()[..], text.as_bytes()].concat()
}

/// A packet with its first byte and its length (MQTT 3.1.1 §2.2.3).
pub fn framed(first: u8, body: &[u8]) -> Vec<u8> {
    let (mut packet, mut rest) = (vec![first], body.len());
    loop {
        let more = if rest >= 128 { 0x80 } else { 0 };
        packet.push((rest % 128) as u8 | more);
        rest /= 128;
        if rest == 0 {
            break;
        }
    }
    packet.extend_from_slice(body);
    packet
}
