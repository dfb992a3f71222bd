//! Says what to do when the phone's page has not been put together yet.

use std::path::Path;

fn main() {
    let page = Path::new("../target/phone/dist");
    println!("cargo::rerun-if-changed={}", page.display());
    if !page.join("index.html").is_file() {
        println!(
            "cargo::error=the phone's page is missing: run `make phone` in the project's folder first"
        );
    }
}
