//! The thread that makes portraits, one after another: nobody waits for it. It decides nothing.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use anyhow::{Context, Result};
use tapcard_protocol::card::MediaName;
use tapcard_protocol::picture::Unread;
use tracing::info;

use crate::credentials::Cloud;
use crate::portrait::{Portrait, apart};

/// Whose picture it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sitter {
    /// The owner's.
    Owner,
    /// A visitor's, who is here.
    Visitor,
    /// Somebody's who was met.
    Contact,
}

/// Where it comes from.
pub enum Negative {
    /// It is here.
    Bytes(Vec<u8>),
    /// The cloud has it.
    Stored(MediaName),
}

/// What became of a picture.
pub struct Developed {
    /// Whose it is.
    pub sitter: Sitter,
    /// The number that it was asked for with.
    pub number: u64,
    /// The picture, or why there is none; nothing if the cloud could not be reached.
    pub outcome: Option<Result<Portrait, Unread>>,
    /// The file, if the cloud had it.
    pub fetched: Option<(MediaName, Vec<u8>)>,
}

struct Job {
    sitter: Sitter,
    number: u64,
    negative: Negative,
}

/// The way to the thread.
pub struct Darkroom(Sender<Job>);

impl Darkroom {
    /// Starts it; `program` is this program itself.
    ///
    /// # Errors
    /// Fails when the thread cannot be started.
    pub fn start(
        program: PathBuf,
        cloud: Option<Cloud>,
        tell: impl Fn(Developed) + Send + 'static,
    ) -> Result<Darkroom> {
        let (give, jobs) = channel();
        let work = move || work(&program, cloud, &jobs, &tell);
        thread::Builder::new()
            .name("portraits".into())
            .spawn(work)
            .context("starting the thread of portraits")?;
        Ok(Darkroom(give))
    }

    /// Asks for a picture; `number` comes back with it.
    pub fn develop(&self, sitter: Sitter, number: u64, negative: Negative) {
        // Fails when the thread has ended, and then letters stand in the circle.
        let _ = self.0.send(Job { sitter, number, negative });
    }
}

fn work(
    program: &std::path::Path,
    mut cloud: Option<Cloud>,
    jobs: &Receiver<Job>,
    tell: &impl Fn(Developed),
) {
    for Job { sitter, number, negative } in jobs {
        let (bytes, name) = match negative {
            Negative::Bytes(bytes) => (Some(bytes), None),
            Negative::Stored(name) => (fetch(cloud.as_mut(), name), Some(name)),
        };
        let outcome = bytes.as_deref().map(|it| apart::take_apart(program, it));
        let fetched = name.zip(bytes);
        tell(Developed { sitter, number, outcome, fetched });
    }
}

fn fetch(cloud: Option<&mut Cloud>, name: MediaName) -> Option<Vec<u8>> {
    match cloud?.medium(name) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            info!("the owner's picture did not come: {error:#}");
            None
        }
    }
}
