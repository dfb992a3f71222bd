//! Random numbers, drawn from the system.

use anyhow::{Context, Result};

/// 64 random bits.
///
/// # Errors
/// Fails when the system has no randomness.
pub fn number() -> Result<u64> {
    getrandom::u64().context("drawing a random number")
}

/// A name that nobody draws twice: 128 random bits in hexadecimal.
///
/// # Errors
/// Fails when the system has no randomness.
pub fn name() -> Result<String> {
    Ok(format!("{:016x}{:016x}", number()?, number()?))
}

/// As many random bytes as wanted.
///
/// # Errors
/// Fails when the system has no randomness.
pub fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).context("drawing random bytes")?;
    Ok(bytes)
}
