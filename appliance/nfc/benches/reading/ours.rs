//! This driver's reading.

use pn532_simulator::Model;
use tapcard_nfc::Settings;
use tapcard_nfc::chip::Chip;
use tapcard_nfc::tag::read_message;
use tapcard_nfc::target::Field;
use tapcard_nfc::type2::reach::Reach;

use crate::cost::Cost;
use crate::peers::Stage;
use crate::{Failure, MESSAGE};

/// The rate that the settings recommend, beyond what the chip starts with.
const BAUD: u32 = 921_600;

/// What it costs to find the tag and read it.
pub(crate) fn read(mut reach: Reach) -> Result<Cost, Failure> {
    let stage = Stage::new(Model::Ntag215)?;
    let mut chip = Chip::open(&Settings::hsu(&stage.terminal, BAUD), Box::new(|| false))?;
    stage.count()?;
    let Field::One(tag) = chip.poll()? else { return Err("no tag was found".into()) };
    let read = read_message(&mut chip, &tag, &mut reach)?;
    let cost = stage.count()?;
    if read == stage.message { Ok(cost) } else { Err(format!("not {MESSAGE} right bytes").into()) }
}
