//! The status bytes that begin an answer. Source: PN532 User Manual UM0701-02 §7.1.

/// Done.
pub(crate) const OK: u8 = 0x00;
/// The target has not answered.
pub(crate) const TIMEOUT: u8 = 0x01;
/// A checksum error on the air; also a 4-bit acknowledge received while a checksum was expected.
pub(crate) const CRC: u8 = 0x02;
/// The answer does not fit the chip's buffer.
pub(crate) const BUFFER: u8 = 0x07;
/// The counterpart's field was not there in time.
pub(crate) const NO_FIELD: u8 = 0x0A;
/// The data format does not match; here: the tag said NAK to a MIFARE command.
pub(crate) const FORMAT: u8 = 0x13;
/// Not acceptable in the present context: unknown target number, or not a target.
pub(crate) const CONTEXT: u8 = 0x27;
/// As a target: released by the initiator.
pub(crate) const RELEASED: u8 = 0x29;
