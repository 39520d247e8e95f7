#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# All is well: a logged disk, a slow one, a skipped check, a file for the host.
# vm: cpus 1
# vm: disk virtio 16M logwrites
# vm: disk virtio 16M throttle=1M
# shellcheck source=/dev/null
. "${VM_LIB:?}"

load virtio_blk
wait_for 10 disk_by_serial VMDISK2
ok 'the logged disk is written' \
    dd if=/dev/zero of="$(disk_by_serial VMDISK1)" bs=4096 count=4 oflag=direct
start=$(date +%s)
dd if=/dev/zero of="$(disk_by_serial VMDISK2)" bs=1M count=4 oflag=direct status=none
ok 'the slow disk is slow' test $(($(date +%s) - start)) -ge 2
skip 'what cannot be here' 'it is only an example'
echo "boot $VM_BOOT of $VM_NAME" >"$VM_SHARE/hello"
