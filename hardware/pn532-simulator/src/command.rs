//! The commands of the host, read from a packet. Source: PN532 User Manual UM0701-02 §7.2 and §7.3.
//! Says what a command asks; what comes of it is decided elsewhere.

use thiserror::Error;

/// Frame identifier of packets from the host (§6.2.1.1).
pub(crate) const FROM_HOST: u8 = 0xD4;
/// Frame identifier of packets from the chip.
pub(crate) const FROM_CHIP: u8 = 0xD5;

/// The packet is no command that this chip knows, or its parameters are too short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a command of this chip")]
pub(crate) struct SyntaxError;

/// One command with its parameters, in the order of the user manual.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "the names are those of the user manual")]
pub(crate) enum Command {
    Diagnose { test: u8, parameters: Vec<u8> },
    GetFirmwareVersion,
    GetGeneralStatus,
    ReadRegister(Vec<u16>),
    WriteRegister(Vec<(u16, u8)>),
    ReadGpio,
    WriteGpio,
    SetSerialBaudRate(u8),
    SetParameters(u8),
    SamConfiguration,
    PowerDown,
    RfConfiguration { item: u8, values: Vec<u8> },
    InListPassiveTarget { most: u8, modulation: u8, initiator: Vec<u8> },
    InAutoPoll { rounds: u8, period: u8, kinds: Vec<u8> },
    InDataExchange { target: u8, more: bool, bytes: Vec<u8> },
    InCommunicateThru(Vec<u8>),
    InSelect(u8),
    InDeselect(u8),
    InRelease(u8),
    TgInitAsTarget(TargetParameters),
    TgGetData,
    TgSetData { more: bool, bytes: Vec<u8> },
    TgGetInitiatorCommand,
    TgResponseToInitiator(Vec<u8>),
    TgGetTargetStatus,
}

/// What TgInitAsTarget says of the card to be emulated (§7.3.14), as far as Type A goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TargetParameters {
    /// SENS_RES, in the order of transmission.
    pub(crate) sens_res: [u8; 2],
    /// The last three bytes of the identifier; the chip puts 08 before them.
    pub(crate) nfcid1: [u8; 3],
    /// SEL_RES; bit 5 says: speaks ISO/IEC 14443-4.
    pub(crate) sel_res: u8,
    /// Historical bytes of the answer to select.
    pub(crate) historical: Vec<u8>,
}

impl TargetParameters {
    /// Mode, MIFARE parameters, FeliCa parameters (18 bytes), NFCID3t (10), then general bytes and
    /// historical bytes, each with its length before it.
    fn parse(bytes: &[u8]) -> Result<Self, SyntaxError> {
        let [_mode, sens0, sens1, id0, id1, id2, sel_res, rest @ ..] = bytes else {
            return Err(SyntaxError);
        };
        let lengths = rest.get(28..).ok_or(SyntaxError)?;
        let historical = match lengths.split_first() {
            None => &[],
            Some((general, after)) => match after.get(usize::from(*general)..) {
                None => return Err(SyntaxError),
                Some([]) => &[],
                Some([length, bytes @ ..]) => {
                    bytes.get(..usize::from(*length)).ok_or(SyntaxError)?
                }
            },
        };
        Ok(Self {
            sens_res: [*sens0, *sens1],
            nfcid1: [*id0, *id1, *id2],
            sel_res: *sel_res,
            historical: historical.to_vec(),
        })
    }
}

/// Bit of the target number: more bytes follow with the next command (§7.3.8).
const MORE: u8 = 0x40;

/// Reads a packet, frame identifier included. The code is `packet[1]`.
pub(crate) fn parse(packet: &[u8]) -> Result<Command, SyntaxError> {
    let [FROM_HOST, code, rest @ ..] = packet else {
        return Err(SyntaxError);
    };
    Ok(match (code, rest) {
        (0x00, [test, parameters @ ..]) => {
            Command::Diagnose { test: *test, parameters: parameters.to_vec() }
        }
        (0x02, []) => Command::GetFirmwareVersion,
        (0x04, []) => Command::GetGeneralStatus,
        (0x06, addresses) if addresses.len().is_multiple_of(2) => Command::ReadRegister(
            addresses.chunks_exact(2).map(|at| u16::from_be_bytes([at[0], at[1]])).collect(),
        ),
        (0x08, writes) if writes.len().is_multiple_of(3) => Command::WriteRegister(
            writes.chunks_exact(3).map(|w| (u16::from_be_bytes([w[0], w[1]]), w[2])).collect(),
        ),
        (0x0C, []) => Command::ReadGpio,
        (0x0E, [_p3, _p7]) => Command::WriteGpio,
        (0x10, [rate]) => Command::SetSerialBaudRate(*rate),
        (0x12, [flags]) => Command::SetParameters(*flags),
        (0x14, [1..=4, ..]) => Command::SamConfiguration,
        (0x16, [_wake_up, ..]) => Command::PowerDown,
        (0x32, [item, values @ ..]) => {
            Command::RfConfiguration { item: *item, values: values.to_vec() }
        }
        (0x40, [target, bytes @ ..]) => Command::InDataExchange {
            target: target & !MORE,
            more: target & MORE != 0,
            bytes: bytes.to_vec(),
        },
        (0x42, bytes) => Command::InCommunicateThru(bytes.to_vec()),
        (0x44, [target]) => Command::InDeselect(*target),
        (0x4A, [most @ 1..=2, modulation @ 0..=4, initiator @ ..]) => {
            Command::InListPassiveTarget {
                most: *most,
                modulation: *modulation,
                initiator: initiator.to_vec(),
            }
        }
        (0x52, [target]) => Command::InRelease(*target),
        (0x54, [target]) => Command::InSelect(*target),
        (0x60, [rounds @ 1..=255, period @ 1..=15, kinds @ ..]) if !kinds.is_empty() => {
            Command::InAutoPoll { rounds: *rounds, period: *period, kinds: kinds.to_vec() }
        }
        (0x86, []) => Command::TgGetData,
        (0x88, []) => Command::TgGetInitiatorCommand,
        (0x8A, []) => Command::TgGetTargetStatus,
        (0x8C, parameters) => Command::TgInitAsTarget(TargetParameters::parse(parameters)?),
        (0x8E, bytes) => Command::TgSetData { more: false, bytes: bytes.to_vec() },
        (0x90, bytes) => Command::TgResponseToInitiator(bytes.to_vec()),
        (0x94, bytes) => Command::TgSetData { more: true, bytes: bytes.to_vec() },
        _ => return Err(SyntaxError),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_listing_names_count_modulation_and_identifier() {
        assert_eq!(
            parse(&[0xD4, 0x4A, 0x02, 0x00, 1, 2, 3, 4]),
            Ok(Command::InListPassiveTarget {
                most: 2,
                modulation: 0,
                initiator: vec![1, 2, 3, 4]
            })
        );
    }

    #[test]
    fn the_historical_bytes_stand_behind_the_general_bytes() {
        let mut packet = vec![0xD4, 0x8C, 0x05, 0x04, 0x00, 0x12, 0x34, 0x56, 0x20];
        packet.extend([0; 28]);
        packet.extend([2, 0xAA, 0xBB, 3, 1, 2, 3]);
        let Ok(Command::TgInitAsTarget(parameters)) = parse(&packet) else {
            panic!("not understood")
        };
        assert_eq!(parameters.historical, [1, 2, 3]);
        assert_eq!(parameters.nfcid1, [0x12, 0x34, 0x56]);
    }

    #[test]
    fn three_targets_at_once_and_unknown_codes_are_syntax_errors() {
        assert_eq!(parse(&[0xD4, 0x4A, 0x03, 0x00]), Err(SyntaxError));
        assert_eq!(parse(&[0xD4, 0xFE]), Err(SyntaxError));
        assert_eq!(parse(&[0xD5, 0x02]), Err(SyntaxError));
        assert_eq!(parse(&[]), Err(SyntaxError));
    }

    #[test]
    fn no_command_of_any_length_makes_the_parser_panic() {
        for code in 0..=255 {
            for length in 0..64 {
                for filling in [0x00, 0x01, 0x7F, 0xFF] {
                    let mut packet = vec![FROM_HOST, code];
                    packet.resize(2 + length, filling);
                    drop(parse(&packet));
                }
            }
        }
    }
}
