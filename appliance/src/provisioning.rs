//! What becomes of the file that an operator puts on a flashed card: which files of the system follow from it. It decides and
//! writes nothing.

mod network;

use std::path::PathBuf;

use crate::config::{self, ImageConfig};
use crate::credentials::Owned;

/// How the operator's file is called, on a card's first partition and on sticks.
pub const FILE: &str = "tapcard.toml";
/// Most bytes of it.
pub const MAX_FILE: usize = 64 * 1024;
/// Where the kiosk keeps what is its own.
pub const KIOSK: &str = "tapcard";
/// Where NetworkManager looks for networks.
pub const NETWORK: &str = "network";
/// Where the system's own settings are that outlive an update.
pub const SYSTEM: &str = "system";
/// Where the rules of devices put the reader's serial line, whichever of the board's it is.
const READER: &str = "/dev/tapcard-nfc";
/// Where the kiosk puts settings that its staff has brought on a stick, below its own folder.
pub const INBOX: &str = "inbox";
/// In the inbox, once the kiosk was erased from afar: then its settings go too.
pub const ERASED: &str = "erased";
/// The certificates of an authority of one's own, below the kiosk's folder.
pub const AUTHORITY: &str = "ca.pem";
/// The version that was good here last, below the system's settings.
pub const FLOOR: &str = "floor";
/// Where sticks appear.
const STICK: &str = "/run/stick";

/// A file as it is to be. It is the owner's of its folder.
#[derive(Clone, PartialEq, Eq)]
pub struct Placed {
    /// Below the data partition.
    pub path: PathBuf,
    /// All of it.
    pub text: String,
    /// Whether everybody may read it.
    pub is_public: bool,
}

/// Whose the kiosk is by now.
#[derive(Clone, Copy, Default)]
pub struct Held {
    /// By its settings, or as it was found.
    pub owned: Option<Owned>,
    /// As it was found at the first start, whatever the settings say.
    pub found: Option<Owned>,
}

/// The text of an operator's file, also as Windows' editor writes it.
///
/// # Errors
/// Says in one sentence why it is none.
pub fn text(bytes: Vec<u8>) -> Result<String, String> {
    if bytes.len() > MAX_FILE {
        return Err("is longer than 64 KiB".into());
    }
    // UTF-16, which Windows' editor once wrote, has zeros in it.
    let text = String::from_utf8(bytes).ok().filter(|it| !it.contains('\0'));
    let text = text.ok_or("is no text in UTF-8; save it as such")?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// What follows from an operator's file, for a data partition that is mounted at `data`.
///
/// # Errors
/// Says in one sentence what is wrong with it, and in which line.
pub fn plan(text: &str, data: &str, held: Held) -> Result<Vec<Placed>, String> {
    let config = config::parse(text)?;
    let said = config.account.zip(config.terminal);
    let next = said.map(|(account, terminal)| Owned { account, terminal }).or(held.found);
    if held.owned.is_some() && next != held.owned {
        return Err("this kiosk is another's already: sign it out on its own screen first, so that nothing it holds is lost".into());
    }
    let image = config.image.unwrap_or_default();
    let mut placed = vec![
        secret(KIOSK, "kiosk.toml", settings(text, data, &image)?),
        secret(SYSTEM, "environment", environment(&image)),
        Placed { is_public: true, ..secret(SYSTEM, "timesyncd.conf", time(&image)) },
    ];
    if let Some(ca) = &image.ca {
        placed.push(secret(KIOSK, AUTHORITY, ca.clone()));
    }
    let networks = network::profiles(&image).into_iter();
    placed.extend(networks.map(|(name, text)| secret(NETWORK, &name, text)));
    Ok(placed)
}

fn secret(folder: &str, name: &str, text: String) -> Placed {
    Placed { path: [folder, name].iter().collect(), text, is_public: false }
}

/// The kiosk's own settings: what the image needs is taken out, and everything that lasts is on the data partition.
fn settings(text: &str, data: &str, image: &ImageConfig) -> Result<String, String> {
    let mut table: toml::Table = toml::from_str(text).map_err(|it| it.message().to_owned())?;
    table.remove("image");
    let mut place = |key: &str, name: &str| {
        table.insert(key.into(), format!("{data}/{KIOSK}/{name}").into());
    };
    place("store", "kiosk.db");
    place("key_file", "terminal.key");
    if image.ca.is_some() {
        place("ca_file", AUTHORITY);
    }
    let reader = table.entry("reader").or_insert_with(|| toml::Table::new().into());
    if let Some(reader) = reader.as_table_mut()
        && reader.get("link").is_none_or(|it| it.as_str() == Some("hsu"))
    {
        reader.entry("port").or_insert_with(|| READER.into());
    }
    table.entry("stick").or_insert_with(|| STICK.into());
    let mut upkeep = toml::Table::new();
    upkeep.insert("inbox".into(), format!("{data}/{KIOSK}/{INBOX}").into());
    upkeep.insert("floor".into(), format!("{data}/{SYSTEM}/{FLOOR}").into());
    table.insert("upkeep".into(), upkeep.into());
    toml::to_string(&table).map_err(|it| it.to_string())
}

/// What the kiosk's program finds in its environment.
fn environment(image: &ImageConfig) -> String {
    let lines = [
        (image.rotation != 0).then(|| format!("SLINT_KMS_ROTATION={}", image.rotation)),
        image.scale.map(|it| format!("SLINT_SCALE_FACTOR={it}")),
        image.proxy.as_ref().map(|it| format!("HTTPS_PROXY={it}")),
        image.timezone.as_ref().map(|it| format!("TZ={it}")),
    ];
    lines.into_iter().flatten().map(|it| it + "\n").collect()
}

/// The time's sources, in timesyncd.conf(5)'s form; without any those that the system has.
fn time(image: &ImageConfig) -> String {
    if image.ntp.is_empty() {
        return "[Time]\n".into();
    }
    format!("[Time]\nNTP={}\n", image.ntp.join(" "))
}

#[cfg(test)]
mod tests;
