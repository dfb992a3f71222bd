//! Where updates and settings come from, and where they wait.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use tracing::warn;

use super::Offer;
use crate::credentials::Door;
use crate::session::{Unfit, Upkeep};
use crate::trust::Demands;

/// Most bytes of an update: a slot holds no more.
const MAX_UPDATE: u64 = 1024 * 1024 * 1024;
/// How long it may take to fetch one.
const PATIENCE: Duration = Duration::from_secs(30 * 60);
/// How much of the work, in percent, is over when an update is here.
pub(super) const BROUGHT: u8 = 30;

/// From the stick, so that it may be pulled out.
pub(super) fn copy(bundle: &Path, to: &Path, tell: &dyn Fn(Upkeep)) -> Result<(), Unfit> {
    let from = File::open(bundle).map_err(|it| refused(&it))?;
    let n_bytes = from.metadata().map_err(|it| refused(&it))?.len();
    pour(from, to, n_bytes, tell).map(drop)
}

/// From where the cloud says.
pub(super) fn fetch(
    offer: &Offer,
    demands: Demands,
    to: &Path,
    tell: &dyn Fn(Upkeep),
) -> Result<(), Unfit> {
    let away = |why: anyhow::Error| {
        warn!("an update cannot be fetched: {why:#}");
        Unfit::Away
    };
    let door = Door::new(&offer.url, demands, PATIENCE);
    let mut answer = door.get("").map_err(|it| away(it.into()))?;
    if answer.status().as_u16() != 200 {
        return Err(away(anyhow::anyhow!("{} answers {}", offer.url, answer.status())));
    }
    let n_bytes = answer.body().content_length().unwrap_or(MAX_UPDATE);
    let body = answer.body_mut().with_config().limit(MAX_UPDATE).reader();
    let sum = pour(body, to, n_bytes, tell)?;
    match &offer.sha256 {
        Some(it) if !it.eq_ignore_ascii_case(&sum) => Err(Unfit::Broken),
        _ => Ok(()),
    }
}

/// The SHA-256 of what was written, in hexadecimal.
fn pour(
    mut from: impl Read,
    to: &Path,
    n_bytes: u64,
    tell: &dyn Fn(Upkeep),
) -> Result<String, Unfit> {
    let create = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(to);
    let mut file = create.map_err(|it| refused(&it))?;
    let (mut sum, mut written, mut told) = (Sha256::new(), 0_u64, 0);
    let mut bytes = vec![0; 1024 * 1024];
    loop {
        let n = from.read(&mut bytes).map_err(|_| Unfit::Broken)?;
        if n == 0 {
            break;
        }
        written += n as u64;
        if written > MAX_UPDATE {
            return Err(Unfit::Broken);
        }
        file.write_all(&bytes[..n]).map_err(|it| refused(&it))?;
        sum.update(&bytes[..n]);
        let percent = (written * u64::from(BROUGHT) / n_bytes.max(1)).min(BROUGHT.into()) as u8;
        if percent != told {
            told = percent;
            tell(Upkeep::Working(percent));
        }
    }
    file.sync_all().map_err(|it| refused(&it))?;
    Ok(HEXLOWER.encode(&sum.finalize()))
}

/// Why a file could not be written, or a program not be started.
pub(super) fn refused(error: &io::Error) -> Unfit {
    warn!("upkeep: {error}");
    if error.kind() == io::ErrorKind::StorageFull { Unfit::Full } else { Unfit::Broken }
}
