#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tapcard_broker::trial::session(bytes));
