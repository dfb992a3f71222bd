SUMMARY = "What a kiosk has in its root beside its program"
DESCRIPTION = "The unit, the rules of its devices, its user and its settings of the system, each installed as appliance/rootfs/manifest.toml lists it."
HOMEPAGE = "https://tapcard.example"
SECTION = "base"
LICENSE = "GPL-3.0-only"
LIC_FILES_CHKSUM = "file://GPL-3.0-only.txt;md5=1ebbd3e34237af26da5dc08a4e440464"

# Both are links in files/, to what the repository has of them.
SRC_URI = "file://GPL-3.0-only.txt file://rootfs"

S = "${UNPACKDIR}"

inherit features_check systemd useradd

REQUIRED_DISTRO_FEATURES = "systemd"

# Files that a recipe of another layer owns; the appends of this one put the kiosk's there.
OWNED_ELSEWHERE = "etc/fstab etc/fw_env.config etc/rauc/system.conf"

SYSTEMD_SERVICE:${PN} = "tapcard-clock.timer tapcard-good.service tapcard-kiosk.service tapcard-provision.service"

# What usr/lib/sysusers.d/tapcard.conf says, for a root that cannot be written when it starts.
USERADD_PACKAGES = "${PN}"
GROUPADD_PARAM:${PN} = "--system gpio; --system spi; --system i2c; --system tapcard"
USERADD_PARAM:${PN} = "--system -M -d / -s ${base_sbindir}/nologin -c 'Tapcard kiosk' -g tapcard tapcard"

do_configure[noexec] = "1"
do_compile[noexec] = "1"

# The manifest's table, of which every value is a string on a line of its own. Not by tomllib: bitbake's Python may be older.
def tapcard_manifest(path):
    import re

    with open(path) as manifest:
        blocks = manifest.read().split("[[file]]")[1:]
    return [dict(re.findall(r'^(\w+) = "([^"]*)"$', it, re.MULTILINE)) for it in blocks]

python do_install() {
    import shutil

    source = os.path.join(d.getVar("S"), "rootfs")
    elsewhere = d.getVar("OWNED_ELSEWHERE").split()
    for it in tapcard_manifest(os.path.join(source, "manifest.toml")):
        if it["path"] in elsewhere:
            continue
        target = os.path.join(d.getVar("D"), it["path"])
        bb.utils.mkdirhier(os.path.dirname(target))
        shutil.copyfile(os.path.join(source, it["path"]), target)
        os.chmod(target, int(it["mode"], 8))
        shutil.chown(target, *it["owner"].split(":"))
}

FILES:${PN} += "${datadir}/polkit-1 ${nonarch_libdir}"
