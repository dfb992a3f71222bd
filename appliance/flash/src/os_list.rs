//! The list from which Raspberry Pi Imager offers an image, as its `os-list-schema.json` wants it.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use jiff::civil::Date;
use serde::Serialize;

use crate::image::{Image, sum};
use crate::progress::Progress;

/// The boards that the image is for, as Imager calls them.
const BOARDS: [&str; 1] = ["pi4-64bit"];
/// The icon's name beside the image, if no other is given.
const ICON: &str = "tapcard.png";

/// What the list says of the image.
#[derive(Args)]
pub struct Entry {
    /// The image.
    #[arg(long, value_name = "FILE")]
    image: PathBuf,
    /// Where Imager fetches it.
    #[arg(long)]
    url: String,
    /// How Imager calls it.
    #[arg(long)]
    name: String,
    /// The line below.
    #[arg(long, value_name = "TEXT")]
    description: String,
    /// When it was published.
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Date,
    /// Where Imager fetches its icon; without this, tapcard.png beside the image.
    #[arg(long, value_name = "URL")]
    icon: Option<String>,
}

#[derive(Serialize)]
struct List<'a> {
    os_list: [System<'a>; 1],
}

#[derive(Serialize)]
struct System<'a> {
    name: &'a str,
    description: &'a str,
    icon: String,
    url: &'a str,
    extract_size: u64,
    extract_sha256: String,
    image_download_size: u64,
    release_date: String,
    devices: [&'a str; 1],
    // Imager customises nothing: the kiosk has settings of its own.
    init_format: &'a str,
}

/// The list as JSON.
///
/// # Errors
/// When the image cannot be read to its end.
pub fn json(entry: &Entry) -> Result<String> {
    let image = Image::open(&entry.image)?;
    let progress = Progress::begin("unpacking", image.size);
    let (length, sum) = sum(&mut image.stream(&progress)?)
        .context("the image is damaged or was not fetched whole; fetch it again")?;
    let system = System {
        name: &entry.name,
        description: &entry.description,
        icon: entry.icon.clone().unwrap_or_else(|| beside(&entry.url)),
        url: &entry.url,
        extract_size: length,
        extract_sha256: sum,
        image_download_size: image.size,
        release_date: entry.date.to_string(),
        devices: BOARDS,
        init_format: "none",
    };
    Ok(serde_json::to_string_pretty(&List { os_list: [system] })? + "\n")
}

fn beside(url: &str) -> String {
    let folder = url.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{folder}/{ICON}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_says_what_imager_needs() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.img.zst");
        let packed = zstd::encode_all(&vec![0; 5000][..], 3).unwrap();
        std::fs::write(&file, &packed).unwrap();
        let entry = Entry {
            image: file,
            url: "https://example.org/os/a.img.zst".into(),
            name: "Tapcard".into(),
            description: "A kiosk".into(),
            date: Date::constant(2026, 1, 2),
            icon: None,
        };
        let wanted = format!(
            r#"{{
  "os_list": [
    {{
      "name": "Tapcard",
      "description": "A kiosk",
      "icon": "https://example.org/os/tapcard.png",
      "url": "https://example.org/os/a.img.zst",
      "extract_size": 5000,
      "extract_sha256": "7ca5bd879f393d9dd05b14f38add9c0fc6b67928f7f2d261b2e47a32ee8219e3",
      "image_download_size": {},
      "release_date": "2026-01-02",
      "devices": [
        "pi4-64bit"
      ],
      "init_format": "none"
    }}
  ]
}}
"#,
            packed.len()
        );
        assert_eq!(json(&entry).unwrap(), wanted);
    }
}
