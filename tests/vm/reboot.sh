#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What the first boot writes to a disk, the second boot reads.
# vm: disk nvme 64M
# vm: disk virtio 64M logwrites
# vm: boots 2
# shellcheck source=/dev/null
. "${VM_LIB:?}"

load nvme virtio_blk ext4
wait_for 10 disk_by_serial VMDISK1
nvme=$(disk_by_serial VMDISK1)
virtio=$(disk_by_serial VMDISK2)

case $VM_BOOT in
    1)
        ok 'a file system is made' mkfs.ext4 -q "$nvme"
        mkdir -p /mnt/a
        ok 'and mounted' mount "$nvme" /mnt/a
        echo synced >/mnt/a/synced
        sync
        # Nothing writes this back before the cut.
        echo lost >/mnt/a/lost
        echo marked | dd of="$virtio" bs=512 conv=sync,fsync status=none
        pass 'the power is cut'
        power_cut
        ;;
    2)
        mkdir -p /mnt/a
        ok 'the file system recovers' mount "$nvme" /mnt/a
        is 'what was synced is there' "$(cat /mnt/a/synced)" synced
        is 'what was not is lost' "$(cat /mnt/a/lost 2>/dev/null)" ''
        is 'the other disk kept its data' "$(head -c 6 "$virtio")" marked
        ;;
esac
