//! Whole journeys. Each test has a world of its own.

mod access;
mod account;
mod bad_input;
mod book;
mod booth;
mod brokers;
mod cloud;
mod cluster;
mod codes;
mod contract;
mod erasure;
mod first_start;
mod kills;
mod kiosks;
mod limits;
mod links;
mod mail;
mod media;
mod partition;
mod refused;
mod secret_line;
mod standing;
mod sync;
mod visit;
mod ways_back;
mod workers;
