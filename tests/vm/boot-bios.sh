#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The same by GRUB where the firmware is a BIOS, from the BIOS boot partition.
# vm: disk nvme 400M
# vm: disk nvme 400M
# vm: boots 7
# vm: boot disk
# vm: timeout 300
# shellcheck source=/dev/null
. "${VM_LIB:?}"
# shellcheck source=/dev/null
. "$VM_TREE/tests/vm/boot-lib"

# A BIOS tries one hard disk only; which one, somebody has to tell it.
# shellcheck disable=SC2034 # for chain
dead=2

chain
case $VM_BOOT in
    2) ok 'GRUB did it' grep -q 'BOOT_IMAGE=/vmlinuz-' /proc/cmdline ;;
esac
