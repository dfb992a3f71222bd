//! From an image's file to a disk that holds it: judge, ask, survey, write, read back, give it its settings.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use bmap_parser::{Bmap, CopyError};
use clap::Args;
use sha2::{Digest, Sha256};

use crate::ask::confirm;
use crate::boot;
use crate::device::{Device, choose};
use crate::disks::{Bus, Disk, size};
use crate::image::Image;
use crate::progress::{Metered, Progress, say};
use crate::settings;
use crate::survey::{Survey, survey};

/// Bytes that are read back at once.
const CHUNK: u64 = 4 * 1024 * 1024;
/// What to do when the disk fails.
const AGAIN: &str = "Run the same command again; if it fails again, take another card";

/// What is to be written, and where.
#[derive(Args)]
pub struct Order {
    /// The image: .img, .img.zst or .img.xz.
    image: PathBuf,
    /// The disk; everything on it will be lost.
    #[arg(long, value_name = "DISK")]
    to: PathBuf,
    /// The kiosk's first settings, put on the card as tapcard.toml.
    #[arg(long, value_name = "FILE")]
    provision: Option<PathBuf>,
    /// The image's block map, instead of the one that lies beside it.
    #[arg(long, value_name = "FILE")]
    bmap: Option<PathBuf>,
    /// The disk's name, such as sdb, instead of being asked for it.
    #[arg(long, value_name = "NAME")]
    yes: Option<String>,
}

/// Writes it.
///
/// # Errors
/// A sentence that says what to do. Before the first byte is written nothing is lost.
pub fn run(order: &Order) -> Result<()> {
    let settings = order.provision.as_deref().map(settings::load).transpose()?;
    let image = Image::open(&order.image)?;
    let map = image.map(order.bmap.as_deref())?;
    let disk = choose(&order.to)?;
    if map.is_none() {
        say(
            "There is no block map beside the image, so all of it is written; with one it is quicker.",
        );
    }
    if let Some(size) = map.as_ref().map(Bmap::image_size).or(size_as_it_lies(&image)) {
        fits(size, &disk)?;
    }
    confirm(&disk, order.yes.as_deref())?;
    let survey = look_through(&image, map)?;
    fits(survey.map.image_size(), &disk)?;
    if settings.is_some() && survey.boot.is_none() {
        bail!(
            "the image has no boot partition that takes settings, so it is not a kiosk's. Nothing was written"
        );
    }
    let device = Device::open(&order.to, &disk)?;
    write(&image, &survey.map, &device)?;
    if let (Some(text), Some(boot)) = (settings, survey.boot) {
        provide(&device, &boot, &text)?;
    }
    finish(device, &disk);
    Ok(())
}

fn size_as_it_lies(image: &Image) -> Option<u64> {
    (!image.is_packed()).then_some(image.size)
}

fn fits(n_bytes: u64, disk: &Disk) -> Result<()> {
    if n_bytes <= disk.size {
        return Ok(());
    }
    let (wanted, there, name) = (size(n_bytes), size(disk.size), disk.name());
    bail!(
        "{name} is too small: the image takes {wanted}, the disk has {there}. Take a larger card; nothing was written"
    );
}

fn look_through(image: &Image, map: Option<Bmap>) -> Result<Survey> {
    if !image.check_sum()? {
        say("There is no checksum (.sha256) beside the image to hold it against.");
    }
    let progress = Progress::begin("checking", image.size);
    Ok(survey(image.stream(&progress)?, map)?)
}

fn write(image: &Image, map: &Bmap, device: &Device) -> Result<()> {
    let n_bytes = map.block_map().map(bmap_parser::BlockRange::length).sum();
    let progress = Progress::begin("writing", n_bytes);
    let unseen = Progress::hidden();
    let mut target = Metered::new(device.file(), &progress);
    bmap_parser::copy(&mut image.stream(&unseen)?, &mut target, map).map_err(|error| {
        match error {
            CopyError::WriteError(error) => anyhow!("the disk cannot be written: {error}. {AGAIN}"),
            error => anyhow!(
                "the image changed while it was written ({error}). The disk is of no use now; fetch \
                 the image again and run the same command"
            ),
        }
    })?;
    device.settle().map_err(|error| anyhow!("the disk cannot be written: {error}. {AGAIN}"))?;
    drop(progress);
    let progress = Progress::begin("reading back", n_bytes);
    verify(&mut Metered::new(device.file(), &progress), map)
}

/// Reads every range back that was written.
fn verify(disk: &mut (impl Read + Seek), map: &Bmap) -> Result<()> {
    let mut buffer = vec![0; CHUNK as usize];
    for range in map.block_map() {
        let found = sum(disk, range.offset()..range.offset() + range.length(), &mut buffer)
            .map_err(|error| anyhow!("the disk cannot be read: {error}. {AGAIN}"))?;
        if found != range.checksum().as_slice() {
            bail!(
                "the disk does not hold what was written to it, {} from its beginning. {AGAIN}",
                size(range.offset())
            );
        }
    }
    Ok(())
}

fn sum(
    disk: &mut (impl Read + Seek),
    range: Range<u64>,
    buffer: &mut [u8],
) -> io::Result<[u8; 32]> {
    disk.seek(SeekFrom::Start(range.start))?;
    let (mut hasher, mut left) = (Sha256::new(), range.end - range.start);
    while left > 0 {
        let part = &mut buffer[..left.min(CHUNK) as usize];
        disk.read_exact(part)?;
        hasher.update(&*part);
        left -= part.len() as u64;
    }
    Ok(hasher.finalize().into())
}

/// Puts the settings on the boot partition and reads them back.
fn provide(device: &Device, boot: &Range<u64>, text: &[u8]) -> Result<()> {
    let failed = || format!("putting {} on the boot partition. {AGAIN}", settings::NAME);
    boot::write(device.file(), boot.clone(), settings::NAME, text).with_context(failed)?;
    device.settle().with_context(failed)?;
    let found = boot::read(device.file(), boot.clone(), settings::NAME).with_context(failed)?;
    if found != text {
        bail!("{} on the disk is not what was written. {AGAIN}", settings::NAME);
    }
    say("The settings are on the boot partition.");
    Ok(())
}

fn finish(device: Device, disk: &Disk) {
    // A loop device shows partitions only to those who ask for them.
    if device.release().is_err() && disk.bus != Bus::Loop {
        say(
            "The kernel still sees the old partitions; take the disk out and put it in to see the new ones.",
        );
    }
    say(&format!("{} is written and verified; it can be taken out.", disk.name()));
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn a_bit_that_a_disk_did_not_keep_is_found() {
        let size = 3 * CHUNK as usize + 100;
        let mut bytes: Vec<u8> = (0..size).map(|it| (it % 251) as u8).collect();
        let map = survey(Cursor::new(&bytes), None).unwrap().map;
        assert!(verify(&mut Cursor::new(&bytes), &map).is_ok());
        bytes[size - 1] ^= 1;
        let error = verify(&mut Cursor::new(&bytes), &map).unwrap_err().to_string();
        assert!(error.starts_with("the disk does not hold what was written"), "{error}");
        bytes.pop();
        let error = verify(&mut Cursor::new(&bytes), &map).unwrap_err().to_string();
        assert!(error.starts_with("the disk cannot be read"), "{error}");
    }
}
