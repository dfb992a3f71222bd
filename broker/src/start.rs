//! From the command line to the running gate, and out again on SIGTERM or SIGINT.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};
use tracing::level_filters::LevelFilter;
use tracing::{error, info, warn};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{self, Config};
use crate::gate;
use crate::listener::{Addresses, Listeners, bind};

/// The MQTT broker of Tapcard.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The configuration file
    #[arg(long, value_name = "FILE", required_unless_present = "print_config")]
    config: Option<PathBuf>,
    /// Print the commented default configuration and exit
    #[arg(long)]
    print_config: bool,
}

/// Runs the program; 1 when it could not start.
pub fn main() -> ExitCode {
    match begin(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "tapcard-broker: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn begin(arguments: Arguments) -> anyhow::Result<()> {
    let Some(path) = arguments.config.filter(|_| !arguments.print_config) else {
        return Ok(std::io::stdout().write_all(config::DEFAULT.as_bytes())?);
    };
    let config = Config::read(&path)?;
    log_to_stderr(config.log.into());
    abort_on_panic();
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    let outcome = runtime.block_on(serve(config));
    // Connections end with the program; nothing of theirs is worth waiting for.
    runtime.shutdown_background();
    outcome
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for SIGINT")?;
    let listeners = Listeners::bind(&config.listen)?;
    let mut addresses = listeners.addresses()?;
    let gate = gate::open(&listeners, &config)?;
    if let Some(address) = config.metrics.listen {
        let listener = bind(address)?;
        addresses.metrics = listener.local_addr().ok();
        tokio::spawn(gate::report::serve(listener, gate.clone()));
    }
    info!("listening: {addresses}");
    if let Some(path) = &config.addresses_file {
        write_addresses(path, &addresses)?;
    }
    tell_systemd(NotifyState::Ready);
    let alive = || tell_systemd(NotifyState::Watchdog);
    gate::run(gate, listeners, alive, async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tell_systemd(NotifyState::Stopping);
    })
    .await;
    Ok(())
}

/// Says how it goes, if systemd has started the program.
fn tell_systemd(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        warn!("telling systemd: {error}");
    }
}

/// Writes beside the file and renames, so that a reader sees all of it or nothing.
fn write_addresses(path: &Path, addresses: &Addresses) -> anyhow::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let text = toml::to_string(addresses).context("writing the addresses as TOML")?;
    std::fs::write(&beside, text)
        .and_then(|()| std::fs::rename(&beside, path))
        .with_context(|| format!("writing the addresses to {}", path.display()))
}

fn log_to_stderr(level: LevelFilter) {
    // The router calls every goodbye an error, so only those who look for a fault hear it.
    let router = if level >= LevelFilter::DEBUG { LevelFilter::WARN } else { LevelFilter::OFF };
    let targets = Targets::new().with_default(level).with_target("rumqttd", router);
    let colours = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt::layer().with_ansi(colours).with_writer(std::io::stderr);
    tracing_subscriber::registry().with(lines).with(targets).init();
}

/// A dead thread would leave a broker that answers but delivers nothing.
fn abort_on_panic() {
    std::panic::set_hook(Box::new(|panic| {
        error!("{panic}");
        std::process::abort();
    }));
}
