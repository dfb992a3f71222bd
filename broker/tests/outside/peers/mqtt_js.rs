//! MQTT.js from npm, the very version that the phone's page carries.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use super::{Login, Peer, Wish, read_line, script_options};
use crate::listener::Door;

/// The library as the phone's lock file pins it; fetched when it is missing.
pub(crate) static LIBRARY: LazyLock<PathBuf> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let library = root.join("target/phone/node_modules/mqtt/build/index.js");
    if !library.is_file() {
        let built = Command::new(root.join("cloud-worker/phone/build")).status();
        assert!(built.expect("run cloud-worker/phone/build").success(), "no MQTT.js");
    }
    library.canonicalize().expect("MQTT.js lies where npm puts it")
});

/// A script beside this file, with the library's path and its options.
pub(crate) fn node(script: &str, options: &str) -> Command {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside").join(script);
    let mut command = Command::new("node");
    command.arg(script).arg(&*LIBRARY).arg(options);
    command
}

pub(super) fn start(door: &Door, login: &Login<'_>, wish: &Wish) -> Peer {
    let options = script_options(door, login, wish);
    Peer::start(&mut node("peers/mqtt_js.mjs", &options), read_line)
}
