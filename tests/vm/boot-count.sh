#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# One start of another kernel where EFI variables cannot be written: systemd-boot counts it, and goes back to the default.
# vm: uefi
# vm: disk nvme 400M
# vm: disk nvme 400M
# vm: boots 5
# vm: boot disk
# vm: timeout 300
# shellcheck source=/dev/null
. "${VM_LIB:?}"
# shellcheck source=/dev/null
. "$VM_TREE/tests/vm/boot-lib"

# The firmware of some machines refuses; here the file system does.
begin
mount -o remount,ro /sys/firmware/efi/efivars
hang=$(version -1)
case $VM_BOOT in
    1)
        kernel -1 hang
        kernel 0
        kernel 1
        choose -1 0 1
        prepare systemd-boot
        ok 'a kernel is pinned' pve-boot kernel pin "$(version 0)"
        ok 'on all ESPs' pve-boot refresh
        ok 'another one is to be started once' pve-boot kernel pin "$hang" --next-boot
        finish
        ;;
    2 | 4) fail 'the kernel that hangs did not hang' ;;
    3)
        is 'the kernel that hangs was started once' "$(grep -cF "$hang" "$VM_SHARE/hung")" 1
        ok 'B21: then the pinned kernel, although nobody said that the other was bad' booted 0
        ok 'nothing is pinned' pve-boot kernel unpin
        ok 'on all ESPs' pve-boot refresh
        is 'nothing is left of it' "$(pve-boot refresh -n)" ''
        ok 'once more, without a pin' pve-boot kernel pin "$hang" --next-boot
        finish
        ;;
    5)
        is 'the kernel that hangs was started once more' "$(grep -cF "$hang" "$VM_SHARE/hung")" 2
        ok 'then the newest one' booted 1
        ;;
esac
