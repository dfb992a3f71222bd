//! What a connection takes of a broker's memory while nothing is said.

use crate::brokers::Broker;
use crate::guests::Mint;
use tapcard_load::crowd::Crowd;
use tapcard_load::sample::{Both, Sample, alternate};

const ROUNDS: usize = 3;
/// The connections.
const PHONES: u64 = 2000;
/// Those before them.
const FEW: u64 = 100;

/// Bytes for each connection.
pub(crate) fn measure(mint: &Mint) -> anyhow::Result<Both<Sample>> {
    let mut memory = Both::<Sample>::default();
    alternate(ROUNDS, |ours| {
        let broker = if ours { Broker::ours(mint)? } else { Broker::mosquitto()? };
        memory.of(ours).push(of_one(mint, &broker)?);
        Ok(())
    })?;
    Ok(memory)
}

/// Bytes that a fresh broker has taken for each of some phones. A few others are there before them, so
/// that what it touches at its first client is not divided among them.
pub(crate) fn of_one(mint: &Mint, broker: &Broker) -> anyhow::Result<f64> {
    let phones = (0..FEW + PHONES).map(|n| mint.phone(n)).collect::<Result<Vec<_>, _>>()?;
    let (few, phones) = phones.split_at(FEW as usize);
    let mut crowd = Crowd::new(broker.tcp)?;
    crowd.enter(few.iter().map(Vec::as_slice))?;
    let before = broker.usage()?.memory;
    crowd.enter(phones.iter().map(Vec::as_slice))?;
    Ok((broker.usage()?.memory - before) / PHONES as f64)
}
