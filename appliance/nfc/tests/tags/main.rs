//! Tags read and written through simulated chips, and judged by programs that nobody here wrote.

#[path = "../python/nfcpy.rs"]
mod nfcpy;
mod outside;
#[path = "../python/mod.rs"]
mod python;
mod reading;
mod table;
mod writing;
