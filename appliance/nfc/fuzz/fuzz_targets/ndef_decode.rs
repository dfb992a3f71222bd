#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tapcard_nfc_fuzz::ndef_decode(bytes));
