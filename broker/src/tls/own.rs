//! A certificate authority and certificates of the broker's own, for a desk, a private network or a first
//! start, kept in a folder. The authority is made once; what it signs is renewed in time.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use jiff::{Span, Zoned};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use sha2::{Digest, Sha256};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tracing::info;

use super::Files;

/// The names of the files.
const AUTHORITY: &str = "ca.pem";
const AUTHORITY_KEY: &str = "ca.key";
const CERTIFICATE: &str = "server.pem";
const KEY: &str = "server.key";
/// What [`CERTIFICATE`] is good for.
const NAMES: &str = "server.names";

/// How long the authority is good.
const AUTHORITY_YEARS: i32 = 20;
/// How long a certificate is good: Apple's systems take no more than 825 days, whoever signed it
/// (<https://support.apple.com/en-us/103769>).
const DAYS: i32 = 820;
/// After which it is replaced.
const RENEWED_AFTER: Duration = Duration::from_secs(700 * 24 * 3600);

/// Where they are.
pub(super) struct Own {
    folder: PathBuf,
    names: Vec<String>,
}

impl Own {
    pub(super) fn new(folder: &Path, names: &[String]) -> Own {
        Own { folder: folder.to_owned(), names: names.to_vec() }
    }

    pub(super) fn files(&self) -> Files {
        Files { certificate: self.folder.join(CERTIFICATE), key: self.folder.join(KEY) }
    }

    /// Makes what is missing, too old, or good for other names.
    ///
    /// # Errors
    /// Says what cannot be written.
    pub(super) fn prepare(&self) -> anyhow::Result<()> {
        if !self.is_current() {
            self.make()
                .with_context(|| format!("making a certificate in {}", self.folder.display()))?;
        }
        Ok(())
    }

    fn is_current(&self) -> bool {
        let made = fs::metadata(self.folder.join(CERTIFICATE)).and_then(|it| it.modified()).ok();
        let age = made.and_then(|it| it.elapsed().ok());
        let names = fs::read_to_string(self.folder.join(NAMES)).unwrap_or_default();
        age.is_some_and(|it| it < RENEWED_AFTER) && names == self.names.join("\n")
    }

    fn make(&self) -> anyhow::Result<()> {
        fs::create_dir_all(&self.folder).context("making the folder")?;
        let issuer = self.authority()?;
        let key = KeyPair::generate()?;
        let mut server = params(self.names.clone(), "Tapcard broker", Span::new().days(DAYS))?;
        server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let signed = server.signed_by(&key, &issuer)?;
        self.write(KEY, 0o600, &key.serialize_pem())?;
        self.write(NAMES, 0o644, &self.names.join("\n"))?;
        // Some clients know the authority by its fingerprint alone.
        let authority = fs::read_to_string(self.folder.join(AUTHORITY))
            .context("reading the authority's certificate")?;
        // Last: its time says when all were made.
        self.write(CERTIFICATE, 0o644, &(signed.pem() + &authority))?;
        info!(path = %self.folder.join(CERTIFICATE).display(), "made a certificate");
        Ok(())
    }

    /// The authority, made if it is not there.
    fn authority(&self) -> anyhow::Result<Issuer<'static, KeyPair>> {
        let years = Span::new().years(AUTHORITY_YEARS);
        let mut authority = params(vec![], "Tapcard broker's own authority", years)?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let path = self.folder.join(AUTHORITY_KEY);
        let key = match fs::read_to_string(&path) {
            Ok(pem) => KeyPair::from_pem(&pem).with_context(|| format!("in {}", path.display()))?,
            Err(_) => {
                let key = KeyPair::generate()?;
                self.write(AUTHORITY, 0o644, &authority.self_signed(&key)?.pem())?;
                self.write(AUTHORITY_KEY, 0o600, &key.serialize_pem())?;
                key
            }
        };
        Ok(Issuer::new(authority, key))
    }

    fn write(&self, name: &str, mode: u32, text: &str) -> anyhow::Result<()> {
        let path = self.folder.join(name);
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(true).mode(mode);
        let written = options.open(&path).and_then(|mut file| file.write_all(text.as_bytes()));
        written.with_context(|| format!("writing {}", path.display()))
    }

    /// Says whom clients are to trust.
    ///
    /// # Errors
    /// Fails when the authority's certificate cannot be read.
    pub(super) fn introduce(&self) -> anyhow::Result<()> {
        let path = self.folder.join(AUTHORITY);
        let certificate = CertificateDer::from_pem_file(&path)
            .with_context(|| format!("reading {}", path.display()))?;
        let fingerprint = fingerprint(&certificate);
        info!(path = %path.display(), "clients are to trust the authority {fingerprint}");
        Ok(())
    }
}

/// Good from yesterday on, for clients whose clocks are a little late.
fn params(names: Vec<String>, common_name: &str, life: Span) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::new(names).context("a name for the certificate")?;
    let date = |it: Zoned| {
        let [month, day] = [it.month(), it.day()].map(i8::unsigned_abs);
        date_time_ymd(it.year().into(), month, day)
    };
    let yesterday = Zoned::now().checked_sub(Span::new().days(1))?;
    params.not_after = date(yesterday.checked_add(life)?);
    params.not_before = date(yesterday);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    Ok(params)
}

/// SHA-256 of a certificate, as `openssl x509 -fingerprint -sha256` prints it.
fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let digest = Sha256::digest(certificate);
    let hex: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("SHA256:{}", hex.join(":"))
}
