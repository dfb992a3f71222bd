//! Whose certificates count: those that the operator's file names, or else those that the world knows.

mod fingerprint;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};

pub use fingerprint::Fingerprint;
use fingerprint::Pinned;

/// Whose word counts for the cloud and its broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorities {
    /// Theirs that the world knows.
    World,
    /// Theirs whose certificates stand in a file, in PEM.
    File(PathBuf),
    /// Its that has this fingerprint.
    Fingerprint(Fingerprint),
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let wrong = || format!("reading the certificates {}", path.display());
    let text = std::fs::read(path).with_context(wrong)?;
    let found: Vec<_> =
        CertificateDer::pem_slice_iter(&text).collect::<Result<_, _>>().with_context(wrong)?;
    anyhow::ensure!(!found.is_empty(), "{} holds no certificate", path.display());
    Ok(found)
}

/// What a connection over TLS asks of the other side.
pub type Demands = Arc<ClientConfig>;

/// What is asked at every connection.
///
/// # Errors
/// Fails when the file cannot be read, or holds what is no certificate.
pub fn demands(authorities: &Authorities) -> Result<Demands> {
    client(verifier(authorities)?)
}

/// The same for who does not know what time it is: a certificate counts whose time is over, or has not come.
///
/// # Errors
/// Fails when the file cannot be read, or holds what is no certificate.
pub fn demands_at_any_time(authorities: &Authorities) -> Result<Demands> {
    client(Arc::new(Timeless(verifier(authorities)?)))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn client(verifier: Arc<dyn ServerCertVerifier>) -> Result<Demands> {
    let builder = ClientConfig::builder_with_provider(provider());
    let builder =
        builder.with_safe_default_protocol_versions().context("choosing a version of TLS")?;
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    Ok(Arc::new(builder.with_no_client_auth()))
}

fn verifier(authorities: &Authorities) -> Result<Arc<dyn ServerCertVerifier>> {
    let mut roots = RootCertStore::empty();
    match authorities {
        Authorities::World => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Authorities::File(path) => {
            for it in certificates(path)? {
                roots.add(it).with_context(|| format!("taking {}", path.display()))?;
            }
        }
        Authorities::Fingerprint(it) => return Ok(Arc::new(Pinned::new(*it, provider()))),
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider());
    Ok(verifier.build().context("preparing to verify")?)
}

/// Verifies at a time at which the certificates are good, whatever time it is.
#[derive(Debug)]
struct Timeless(Arc<dyn ServerCertVerifier>);

/// A chain is no longer than this; each certificate of it may move the time once.
const LONGEST_CHAIN: usize = 6;

impl ServerCertVerifier for Timeless {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let mut time = now;
        let mut verdict = self.0.verify_server_cert(own, chain, name, ocsp, time);
        for _ in 0..LONGEST_CHAIN {
            time = match &verdict {
                Err(rustls::Error::InvalidCertificate(it)) => match it {
                    CertificateError::ExpiredContext { not_after, .. } => *not_after,
                    CertificateError::NotValidYetContext { not_before, .. } => *not_before,
                    _ => return verdict,
                },
                _ => return verdict,
            };
            verdict = self.0.verify_server_cert(own, chain, name, ocsp, time);
        }
        verdict
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, own, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, own, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests;
