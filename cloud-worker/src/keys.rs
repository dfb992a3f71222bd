//! The Ed25519 keys that sign tokens: one for terminals, one for workers. And what else is kept beside them.

mod orders;

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::EncodingKey;
use sha2::Sha256;
use tapcard_protocol::TerminalId;
use tapcard_protocol::access::{Kind, Party};
use tapcard_protocol::enrolment::{Base64, PublicKey as TerminalKey};
use tapcard_protocol::key_set::{Key, KeySet, PublicKey};
use tapcard_protocol::token::{Claims, LONGEST_LIFE, sign, verify};
use tracing::info;

use crate::media_link::LinkKey;
use crate::nonce::NonceKey;
use crate::number_key::NumberKey;
use crate::{draw, one_time};
pub(crate) use orders::{OrderKey, SealedKey, order, orders, sealed};

/// The key that signs for terminals; its name is the `kid`.
const WEB: &str = "web";
/// The key that signs for workers.
const WORKER: &str = "worker";
/// For whom the first of them signs.
const WEB_KINDS: &[Kind] = &[Kind::Kiosk, Kind::OrganiserKiosk, Kind::Phone];
/// How long a worker's token lasts; it mints a new one at each connect.
const WORKER_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// Makes both keys: `DIR/NAME.key` for the worker, readable by its user alone, and `DIR/public/jwks.json` for the broker;
/// and those of orders to erase a kiosk.
///
/// # Errors
/// Fails rather than replace a key.
pub(crate) fn generate(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder.join("public")).context("making the folder for the keys")?;
    let mut set = KeySet::default();
    for (name, kinds) in [(WEB, WEB_KINDS), (WORKER, &[Kind::Worker])] {
        let key = SigningKey::from_bytes(&draw::bytes());
        let private = key.to_pkcs8_pem(LineEnding::LF).context("writing a private key")?;
        let path = folder.join(format!("{name}.key"));
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).with_context(
                || format!("{} cannot be made, or is there already", path.display()),
            )?;
        file.write_all(private.as_bytes()).context("writing a private key")?;
        set.keys.push(PublicKey::new(name, key.verifying_key().as_bytes(), kinds.to_vec()));
    }
    let text = serde_json::to_string_pretty(&set).context("writing the public keys")? + "\n";
    let public = folder.join("public/jwks.json");
    fs::write(&public, text).context("writing the public keys")?;
    orders(folder)?;
    sealed(folder)?;
    info!("made the keys; the broker's are in {}", public.display());
    Ok(())
}

/// The secret under which one-time codes are stored, in `DIR/codes.key`; made at the first use.
///
/// # Errors
/// Fails when the file cannot be read or made.
pub(crate) fn codes(folder: &Path) -> anyhow::Result<one_time::Key> {
    secret(&folder.join("codes.key")).map(one_time::Key)
}

/// The secret under which barred numbers are remembered, in `DIR/numbers.key`; made at the first use. All workers of one
/// database must have the same.
///
/// # Errors
/// Fails when the file cannot be read or made.
pub(crate) fn numbers(folder: &Path) -> anyhow::Result<NumberKey> {
    secret(&folder.join("numbers.key")).map(NumberKey)
}

/// The secret that signs links to pictures; it follows from `DIR/numbers.key`, which all workers of one database share.
///
/// # Errors
/// Fails when the file cannot be read or made.
pub(crate) fn links(folder: &Path) -> anyhow::Result<LinkKey> {
    derived(folder, "links to media").map(LinkKey)
}

/// The secret that proves nonces; it follows in the same way.
///
/// # Errors
/// Fails when the file cannot be read or made.
pub(crate) fn nonces(folder: &Path) -> anyhow::Result<NonceKey> {
    derived(folder, "nonces").map(NonceKey)
}

fn derived(folder: &Path, purpose: &str) -> anyhow::Result<[u8; 32]> {
    let secret = secret(&folder.join("numbers.key"))?;
    let mac = Hmac::<Sha256>::new_from_slice(&secret).expect("HMAC takes keys of any length");
    Ok(mac.chain_update(purpose).finalize().into_bytes().into())
}

/// The terminal that a token speaks for, and when it was signed; none for a token that does not count.
///
/// # Errors
/// Fails when the public keys cannot be read.
pub(crate) fn terminal_of(
    folder: &Path,
    token: &str,
    now: Timestamp,
) -> anyhow::Result<Option<(TerminalId, Timestamp)>> {
    let text =
        fs::read_to_string(folder.join("public/jwks.json")).context("reading the public keys")?;
    let set: KeySet = serde_json::from_str(&text).context("reading the public keys")?;
    let keys: Vec<(&str, Key)> =
        set.keys.iter().filter_map(|it| Some((it.kid.as_str(), it.key().ok()?))).collect();
    let key = |kid: &str| keys.iter().find(|(it, _)| *it == kid).map(|(_, key)| key);
    let Ok(verified) = verify(token, key, now.as_second().unsigned_abs()) else { return Ok(None) };
    let signed_at =
        i64::try_from(verified.claims.iat).ok().and_then(|it| Timestamp::from_second(it).ok());
    Ok(match (verified.claims.party(), signed_at) {
        (Some(Party::Terminal { terminal, .. }), Some(it)) => Some((terminal, it)),
        _ => None,
    })
}

/// Whether a terminal's key has signed something.
pub(crate) fn is_signed(key: &TerminalKey, text: &[u8], signature: &Base64<64>) -> bool {
    VerifyingKey::from_bytes(&key.0)
        .is_ok_and(|key| key.verify_strict(text, &Signature::from_bytes(&signature.0)).is_ok())
}

/// 32 random bytes in a file. Of two programs that make it at the same moment both read the first one's.
fn secret(path: &Path) -> anyhow::Result<[u8; 32]> {
    let place = path.display();
    if !path.exists() {
        let draft = path.with_extension(format!("{:016x}", draw::number()));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)
            .with_context(|| format!("{place} cannot be made"))?;
        file.write_all(&draw::bytes::<32>())
            .and_then(|()| file.sync_all())
            .with_context(|| format!("{place} cannot be written"))?;
        // Fails when it is there by now.
        let _ = fs::hard_link(&draft, path);
        fs::remove_file(&draft).with_context(|| format!("{} is left", draft.display()))?;
    }
    let secret = fs::read(path).with_context(|| format!("the key {place} cannot be read"))?;
    secret.try_into().ok().with_context(|| format!("{place} does not hold 32 bytes"))
}

/// Signs a token for a terminal.
///
/// # Errors
/// Fails when the key cannot be read.
pub(crate) fn terminal_token(
    folder: &Path,
    party: &Party,
    life: SignedDuration,
) -> anyhow::Result<String> {
    let Party::Terminal { terminal, .. } = party else {
        anyhow::bail!("only terminals have tokens of this key")
    };
    mint(folder, WEB, party, terminal.to_string(), life)
}

/// Signs a token for a worker that connects as `client_id`.
///
/// # Errors
/// Fails when the key cannot be read.
pub(crate) fn worker_token(folder: &Path, client_id: &str) -> anyhow::Result<String> {
    mint(folder, WORKER, &Party::Worker, client_id.to_owned(), WORKER_LIFE)
}

fn mint(
    folder: &Path,
    kid: &str,
    party: &Party,
    cid: String,
    life: SignedDuration,
) -> anyhow::Result<String> {
    let path = folder.join(format!("{kid}.key"));
    let pem =
        fs::read(&path).with_context(|| format!("the key {} cannot be read", path.display()))?;
    let key = EncodingKey::from_ed_pem(&pem)
        .with_context(|| format!("{} is no Ed25519 key", path.display()))?;
    let longest = SignedDuration::from_secs(LONGEST_LIFE as i64);
    anyhow::ensure!(life <= longest, "a token lasts for 31 days at most");
    let now = Timestamp::now();
    let end = now.checked_add(life).context("a token cannot last that long")?;
    let claims = Claims::new(party, cid, now.as_second() as u64, end.as_second() as u64);
    sign(kid, &key, &claims).context("signing a token")
}
