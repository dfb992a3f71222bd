//! People who are not.

use std::sync::Arc;

use crate::portrait::{Portrait, SIDE};
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
    mara().with(Some(&Picture(Arc::new(Portrait(pixels)))))
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
