//! One of our programs as a child process, with its log in a file.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::patience::wait;

/// Where cargo put a program: beside this one.
///
/// # Errors
/// Fails when it was not built.
pub fn path(name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("finding this program")?;
    let folder = own.parent().context("a program lies in a folder")?;
    let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    let path = folder.join(name);
    anyhow::ensure!(path.is_file(), "{} is missing: run `make build` first", path.display());
    Ok(path)
}

/// A running child. It is killed when it is dropped.
pub struct Program {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Program {
    /// Starts a command; what it prints can be read, what it logs goes to a file.
    ///
    /// # Errors
    /// Fails when it cannot be started.
    pub fn start(name: &str, command: &mut Command, log: &Path) -> anyhow::Result<Program> {
        let log: File =
            OpenOptions::new().create(true).append(true).open(log).context("opening a log")?;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        let stdout = child.stdout.take().context("a child has an output")?;
        let (tell, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        let stdin = child.stdin.take();
        Ok(Program { name: name.to_owned(), child, stdin, lines })
    }

    /// The next line that it prints.
    ///
    /// # Errors
    /// Fails when none comes in time or the program has ended.
    pub fn line(&self, patience: Duration) -> anyhow::Result<String> {
        match self.lines.recv_timeout(patience) {
            Ok(line) => Ok(line),
            Err(RecvTimeoutError::Timeout) => {
                bail!("{} printed nothing within {patience:?}", self.name)
            }
            Err(RecvTimeoutError::Disconnected) => bail!("{} has ended", self.name),
        }
    }

    /// Writes a line to its input.
    ///
    /// # Errors
    /// Fails when the program has ended.
    pub fn say(&mut self, line: &str) -> anyhow::Result<()> {
        let stdin = self.stdin.as_mut().context("the input was closed")?;
        writeln!(stdin, "{line}")
            .and_then(|()| stdin.flush())
            .with_context(|| format!("writing to {}", self.name))
    }

    /// Ends it at once, as a power cut would.
    ///
    /// # Errors
    /// Fails when it cannot be ended.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill().with_context(|| format!("killing {}", self.name))?;
        self.child.wait().with_context(|| format!("waiting for {}", self.name))?;
        Ok(())
    }

    /// Asks it to end, and waits.
    ///
    /// # Errors
    /// Fails when it does not end in time.
    pub fn stop(&mut self, patience: Duration) -> anyhow::Result<()> {
        self.signal(Signal::TERM)?;
        wait(&format!("the end of {}", self.name), patience, || {
            Ok(self.child.try_wait()?.map(|_| ()))
        })
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// Fails when it has ended.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        kill_process(Pid::from_child(&self.child), signal)
            .with_context(|| format!("signalling {}", self.name))
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command to its end and returns what it printed.
///
/// # Errors
/// Fails with what it said when it fails.
pub fn output(command: &mut Command) -> anyhow::Result<String> {
    let done =
        command.stdin(Stdio::null()).output().with_context(|| format!("running {command:?}"))?;
    let said = String::from_utf8_lossy(&done.stdout).trim_end().to_owned();
    if !done.status.success() {
        bail!("{command:?} failed: {said}{}", String::from_utf8_lossy(&done.stderr));
    }
    Ok(said)
}
