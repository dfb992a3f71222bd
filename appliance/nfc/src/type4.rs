//! Type 4 tags (NFC Forum Type 4 Tag 2.0 and 3.0, "T4T"): the words that a reader and a card share.
//! They speak in commands of ISO/IEC 7816-4; whoever carries them over the air is elsewhere.

mod capability;
pub mod card;
mod opening;
pub mod reader;
mod talk;
pub mod writer;

/// Name of the NDEF tag application, mapping version 2 and later (T4T §4.1).
pub const NDEF_APPLICATION: [u8; 7] = [0xd2, 0x76, 0x00, 0x00, 0x85, 0x01, 0x01];
/// Identifier of the file with the capability container (T4T §4.2).
pub const CC_FILE: [u8; 2] = [0xe1, 0x03];

/// Class byte of every command here: no chaining, no secure messaging.
pub const CLA: u8 = 0x00;
/// SELECT (T4T §5.4.2).
pub const SELECT: u8 = 0xa4;
/// READ BINARY (T4T §5.4.5).
pub const READ_BINARY: u8 = 0xb0;
/// UPDATE BINARY (T4T §5.4.7).
pub const UPDATE_BINARY: u8 = 0xd6;
/// GET RESPONSE (ISO/IEC 7816-4 §7.6.1).
pub const GET_RESPONSE: u8 = 0xc0;

/// P1 of SELECT: by name of an application.
pub const BY_NAME: u8 = 0x04;
/// P1 of SELECT: by identifier of a file.
pub const BY_FILE: u8 = 0x00;
/// P2 of SELECT: the first one of this name.
pub const FIRST: u8 = 0x00;
/// P2 of SELECT: the first one, and no answer but the status word.
pub const FIRST_SILENT: u8 = 0x0c;

/// Status word: done.
pub const OK: [u8; 2] = [0x90, 0x00];
/// Status word: security status not satisfied, so reading or writing is not allowed.
pub const NOT_ALLOWED: [u8; 2] = [0x69, 0x82];
/// Status word: file or application not found.
pub const NOT_FOUND: [u8; 2] = [0x6a, 0x82];
/// Status word: the card knows no such command.
pub const UNKNOWN_COMMAND: [u8; 2] = [0x6d, 0x00];

/// Tag of the NDEF File Control TLV in the capability container: length field of 2 bytes, file of up
/// to 32 KiB (T4T §4.2).
pub const NDEF_FILE_CONTROL: u8 = 0x04;
/// Tag of the Extended NDEF File Control TLV (T4T 3.0): length field of 4 bytes.
pub const EXTENDED_FILE_CONTROL: u8 = 0x06;
/// Access byte of a file control TLV: free.
pub const FREE: u8 = 0x00;
/// Access byte of a file control TLV: never.
pub const NEVER: u8 = 0xff;
