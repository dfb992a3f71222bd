//! Images of the real partition table, written to real block devices, and judged with tools that nobody here wrote.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod bench;
mod kit;
mod refusals;
mod writes;
