SUMMARY = "A kiosk's update"
DESCRIPTION = "The root of tapcard-image, signed by the operator, for the slot of a kiosk that does not run."
HOMEPAGE = "https://tapcard.example"
LICENSE = "MIT"

SRC_URI = ""

inherit bundle tapcard_operator

TAPCARD_OPERATOR_FILES = "RAUC_CERT_FILE RAUC_KEY_FILE"

RAUC_BUNDLE_COMPATIBLE = "tapcard-kiosk-${MACHINE}"
RAUC_BUNDLE_FORMAT = "verity"
# What usr/lib/tapcard/vet-update compares.
RAUC_BUNDLE_VERSION = "${PV}"
RAUC_BUNDLE_SLOTS = "root"
RAUC_SLOT_root = "tapcard-image"
RAUC_SLOT_root[fstype] = "ext4"
