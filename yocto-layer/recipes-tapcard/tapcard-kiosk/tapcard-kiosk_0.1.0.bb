SUMMARY = "The kiosk's program"
DESCRIPTION = "Shows, reads and swaps business cards on a touch screen with a PN532 reader, keeps them in its own store and sends what was decided to the cloud."
HOMEPAGE = "https://tapcard.example"
SECTION = "graphics"
LICENSE = "GPL-3.0-only"
LIC_FILES_CHKSUM = "file://LICENSES/GPL-3.0-only.txt;md5=1ebbd3e34237af26da5dc08a4e440464"

DEPENDS = "fontconfig libinput libxkbcommon udev"

require ${BPN}-crates.inc

# The program is that of the repository which the layer stands in, at the revision that was released.
SRC_URI += "git://${TAPCARD_CLONE};protocol=file;nobranch=1;name=tapcard"
SRCREV_tapcard = "54bf1ec7662d457275f26d2d914d2f5096c44971"
SRCREV_FORMAT = "tapcard"

inherit cargo cargo-update-recipe-crates features_check pkgconfig

REQUIRED_DISTRO_FEATURES = "systemd"

# The whole screen by KMS, drawn by the processor: neither Mesa nor a display server.
CARGO_BUILD_FLAGS += "--package tapcard-appliance --no-default-features --features kms"

RDEPENDS:${PN} += "tapcard-rootfs xkeyboard-config"
