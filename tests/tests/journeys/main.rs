//! Whole journeys. Each test has a world of its own.

mod access;
mod bad_input;
mod brokers;
mod cloud;
mod cluster;
mod kills;
mod links;
mod sync;
