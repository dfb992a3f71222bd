//! What the benches share: a load of any number of MQTT clients that costs little, samples and their report.

pub mod crowd;
pub mod frame;
pub mod mqtt;
pub mod report;
pub mod sample;
pub mod usage;
