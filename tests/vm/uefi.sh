#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The guest runs under UEFI firmware and sees its variables.
# vm: uefi
# shellcheck source=/dev/null
. "${VM_LIB:?}"

ok 'the kernel was started by UEFI' test -d /sys/firmware/efi
ok 'efivarfs is mounted' grep -q ' /sys/firmware/efi/efivars efivarfs rw' /proc/mounts
ok 'the firmware has a boot order' test -s \
    /sys/firmware/efi/efivars/BootOrder-8be4df61-93ca-11d2-aa0d-00e098032b8c
