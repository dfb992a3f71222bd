//! How long a start takes beside the same system without a kiosk, and how large the image is.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use tapcard_load::report::{self, Goal, Report};
use tapcard_load::sample::Sample;
use tapcard_tests::program::output;

use crate::card::Card;
use crate::cloud::Cloud;
use crate::machine::Machine;
use crate::{START, image};

/// A kiosk that needs nobody to come up: it has an owner, and no way to the cloud yet.
const SETTINGS: &str = "account = \"0000000000001\"\nterminal = \"0000000000002\"\ntoken_file = \"/data/tapcard/token\"\n\
    page = \"https://cards.example.org\"\n[owner]\nname = \"Ada Lindqvist\"\n";
/// A start at which the kernel says when it begins, and nobody is let in but by a login.
const LOGIN: &str = "extra=console=ttyS0 loglevel=7 systemd.show_status=yes TERM=dumb systemd.mask=tapcard-kiosk.service systemd.mask=tapcard-provision.service \
    systemd.mask=tapcard-clock.timer systemd.mask=tapcard-good.service\n";
const KIOSK: &str =
    "extra=console=ttyS0 loglevel=7 systemd.show_status=yes TERM=dumb systemd.getty_auto=no\n";
/// Each is started so often, in turns.
const STARTS: usize = 3;
/// Most that the start may take beside the login's, and most mebibytes of the image without the boards' firmware.
const GOALS: (f64, f64) = (1.3, 120.0);

/// From the kernel's first word to the end of a start.
fn time(
    card: &Card,
    cloud: &Cloud,
    ends: impl FnOnce(&mut Machine) -> anyhow::Result<()>,
) -> anyhow::Result<f64> {
    let mut machine = Machine::start(card, &cloud.radio, &cloud.path(""))?;
    machine.hear("Linux version", START)?;
    let start = Instant::now();
    ends(&mut machine)?;
    let lasted = start.elapsed().as_secs_f64();
    machine.stop();
    // No start is long enough to be found good.
    card.forget_starts()?;
    Ok(lasted)
}

/// Visitors are called; without a cloud there is no code yet. The screen is not looked at before the kiosk says that it shows
/// something: each look takes an emulated processor's time.
fn called(machine: &mut Machine) -> anyhow::Result<()> {
    machine.hear("Started tapcard-kiosk.service", START)?;
    machine.pass_over()?;
    machine.see_arrow(START)
}

#[test]
fn the_figures_of_a_start_and_of_the_image_are_written_down() -> anyhow::Result<()> {
    let Some(image) = image() else { return Ok(()) };
    let cloud = Cloud::start()?;
    let card = Card::copy(&image, &cloud.path("card.img"))?;
    let (mut kiosk, mut login) = (Vec::new(), Vec::new());
    // The start of every day: the first one also takes the settings in, and makes the data partition as large as the card.
    card.put("cmdline.env", KIOSK)?;
    card.put("tapcard.toml", SETTINGS)?;
    time(&card, &cloud, called)?;
    for _ in 0..STARTS {
        card.put("cmdline.env", LOGIN)?;
        login.push(time(&card, &cloud, |machine| machine.hear("login:", START))?);
        card.put("cmdline.env", KIOSK)?;
        kiosk.push(time(&card, &cloud, called)?);
    }
    let mut report = Report::default();
    report::head("not looked at: both starts are of this run, in turns")?;
    let prompt = ("login prompt", &Sample::of(login));
    let goal = Some(Goal::AtMost(GOALS.0));
    report.note(("boot_over_login_prompt", "s"), &Sample::of(kiosk), prompt, goal)?;
    let size = Sample::of(vec![packed(&image)? - firmware()?]);
    let limit = ("limit", &Sample::of(vec![GOALS.1]));
    report.note(("image_mib_compressed", "MiB"), &size, limit, Some(Goal::AtMost(1.0)))?;
    report.write("image")
}

/// How many mebibytes a packer makes of a file.
fn packed(file: &Path) -> anyhow::Result<f64> {
    let folder = tempfile::tempdir()?;
    let packed = folder.path().join("packed.zst");
    let mut pack = Command::new("zstd");
    output(pack.args(["-q", "-10", "-T0", "-o"]).arg(&packed).arg(file))?;
    Ok(fs::metadata(packed)?.len() as f64 / f64::from(1024 * 1024))
}

/// The same of what others' chips need and Debian lists apart: the boards' firmware, and the wireless chips'.
fn firmware() -> anyhow::Result<f64> {
    let work = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/image");
    let folder = tempfile::tempdir()?;
    let all = folder.path().join("firmware.tar");
    let mut gather = Command::new("tar");
    gather.arg("-C").arg(work).arg("-cf").arg(&all);
    output(gather.args(["parts/usr/lib/raspi-firmware", "root/usr/lib/firmware"]))?;
    packed(&all)
}
