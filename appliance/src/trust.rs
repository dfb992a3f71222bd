//! Whose certificates count: those that the operator's file names, or else those that the world knows.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};

/// The certificates of a PEM file that the cloud's own is signed with.
///
/// # Errors
/// Fails when the file cannot be read or holds none.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let wrong = || format!("reading the certificates {}", path.display());
    let text = std::fs::read(path).with_context(wrong)?;
    let found: Vec<_> =
        CertificateDer::pem_slice_iter(&text).collect::<Result<_, _>>().with_context(wrong)?;
    anyhow::ensure!(!found.is_empty(), "{} holds no certificate", path.display());
    Ok(found)
}

/// What a connection over TLS asks of the other side.
///
/// # Errors
/// Fails when the file cannot be read, or holds what is no certificate.
pub fn demands(ca_file: Option<&Path>) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    match ca_file {
        Some(path) => {
            for it in certificates(path)? {
                roots.add(it).with_context(|| format!("taking {}", path.display()))?;
            }
        }
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("choosing a version of TLS")?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
