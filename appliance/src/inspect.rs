//! `tapcard-kiosk inspect`: the card in a file, as the kiosk would read it.

use std::path::Path;

use anyhow::{Context, Result, bail};
use tapcard_protocol::vcard::{self, Photo};

use crate::visitor;

/// What was found in a file.
pub struct Inspected {
    /// The card as JSContact, indented.
    pub json: String,
    /// One line about the picture in it.
    pub photo: Option<String>,
}

/// Reads a `.vcf` file, or a raw NDEF message in a `.ndef` file.
///
/// # Errors
/// Says why the file holds no card that a kiosk would take.
pub fn inspect(path: &Path) -> Result<Inspected> {
    let context = || path.display().to_string();
    let bytes = std::fs::read(path).with_context(context)?;
    let card = match path.extension().and_then(|it| it.to_str()) {
        Some("vcf") => bytes,
        Some("ndef") => visitor::in_message(&bytes).with_context(context)?,
        _ => bail!("{}: only .vcf and .ndef files can be inspected", path.display()),
    };
    let read = vcard::read(&card).with_context(context)?;
    let json = serde_json::to_string_pretty(read.card.as_object())?;
    Ok(Inspected { json, photo: read.photo.as_ref().map(describe) })
}

fn describe(photo: &Photo) -> String {
    format!("photo: {}, {} bytes", photo.media_type, photo.bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gives_a_card_or_a_reason() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            inspect(&path)
        };
        let card =
            "BEGIN:VCARD\nVERSION:3.0\nFN:Bo Ek\nPHOTO;ENCODING=b;TYPE=JPEG:aGk=\nEND:VCARD\n";
        let found = file("bo.vcf", card).unwrap();
        assert!(found.json.contains("\"full\": \"Bo Ek\""), "{}", found.json);
        assert_eq!(found.photo.unwrap(), "photo: image/jpeg, 2 bytes");
        let reason = |it: Result<Inspected>| format!("{:#}", it.err().unwrap());
        assert!(reason(file("no.vcf", "hello")).ends_with("there is no vCard in this"));
        assert!(reason(file("no.txt", card)).contains("only .vcf and .ndef"));
        assert!(reason(file("bo.ndef", card)).contains("bo.ndef"));
    }
}
