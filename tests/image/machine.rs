//! An emulated kiosk: QEMU's board `virt` with U-Boot, which starts what is on the card as it does on a Raspberry Pi.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use tapcard_tests::patience::wait;
use tapcard_tests::program::Program;
use tapcard_tests::radio::Radio;

use crate::card::Card;
use crate::cloud::CHIP;
use crate::picture::Picture;

/// The panel.
const WIDTH: usize = 1024;
const HEIGHT: usize = 600;
/// What QEMU calls the far end of an axis (its `INPUT_EVENT_ABS_MAX`).
const FAR: usize = 0x7fff;
/// Where the first page is blue, about its arrow.
const ARROW: (usize, usize) = (1010, 330);
/// Where a question's yes is blue, beside its word; where a finger meets it.
const YES: (usize, usize) = (800, 372);
const LABEL: (usize, usize) = (868, 398);
/// How long who may be away is waited for.
const IMPATIENCE: Duration = Duration::from_secs(10);
/// How long it may take until another system answers.
const RESTART: Duration = Duration::from_secs(300);
/// How long a command in it may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running one. It is killed, as by a pulled plug, when it is dropped.
pub(crate) struct Machine {
    program: Option<Program>,
    folder: PathBuf,
    console: UnixStream,
    monitor: BufReader<UnixStream>,
    n_asked: u32,
}

impl Machine {
    /// Switches it on.
    pub(crate) fn start(card: &Card, radio: &Radio, folder: &Path) -> anyhow::Result<Machine> {
        Machine::start_at(card, radio, folder, "utc")
    }

    /// The same, at a time as QEMU's `-rtc base=` takes it.
    pub(crate) fn start_at(
        card: &Card,
        radio: &Radio,
        folder: &Path,
        time: &str,
    ) -> anyhow::Result<Machine> {
        let (console, monitor) = (folder.join("console.sock"), folder.join("monitor.sock"));
        let mut command = Command::new("qemu-system-aarch64");
        command.args("-M virt -cpu cortex-a72 -smp 2 -m 1024 -accel tcg,thread=multi".split(' '));
        command.args(["-display", "none", "-nodefaults"]);
        command.arg("-rtc").arg(format!("base={time}"));
        command.arg("-bios").arg(u_boot()?);
        command
            .arg("-drive")
            .arg(format!("if=none,id=card,format=raw,file={}", card.path.display()));
        command.args(["-device", "virtio-blk-pci,drive=card,romfile="]);
        command
            .arg("-device")
            .arg(format!("virtio-gpu-pci,xres={WIDTH},yres={HEIGHT},romfile="))
            .args(["-device", "virtio-tablet-pci,romfile=", "-device", "qemu-xhci,romfile="])
            .args(["-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile="]);
        // The reader is where a Raspberry Pi has it: on the first line, which U-Boot writes its own words to as well.
        command.arg("-chardev");
        command.arg(format!("serial,id=reader,path={}", radio.port(CHIP).display()));
        command.args(["-serial", "chardev:reader"]);
        let socket = |path: &Path| format!("path={},server=on,wait=off", path.display());
        command
            .arg("-chardev")
            .arg(format!("socket,id=console,{}", socket(&console)))
            .args(["-device", "pci-serial,chardev=console,romfile="])
            .arg("-qmp")
            .arg(format!("unix:{}", socket(&monitor).trim_start_matches("path=")));
        let program = Program::start("qemu", &mut command, &folder.join("qemu.log"))?;
        let connect =
            |path: &Path| wait("the emulator", PATIENCE, || Ok(Some(UnixStream::connect(path)?)));
        let console = connect(&console)?;
        console.set_read_timeout(Some(PATIENCE))?;
        let mut monitor = BufReader::new(connect(&monitor)?);
        monitor.read_line(&mut String::new()).context("greeting the emulator")?;
        let mut machine = Machine {
            program: Some(program),
            folder: folder.to_owned(),
            console,
            monitor,
            n_asked: 0,
        };
        let log = folder.join("qemu.log");
        machine
            .order("qmp_capabilities", &json!({}))
            .with_context(|| std::fs::read_to_string(log).unwrap_or_default())?;
        Ok(machine)
    }

    /// One order to the emulator (QEMU's QMP).
    fn order(&mut self, name: &str, arguments: &Value) -> anyhow::Result<Value> {
        let line = json!({ "execute": name, "arguments": arguments });
        self.monitor.get_mut().write_all(format!("{line}\n").as_bytes())?;
        loop {
            let mut line = String::new();
            self.monitor.read_line(&mut line).context("listening to the emulator")?;
            let answer: Value = serde_json::from_str(&line).context("the emulator is gone")?;
            if let Some(error) = answer.get("error") {
                bail!("{name}: {error}");
            }
            if let Some(it) = answer.get("return") {
                return Ok(it.clone());
            }
        }
    }

    /// Runs a command in it, and returns what it prints.
    pub(crate) fn ask(&mut self, command: &str) -> anyhow::Result<String> {
        self.ask_long(command, PATIENCE)
    }

    /// The same, where it takes its time.
    pub(crate) fn ask_long(&mut self, command: &str, patience: Duration) -> anyhow::Result<String> {
        self.n_asked += 1;
        let n = self.n_asked;
        // The words are parted, so that an echo of the line is not taken for its answer; and an answer that came too late
        // for its question has another number.
        let line = format!(
            "stty -echo; export SYSTEMD_COLORS=0 PAGER=cat; echo BEG''IN{n}; {command} 2>&1; echo EN''D{n}\n"
        );
        self.console.write_all(line.as_bytes())?;
        let end = Instant::now() + patience;
        self.console.set_read_timeout(Some(patience))?;
        let (mut said, mut bytes) = (String::new(), [0; 4096]);
        let (begin, over) = (format!("BEGIN{n}\n"), format!("END{n}\n"));
        loop {
            if let Some((_, rest)) = said.split_once(&begin)
                && let Some((answer, _)) = rest.split_once(&over)
            {
                return Ok(answer.trim().to_owned());
            }
            anyhow::ensure!(Instant::now() < end, "no answer to {command}: {said}");
            let n = self.console.read(&mut bytes).with_context(|| format!("asking {command}"))?;
            said += &String::from_utf8_lossy(&bytes[..n]).replace('\r', "");
        }
    }

    /// Waits until the console says something.
    pub(crate) fn hear(&mut self, words: &str, patience: Duration) -> anyhow::Result<()> {
        let end = Instant::now() + patience;
        self.console.set_read_timeout(Some(patience))?;
        let (mut said, mut bytes) = (String::new(), [0; 4096]);
        while !said.contains(words) {
            anyhow::ensure!(Instant::now() < end, "nobody said {words}: {said}");
            let read = self.console.read(&mut bytes);
            let n = read.with_context(|| format!("nobody said {words}: {said}"))?;
            said += &String::from_utf8_lossy(&bytes[..n]);
        }
        Ok(())
    }

    /// What is on the screen.
    fn look(&mut self) -> anyhow::Result<Picture> {
        let path = self.folder.join("screen.png");
        self.order("screendump", &json!({ "filename": path, "format": "png" }))?;
        Picture::read(&path)
    }

    /// Waits for a code on the screen that leads there.
    pub(crate) fn see_code(&mut self, to: &str, patience: Duration) -> anyhow::Result<()> {
        wait("the code", patience, || {
            let codes = self.look()?.codes();
            Ok(codes.iter().any(|it| it.to_lowercase().starts_with(to)).then_some(()))
        })
    }

    /// Lets the console talk to nobody: a line that nobody reads from holds the whole machine up.
    pub(crate) fn pass_over(&self) -> anyhow::Result<()> {
        let mut console = self.console.try_clone()?;
        thread::spawn(move || std::io::copy(&mut console, &mut std::io::sink()));
        Ok(())
    }

    /// Waits until the arrow to the antenna is on the screen.
    pub(crate) fn see_arrow(&mut self, patience: Duration) -> anyhow::Result<()> {
        wait("the arrow", patience, || Ok(self.look()?.is_blue(ARROW).then_some(())))
    }

    /// Waits until a question is on the screen.
    pub(crate) fn see_question(&mut self, patience: Duration) -> anyhow::Result<()> {
        wait("a question", patience, || Ok((self.look()?.is_blue(YES)).then_some(())))
    }

    /// Touches its yes, and waits until the question has gone.
    pub(crate) fn say_yes(&mut self, patience: Duration) -> anyhow::Result<()> {
        self.touch_yes()?;
        wait("thanks", patience, || Ok((!self.look()?.is_blue(YES)).then_some(())))
    }

    /// Touches its yes.
    pub(crate) fn touch_yes(&mut self) -> anyhow::Result<()> {
        self.touch(LABEL)
    }

    /// Starts again from within, as the system does it.
    pub(crate) fn restart(&mut self) -> anyhow::Result<()> {
        self.before_restart()?;
        self.ask("systemctl reboot")?;
        self.see_restart()
    }

    /// Leaves a mark that the next system does not have.
    pub(crate) fn before_restart(&mut self) -> anyhow::Result<()> {
        self.ask("touch /run/before").map(drop)
    }

    /// Waits for the next system.
    pub(crate) fn see_restart(&mut self) -> anyhow::Result<()> {
        wait("a new start", RESTART, || {
            let said = self.ask_long("test -e /run/before || echo new", IMPATIENCE)?;
            Ok((said == "new").then_some(()))
        })
    }

    /// Plugs a keyboard in.
    pub(crate) fn plug_keyboard_in(&mut self) -> anyhow::Result<()> {
        self.order("device_add", &json!({ "driver": "usb-kbd", "id": "keyboard" })).map(drop)
    }

    /// Whether a place on the screen is blue.
    pub(crate) fn is_blue(&mut self, place: (usize, usize)) -> anyhow::Result<bool> {
        Ok(self.look()?.is_blue(place))
    }

    /// Whether it is white.
    pub(crate) fn is_white(&mut self, place: (usize, usize)) -> anyhow::Result<bool> {
        Ok(self.look()?.is_white(place))
    }

    /// Touches something that leads to another picture, and waits until that stands still.
    pub(crate) fn touch_away(
        &mut self,
        place: (usize, usize),
        patience: Duration,
    ) -> anyhow::Result<()> {
        let before = self.look()?;
        self.touch(place)?;
        wait("another page", patience, || {
            let (one, next) = (self.look()?, self.look()?);
            Ok((one != before && one == next).then_some(()))
        })
    }

    /// Plugs a stick in.
    pub(crate) fn plug_in(&mut self, image: &Path) -> anyhow::Result<()> {
        let node = json!({ "driver": "file", "filename": image, "node-name": "stick" });
        self.order("blockdev-add", &node)?;
        self.order(
            "device_add",
            &json!({ "driver": "usb-storage", "drive": "stick", "id": "stick" }),
        )
        .map(drop)
    }

    /// Pulls the plug.
    pub(crate) fn stop(&mut self) {
        self.program = None;
    }

    /// Keeps what is on the screen in `target/image/screens`.
    pub(crate) fn keep_picture(&mut self, name: &str) -> anyhow::Result<()> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/image/screens");
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{name}.png"));
        self.order("screendump", &json!({ "filename": path, "format": "png" })).map(drop)
    }

    /// Touches the screen.
    pub(crate) fn touch(&mut self, (x, y): (usize, usize)) -> anyhow::Result<()> {
        let axis = |name: &str, at: usize, of: usize| json!({ "type": "abs", "data": { "axis": name, "value": at * FAR / of } });
        let finger =
            |down: bool| json!({ "type": "btn", "data": { "button": "left", "down": down } });
        let place = [axis("x", x, WIDTH), axis("y", y, HEIGHT)];
        // A finger rests for a moment: for as long as a picture takes.
        for events in [json!(place), json!([finger(true)]), json!([finger(false)])] {
            self.order("input-send-event", &json!({ "events": events }))?;
            self.look()?;
        }
        Ok(())
    }
}

/// U-Boot for this board: the same program with the same script as on a Raspberry Pi, built for other hardware.
fn u_boot() -> anyhow::Result<PathBuf> {
    let parts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/image/parts");
    let path = parts.join("usr/lib/u-boot/qemu_arm64/u-boot.bin");
    anyhow::ensure!(path.exists(), "{} is missing", path.display());
    Ok(path)
}
