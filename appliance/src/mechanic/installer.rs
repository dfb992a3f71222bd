//! The system's installer, and what it makes of an update.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use tracing::warn;

use super::bundle::{BROUGHT, refused};
use crate::release;
use crate::session::{Unfit, Upkeep};

/// It, by its program.
pub(super) struct Installer<'a>(pub(super) &'a Path);

impl Installer<'_> {
    fn command(&self) -> Command {
        let mut command = Command::new(self.0);
        command.env("LC_ALL", "C").stdin(Stdio::null());
        command
    }

    /// The version of an update, if it is for this kiosk.
    pub(super) fn version(&self, bundle: &Path, floor: &Path) -> Result<String, Unfit> {
        let mut ask = self.command();
        ask.args(["info", "--output-format=json"]).arg(bundle);
        let said = ask.output().map_err(|it| refused(&it))?;
        if !said.status.success() {
            return Err(release::unfit(&String::from_utf8_lossy(&said.stderr)));
        }
        let floor = fs::read_to_string(floor).ok();
        release::version(&String::from_utf8_lossy(&said.stdout), floor.as_deref())
    }

    /// Has it installed, in the slot that does not run.
    pub(super) fn install(&self, bundle: &Path, tell: &dyn Fn(Upkeep)) -> Result<(), Unfit> {
        let mut command = self.command();
        command.arg("install").arg(bundle).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut tool = command.spawn().map_err(|it| refused(&it))?;
        let mut said = String::new();
        if let Some(lines) = tool.stdout.take() {
            for line in BufReader::new(lines).lines().map_while(Result::ok) {
                match release::percent(&line) {
                    Some(it) => tell(Upkeep::Working(so_far(it))),
                    None => said = said + &line + "\n",
                }
            }
        }
        let done = tool.wait().map_err(|it| refused(&it))?;
        if done.success() {
            return Ok(());
        }
        warn!("the update was not installed: {}", said.trim());
        Err(release::unfit(&said))
    }
}

/// How much of the whole is done when the installer has done so much, in percent.
fn so_far(installed: u8) -> u8 {
    let rest = u16::from(100 - BROUGHT) * u16::from(installed) / 100;
    BROUGHT + rest as u8
}
