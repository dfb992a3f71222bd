FILESEXTRAPATHS:prepend:tapcard := "${THISDIR}/files:"

SRC_URI:append:tapcard = " file://tapcard.cfg"
