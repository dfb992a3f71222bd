//! What systemd hears.

use std::os::unix::net::UnixDatagram;
use std::path::Path;

use crate::kiosk::{DEADLINE, Kiosk};

fn heard(socket: &UnixDatagram) -> String {
    let mut room = [0; 100];
    let size = socket.recv(&mut room).unwrap();
    String::from_utf8_lossy(&room[..size]).trim_end().to_owned()
}

fn listening(folder: &Path) -> UnixDatagram {
    let socket = UnixDatagram::bind(folder.join("notify")).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    socket
}

#[test]
fn systemd_hears_that_the_kiosk_is_there_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let socket = listening(folder.path());
    let mut kiosk = Kiosk::watched(folder.path(), &folder.path().join("notify"), 200_000);
    assert_eq!(heard(&socket), "READY=1");
    // Nobody comes, and nothing is due: the pulse alone wakes the loop.
    for _ in 0..3 {
        assert_eq!(heard(&socket), "WATCHDOG=1");
    }
    // The invitation was there before systemd was told.
    kiosk.obey("wait attract 0");
    assert!(kiosk.terminate().success());
}
