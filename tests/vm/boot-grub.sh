#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The same by GRUB under UEFI: its menu, its environment block, and the directories that grub-install fills.
# vm: uefi
# vm: disk nvme 400M
# vm: disk nvme 400M
# vm: boots 7
# vm: boot disk
# vm: timeout 300
# shellcheck source=/dev/null
. "${VM_LIB:?}"
# shellcheck source=/dev/null
. "$VM_TREE/tests/vm/boot-lib"

# Only the ESP is destroyed: the firmware still finds its partition.
destroy() {
    dd if=/dev/zero of="$(part 1)" bs=1M count=16 conv=fsync status=none
}
repartition() { :; }

# grub-install is at work: its files come into place, or do not.
last_cut() {
    pve-boot refresh
    newer_loader
    cut_during 8000 pve-boot reinit
}

chain grub
case $VM_BOOT in
    1)
        is 'the firmware has an entry for GRUB' \
            "$(efibootmgr -v | grep -c 'proxmox.*grubx64.efi')" 1
        ;;
    2) ok 'GRUB did it' grep -q 'BOOT_IMAGE=/vmlinuz-' /proc/cmdline ;;
esac
