//! A block map as bmaptool writes it: which parts of an image hold data, and their checksums.
//!
//! The map itself and the copying are bmap-parser's. Its reader is not used: it panics at a range that is no number and
//! does not look at the checksum that the file has of itself.

use bmap_parser::{Bmap, HashType, HashValue};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use thiserror::Error;

/// No disk is larger, and no sum of blocks overflows below it.
const MAX_SIZE: u64 = 1 << 60;

/// Why a block map is not used.
#[derive(Debug, Error)]
pub enum BadMap {
    /// It is no XML, or something is missing.
    #[error("it is no block map: {0}")]
    NotXml(#[from] quick_xml::DeError),
    /// It is of another version or uses other checksums.
    #[error("it is not of version 2 with SHA-256; make it with bmaptool 3")]
    Version,
    /// Somebody changed it, or it was not copied whole.
    #[error("its own checksum is wrong: it was changed or not copied whole")]
    Checksum,
    /// A number is none, or lies outside the image.
    #[error("<{0}> makes no sense in it")]
    Number(&'static str),
}

#[derive(Deserialize)]
struct Written {
    #[serde(rename = "@version")]
    version: String,
    #[serde(rename = "ImageSize")]
    image_size: String,
    #[serde(rename = "BlockSize")]
    block_size: String,
    #[serde(rename = "BlocksCount")]
    blocks: String,
    #[serde(rename = "MappedBlocksCount")]
    mapped_blocks: String,
    #[serde(rename = "ChecksumType")]
    checksum_type: String,
    #[serde(rename = "BmapFileChecksum")]
    checksum: String,
    #[serde(rename = "BlockMap")]
    map: Ranges,
}

#[derive(Deserialize)]
struct Ranges {
    #[serde(rename = "Range", default)]
    ranges: Vec<Range>,
}

#[derive(Deserialize)]
struct Range {
    #[serde(rename = "@chksum")]
    checksum: String,
    #[serde(rename = "$text")]
    blocks: String,
}

/// Reads a block map.
///
/// # Errors
/// Why it is not to be relied on.
pub fn read(text: &str) -> Result<Bmap, BadMap> {
    let written: Written = quick_xml::de::from_str(text)?;
    let is_known = written.version.starts_with("2.") && written.checksum_type.trim() == "sha256";
    if !is_known {
        return Err(BadMap::Version);
    }
    check_itself(text, written.checksum.trim())?;
    let size = number(&written.image_size, "ImageSize")?;
    let block = number(&written.block_size, "BlockSize")?;
    let blocks = number(&written.blocks, "BlocksCount")?;
    if size > MAX_SIZE {
        return Err(BadMap::Number("ImageSize"));
    }
    if block == 0 || size.div_ceil(block) != blocks {
        return Err(BadMap::Number("BlocksCount"));
    }
    let mapped = number(&written.mapped_blocks, "MappedBlocksCount")?;
    let mut map = Bmap::builder();
    map.image_size(size).block_size(block).blocks(blocks).mapped_blocks(mapped);
    map.checksum_type(HashType::Sha256);
    let mut free = 0;
    for range in &written.map.ranges {
        let (first, last) = first_and_last(&range.blocks)?;
        if first < free || last < first || last >= blocks {
            return Err(BadMap::Number("Range"));
        }
        map.add_block_range(first, last, digest(&range.checksum)?);
        free = last + 1;
    }
    Ok(map.build().expect("everything was given above"))
}

/// The checksum counts as zeros while it is taken.
fn check_itself(text: &str, checksum: &str) -> Result<(), BadMap> {
    let blank = text.replacen(checksum, &"0".repeat(checksum.len()), 1);
    let found = HEXLOWER.encode(&Sha256::digest(blank.as_bytes()));
    if found == checksum.to_ascii_lowercase() { Ok(()) } else { Err(BadMap::Checksum) }
}

fn number(text: &str, name: &'static str) -> Result<u64, BadMap> {
    text.trim().parse().map_err(|_| BadMap::Number(name))
}

/// `7`, or `5-7`.
fn first_and_last(text: &str) -> Result<(u64, u64), BadMap> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Ok((number(first, "Range")?, number(last, "Range")?))
}

fn digest(text: &str) -> Result<HashValue, BadMap> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).unwrap_or_default();
    let bytes = bytes.try_into().map_err(|_| BadMap::Number("Range chksum"))?;
    Ok(HashValue::Sha256(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A map of an image of 10 blocks and half a block, with a checksum that is right.
    fn written(ranges: &[&str]) -> String {
        let sum = "ab".repeat(32);
        let ranges: String =
            ranges.iter().map(|it| format!("<Range chksum=\"{sum}\"> {it} </Range>\n")).collect();
        sealed(&format!(
            "<?xml version=\"1.0\" ?>\n<!-- of <BlocksCount> blocks -->\n<bmap version=\"2.0\">\n\
            <ImageSize> 43008 </ImageSize><BlockSize> 4096 </BlockSize>\n\
            <BlocksCount> 11 </BlocksCount><MappedBlocksCount> 4 </MappedBlocksCount>\n\
            <ChecksumType> sha256 </ChecksumType>\n<BmapFileChecksum> {} </BmapFileChecksum>\n\
            <BlockMap>\n{ranges}</BlockMap></bmap>\n",
            "0".repeat(64)
        ))
    }

    fn sealed(text: &str) -> String {
        let sum = HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
        text.replacen(&"0".repeat(64), &sum, 1)
    }

    #[test]
    fn ranges_are_bytes_and_the_last_block_may_be_short() {
        let map = read(&written(&["0", "3-4", "10"])).unwrap();
        let ranges: Vec<_> = map.block_map().map(|it| (it.offset(), it.length())).collect();
        assert_eq!(ranges, [(0, 4096), (12288, 8192), (40960, 2048)]);
        assert_eq!((map.image_size(), map.mapped_blocks()), (43008, 4));
        assert_eq!(read(&written(&[])).unwrap().block_map().len(), 0);
    }

    #[test]
    fn a_map_that_was_changed_or_cut_is_refused() {
        let good = written(&["0", "3-4"]);
        let changed = good.replace("3-4", "3-5");
        assert!(matches!(read(&changed), Err(BadMap::Checksum)));
        for end in 0..good.trim_end().len() {
            assert!(read(&good[..end]).is_err(), "{end}");
        }
        let other = sealed(&written(&[]).replace("sha256", "sha1"));
        assert!(matches!(read(&other), Err(BadMap::Version)));
    }

    #[test]
    fn ranges_outside_the_image_or_out_of_order_are_refused() {
        for bad in
            [&["11"][..], &["4-3"], &["3-4", "4"], &["5", "1"], &["x"], &["1-"], &["-1"], &[""]]
        {
            assert!(read(&written(bad)).is_err(), "{bad:?}");
        }
        let huge = u64::MAX.to_string();
        assert!(read(&written(&[&huge])).is_err());
    }
}
