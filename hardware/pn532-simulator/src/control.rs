//! The control socket: one request a line, one answer a line, any number of clients.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};

use crate::request::Request;
use crate::simulator::Simulator;

/// A socket that clients can reach; its file goes when this is dropped.
#[derive(Debug)]
pub struct ControlSocket(PathBuf);

impl ControlSocket {
    /// Listens at a path, in threads of its own. Replaces a socket that nobody listens on.
    pub fn open(path: &Path, simulator: Arc<Simulator>) -> Result<Self> {
        let listener = bind(path).with_context(|| format!("listening on {}", path.display()))?;
        std::thread::Builder::new().name("control".to_owned()).spawn(move || {
            for client in listener.incoming().flatten() {
                let simulator = Arc::clone(&simulator);
                // A client that goes away in the middle of a line needs no answer.
                std::thread::spawn(move || drop(serve(&client, &simulator)));
            }
        })?;
        Ok(Self(path.to_path_buf()))
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        // Whoever removed it before us has done our work.
        drop(fs::remove_file(&self.0));
    }
}

fn bind(path: &Path) -> Result<UnixListener> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => bail!("there is something else already"),
        Ok(_) if UnixStream::connect(path).is_ok() => bail!("somebody listens there already"),
        Ok(_) => fs::remove_file(path)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    Ok(UnixListener::bind(path)?)
}

fn serve(client: &UnixStream, simulator: &Simulator) -> io::Result<()> {
    for line in BufReader::new(client).lines() {
        let answer = match Request::parse(&line?).and_then(|it| carry_out(it, simulator)) {
            Ok(result) if result.is_empty() => "ok\n".to_owned(),
            Ok(result) => format!("ok {result}\n"),
            Err(reason) => format!("error {reason}\n"),
        };
        (&mut &*client).write_all(answer.as_bytes())?;
    }
    Ok(())
}

/// Does what was asked; gives what stands behind `ok` or `error`.
fn carry_out(request: Request, simulator: &Simulator) -> Result<String, String> {
    let done = match request {
        Request::Tag { chip, model, file, leaves_after } => {
            let message = fs::read(&file).map_err(|why| format!("{}: {why}", file.display()))?;
            simulator
                .lay_tag(&chip, model, &message, leaves_after)
                .map_err(|why| format!("{}: {why}", file.display()))?;
            return Ok(String::new());
        }
        Request::Clear { chip } => simulator.clear(&chip),
        Request::Near { one, other } => simulator.near(&one, &other),
        Request::Apart { one, other } => simulator.apart(&one, &other),
        Request::Fault { chip, fault, times } => simulator.fault(&chip, fault, times),
        Request::Dump { chip } => {
            let memory = simulator.dump(&chip).map_err(|why| why.to_string())?;
            return Ok(memory.iter().map(|byte| format!("{byte:02x}")).collect());
        }
        Request::Counters { chip } => {
            let counted = simulator.counters(&chip).map_err(|why| why.to_string())?;
            return Ok(format!(
                "commands={} to_chip={} from_chip={}",
                counted.commands, counted.to_chip, counted.from_chip
            ));
        }
    };
    done.map(|()| String::new()).map_err(|why| why.to_string())
}
