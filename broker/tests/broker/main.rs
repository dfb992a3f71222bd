//! The broker as its clients see it: every test runs the program in a process of its own, because rumqttd's
//! router cannot be stopped inside one.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod access;
mod crowd;
mod delivery;
mod endurance;
mod libraries;
mod login;
mod operation;
mod renewal;
mod support;
mod tasks;
mod tls;
