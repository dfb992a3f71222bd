FILESEXTRAPATHS:prepend:tapcard := "${THISDIR}/files:${THISDIR}/../../../appliance/rootfs/etc:"

SRC_URI:append:tapcard = " file://tapcard.cfg"
