//! Randomness, from the kernel.

/// As many random bytes as wanted.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the kernel gives random bytes");
    bytes
}

/// 64 random bits.
pub(crate) fn number() -> u64 {
    u64::from_le_bytes(bytes())
}
