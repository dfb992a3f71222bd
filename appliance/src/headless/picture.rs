//! Writes frames into PNG files, on a thread of its own: compressing takes longer than drawing.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result};
use tapcard_canvas::Frame;
use tracing::error;

/// A folder of pictures, numbered as they came.
pub(super) struct Album {
    folder: PathBuf,
    n_pictures: usize,
    pictures: Sender<Picture>,
    writer: JoinHandle<()>,
}

struct Picture {
    path: PathBuf,
    width: u32,
    height: u32,
    bytes: Vec<u8>,
}

impl Album {
    /// Starts the writer.
    pub(super) fn open(folder: &Path) -> Result<Album> {
        let (pictures, received) = channel::<Picture>();
        let writer = thread::Builder::new().name("album".into()).spawn(move || {
            for picture in received {
                if let Err(error) = write(&picture) {
                    error!("{error:#}");
                }
            }
        })?;
        Ok(Album { folder: folder.to_owned(), n_pictures: 0, pictures, writer })
    }

    /// Adds one picture, `NN-NAME.png`.
    pub(super) fn add(&mut self, name: &str, frame: &Frame) {
        self.n_pictures += 1;
        self.hang(&format!("{:02}-{name}", self.n_pictures), frame);
    }

    /// Adds one picture under this name.
    pub(super) fn hang(&self, name: &str, frame: &Frame) {
        let path = self.folder.join(format!("{name}.png"));
        let bytes = frame.bytes();
        let picture = Picture { path, width: frame.width, height: frame.height, bytes };
        // The writer ends with this album alone.
        let _ = self.pictures.send(picture);
    }

    /// Waits until every picture is written.
    pub(super) fn close(self) {
        drop(self.pictures);
        if self.writer.join().is_err() {
            error!("the pictures were not all written");
        }
    }
}

fn write(picture: &Picture) -> Result<()> {
    let context = || format!("writing {}", picture.path.display());
    // Under its own name only once it is whole, so that nobody reads half a picture.
    let part = picture.path.with_extension("part");
    let file = BufWriter::new(File::create(&part).with_context(context)?);
    let mut encoder = png::Encoder::new(file, picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().with_context(context)?;
    writer.write_image_data(&picture.bytes).with_context(context)?;
    writer.finish().with_context(context)?;
    std::fs::rename(&part, &picture.path).with_context(context)
}
