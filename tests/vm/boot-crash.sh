#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Whatever a power cut leaves of a refresh, each kernel in the ESP's menu is whole, and the next refresh mends the rest.
# vm: disk virtio 48M logwrites
# vm: disk virtio 48M logwrites
# vm: disk virtio 48M logwrites
# vm: boots 2
# vm: after
# vm: timeout 600
# shellcheck source=/dev/null
. "${VM_LIB:?}"

host=/run/host
old=6.8.8-1-pve new=6.8.12-4-pve gone=6.5.13-6-pve

# mark DISK NAME: a write that replay finds in the log again.  It goes behind the file system.
mark() {
    printf 'replay-mark %s\n' "$2" | dd of="$1" bs=512 seek=94000 conv=sync,fsync status=none
}

# kernel VERSION BUILD: that build of a kernel is in /boot.
kernel() {
    bootjudge make "$1" "$2" image >"$host/boot/vmlinuz-$1"
    bootjudge make "$1" "$2" initrd >"$host/boot/initrd.img-$1"
}

# installed VERSION...: what dpkg says.
installed() {
    printf 'Package: base-files\nStatus: install ok installed\nVersion: 1\n\n' >"$host/var/lib/dpkg/status"
    for v; do
        printf 'Package: proxmox-kernel-%s-signed\nStatus: install ok installed\nVersion: 1\n\n' "$v"
    done >>"$host/var/lib/dpkg/status"
}

# host DEVICE: a host with two kernels whose one ESP, 0A1B-2C3D, is the device or image.
host() {
    rm -rf "$host"
    mkdir -p "$host/dev/disk/by-uuid" "$host/etc/kernel" "$host/boot" "$host/var/lib/dpkg" "$host/var/log"
    cp -a "$1" "$host/dev/esp" && ln -s ../../esp "$host/dev/disk/by-uuid/0A1B-2C3D"
    echo 0A1B-2C3D >"$host/etc/kernel/proxmox-boot-uuids"
    echo 'root=ZFS=rpool/ROOT/pve-1 boot=zfs' >"$host/etc/kernel/cmdline"
    kernel $old 1
    kernel $gone 1
    installed $old $gone
}

# after: what the refresh that is interrupted goes by: one kernel was built again, one is new, and
# one is not wanted any more.
after() {
    kernel $old 2
    kernel $new 1
    rm -f "$host/boot/"*"$gone"
    installed $old $new
    # Entries, menu and loader.conf change, too.
    echo 'root=ZFS=rpool/ROOT/pve-1 boot=zfs quiet' >"$host/etc/kernel/cmdline"
    echo $new >"$host/etc/kernel/proxmox-boot-pin"
}

# fresh DISK DIRECTORY...: an ESP, smaller than the disk for the marks, with these directories.
fresh() {
    disk=$1
    shift
    mkfs.vfat -F 32 -s 1 -i 0A1B2C3D "$disk" 40960 && mount -t vfat "$disk" /mnt || return
    for dir; do mkdir -p "/mnt/$dir"; done
    [ "$1" = grub ] || printf 'timeout 3\n' >/mnt/loader/loader.conf
    umount /mnt
}

# crash DISK LAYOUT...: the log of a refresh.
crash() {
    disk=$(disk_by_serial "$1")
    ok "$1: an empty ESP" fresh "$disk" "$2"
    host "$disk"
    ok "$1: its first refresh" pve-boot --root $host refresh
    mark "$disk" begin
    after
    ok "$1: the refresh that is interrupted" pve-boot --root $host refresh
    ok "$1: it leads to what is wanted" bootjudge look "$disk"
    is "$1: and is done" "$(pve-boot --root $host refresh -n)" ''
    # One kernel, built again: its files cannot change at once, and it is all that boots.
    rm -f $host/boot/*$new
    installed $old
    echo $old >$host/etc/kernel/proxmox-boot-pin
    ok "$1: the other kernel goes" pve-boot --root $host refresh
    kernel $old 3
    # With GRUB they lie at the top, with systemd-boot in a directory that others use, too.
    mark "$disk" pause
    [ "$2" = grub ] || note "$disk"
    mark "$disk" resume
    is "$1: it gets a twin meanwhile" "$(pve-boot --root $host refresh -n | grep -c "copy $old.twin")" 1
    ok "$1: the only kernel is built again" pve-boot --root $host refresh
    mark "$disk" end
    ok "$1: it is there" bootjudge look "$disk"
    is "$1: and nothing else" "$(pve-boot --root $host list -H -o kernel,state | tr '\t' ' ')" "$old ok"
    [ "$2" = grub ] || is "$1: but the note" "$(mtype -i "$disk" ::EFI/proxmox/$old/note)" mine
}

# note DISK: somebody leaves a file in the directory of a kernel.
note() {
    mount -t vfat "$1" /mnt
    echo mine >/mnt/EFI/proxmox/$old/note
    umount /mnt
}

# recover IMAGE: the state is brought to its end by the next refresh.
cat_recover() {
    cat <<'END'
cp --sparse=always "$1" /run/host/dev/esp
if ! pve-boot --root /run/host refresh 2>/run/said; then
    # A directory that grows is linked to its new cluster before that is taken, if the disk likes: it
    # boots, but no kernel of Linux mounts it.  Then what the refusal says helps.
    grep 'the file system is damaged (/ cluster .* of its chain is free), so nothing is written to it; fsck.vfat -a ' /run/said ||
        { cat /run/said; pve-boot --root /run/host check; exit 1; }
    fsck.vfat -a /run/host/dev/esp >/run/fsck
    bootjudge look /run/host/dev/esp && pve-boot --root /run/host refresh || exit 1
fi
bootjudge look /run/host/dev/esp || exit 1
pve-boot --root /run/host refresh -n >/run/left
[ ! -s /run/left ] || { echo 'still to be done:'; cat /run/left; exit 1; }
pve-boot --root /run/host verify >/run/verified || { cat /run/verified; exit 1; }
pve-boot --root /run/host list -H -o kernel,state | sort >/run/list
printf '6.8.12-4-pve\tok\n6.8.8-1-pve\tok\n' | cmp - /run/list || exit 1
# Space that is lost is lost for good, and said by fsck; anything else is damage.
fsck.vfat -n /run/host/dev/esp >/run/fsck 2>&1
! grep -iE 'cross|share clusters|bad |orphan' /run/fsck
END
}

# replayed DISK FROM TO OPTIONS COMMAND...: the last line of replay.
replayed() {
    log=$VM_TREE/build/vm/$VM_NAME/disk$1.log options="$4 -f $2 -t $3"
    shift 4
    # shellcheck disable=SC2086 # several words
    replay -k $options "$log" "$scratch/state.img" "$@" >"$scratch/replay.log" 2>&1
    tail -n 1 "$scratch/replay.log"
    rm "$scratch/state.img"
}

# each OPTIONS CLAIM LEAST COMMAND...: good for what was done with each loader.
each() {
    how=$1 claim=$2 enough=$3
    shift 3
    good "systemd-boot: $claim" "$enough" 1 begin pause "$how" "$@"
    good "systemd-boot, one kernel: $claim" "$enough" 1 resume end "$how" "$@"
    good "GRUB: $claim" "$enough" 2 begin pause "$how" "$@"
    good "GRUB, one kernel: $claim" "$enough" 2 resume end "$how" "$@"
}

# good WHAT LEAST DISK FROM TO OPTIONS COMMAND...: no state is bad, and there are enough of them.
good() {
    what=$1 least=$2
    shift 2
    result=$(replayed "$@")
    diag "$what: $result"
    if [ "${result##*, }" = '0 bad' ] && [ "${result%% *}" -gt "$least" ]; then
        pass "$what"
    else
        fail "$what"
        diag "$(tail -n 40 "$scratch/replay.log")"
    fi
}

case $VM_BOOT in
    1)
        load virtio_blk vfat nls_cp437 nls_ascii loop
        wait_for 10 disk_by_serial VMDISK3
        crash VMDISK1 loader/entries
        crash VMDISK2 grub
        # The stock tool's copy, to see that the replay would notice.
        disk=$(disk_by_serial VMDISK3)
        ok 'cp: an empty ESP' fresh "$disk" loader/entries
        host "$disk"
        ok 'cp: its first refresh' pve-boot --root $host refresh
        mark "$disk" begin
        after
        mount -t vfat "$disk" /mnt
        cp $host/boot/*-$old /mnt/EFI/proxmox/$old/
        umount /mnt
        mark "$disk" end
        power_cut
        ;;
    2)
        load virtio_blk vfat nls_cp437 nls_ascii loop
        : >/run/empty
        host /run/empty
        after
        scratch=/run
        cat_recover >/run/recover
        each '-n 2 -e 50' 'the next refresh brings what a power cut left to its end' 5 \
            sh /run/recover "$scratch/state.img"
        ;;
    after)
        scratch=$(mktemp -d)
        each '-n 6' 'no state after a power cut is bad' 200 bootjudge look "$scratch/state.img"
        result=$(replayed 3 begin end '-n 0' bootjudge look "$scratch/state.img")
        diag "cp over the files in use: $result"
        case $result in
            *', 0 bad') fail 'the replay sees what an overwrite in place loses' ;;
            *' states, '*' bad') pass 'the replay sees what an overwrite in place loses' ;;
            *) fail 'the replay sees what an overwrite in place loses' ;;
        esac
        rm -r "$scratch"
        ;;
esac
