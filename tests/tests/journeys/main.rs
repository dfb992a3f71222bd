//! Whole journeys. Each test has a world of its own.

mod access;
mod bad_input;
mod cloud;
mod kills;
mod links;
mod sync;
