//! The fuzz targets' corpus, played through what they do: no panic, nothing beyond the limits.

#[path = "../fuzz/src/lib.rs"]
pub mod fuzz;

use std::fs;
use std::path::Path;

/// Plays every file of a target's corpus, and each of them cut off and changed at every byte.
#[track_caller]
fn play(target: &str, function: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files = fs::read_dir(folder).expect("the target has a corpus");
    let files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    assert!(files.len() > 2, "{target} has a corpus");
    for file in files {
        let bytes = fs::read(&file).expect("a readable file");
        function(&bytes);
        for at in 0..bytes.len() {
            function(&bytes[..at]);
            for change in [0x01, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[at] ^= change;
                function(&changed);
            }
        }
    }
}

#[test]
fn ndef_messages_are_decoded_or_refused() {
    play("ndef_decode", fuzz::ndef_decode);
}

#[test]
fn type_2_tags_are_read_or_refused() {
    play("type2_plan", fuzz::type2_plan);
}

#[test]
fn type_4_tags_are_read_or_refused() {
    play("type4_reader", fuzz::type4_reader);
}

#[test]
fn our_own_card_answers_whatever_it_hears() {
    play("type4_card", fuzz::type4_card);
}
