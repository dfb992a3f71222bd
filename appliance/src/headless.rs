//! The kiosk without a display, for tests: the same screens drawn into memory in real time, a PNG at
//! every change of screen, and a person's hands on standard input.

#[cfg(test)]
mod gallery;
mod hands;
pub mod measure;
#[cfg(test)]
mod motion;
mod pages;
mod picture;
#[cfg(test)]
mod played;
#[cfg(test)]
mod reference;
mod script;
#[cfg(test)]
mod time_left;
#[cfg(test)]
mod walk;

use std::path::Path;
use std::sync::mpsc::channel;
use std::thread;

use anyhow::{Context, Result};
use slint::ComponentHandle;

use crate::screens::window::{Nav, Screen, settle};
use crate::screens::{Screens, animate};
use picture::Album;
use script::{Happening, Script};
use tapcard_canvas::Canvas;

/// A display that is only memory.
pub struct Headless {
    canvas: Canvas,
    album: Album,
}

impl Headless {
    /// Takes the place of a display; must come before the screens are opened.
    ///
    /// # Errors
    /// Fails when the folder cannot be made.
    pub fn prepare(folder: &Path, width: u32, height: u32) -> Result<Headless> {
        let context = || format!("making the folder {}", folder.display());
        std::fs::create_dir_all(folder).with_context(context)?;
        Ok(Headless { canvas: Canvas::install_shared(width, height)?, album: Album::open(folder)? })
    }

    /// Draws until the screens are closed.
    ///
    /// # Errors
    /// Fails when a thread cannot be started.
    pub fn run(mut self, screens: &Screens) -> Result<()> {
        let app = screens.app();
        animate(app, false);
        app.show()?;
        settle(app);
        let (tell, happenings) = channel();
        let script = Script::new(happenings, app.as_weak(), self.canvas.waker());
        thread::Builder::new().name("script".into()).spawn(move || script.run())?;
        script::listen(tell.clone())?;
        let mut shown = None;
        self.canvas.run(|frame, asked| {
            let screen = app.global::<Nav<'_>>().get_screen();
            if screen != Screen::Blank && shown != Some(screen) {
                shown = Some(screen);
                // The script ends with the program.
                let _ = tell.send(Happening::Screen(name(screen)));
                self.album.add(name(screen), frame);
            }
            if let Some(name) = asked {
                self.album.add(&name, frame);
            }
        });
        self.album.close();
        Ok(())
    }
}

fn name(screen: Screen) -> &'static str {
    match screen {
        Screen::Blank => "blank",
        Screen::Unset => "unset",
        Screen::Attract => "attract",
        Screen::Fault => "fault",
        Screen::Enrol => "enrol",
        Screen::Hold => "hold",
        Screen::Late => "late",
        Screen::Confirm => "confirm",
        Screen::Done => "done",
        Screen::Pair => "pair",
        Screen::Introduced => "introduced",
        Screen::Refused => "refused",
        Screen::Undone => "undone",
        Screen::Note => "note",
        Screen::CloudToo => "cloud-too",
        Screen::StillThere => "still-there",
        Screen::Phone => "phone",
        Screen::Claimed => "claimed",
        Screen::Card => "card",
        Screen::ByPhone => "by-phone",
        Screen::Lock => "lock",
        Screen::Contacts => "contacts",
        Screen::Contact => "contact",
        Screen::Editor => "editor",
        Screen::Tell => "tell",
        Screen::Mode => "mode",
        Screen::Badges => "badges",
        Screen::Remark => "remark",
        Screen::Menu => "menu",
        Screen::Settings => "settings",
        Screen::Condition => "condition",
        Screen::Wipe => "wipe",
        Screen::SignOut => "sign-out",
        Screen::Stick => "stick",
        Screen::Upkeep => "upkeep",
        Screen::Network => "network",
        Screen::Ask => "ask",
        Screen::Welcome => "welcome",
        Screen::NewPin => "new-pin",
        Screen::Trial => "trial",
        Screen::Scan => "scan",
    }
}
