# What U-Boot does at every start: takes the next slot in turn that has a start left, counts it down, and starts what the slot
# holds. RAUC gives a slot its three starts back once the kiosk has shown that it is well. Variables and their meaning are
# RAUC's (its "U-Boot" integration): BOOT_ORDER, BOOT_A_LEFT, BOOT_B_LEFT.

# Not uboot.env: on a Raspberry Pi, U-Boot would take that for all of its environment, and lose what starts it.
setenv env_file slots.env
setenv env_size 0x4000

# A file that is missing, or that a power cut has spoilt, means the first slot, and three starts for each.
if load ${devtype} ${devnum}:${distro_bootpart} ${ramdisk_addr_r} ${env_file}; then
    env import -c ${ramdisk_addr_r} ${env_size} BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT
fi
test -n "${BOOT_ORDER}" || setenv BOOT_ORDER "A B"
test -n "${BOOT_A_LEFT}" || setenv BOOT_A_LEFT 3
test -n "${BOOT_B_LEFT}" || setenv BOOT_B_LEFT 3

setenv slot
for it in "${BOOT_ORDER}"; do
    if test -z "${slot}" && test "${it}" = "A" && itest ${BOOT_A_LEFT} -gt 0; then
        setexpr BOOT_A_LEFT ${BOOT_A_LEFT} - 1
        setenv slot A
        setenv part 2
        setenv label root-a
    elif test -z "${slot}" && test "${it}" = "B" && itest ${BOOT_B_LEFT} -gt 0; then
        setexpr BOOT_B_LEFT ${BOOT_B_LEFT} - 1
        setenv slot B
        setenv part 3
        setenv label root-b
    fi
done

# None has a start left: all begin again, since a kiosk that stands still helps nobody.
if test -z "${slot}"; then
    setenv BOOT_A_LEFT 3
    setenv BOOT_B_LEFT 3
fi
env export -c -s ${env_size} ${ramdisk_addr_r} BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT
fatwrite ${devtype} ${devnum}:${distro_bootpart} ${ramdisk_addr_r} ${env_file} ${env_size}
test -n "${slot}" || reset

# What this board's hardware or a test adds to the kernel's command line.
setenv extra
if load ${devtype} ${devnum}:${distro_bootpart} ${ramdisk_addr_r} cmdline.env; then
    env import -t ${ramdisk_addr_r} ${filesize} extra
fi
# The device tree would have the kernel speak on the reader's line.
setenv bootargs "root=PARTLABEL=${label} ro rauc.slot=${slot} panic=5 console=tty1 quiet loglevel=3 vt.global_cursor_default=0 ${extra}"

if test -z "${fdt_addr}"; then setenv fdt_addr ${fdtcontroladdr}; fi
echo "tapcard: slot ${slot}"
load ${devtype} ${devnum}:${part} ${kernel_addr_r} boot/vmlinuz
load ${devtype} ${devnum}:${part} ${ramdisk_addr_r} boot/initrd.img
booti ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} ${fdt_addr}

# Nothing has started: the next try counts the slot down again.
reset
