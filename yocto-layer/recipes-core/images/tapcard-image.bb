SUMMARY = "A kiosk's card"
DESCRIPTION = "Two slots with a root that cannot be written, of which one runs and the other takes the next update, and a data partition that outlives both."
HOMEPAGE = "https://tapcard.example"
LICENSE = "MIT"

inherit core-image features_check tapcard_operator

REQUIRED_DISTRO_FEATURES = "polkit systemd"

IMAGE_FEATURES += "read-only-rootfs"
IMAGE_LINGUAS = ""
IMAGE_INSTALL = "\
    ca-certificates \
    kernel-image \
    libubootenv-bin \
    networkmanager \
    networkmanager-nmcli \
    networkmanager-wifi \
    packagegroup-core-boot \
    rauc \
    source-han-sans-cn-fonts \
    source-han-sans-jp-fonts \
    tapcard-kiosk \
    ttf-dejavu-sans \
    tzdata \
    u-boot-env \
    wireless-regdb-static \
"

IMAGE_FSTYPES = "ext4 wic.zst wic.bmap"
WKS_FILE = "tapcard-ab.wks.in"
# A root must fit its slot, in KiB.
IMAGE_ROOTFS_MAXSIZE = "1048576"

# NetworkManager keeps the names' servers where it can write them.
point_to_name_servers() {
    ln -sfn ../run/NetworkManager/resolv.conf ${IMAGE_ROOTFS}${sysconfdir}/resolv.conf
}
point_to_name_servers[doc] = "Where programs look for the names' servers"
ROOTFS_POSTPROCESS_COMMAND += "point_to_name_servers"
