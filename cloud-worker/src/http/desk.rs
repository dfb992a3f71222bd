//! Where the web part asks Postgres: threads of their own with a connection each, for the blocking client must never run
//! inside the runtime.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use postgres::Client;
use tokio::sync::oneshot;

use crate::{database, watchdog};

/// Connections of the web part.
const CONNECTIONS: usize = 2;
/// How long a visitor waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

type Job = Box<dyn FnOnce(&mut Client) + Send>;

/// Takes questions to the threads.
#[derive(Clone)]
pub(super) struct Desk(Sender<Job>);

impl Desk {
    /// Starts the threads.
    ///
    /// # Errors
    /// Fails when there are no threads to be had.
    pub(super) fn open(postgres: &str) -> anyhow::Result<Desk> {
        let (give, jobs) = channel();
        let jobs = Arc::new(Mutex::new(jobs));
        for number in 0..CONNECTIONS {
            let (postgres, jobs) = (postgres.to_owned(), Arc::clone(&jobs));
            thread::Builder::new()
                .name(format!("desk-{number}"))
                .spawn(move || serve(&postgres, &jobs))
                .context("starting a thread")?;
        }
        Ok(Desk(give))
    }

    /// Asks something.
    ///
    /// # Errors
    /// Fails with the database, or when it is away for long.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Client) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let (tell, answer) = oneshot::channel();
        let job = Box::new(move |db: &mut Client| {
            // Nobody waits for what took too long.
            let _ = tell.send(question(db));
        });
        self.0.send(job).ok().context("the desk is closed")?;
        let answer = tokio::time::timeout(PATIENCE, answer).await;
        answer.context("the database takes too long")?.context("the desk dropped a question")?
    }
}

fn serve(postgres: &str, jobs: &Mutex<Receiver<Job>>) {
    let mut db = database::connect_patiently(postgres);
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        if db.is_closed() {
            db = database::connect_patiently(postgres);
        }
        let watched = watchdog::watch(&db);
        job(&mut db);
        drop(watched);
    }
}
