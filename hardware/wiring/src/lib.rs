//! The wires between a PN532 and a Raspberry Pi, kept once and written down everywhere they are needed.
//!
//! - [`table`]: `pins.toml`, read. [`header`]: the 40-pin header it refers to. [`rules`]: what a table may not say
//! - [`page`], [`harness`], [`fragment`]: the table as Markdown, as WireViz's YAML, as settings
//! - [`outputs`]: every file that follows from the table
//!
//! All of it is text in, text out; only the program reads and writes files.

pub mod fragment;
pub mod harness;
pub mod header;
pub mod outputs;
pub mod page;
pub mod rules;
pub mod table;
