FILESEXTRAPATHS:prepend:tapcard := "${THISDIR}/../../../appliance/rootfs/etc:"

# Where the partitions are mounted, on a root that cannot be written.
dirs755:append:tapcard = " /data /boot/firmware"
