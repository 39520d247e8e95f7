#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Whatever a power cut leaves of a plan, the next run makes it all old or all new.
# vm: disk virtio 16M logwrites
# vm: disk virtio 16M logwrites
# vm: boots 2
# vm: timeout 240
# shellcheck source=/dev/null
. "${VM_LIB:?}"

# mark DISK NAME: a write that replay finds in the log again.  It goes behind the file system.
mark() {
    printf 'replay-mark %s\n' "$2" | dd of="$1" bs=512 seek=32000 conv=sync,fsync status=none
}

# fresh DISK DIRECTORY: a file system, smaller than the disk for the marks, with the old files.
fresh() {
    mkdir -p "$2"
    mkfs.ext4 -q -b 1024 -J size=1 "$1" 15M && mount "$1" "$2" && plan setup "$2" && sync
}

# replayed N DISK: the last line of replay, and what it said before for the reader.
replayed() {
    replay -n "$1" -f begin -t end "$VM_TREE/build/vm/$VM_NAME/disk$2.log" /run/crash.img \
        plan crash /run/crash.img >/run/replay.log 2>/run/judge.log
    tail -n 1 /run/replay.log
}

load virtio_blk ext4 loop
case $VM_BOOT in
    1)
        wait_for 10 disk_by_serial VMDISK2
        disk=$(disk_by_serial VMDISK1)
        ok 'the old files' fresh "$disk" /mnt/a
        mark "$disk" begin
        ok 'the plan is applied' plan apply /mnt/a
        mark "$disk" end
        ok 'the new files are there' plan clean /mnt/a

        # Without the executor, to see that the replay would notice.
        disk=$(disk_by_serial VMDISK2)
        ok 'the old files once more' fresh "$disk" /mnt/b
        mark "$disk" begin
        tr '\000' 2 </dev/zero | head -c 70000 |
            dd of=/mnt/b/etc/large bs=10000 iflag=fullblock conv=notrunc oflag=dsync status=none
        mark "$disk" end
        power_cut
        ;;
    2)
        result=$(replayed 3 1)
        diag "$result"
        if [ "${result##*, }" = '0 bad' ] && [ "${result%% *}" -gt 200 ]; then
            pass 'no state after a power cut is bad'
        else
            fail 'no state after a power cut is bad'
            diag "$(cat /run/replay.log; tail -n 20 /run/judge.log)"
        fi
        result=$(replayed 0 2)
        diag "overwritten in place: $result"
        case $result in
            *' 0 bad' | '') fail 'the replay sees what an overwrite in place loses' ;;
            *) pass 'the replay sees what an overwrite in place loses' ;;
        esac
        ;;
esac
