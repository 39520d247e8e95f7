#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Whatever a power cut leaves of a refresh, each kernel in the ESP's menu is whole, and the next refresh mends the rest.
# vm: disk virtio 48M logwrites
# vm: disk virtio 48M logwrites
# vm: disk virtio 48M logwrites
# vm: boots 2
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
    shift
    ok "$1: an empty ESP" fresh "$disk" "$@"
    host "$disk"
    ok "$1: its first refresh" pve-boot --root $host refresh
    mark "$disk" begin
    after
    ok "$1: the refresh that is interrupted" pve-boot --root $host refresh
    mark "$disk" end
    ok "$1: it leads to what is wanted" bootjudge look "$disk"
    is "$1: and is done" "$(pve-boot --root $host refresh -n)" ''
}

# recover IMAGE: the state is good, and one in some is brought to its end by the next refresh.
cat >/run/recover <<'END'
#!/bin/sh
bootjudge look "$1" || exit 1
read -r n </run/count
echo $((n + 1)) >/run/count
[ $((n % EVERY)) = 0 ] || exit 0
cp "$1" /run/host/dev/esp
pve-boot --root /run/host refresh || { pve-boot --root /run/host check; exit 1; }
bootjudge look /run/host/dev/esp || exit 1
[ -z "$(pve-boot --root /run/host refresh -n)" ] || exit 1
pve-boot --root /run/host list -H -o kernel,state | sort >/run/list
printf '6.8.12-4-pve\tok\n6.8.8-1-pve\tok\n' | cmp - /run/list || exit 1
# Space that is lost is lost for good, and said by fsck; anything else is damage.
fsck.vfat -n /run/host/dev/esp >/run/fsck 2>&1
! grep -iE 'cross|share clusters|bad |orphan' /run/fsck
END

# replayed N DISK EVERY: the last line of replay.
replayed() {
    sed -i "s/EVERY/$3/" /run/recover
    chmod +x /run/recover
    echo 0 >/run/count
    replay -n "$1" -f begin -t end "$VM_TREE/build/vm/$VM_NAME/disk$2.log" /run/crash.img \
        /run/recover /run/crash.img >/run/replay.log 2>&1
    tail -n 1 /run/replay.log
}

# good TEXT N DISK EVERY: no state is bad.
good() {
    result=$(replayed "$2" "$3" "$4")
    diag "$1: $result, $(($(cat /run/count) / $4)) of them refreshed"
    if [ "${result##*, }" = '0 bad' ] && [ "${result%% *}" -gt 200 ]; then
        pass "$1: no state after a power cut is bad"
    else
        fail "$1: no state after a power cut is bad"
        diag "$(tail -n 40 /run/replay.log)"
    fi
}

load virtio_blk vfat nls_cp437 nls_ascii loop
case $VM_BOOT in
    1)
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
        : >/run/empty
        host /run/empty
        after
        good systemd-boot 2 1 20
        good GRUB 2 2 20
        result=$(replayed 0 3 1000000)
        diag "cp over the files in use: $result"
        case $result in
            *' 0 bad' | '') fail 'the replay sees what an overwrite in place loses' ;;
            *) pass 'the replay sees what an overwrite in place loses' ;;
        esac
        ;;
esac
