//! CRC_A, the checksum of ISO/IEC 14443-3 Type A frames (Annex B), for hosts that do it themselves.

/// The two bytes in the order of transmission.
pub(crate) fn crc_a(bytes: &[u8]) -> [u8; 2] {
    let crc = bytes.iter().fold(0x6363_u16, |crc, byte| {
        let low = crc.to_le_bytes()[0] ^ byte;
        let mixed = u16::from(low ^ (low << 4));
        (crc >> 8) ^ (mixed << 8) ^ (mixed << 3) ^ (mixed >> 4)
    });
    crc.to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::crc_a;

    #[test]
    fn the_standards_examples_hold() {
        assert_eq!(crc_a(&[0x00, 0x00]), [0xA0, 0x1E]);
        assert_eq!(crc_a(&[0x12, 0x34]), [0x26, 0xCF]);
    }
}
