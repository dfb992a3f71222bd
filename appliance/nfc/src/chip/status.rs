//! The status byte that many answers begin with (user manual UM0701-02 §7.1). Pure.

use pn532::ErrorCode;

use super::ChipError;

/// Bits of a status byte that carry the error code.
const CODE: u8 = 0x3f;

/// What follows a status byte that reports success.
pub(super) fn checked(answer: &[u8]) -> Result<&[u8], ChipError> {
    let (&status, rest) = answer.split_first().ok_or(ChipError::Garbled)?;
    match status & CODE {
        0 => Ok(rest),
        code => Err(failed(code)),
    }
}

/// Sorts the error codes: what somebody that moves away causes, and the rest.
fn failed(code: u8) -> ChipError {
    match ErrorCode::try_from(code) {
        Ok(
            ErrorCode::Timeout
            | ErrorCode::CrcError
            | ErrorCode::ParityError
            | ErrorCode::WrongBitCountDuringAntiCollision
            | ErrorCode::FramingError
            | ErrorCode::AbnormalBitCollision
            | ErrorCode::RfFieldHasNotBeenSwitchedOn
            | ErrorCode::RfProtocolError
            | ErrorCode::WrongDataFormat
            | ErrorCode::AuthenticationError
            | ErrorCode::WrongUidCheckByte
            | ErrorCode::InvalidDeviceState
            | ErrorCode::CommandNotAcceptable
            | ErrorCode::TargetHasBeenReleased
            | ErrorCode::CardHasBeenExchanged
            | ErrorCode::CardHasDisappeared,
        ) => ChipError::Lost,
        _ => ChipError::Fault(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_byte_is_judged_without_its_flag_bits() {
        assert_eq!(checked(&[0, 7, 8]).unwrap(), [7, 8]);
        assert_eq!(checked(&[0xc0, 7]).unwrap(), [7]);
        assert!(matches!(checked(&[0x41]), Err(ChipError::Lost)));
        for nak_or_gone in [0x13, 0x14, 0x27, 0x29, 0x2b] {
            assert!(matches!(checked(&[nak_or_gone]), Err(ChipError::Lost)));
        }
        assert!(matches!(checked(&[0x2d]), Err(ChipError::Fault(0x2d))));
        assert!(matches!(checked(&[]), Err(ChipError::Garbled)));
    }

    #[test]
    fn every_status_byte_is_sorted() {
        for status in 0..=u8::MAX {
            assert_eq!(checked(&[status]).is_ok(), status & CODE == 0);
        }
    }
}
