//! Pictures made ready for the screens: as small as they are shown, and cut as the place asks. Pure.
//!
//! What strangers bring is read within limits, and by a program of its own ([`apart`]).

mod animation;
pub mod apart;
mod portrait;

use std::fmt::{self, Debug};
use std::time::Duration;

use image::RgbaImage;
use image::imageops::FilterType;
use tapcard_protocol::picture::{self, Unread};

pub use portrait::SIDE;

/// Where a picture is shown, and so how large it is at most and how it is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the circle on a card's face: [`SIDE`] by [`SIDE`] pixels.
    Face,
    /// In the corner of a card's face, as a sign.
    Sign,
    /// By itself. It may move.
    Wall,
}

impl Place {
    /// All of them.
    pub const ALL: [Place; 3] = [Place::Face, Place::Sign, Place::Wall];

    /// As the command line says it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Place::Face => "face",
            Place::Sign => "sign",
            Place::Wall => "wall",
        }
    }

    /// Width and height that a picture has there at most, in pixels: on a panel 600 high a card is 488 wide at most, its
    /// sign 44 hundredths of it, and a picture by itself as wide as the card.
    #[must_use]
    pub const fn box_of(self) -> (u32, u32) {
        match self {
            Place::Face => (SIDE, SIDE),
            Place::Sign => (216, 72),
            Place::Wall => (488, 400),
        }
    }
}

/// A picture as it is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Print {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// One, or several that follow one another: red, green, blue and how opaque, row by row from the top.
    pub frames: Vec<Vec<u8>>,
    /// How long each of them stands.
    pub pace: Duration,
}

impl Debug for Print {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Print({} by {}, {} frames)", self.width, self.height, self.frames.len())
    }
}

/// Makes a picture ready for a place.
///
/// # Errors
/// Says why it is not shown.
pub fn take(bytes: &[u8], place: Place) -> Result<Print, Unread> {
    match place {
        Place::Face => Ok(still(portrait::cut(&picture::read(bytes)?))),
        Place::Sign => fitted(bytes, place),
        Place::Wall => match picture::animation(bytes)? {
            Some(it) => animation::thinned(it),
            None => fitted(bytes, place),
        },
    }
}

fn still(picture: RgbaImage) -> Print {
    let (width, height) = picture.dimensions();
    Print { width, height, frames: vec![picture.into_raw()], pace: Duration::ZERO }
}

/// The whole of it, never larger than it is.
fn fitted(bytes: &[u8], place: Place) -> Result<Print, Unread> {
    let picture = picture::read(bytes)?;
    let (width, height) = place.box_of();
    if picture.width() <= width && picture.height() <= height {
        return Ok(still(picture.into_rgba8()));
    }
    Ok(still(picture.resize(width, height, FilterType::Triangle).into_rgba8()))
}

#[cfg(test)]
mod tests;
