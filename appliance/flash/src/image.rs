//! An image's file and what lies beside it: its map and its checksum. It is read as one stream, unpacked on the way.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use bmap_parser::{Bmap, SeekForward};
use data_encoding::HEXLOWER;
use liblzma::read::XzDecoder;
use sha2::{Digest, Sha256};

use crate::map;
use crate::progress::{Metered, Progress};

/// Bytes that are skipped at once where nothing can be sought.
const SKIPPED: u64 = 64 * 1024;
/// Bytes that are read at once to make a checksum.
const CHUNK: usize = 1024 * 1024;
/// A block map of a large disk is a few hundred kilobytes.
const MAX_MAP: u64 = 64 * 1024 * 1024;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Raw,
    Zst,
    Xz,
}

/// An image's file, opened once: what was judged is what is written.
pub struct Image {
    path: PathBuf,
    file: File,
    form: Form,
    /// Bytes of the file as it lies there, packed or not.
    pub size: u64,
}

impl Image {
    /// Opens one by its name, which says how it is packed.
    ///
    /// # Errors
    /// When the name says nothing or there is no such file.
    pub fn open(path: &Path) -> Result<Image> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let form = match name.rsplit_once('.') {
            Some((_, "img" | "wic")) => Form::Raw,
            Some((_, "zst")) => Form::Zst,
            Some((_, "xz")) => Form::Xz,
            _ => bail!("{name} is no image: its name must end in .img, .img.zst or .img.xz"),
        };
        let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
        let size = file.metadata()?.len();
        Ok(Image { path: path.to_owned(), file, form, size })
    }

    /// Whether the file's length is the image's.
    pub fn is_packed(&self) -> bool {
        self.form != Form::Raw
    }

    /// Reads it from the beginning; what was read shows in `progress`, of `size`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn stream<'a>(&'a self, progress: &'a Progress) -> Result<Stream<'a>> {
        let mut file = &self.file;
        file.rewind()?;
        let file = Metered::new(file, progress);
        Ok(match self.form {
            Form::Raw => Stream::Raw(file),
            Form::Zst => Stream::Packed(Box::new(zstd::Decoder::new(file)?)),
            Form::Xz => Stream::Packed(Box::new(XzDecoder::new_multi_decoder(file))),
        })
    }

    /// Holds the file against the checksum beside it, if there is one (`IMAGE.sha256`); says whether there was.
    ///
    /// # Errors
    /// When they differ.
    pub fn check_sum(&self) -> Result<bool> {
        let beside = with(&self.path, ".sha256");
        let Some(text) = read_if_there(&beside)? else {
            return Ok(false);
        };
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let Some(wanted) = sum_of(&text, &name) else {
            bail!("{} names no checksum of {name}; fetch it again", beside.display());
        };
        let progress = Progress::begin("summing up", self.size);
        let mut file = &self.file;
        file.rewind()?;
        if sum(&mut Metered::new(file, &progress))?.1 != wanted {
            bail!(
                "{name} is not what {} says: it was not fetched or copied whole. Fetch both again \
                 and run the same command; nothing was written",
                beside.display()
            );
        }
        Ok(true)
    }

    /// Its block map: this file, or the one beside it, if there is one.
    ///
    /// # Errors
    /// When there is one that is not to be relied on.
    pub fn map(&self, given: Option<&Path>) -> Result<Option<Bmap>> {
        let path = match given {
            Some(path) => path.to_owned(),
            None => match maps_of(&self.path).into_iter().find(|it| it.exists()) {
                Some(path) => path,
                None => return Ok(None),
            },
        };
        let (mut text, name) = (String::new(), path.display());
        File::open(&path)
            .and_then(|it| it.take(MAX_MAP).read_to_string(&mut text))
            .with_context(|| format!("reading {name}"))?;
        let map = map::read(&text);
        Ok(Some(map.with_context(|| {
            format!("{name} is not used and nothing was written; fetch it again")
        })?))
    }
}

/// Where a map of an image may lie: `a.img.zst` has `a.img.bmap`, `a.bmap` or `a.img.zst.bmap`.
fn maps_of(image: &Path) -> Vec<PathBuf> {
    let name = image.file_name().unwrap_or_default().to_string_lossy();
    let unpacked = name.trim_end_matches(".zst").trim_end_matches(".xz");
    let bare = unpacked.trim_end_matches(".img").trim_end_matches(".wic");
    [unpacked, bare, &name].iter().map(|it| image.with_file_name(format!("{it}.bmap"))).collect()
}

fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn read_if_there(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
    }
}

/// The checksum of a file in the output of sha256sum, or one that stands alone.
fn sum_of(text: &str, name: &str) -> Option<String> {
    let mut sums = text.lines().filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let sum = words.next().filter(|it| it.len() == 64)?;
        let of = words.next().map(|it| it.trim_start_matches('*'));
        let is_meant = of.is_none_or(|it| it.rsplit('/').next() == Some(name));
        is_meant.then(|| sum.to_ascii_lowercase())
    });
    sums.next_back()
}

/// The length and SHA-256 of everything that comes.
///
/// # Errors
/// When reading fails.
pub fn sum(stream: &mut impl Read) -> io::Result<(u64, String)> {
    let (mut hasher, mut length, mut buffer) = (Sha256::new(), 0, vec![0; CHUNK]);
    loop {
        let n_read = stream.read(&mut buffer)?;
        if n_read == 0 {
            return Ok((length, HEXLOWER.encode(&hasher.finalize())));
        }
        hasher.update(&buffer[..n_read]);
        length += n_read as u64;
    }
}

/// An image, from its first byte to its last.
pub enum Stream<'a> {
    /// A file that can be sought in.
    Raw(Metered<'a, &'a File>),
    /// One that is unpacked.
    Packed(Box<dyn Read + 'a>),
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Raw(file) => file.read(buffer),
            Stream::Packed(stream) => stream.read(buffer),
        }
    }
}

/// bmap-parser has the like, which never ends at the end of a stream.
impl SeekForward for Stream<'_> {
    fn seek_forward(&mut self, offset: u64) -> io::Result<()> {
        match self {
            Stream::Raw(file) => file.skip(offset),
            Stream::Packed(stream) => {
                let mut left = offset;
                let mut buffer = vec![0; SKIPPED as usize];
                while left > 0 {
                    let part = left.min(SKIPPED) as usize;
                    stream.read_exact(&mut buffer[..part])?;
                    left -= part as u64;
                }
                Ok(())
            }
        }
    }
}

impl Metered<'_, &File> {
    fn skip(&mut self, offset: u64) -> io::Result<()> {
        let offset = i64::try_from(offset).map_err(io::Error::other)?;
        let position = self.inner.seek(SeekFrom::Current(offset))?;
        self.progress.set(position);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_lies_beside_its_image() {
        let names = |image: &str| {
            let maps = maps_of(Path::new(image)).into_iter();
            maps.map(|it| it.to_string_lossy().into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names("/x/a.img.zst"), ["/x/a.img.bmap", "/x/a.bmap", "/x/a.img.zst.bmap"]);
        assert_eq!(names("a.img"), ["a.img.bmap", "a.bmap", "a.img.bmap"]);
    }

    #[test]
    fn a_checksum_is_found_by_the_files_name() {
        let (one, two) = ("1".repeat(64), "2".repeat(64));
        let list = format!("{one}  b.img\n{two} *./out/a.img\n");
        assert_eq!(sum_of(&list, "a.img"), Some(two));
        assert_eq!(sum_of(&one, "a.img"), Some(one));
        assert_eq!(sum_of("not found", "a.img"), None);
        assert_eq!(sum_of(&list, "c.img"), None);
    }

    #[test]
    fn a_name_that_says_nothing_is_refused() {
        let error = Image::open(Path::new("/x/a.zip")).err().unwrap().to_string();
        assert_eq!(error, "a.zip is no image: its name must end in .img, .img.zst or .img.xz");
    }

    #[test]
    fn skipping_past_the_end_of_a_packed_image_is_an_error() {
        let mut stream = Stream::Packed(Box::new(&[0; 100][..]));
        stream.seek_forward(60).unwrap();
        let error = stream.seek_forward(60).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    }
}
