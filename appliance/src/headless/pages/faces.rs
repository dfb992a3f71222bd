//! People who are not.

use std::sync::Arc;
use std::time::Duration;

use crate::print::{Print, SIDE};
use crate::view::{Face, Picture};

pub(super) fn mara() -> Face {
    Face {
        name: "Mara Lindqvist".into(),
        title: "Head of Partnerships".into(),
        organisation: "Halden Instruments".into(),
        phone: "+46 70 174 06 12".into(),
        mail: "mara@halden.example".into(),
        monogram: "ML".into(),
        tint: 0,
        portrait: None,
        logo: None,
    }
}

/// With a picture of nobody: a face on a ground.
pub(super) fn portrayed() -> Face {
    let (side, mut pixels) = (SIDE as i32, Vec::new());
    for at in 0..side * side {
        let (x, y) = (at % side - side / 2, at / side - side / 2);
        let is_in = |x: i32, y: i32, radius: i32| x * x + y * y < radius * radius;
        let skin = is_in(x, y + 14, 40) || is_in(x, y - 96, 72);
        let clear = !is_in(x, y, side / 2);
        let colour = if skin { [224, 176, 144, 255] } else { [40, 92, 110, 255] };
        pixels.extend(if clear { [0; 4] } else { colour });
    }
    mara().with(Some(&Picture(Arc::new(still(SIDE, SIDE, pixels)))))
}

fn still(width: u32, height: u32, pixels: Vec<u8>) -> Print {
    Print { width, height, frames: vec![pixels], pace: Duration::ZERO }
}

/// With the sign of nobody's company: a ring and three bars.
pub(super) fn signed() -> Face {
    let (width, height, mut pixels) = (216_i32, 72_i32, Vec::new());
    for at in 0..width * height {
        let (x, y) = (at % width, at / width);
        let from_middle = ((x - 36) * (x - 36) + (y - 36) * (y - 36)).isqrt();
        let is_ring = (20..32).contains(&from_middle);
        let is_bar = x >= 88 && (y / 12) % 2 == 1 && x < 216 - 20 * (y / 24);
        pixels.extend(if is_ring || is_bar { [40, 92, 110, 255] } else { [0; 4] });
    }
    portrayed().signed(Some(&Picture(Arc::new(still(width as u32, height as u32, pixels)))))
}

/// Something that moves: a ball in four places.
pub(super) fn animation() -> Picture {
    let (width, height) = (320_i32, 240_i32);
    let frame = |middle: i32| {
        let points = (0..width * height).map(|at| (at % width - middle, at / width - height / 2));
        let ball = |(x, y): (i32, i32)| x * x + y * y < 40 * 40;
        points
            .flat_map(|it| if ball(it) { [224, 176, 144, 255] } else { [40, 92, 110, 255] })
            .collect()
    };
    let frames = [60, 120, 180, 240].map(frame).into();
    let pace = Duration::from_millis(200);
    Picture(Arc::new(Print { width: width as u32, height: height as u32, frames, pace }))
}

pub(super) fn long() -> Face {
    Face {
        name: "Dr. Maximiliane von Hohenfels-Sankt Georgen".into(),
        title: "Geschäftsführende Gesellschafterin".into(),
        organisation: "Weidenbach & Söhne Präzisionstechnik".into(),
        phone: "+49 30 23125 0142".into(),
        mail: "m.hohenfels@weidenbach.example".into(),
        monogram: "MH".into(),
        tint: 6,
        portrait: None,
        logo: None,
    }
}

pub(super) fn wang() -> Face {
    Face {
        name: "王小明".into(),
        title: "总经理".into(),
        organisation: "深圳光启科技有限公司".into(),
        monogram: "王".into(),
        tint: 3,
        ..Face::default()
    }
}
