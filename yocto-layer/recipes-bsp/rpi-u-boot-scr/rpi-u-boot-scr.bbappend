FILESEXTRAPATHS:prepend:tapcard := "${THISDIR}/files:"
