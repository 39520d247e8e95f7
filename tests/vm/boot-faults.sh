#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A disk that vanishes in the middle of a refresh, a slow one, a full one, a killed process: the others are done, and what was there boots.
# vm: disk scsi 64M throttle=250K
# vm: disk scsi 64M
# vm: disk scsi 48M
# vm: timeout 300
# shellcheck source=/dev/null
. "${VM_LIB:?}"

host=/run/host
old=6.8.8-1-pve new=6.8.12-4-pve

kernel() {
    bootjudge make "$1" "$2" image >"$host/boot/vmlinuz-$1"
    bootjudge make "$1" "$2" initrd >"$host/boot/initrd.img-$1"
}
installed() {
    printf 'Package: base-files\nStatus: install ok installed\n\n' >"$host/var/lib/dpkg/status"
    for v; do
        printf 'Package: proxmox-kernel-%s-signed\nStatus: install ok installed\n\n' "$v"
    done >>"$host/var/lib/dpkg/status"
}

# fresh DEVICE UUID: an ESP that the host knows.
fresh() {
    mkfs.vfat -F 32 -s 1 -i "$(echo "$2" | tr -d -)" "$1" && mount -t vfat "$1" /mnt || return
    mkdir -p /mnt/loader/entries && printf 'timeout 3\n' >/mnt/loader/loader.conf
    umount /mnt
    cp -a "$1" $host/dev/ && ln -sf "../../${1#/dev/}" "$host/dev/disk/by-uuid/$2"
    echo "$2" >>$host/etc/kernel/proxmox-boot-uuids
}
kernels() { pve-boot --root $host list -H -o kernel,state "$@" | tr '\t' ' '; }
refresh() { pve-boot --root $host refresh; }
# processes: of pve-boot, those of single ESPs included.
processes() {
    for process in /proc/[0-9]*; do
        read -r name 2>/dev/null <"$process/comm" && [ "$name" = pve-boot ] && echo "${process#/proc/}"
    done
    :
}
gone() { [ -z "$(processes)" ]; }
# said: what the last command said, for checks that write their own.
said() { cp /run/vm-output /run/said; }
# on UUID: the kernels there.
on() { pve-boot --root $host list -H -o esp,kernel,state | grep "^$1" | cut -f 2,3 | tr '\t' ' '; }

load virtio_scsi sd_mod vfat nls_cp437 nls_ascii
wait_for 10 disk_by_serial VMDISK3
slow=$(disk_by_serial VMDISK1) good=$(disk_by_serial VMDISK2) full=$(disk_by_serial VMDISK3)
mkdir -p $host/dev/disk/by-uuid $host/etc/kernel $host/boot $host/var/lib/dpkg $host/var/log
echo 'root=ZFS=rpool/ROOT/pve-1 boot=zfs' >$host/etc/kernel/cmdline
kernel $old 1
installed $old
for esp in "$slow 0A1B-2C3D" "$good 1111-2222" "$full 3333-4444"; do
    # shellcheck disable=SC2086
    ok "an ESP: $esp" fresh $esp
done
ok 'each gets a kernel' refresh

# Full: what others have put there leaves room for nothing.
mount -t vfat "$full" /mnt
dd if=/dev/zero of=/mnt/foreign bs=64K 2>/dev/null
umount /mnt
kernel $new 1
installed $old $new
fails 'B1: one ESP is full' 1 refresh
said
ok 'the reason has the bytes' grep -E '3333-4444: no room for 6.8.12-4-pve: [0-9]+ bytes needed, [0-9]+ free' /run/said
is 'it is as before' "$(on 3333-4444)" "$old ok"
ok 'byte for byte' bootjudge look "$full"
is 'the others have both' "$(on 0A1B-2C3D) $(on 1111-2222)" "$new ok
$old ok $new ok
$old ok"

# B3: killed in the middle of a pair that is replaced.
kernel $old 2
pve-boot --root $host refresh >/dev/null 2>&1 &
sleep 1.5
# shellcheck disable=SC2046
kill -9 $(processes)
wait_for 20 gone
sync
echo 3 >/proc/sys/vm/drop_caches
ok 'B3: a kernel is whole on the slow disk after kill -9' bootjudge look "$slow"
ok 'B3: and on the other' bootjudge look "$good"
fails 'the next refresh goes on' 1 refresh
is 'B3: to the end' "$(on 0A1B-2C3D) $(on 1111-2222)" "$new ok
$old ok $new ok
$old ok"
ok 'the slow one is whole' bootjudge look "$slow"

# Vanishes while it is written.
kernel $new 3
(sleep 1.5; echo 1 >"/sys/block/${slow#/dev/}/device/delete") &
fails 'a disk vanishes' 1 refresh
said
ok 'it is named' grep '0A1B-2C3D: ' /run/said
ok 'the other was done' bootjudge look "$good"
bootjudge make $new 3 image >/run/want
mount -o ro -t vfat "$good" /mnt
ok 'to the last byte' cmp /run/want /mnt/EFI/proxmox/$new/vmlinuz-$new
umount /mnt
fails 'B10: a disk that is gone is said by the exit code' 1 refresh
