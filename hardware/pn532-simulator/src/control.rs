//! The control socket: one request a line, one answer a line, any number of clients.

use std::fs;
use std::io::{self, BufRead, BufReader, Write as _};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};

use crate::lay::Lay;
use crate::phone::{Heard, Phone, Write};
use crate::request::Request;
use crate::simulator::{Refusal, Simulator};
use crate::wish::Wish;

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

/// Listens at a path; replaces a socket that nobody listens on, but nothing else.
pub(crate) fn bind(path: &Path) -> Result<UnixListener> {
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

/// What a phone got and what became of its message, in words.
fn told(heard: &Heard) -> String {
    let message = match heard.message.as_deref() {
        None => "no-message".to_owned(),
        Some([]) => "empty".to_owned(),
        Some(bytes) => hex(bytes),
    };
    match heard.write {
        None => message,
        Some(Write::Written) => format!("{message} written"),
        Some(Write::Refused(status)) => format!("{message} refused {}", hex(&status)),
        Some(Write::TooLong) => format!("{message} too-long"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|why| format!("{}: {why}", file.display()))
}

fn wished(lay: Lay, wishes: Vec<Wish>) -> Lay {
    wishes.into_iter().fold(lay, |lay, wish| wish.apply(lay))
}

fn lay_from(file: &Path, laid: Result<(), Refusal>) -> Result<String, String> {
    laid.map(|()| String::new()).map_err(|why| format!("{}: {why}", file.display()))
}

/// Does what was asked; gives what stands behind `ok` or `error`.
fn carry_out(request: Request, simulator: &Simulator) -> Result<String, String> {
    let done = match request {
        Request::Tag { chip, kind, file: None, wishes } => {
            simulator.lay(&chip, &wished(Lay::new(kind, &[]), wishes))
        }
        Request::Tag { chip, kind, file: Some(file), wishes } => {
            let lay = wished(Lay::new(kind, &read(&file)?), wishes);
            return lay_from(&file, simulator.lay(&chip, &lay));
        }
        Request::Image { chip, model, file, wishes } => {
            let lay = wished(Lay::image(model, &read(&file)?), wishes);
            return lay_from(&file, simulator.lay(&chip, &lay));
        }
        Request::Clear { chip } => simulator.clear(&chip),
        Request::Near { one, other } => simulator.near(&one, &other),
        Request::Apart { one, other } => simulator.apart(&one, &other),
        Request::Fault { chip, fault, times, after } => {
            simulator.fault_after(&chip, fault, times, after)
        }
        Request::Spare { chip } => simulator.spare(&chip),
        Request::Reset { chip } => simulator.reset(&chip),
        Request::Unplug { chip } => simulator.unplug(&chip),
        Request::Plug { chip } => simulator.plug(&chip),
        Request::Dump { chip } => {
            let memory = simulator.dump(&chip).map_err(|why| why.to_string())?;
            return Ok(hex(&memory));
        }
        Request::Counters { chip } => {
            let counted = simulator.counters(&chip).map_err(|why| why.to_string())?;
            return Ok(format!(
                "commands={} to_chip={} from_chip={} air_ns={}",
                counted.commands,
                counted.to_chip,
                counted.from_chip,
                counted.air.as_nanos()
            ));
        }
        Request::Phone { chip, phone } => simulator.bring_phone(&chip, phone),
        Request::WebNfc { chip, file } => {
            simulator.bring_phone(&chip, Phone::WebNfc(Some(read(&file)?)))
        }
        Request::PhoneAway { chip } => simulator.take_phone(&chip),
        Request::Heard { chip } => {
            let heard = simulator.phone_heard(&chip).map_err(|why| why.to_string())?;
            return Ok(heard.map_or("nothing".to_owned(), |heard| told(&heard)));
        }
        Request::Journal { chip } => {
            let entries = simulator.journal(&chip).map_err(|why| why.to_string())?;
            let words: Vec<_> = entries.iter().map(ToString::to_string).collect();
            return Ok(words.join(" "));
        }
    };
    done.map(|()| String::new()).map_err(|why| why.to_string())
}
