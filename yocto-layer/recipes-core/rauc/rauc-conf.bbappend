FILESEXTRAPATHS:prepend:tapcard := "${THISDIR}/../../../appliance/rootfs/etc/rauc:"

# /etc is where RAUC looks first. A bundle for another board is refused: each board has its own word.
do_install:tapcard() {
    install -d ${D}${sysconfdir}/rauc
    sed 's/^compatible=.*/&-${MACHINE}/' ${UNPACKDIR}/system.conf > ${D}${sysconfdir}/rauc/system.conf
    chmod 0644 ${D}${sysconfdir}/rauc/system.conf
    install -m 0644 ${UNPACKDIR}/${@os.path.basename(d.getVar('RAUC_KEYRING_FILE'))} ${D}${sysconfdir}/rauc/operator.pem
}

PACKAGE_ARCH:tapcard = "${MACHINE_ARCH}"
