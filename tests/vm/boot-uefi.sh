#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Disks that pve-boot prepared start by systemd-boot: the kernel that is chosen, once or always, whatever happens to them.
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

chain
vars=/sys/firmware/efi/efivars
guid=4a67b082-0a4c-41cf-b6c7-440b29bb8c4f
case $VM_BOOT in
    1)
        is 'the firmware has an entry for each ESP' \
            "$(efibootmgr -v | grep -c 'systemd-bootx64.efi')" 2
        ;;
    2)
        ok 'systemd-boot did it' sh -c "tr -d '\\000' <$vars/LoaderInfo-$guid | grep systemd-boot"
        ;;
    3)
        is 'systemd-boot is told of the one boot' \
            "$(tr -d '\000\007' <"$vars/LoaderEntryOneShot-$guid")" "proxmox-$(version 2).conf"
        ;;
    5)
        ok 'and has struck it' test ! -e "$vars/LoaderEntryOneShot-$guid"
        ;;
    7)
        is "the dead disk's entry is gone, the new one's is there" \
            "$(efibootmgr -v | grep -c 'systemd-bootx64.efi')" 2
        ;;
esac
