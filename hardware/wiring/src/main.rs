//! Writes what follows from `hardware/wiring/pins.toml`. `make wiring` starts it.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use tapcard_wiring::outputs::{self, PAGE, TABLE};

fn main() -> Result<()> {
    let hardware = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |name: &str| {
        fs::read_to_string(hardware.join(name)).with_context(|| format!("reading {name}"))
    };
    for output in outputs::of(&read(TABLE)?, &read(PAGE)?)? {
        let path = hardware.join(&output.path);
        let folder = path.parent().context("a file without a folder")?;
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        fs::write(&path, output.text).with_context(|| format!("writing {}", output.path))?;
    }
    Ok(())
}
