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

# replayed N DISK FROM TO: the last line of replay, and what it said before for the reader.
replayed() {
    replay -n "$1" -f "$3" -t "$4" "$VM_TREE/build/vm/$VM_NAME/disk$2.log" /run/crash.img \
        plan crash /run/crash.img >/run/replay.log 2>/run/judge.log
    tail -n 1 /run/replay.log
}

# none_bad RESULT STATES TEXT: the replay went through more than STATES states, and all were good.
none_bad() {
    diag "$1"
    if [ "${1##*, }" = '0 bad' ] && [ "${1%% *}" -gt "$2" ]; then
        pass "$3"
    else
        fail "$3"
        diag "$(cat /run/replay.log; tail -n 20 /run/judge.log)"
    fi
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
        sync
        mark "$disk" replace
        ok 'a plan of one write is applied' plan replace /mnt/a
        mark "$disk" replaced
        ok 'the file is replaced' grep -qx 'replaced, as a whole' /mnt/a/etc/last

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
        none_bad "$(replayed 3 1 begin end)" 200 'no state after a power cut is bad'
        none_bad "$(replayed 3 1 replace replaced)" 10 'nor one without a journal'
        result=$(replayed 0 2 begin end)
        diag "overwritten in place: $result"
        case $result in
            *' 0 bad' | '') fail 'the replay sees what an overwrite in place loses' ;;
            *) pass 'the replay sees what an overwrite in place loses' ;;
        esac
        ;;
esac
