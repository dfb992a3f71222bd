//! The thread that fetches pictures and makes them ready, one after another: nobody waits for it. It decides nothing.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use anyhow::{Context, Result};
use tapcard_protocol::card::MediaName;
use tapcard_protocol::picture::Unread;
use tracing::info;

use crate::credentials::Cloud;
use crate::print::{Place, Print, apart};

/// What it is a picture of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The owner.
    Owner,
    /// The owner's company: its sign.
    Company,
    /// Something to look at on the own card.
    Exhibit,
    /// A visitor, who is here.
    Visitor,
    /// Somebody who was met.
    Contact,
}

impl Subject {
    /// Where it is shown.
    #[must_use]
    pub const fn place(self) -> Place {
        match self {
            Subject::Owner | Subject::Visitor | Subject::Contact => Place::Face,
            Subject::Company => Place::Sign,
            Subject::Exhibit => Place::Wall,
        }
    }
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
    /// What it is of.
    pub subject: Subject,
    /// The number that it was asked for with.
    pub number: u64,
    /// The picture, or why there is none.
    pub outcome: Result<Print, Unread>,
}

/// What the thread tells.
pub enum Told {
    /// The cloud's file; nothing if it could not be had.
    Fetched(MediaName, Option<Vec<u8>>),
    /// A picture is ready, or there is none.
    Developed(Developed),
}

enum Job {
    Develop(Subject, u64, Negative),
    Fetch(MediaName),
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
        tell: impl Fn(Told) + Send + 'static,
    ) -> Result<Darkroom> {
        let (give, jobs) = channel();
        let work = move || work(&program, cloud, &jobs, &tell);
        thread::Builder::new()
            .name("pictures".into())
            .spawn(work)
            .context("starting the thread of pictures")?;
        Ok(Darkroom(give))
    }

    /// Asks for a picture; `number` comes back with it.
    pub fn develop(&self, subject: Subject, number: u64, negative: Negative) {
        // Fails when the thread has ended, and then letters stand in the circle.
        let _ = self.0.send(Job::Develop(subject, number, negative));
    }

    /// Asks for a file that will be wanted when there is no network.
    pub fn fetch(&self, name: MediaName) {
        let _ = self.0.send(Job::Fetch(name));
    }
}

fn work(program: &Path, mut cloud: Option<Cloud>, jobs: &Receiver<Job>, tell: &impl Fn(Told)) {
    for job in jobs {
        let (name, wanted, bytes) = match job {
            Job::Develop(subject, number, Negative::Bytes(it)) => {
                (None, Some((subject, number)), Some(it))
            }
            Job::Develop(subject, number, Negative::Stored(name)) => {
                (Some(name), Some((subject, number)), fetched(cloud.as_mut(), name))
            }
            Job::Fetch(name) => (Some(name), None, fetched(cloud.as_mut(), name)),
        };
        if let Some(((subject, number), bytes)) = wanted.zip(bytes.as_deref()) {
            let outcome = apart::take_apart(program, bytes, subject.place());
            tell(Told::Developed(Developed { subject, number, outcome }));
        }
        if let Some(name) = name {
            tell(Told::Fetched(name, bytes));
        }
    }
}

fn fetched(cloud: Option<&mut Cloud>, name: MediaName) -> Option<Vec<u8>> {
    match cloud?.medium(name) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            info!("a picture of the own card did not come: {error:#}");
            None
        }
    }
}
