//! Messages to people: text messages to numbers, mail to mail addresses.

use std::fs;
use std::time::Duration;

use anyhow::{Context, bail};
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{SmtpTransport, Transport};

use crate::addressee::{Addressee, MailAddress};
use crate::config::{Config, Mail, Submission};
use crate::spool::Spool;

/// How long a mail server may take for one answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The ways that the operator has set up.
#[derive(Clone)]
pub(crate) struct Post {
    sms: Option<Spool>,
    mail: Option<MailRoad>,
}

#[derive(Clone)]
enum MailRoad {
    Spool(Spool),
    Submission(Box<Account>),
}

/// A mail server, and in whose name it is spoken to.
#[derive(Clone)]
struct Account {
    server: SmtpTransport,
    from: Mailbox,
}

impl Post {
    /// Makes the ways ready; whether there is one.
    ///
    /// # Errors
    /// Names the setting that is wrong.
    pub(crate) fn open(config: &Config) -> anyhow::Result<Option<Post>> {
        let sms = config.sms.as_ref().map(|it| Spool::open(&it.spool)).transpose()?;
        let mail = config.mail.as_ref().map(road).transpose()?;
        let is_open = sms.is_some() || mail.is_some();
        Ok(is_open.then_some(Post { sms, mail }))
    }

    /// Whether there is a way to somebody.
    pub(crate) fn reaches(&self, to: &Addressee) -> bool {
        match to {
            Addressee::Number(_) => self.sms.is_some(),
            Addressee::Mail(_) => self.mail.is_some(),
        }
    }

    /// Whether there is a way to numbers and one to mail addresses.
    pub(crate) fn has_both(&self) -> bool {
        self.sms.is_some() && self.mail.is_some()
    }

    /// Sends a message. It may take a while: never inside a transaction, nor inside the runtime.
    ///
    /// # Errors
    /// Fails when there is no way, or it does not take the message; names nobody.
    pub(crate) fn send(&self, to: &Addressee, subject: &str, text: &str) -> anyhow::Result<()> {
        match (to, &self.sms, &self.mail) {
            (Addressee::Number(it), Some(spool), _) => spool.send(it.as_str(), text),
            (Addressee::Mail(it), _, Some(MailRoad::Spool(spool))) => {
                spool.send(it.as_str(), &format!("Subject: {subject}\n\n{text}"))
            }
            (Addressee::Mail(it), _, Some(MailRoad::Submission(account))) => {
                submit(account, it, subject, text)
            }
            _ => bail!("no way is set up for this kind of message"),
        }
    }
}

fn road(mail: &Mail) -> anyhow::Result<MailRoad> {
    match (&mail.spool, &mail.submission) {
        (Some(folder), None) => Ok(MailRoad::Spool(Spool::open(folder)?)),
        (None, Some(it)) => {
            let from = it.from.parse().ok().context("`from` of [mail.submission] is no address")?;
            Ok(MailRoad::Submission(Box::new(Account { server: server(it)?, from })))
        }
        _ => bail!("say either `spool` or [mail.submission] in [mail]"),
    }
}

/// Message submission (RFC 6409) over TLS, from the first byte (RFC 8314) or by STARTTLS, which is insisted on.
fn server(it: &Submission) -> anyhow::Result<SmtpTransport> {
    let mut tls = TlsParameters::builder(it.host.clone());
    if let Some(path) = &it.ca {
        let pem = fs::read(path)
            .with_context(|| format!("the certificate {} cannot be read", path.display()))?;
        let certificate = Certificate::from_pem(&pem)
            .ok()
            .with_context(|| format!("{} is no certificate in PEM", path.display()))?;
        tls = tls.add_root_certificate(certificate);
    }
    let tls = tls.build().context("making TLS ready")?;
    let (tls, port) =
        if it.starttls { (Tls::Required(tls), 587) } else { (Tls::Wrapper(tls), 465) };
    let mut server = SmtpTransport::builder_dangerous(&it.host)
        .port(it.port.unwrap_or(port))
        .tls(tls)
        .hello_name(ClientId::Domain(it.hello.clone().unwrap_or_else(|| "localhost".to_owned())))
        .timeout(Some(PATIENCE));
    if let Some(user) = &it.user {
        let path = it
            .password_file
            .as_ref()
            .context("`user` of [mail.submission] needs `password_file`")?;
        let password = fs::read_to_string(path)
            .with_context(|| format!("the password in {} cannot be read", path.display()))?;
        server = server.credentials(Credentials::new(user.clone(), password.trim_end().to_owned()));
    }
    Ok(server.build())
}

fn submit(account: &Account, to: &MailAddress, subject: &str, text: &str) -> anyhow::Result<()> {
    let to = to.as_str().parse().ok().context("a mail address cannot be written to")?;
    let message = Message::builder()
        .from(account.from.clone())
        .to(Mailbox::new(None, to))
        .subject(subject)
        .header(ContentType::TEXT_PLAIN)
        .body(text.to_owned())
        .ok()
        .context("a mail could not be written")?;
    // What a server answers may quote the address; it goes no further than here.
    account.server.send(&message).map(drop).map_err(|why| match why.status() {
        Some(code) => anyhow::anyhow!("the mail server refused a message ({code})"),
        None if why.is_timeout() => anyhow::anyhow!("the mail server took too long"),
        None if why.is_tls() => anyhow::anyhow!("no secure connection to the mail server"),
        None => anyhow::anyhow!("the mail server cannot be reached"),
    })
}
