//! A visitor's browser that runs no script: it follows links and sends forms, and keeps cookies.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use tapcard_protocol::touch::TouchToken;
use ureq::http::Response;
use ureq::{Agent, Body};

use crate::patience::wait;
use crate::world::World;

/// How long a message may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a page answered.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The status of the last answer.
    pub status: u16,
    /// What it holds.
    pub text: String,
}

/// A file that was fetched, or the answer to one that was sent.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The status of the answer.
    pub status: u16,
    /// What the answer says it is.
    pub media_type: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// What parts a form with a file; in no picture of ours.
const BOUNDARY: &str = "----tapcard-tests-2f1b6c";

/// A browser, at the page behind one touch.
pub struct Visitor {
    agent: Agent,
    page: String,
    spools: [PathBuf; 2],
}

impl Visitor {
    /// A new browser with this touch's address.
    ///
    /// # Errors
    /// Fails when there is no page.
    pub fn new(world: &World, token: TouchToken) -> anyhow::Result<Visitor> {
        let config = Agent::config_builder().http_status_as_error(false).build();
        let page = format!("{}/T/{token}", world.web()?);
        Ok(Visitor {
            agent: config.new_agent(),
            page,
            spools: ["sms", "mail"].map(|it| world.path(it)),
        })
    }

    /// A new browser at the front door; paths follow the site's address.
    ///
    /// # Errors
    /// Fails when there is no page.
    pub fn at_front(world: &World) -> anyhow::Result<Visitor> {
        let config = Agent::config_builder().http_status_as_error(false).build();
        Ok(Visitor {
            agent: config.new_agent(),
            page: world.web()?,
            spools: ["sms", "mail"].map(|it| world.path(it)),
        })
    }

    /// The same browser, with the same cookies, elsewhere on the site.
    ///
    /// # Errors
    /// Fails when there is no page.
    pub fn at(&self, world: &World, path: &str) -> anyhow::Result<Visitor> {
        let page = format!("{}{path}", world.web()?);
        Ok(Visitor { agent: self.agent.clone(), page, spools: self.spools.clone() })
    }

    /// The same browser at another touch.
    ///
    /// # Errors
    /// Fails when there is no page.
    pub fn go_to(&mut self, world: &World, token: TouchToken) -> anyhow::Result<()> {
        self.page = format!("{}/T/{token}", world.web()?);
        Ok(())
    }

    /// Opens a page; `path` is what follows the touch's address.
    ///
    /// # Errors
    /// Fails when nobody answers.
    pub fn open(&self, path: &str) -> anyhow::Result<Seen> {
        let mut answer =
            self.agent.get(format!("{}{path}", self.page)).call().context("opening a page")?;
        let text = answer.body_mut().read_to_string().context("reading a page")?;
        Ok(Seen { status: answer.status().as_u16(), text })
    }

    /// Sends a form, and follows where it leads.
    ///
    /// # Errors
    /// Fails when nobody answers.
    pub fn send(&self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<Seen> {
        let form = self.agent.post(format!("{}{path}", self.page));
        let mut answer = form.send_form(fields.iter().copied()).context("sending a form")?;
        let text = answer.body_mut().read_to_string().context("reading a page")?;
        Ok(Seen { status: answer.status().as_u16(), text })
    }

    /// Sends a form with a file, as RFC 7578 has it, and follows where it leads.
    ///
    /// # Errors
    /// Fails when nobody answers.
    pub fn send_file(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        (name, file): (&str, &[u8]),
    ) -> anyhow::Result<Seen> {
        let mut body = Vec::new();
        for (name, value) in fields {
            let head =
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend_from_slice(format!("{head}{value}\r\n").as_bytes());
        }
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"it\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let form = self.agent.post(format!("{}{path}", self.page));
        let form = form.header("Content-Type", format!("multipart/form-data; boundary={BOUNDARY}"));
        let mut answer = form.send(&body[..]).context("sending a form")?;
        let text = answer.body_mut().read_to_string().context("reading a page")?;
        Ok(Seen { status: answer.status().as_u16(), text })
    }

    /// Fetches a file.
    ///
    /// # Errors
    /// Fails when nobody answers.
    pub fn fetch(&self, path: &str, heads: &[(&str, &str)]) -> anyhow::Result<Fetched> {
        let mut asked = self.agent.get(format!("{}{path}", self.page));
        for (name, value) in heads {
            asked = asked.header(*name, *value);
        }
        fetched(asked.call().context("fetching a file")?)
    }

    /// Sends some bytes.
    ///
    /// # Errors
    /// Fails when nobody answers.
    pub fn post(&self, path: &str, heads: &[(&str, &str)], body: &[u8]) -> anyhow::Result<Fetched> {
        let mut asked = self.agent.post(format!("{}{path}", self.page));
        for (name, value) in heads {
            asked = asked.header(*name, *value);
        }
        fetched(asked.send(body).context("sending a file")?)
    }

    /// Asks for a code, reads it where the messages go, and signs in with it.
    ///
    /// # Errors
    /// Fails when no code comes.
    pub fn sign_in(&self, number: &str) -> anyhow::Result<Seen> {
        self.sign_in_at("", number)
    }

    /// The same where the forms are behind `door`.
    ///
    /// # Errors
    /// Fails when no code comes.
    pub fn sign_in_at(&self, door: &str, number: &str) -> anyhow::Result<Seen> {
        let before = self.messages(number)?.len();
        self.send(&format!("{door}/code"), &[("to", number)])?;
        let code = self.code(number, before)?;
        self.send(&format!("{door}/enter"), &[("code", &code)])
    }

    /// The code of the first message to a number or mail address after so many.
    ///
    /// # Errors
    /// Fails when none comes.
    pub fn code(&self, number: &str, after: usize) -> anyhow::Result<String> {
        let text = wait("a message", PATIENCE, || Ok(self.messages(number)?.get(after).cloned()))?;
        let (_, code) = text.trim_end().rsplit_once('#').context("a message without a code")?;
        Ok(code.to_owned())
    }

    /// Every message to a number or mail address, the oldest first.
    ///
    /// # Errors
    /// Fails with the folder.
    pub fn messages(&self, number: &str) -> anyhow::Result<Vec<String>> {
        let number: String = number.split_whitespace().collect();
        let spool = &self.spools[usize::from(number.contains('@'))];
        let mut files = std::fs::read_dir(spool)?
            .map(|it| Ok(it?.path()))
            .collect::<anyhow::Result<Vec<PathBuf>>>()?;
        files.retain(|it| it.extension().is_some_and(|it| it == "txt"));
        files.sort();
        let texts = files.iter().map(|it| Ok(std::fs::read_to_string(it)?));
        let mut texts = texts.collect::<anyhow::Result<Vec<String>>>()?;
        texts.retain(|it| it.lines().next() == Some(&number));
        Ok(texts)
    }
}

fn fetched(mut answer: Response<Body>) -> anyhow::Result<Fetched> {
    let media_type = answer.headers().get("content-type").and_then(|it| it.to_str().ok());
    let media_type = media_type.unwrap_or_default().to_owned();
    let bytes = answer.body_mut().read_to_vec().context("reading a file")?;
    Ok(Fetched { status: answer.status().as_u16(), media_type, bytes })
}
