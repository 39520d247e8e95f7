#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The disk change that README shows, as it stands there; then the host starts from the new disk alone.
# vm: uefi
# vm: disk scsi 400M
# vm: disk scsi 400M
# vm: disk scsi 400M
# vm: boots 2
# vm: boot disk
# vm: timeout 120
# shellcheck source=/dev/null
. "${VM_LIB:?}"
# shellcheck source=/dev/null
. "$VM_TREE/tests/vm/boot-lib"

# README has these names and this size; here disks come in any order, what a run chooses by itself is
# another each time, and kernels are smaller.
healthy=0A1B-2C3D failed=4E5F-6071 new=89AB-12CD
kernels='6.8.12-4-pve 6.8.8-1-pve'

# here: a command of README with the disks of this guest.  there: the other way round.
here() { sed "s,/dev/sd\([bc]\),@\1,g; s,@b,$b,g; s,@c,$c,g"; }
there() {
    uuid=$(sed -n 's/.*, UUID \(....-....\)$/\1/p' /run/said)
    sed "s,$b,@b,g; s,$c,@c,g; s,@,/dev/sd,g; s/Boot[0-9A-F]\{4\}/Boot0002/
        s/[0-9]* bytes ([^)]*)/160432128 bytes (153M)/
        s/${uuid:-$new}/$new/g; s/-i $(echo "${uuid:-$new}" | tr -d -)/-i $(echo $new | tr -d -)/" /run/said
}

# shown: that part of README.
shown() {
    awk '/^A bootable disk of a ZFS mirror has failed/ { on = 1 }
        on && sub(/^    /, "") { print; was = 1; next }
        was { exit }' "$VM_TREE/README"
}

# answer COMMAND: what README has it print.
answer() {
    shown | awk -v command="$ $1" '/^\$ / { on = $0 == command; next } on'
}

# pve_kernel VERSION: the real kernel with that version in its header, and letters to fill up.
pve_kernel() {
    # shellcheck disable=SC2154 # boot-lib has it
    fill=$(printf "%$((${#real} - ${#1}))s" '' | tr ' ' d)
    LC_ALL=C sed "s/$real (/$1 ($fill/" "$VM_KERNEL" >"/boot/vmlinuz-$1"
    cp "$VM_INITRD" "/boot/initrd.img-$1"
}

# esp DISK UUID: an ESP on an empty disk, with loader and kernels.  udev sees the new file system late,
# as it may on a busy machine.
esp() {
    ok "$2: partitioned" pve-boot partition "$1" --esp-size 300M
    udevadm control --stop-exec-queue
    ok "$2: formatted" mkfs.vfat -F 32 -i "$(echo "$2" | tr -d -)" "${1}2"
    is "$2: init has to wait for udev" \
        "$(pve-boot init "${1}2" -n | grep -c "^wait for /dev/disk/by-uuid/$2: ")" 1
    (sleep 1 && udevadm control --start-exec-queue) &
    ok "$2: set up" pve-boot init "${1}2"
}

# die DISK: nothing is left on it.
die() { blkdiscard -z -f "$1"; }

begin
wait_for 20 disk_by_serial VMDISK3
a=$(disk_by_serial VMDISK1) b=$(disk_by_serial VMDISK2) c=$(disk_by_serial VMDISK3)
if [ "$VM_BOOT" = 1 ]; then
    # As check advises for Debian's systemd-boot, of which the guest has all.
    rm -f /etc/kernel/postinst.d/zz-systemd-boot /etc/initramfs/post-update.d/systemd-boot
    printf '%s root=guest\n' "$VM_CMDLINE" >/etc/kernel/cmdline
    for v in $kernels; do
        pve_kernel "$v"
        echo "$v" >>/etc/kernel/proxmox-boot-manual-kernels
    done
    esp "$a" $failed
    esp "$b" $healthy
    ok 'all is well' pve-boot check
    ok 'a disk dies' die "$a"
    echo 1 >"/sys/block/${a#/dev/}/device/delete"
    udevadm settle
    shown | sed -n 's/^\$ //p' >/run/tour
    is 'one command is for the pool, the others are of pve-boot' \
        "$(grep -v '^pve-boot ' /run/tour | cut -d' ' -f1)" zpool
    grep '^pve-boot ' /run/tour >/run/steps
    while read -r command <&3; do
        sh -c "$(echo "$command" | here)" >/run/said 2>&1
        # The first one tells of the failure.
        is "README: $command" $? "$([ "$command" = 'pve-boot status' ] && echo 69 || echo 0)"
        sed 's/^/# /' /run/said
        [ -z "$(answer "$command")" ] || is 'it prints what is shown' "$(there)" "$(answer "$command")"
    done 3</run/steps
    is 'nothing is left to be done' "$(pve-boot refresh -n)" ''
    finish
    # All that is left is the new disk.
    ok 'the healthy disk dies, too' die "$b"
else
    ok 'the host starts, with the newest kernel' grep -qF 6.8.12-4-pve /proc/cmdline
    is "from the new disk's ESP" \
        "$(tr -d '\000\006' </sys/firmware/efi/efivars/LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f | tr A-F a-f)" \
        "$(blkid -p -s PART_ENTRY_UUID -o value "${c}2")"
    is 'there is no other' "$(blkid -t TYPE=vfat -o device)" "${c}2"
fi
