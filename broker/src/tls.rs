//! The certificates of the listeners with TLS: the operator's, or the broker's own. They are read again
//! when their files change, for the connections that follow; those that stand go on.

mod own;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, ensure};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::version::TLS13;
use tracing::{info, warn};

use crate::config::Tls;
use crate::stamp::Stamp;
use own::Own;

/// Certificate and key, as they are now.
pub(crate) struct Certificates {
    files: Files,
    /// None when they are the operator's.
    own: Option<Own>,
    loaded: Mutex<Loaded>,
}

/// Where they lie.
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

struct Loaded {
    config: Arc<ServerConfig>,
    stamps: [Option<Stamp>; 2],
}

impl Certificates {
    /// Reads the operator's files, or makes the broker's own where there are none.
    ///
    /// # Errors
    /// Says which file cannot be read or written, or that certificate and key do not fit.
    pub(crate) fn open(tls: &Tls) -> anyhow::Result<Certificates> {
        let (files, own) = match (&tls.certificate, &tls.key) {
            (Some(certificate), Some(key)) => {
                (Files { certificate: certificate.clone(), key: key.clone() }, None)
            }
            _ => {
                let own = Own::new(&tls.folder, &tls.names);
                own.prepare()?;
                own.introduce()?;
                (own.files(), Some(own))
            }
        };
        let loaded = Mutex::new(Loaded { stamps: files.stamps(), config: files.load()? });
        Ok(Certificates { files, own, loaded })
    }

    /// What a new connection is to be shown.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&loaded.config))
    }

    /// Reads the files again if one has changed. While they do not fit together, because one is replaced
    /// before the other, the old ones go on.
    pub(crate) fn refresh(&self) {
        if let Some(Err(error)) = self.own.as_ref().map(Own::prepare) {
            warn!("{error:#}");
        }
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let stamps = self.files.stamps();
        if stamps == loaded.stamps {
            return;
        }
        loaded.stamps = stamps;
        match self.files.load() {
            Ok(config) => {
                loaded.config = config;
                info!(path = %self.files.certificate.display(), "read the certificate again");
            }
            Err(error) => warn!("kept the certificate as it was: {error:#}"),
        }
    }
}

impl Files {
    fn stamps(&self) -> [Option<Stamp>; 2] {
        [&self.certificate, &self.key].map(|it| Stamp::of(it))
    }

    fn load(&self) -> anyhow::Result<Arc<ServerConfig>> {
        let context = |what: &str, path: &Path| format!("reading the {what} {}", path.display());
        let chain = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .with_context(|| context("certificate", &self.certificate))?;
        ensure!(!chain.is_empty(), "{} holds no certificate", self.certificate.display());
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .with_context(|| context("private key", &self.key))?;
        let provider = Arc::new(ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])
            .context("choosing TLS 1.3")?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .context("certificate and key do not fit together")?;
        Ok(Arc::new(config))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn own(folder: &Path) -> anyhow::Result<Certificates> {
        Certificates::open(&Tls { folder: folder.to_owned(), ..Tls::default() })
    }

    #[test]
    fn own_certificates_are_made_once_and_again_for_other_names() {
        let folder = tempfile::tempdir().unwrap();
        let files = || ["ca.pem", "server.pem"].map(|it| fs::read(folder.path().join(it)).unwrap());
        own(folder.path()).unwrap();
        let first = files();
        own(folder.path()).unwrap();
        assert_eq!(files(), first);
        let names = vec!["broker.example.org".to_owned()];
        let other = Tls { folder: folder.path().to_owned(), names, ..Tls::default() };
        Certificates::open(&other).unwrap();
        assert_eq!(files()[0], first[0], "clients need not trust another authority");
        assert_ne!(files()[1], first[1]);
    }

    #[test]
    fn half_a_renewal_changes_nothing_and_the_whole_one_does() {
        let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        own(ours.path()).unwrap();
        own(theirs.path()).unwrap();
        let file = |name| Some(ours.path().join(name));
        let (certificate, key) = (file("server.pem"), file("server.key"));
        let certificates = Certificates::open(&Tls { certificate, key, ..Tls::default() }).unwrap();
        let shown = |it: &Certificates| Arc::as_ptr(&it.loaded.lock().unwrap().config);
        let before = shown(&certificates);
        let take = |name| fs::copy(theirs.path().join(name), ours.path().join(name)).unwrap();
        take("server.pem");
        certificates.refresh();
        assert_eq!(shown(&certificates), before);
        take("server.key");
        certificates.refresh();
        assert_ne!(shown(&certificates), before);
    }

    #[test]
    fn what_is_missing_or_no_certificate_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.pem");
        let tls =
            Tls { certificate: Some(path.clone()), key: Some(path.clone()), ..Tls::default() };
        let why = |tls| format!("{:#}", Certificates::open(tls).map(drop).unwrap_err());
        assert!(why(&tls).contains("x.pem"), "{}", why(&tls));
        fs::write(&path, "hello").unwrap();
        assert!(why(&tls).contains("holds no certificate"), "{}", why(&tls));
    }
}
