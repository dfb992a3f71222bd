//! `make demo`: the whole thing on this desk. Ctrl-C ends everything that it started, and nothing else.

use std::fs;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tapcard_tests::World;
use tapcard_tests::cast::CHIP;
use tapcard_tests::kiosk::PIN;
use tapcard_tests::people::{ADA, BO, card, card_file};
use tapcard_tests::program::Program;
use tapcard_tests::radio::Radio;

/// How often to look whether the kiosk's window was closed.
const LOOK: Duration = Duration::from_millis(500);

/// What happens on the desk.
enum Happening {
    Line(String),
    End,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            say(&format!("the demo cannot go on: {why:#}"));
            ExitCode::FAILURE
        }
    }
}

fn say(text: &str) {
    // Nobody can be told when the output is closed.
    let _ = writeln!(io::stdout(), "{text}");
}

fn run() -> anyhow::Result<()> {
    if ["DISPLAY", "WAYLAND_DISPLAY"].iter().all(|it| std::env::var_os(it).is_none()) {
        bail!(
            "there is no display for the kiosk's window; `make smoke` plays the same without one"
        );
    }
    let (tell, happenings) = channel();
    listen(&tell)?;
    say("starting Postgres, broker, worker, simulated reader and kiosk …");
    let world = World::start()?;
    let (ada, bo) = (
        world.account(ADA, Some(&card_file("ada.vcf")))?,
        world.account(BO, Some(&card_file("ios.vcf")))?,
    );
    let radio = Radio::start(&world.path(""), &[CHIP])?;
    let plan = world.kiosk_plan(ada, &radio, CHIP)?;
    let mut window = plan.start_with_window()?;
    let (page_a, page_b) = (world.page(ada)?, world.page(bo)?);
    write_ports(&world)?;
    say(&format!(
        "
Ada owns the kiosk in the window and this phone page:
  A  {page_a}
Bo has a badge and this phone page:
  B  {page_b}
Cy has a badge and no account.

Try it:
  1  Open both pages. Type b and Enter here: Bo holds his badge to the kiosk. Press Swap in the window.
  2  Page B shows Ada's offer. Accept it: page B shows Ada's card.
  3  In the window, wait for the first screen, press Staff, enter {PIN}, then Your card. Change it, Save, Tell them:
     page B shows the change.
  4  On page B, edit Bo's card and tell everyone: page A and the kiosk's contacts show it.
  c  and Enter: Cy holds a badge to the kiosk.   q  or Ctrl-C ends everything.
"
    ));
    attend(&happenings, &radio, &mut window)
        .with_context(|| format!("the kiosk logged:\n{}", plan.log()))
}

/// Lays badges on the reader as asked, until the end.
fn attend(
    happenings: &Receiver<Happening>,
    radio: &Radio,
    window: &mut Program,
) -> anyhow::Result<()> {
    loop {
        match happenings.recv_timeout(LOOK) {
            Ok(Happening::Line(line)) => match line.trim() {
                "b" => radio.lay(CHIP, &card("ios.vcf")?)?,
                "c" => radio.lay(CHIP, &card("android.vcf")?)?,
                "" => radio.clear(CHIP)?,
                "q" => return Ok(()),
                _ => say("b: Bo's badge, c: Cy's badge, Enter: take it away, q: end"),
            },
            Ok(Happening::End) => return Ok(()),
            Err(_) if !window.is_running() => bail!("the kiosk's window has ended"),
            Err(_) => {}
        }
    }
}

fn listen(tell: &Sender<Happening>) -> anyhow::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("listening for Ctrl-C")?;
    let end = tell.clone();
    thread::spawn(move || {
        signals.forever().next();
        let _ = end.send(Happening::End);
    });
    let lines = tell.clone();
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if lines.send(Happening::Line(line)).is_err() {
                return;
            }
        }
    });
    Ok(())
}

/// For other programs on this desk that want to join.
fn write_ports(world: &World) -> anyhow::Result<()> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/demo");
    fs::create_dir_all(&folder).context("making the demo's folder")?;
    let text = format!(
        "broker = {}\nweb = \"{}\"\npostgres = \"{}\"\n",
        world.broker_port(),
        world.web()?,
        world.postgres.url()
    );
    fs::write(folder.join("ports.toml"), text).context("writing the ports down")
}
