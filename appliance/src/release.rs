//! What is known of an update before it is installed, and what the system says while it installs one. It decides and reads
//! nothing. The system's installer is RAUC; its words are those of version 1.13.

use semver::Version;
use serde::Deserialize;

use crate::session::Unfit;

/// What kind of device updates are for, as `etc/rauc/system.conf` has it; the layer's images name their board behind it, and
/// the installer compares the whole.
const KIND: &str = "tapcard-kiosk";
/// What the installer says of a bundle that somebody else signed, or that was changed.
const FOREIGN: &str = "signature verification failed";
/// What it says of one for another kind of device.
const OTHER_KIND: &str = "Compatible mismatch";
/// What it says when nothing more can be written.
const FULL: &str = "No space left";

/// What `rauc info --output-format=json` says of a bundle.
#[derive(Deserialize)]
struct Told {
    compatible: String,
    version: String,
}

/// The version of an update whose signature counts, from what is said of it; `floor` is the version that was good here last.
///
/// # Errors
/// Says why it is not for this kiosk.
pub fn version(said: &str, floor: Option<&str>) -> Result<String, Unfit> {
    let told: Told = serde_json::from_str(said).map_err(|_| Unfit::Broken)?;
    if !told.compatible.starts_with(KIND) {
        return Err(Unfit::OtherKind);
    }
    let version = Version::parse(&told.version).map_err(|_| Unfit::Broken)?;
    if is_older(&version, floor) { Err(Unfit::Older) } else { Ok(told.version) }
}

/// The version that a bundle's manifest declares, in RAUC's form (its "Manifest").
#[must_use]
pub fn declared(manifest: &str) -> Option<&str> {
    let section = manifest.split("[update]").nth(1)?.split("\n[").next()?;
    section.lines().find_map(|it| it.strip_prefix("version=")).map(str::trim)
}

/// Whether a version may be installed, as an update says it of itself; nothing that cannot be read may.
#[must_use]
pub fn may_follow(version: &str, floor: Option<&str>) -> bool {
    Version::parse(version).is_ok_and(|it| !is_older(&it, floor))
}

/// The later of two versions, to be remembered.
#[must_use]
pub fn later(own: &str, floor: Option<&str>) -> String {
    let known = floor.filter(|_| !may_follow(own, floor));
    known.unwrap_or(own).to_owned()
}

/// A floor that cannot be read is none: a kiosk that takes no update any more helps nobody.
fn is_older(version: &Version, floor: Option<&str>) -> bool {
    floor.and_then(|it| Version::parse(it.trim()).ok()).is_some_and(|it| *version < it)
}

/// How far the installer is, in percent, by a line of its own.
#[must_use]
pub fn percent(line: &str) -> Option<u8> {
    let (number, _) = line.trim_start().split_once('%')?;
    number.parse().ok().filter(|it| *it <= 100)
}

/// Why the installer, or the look at a bundle, has failed, by its last words.
#[must_use]
pub fn unfit(said: &str) -> Unfit {
    let has = |words: &str| said.contains(words);
    match () {
        () if has(FOREIGN) => Unfit::Foreign,
        () if has(OTHER_KIND) => Unfit::OtherKind,
        () if has(FULL) => Unfit::Full,
        () => Unfit::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: &str, version: &str) -> String {
        format!(r#"{{"compatible":"{kind}","version":"{version}","description":null}}"#)
    }

    #[test]
    fn an_update_is_for_this_kind_and_no_older_than_what_was_good() {
        for (version, floor, outcome) in [
            ("0.2.0", None, Ok("0.2.0")),
            ("0.2.0", Some("0.2.0\n"), Ok("0.2.0")),
            ("0.10.0", Some("0.9.1"), Ok("0.10.0")),
            ("0.2.0-rc.1", Some("0.2.0"), Err(Unfit::Older)),
            ("0.1.9", Some("0.2.0"), Err(Unfit::Older)),
            ("0.1.9", Some("what is this"), Ok("0.1.9")),
            ("newest", None, Err(Unfit::Broken)),
        ] {
            let found = super::version(&told(KIND, version), floor);
            assert_eq!(found, outcome.map(str::to_owned), "{version} after {floor:?}");
            assert_eq!(may_follow(version, floor), found.is_ok(), "{version} after {floor:?}");
        }
        assert_eq!(super::version(&told("toaster", "9.0.0"), None), Err(Unfit::OtherKind));
        assert_eq!(super::version("not JSON", None), Err(Unfit::Broken));
    }

    #[test]
    fn an_update_declares_its_version_in_one_place() {
        let manifest = "[update]\ncompatible=x\nversion=0.2.0\n\n[image.root]\nversion=9\n";
        assert_eq!(declared(manifest), Some("0.2.0"));
        assert_eq!(declared("[update]\ncompatible=x\n[image.root]\nversion=9\n"), None);
        assert_eq!(declared("version=9\n"), None);
    }

    #[test]
    fn the_floor_never_sinks() {
        assert_eq!(later("0.2.0", None), "0.2.0");
        assert_eq!(later("0.2.0", Some("0.1.0")), "0.2.0");
        assert_eq!(later("0.1.0", Some("0.2.0")), "0.2.0");
        assert_eq!(later("0.1.0", Some("rubbish")), "0.1.0");
    }

    #[test]
    fn the_installers_lines_are_read() {
        assert_eq!(percent(" 40% Checking bundle done."), Some(40));
        assert_eq!(percent("100% Installing done."), Some(100));
        assert_eq!(percent("installing"), None);
        assert_eq!(percent("999% Nonsense"), None);
        let foreign =
            "LastError: signature verification failed: Verify error: self-signed certificate";
        assert_eq!(unfit(foreign), Unfit::Foreign);
        assert_eq!(unfit("LastError: Failed: Compatible mismatch: Expected"), Unfit::OtherKind);
        assert_eq!(unfit("failed to write: No space left on device"), Unfit::Full);
        assert_eq!(unfit("bundle (0 bytes) is too short"), Unfit::Broken);
    }
}
