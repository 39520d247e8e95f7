#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# UEFI: variables are seen and last, and systemd-boot starts the second boot.
# vm: uefi
# vm: disk nvme 128M
# vm: boots 2
# vm: boot disk
# shellcheck source=/dev/null
. "${VM_LIB:?}"

vars=/sys/firmware/efi/efivars
ours=$vars/VmTest-b0f7c4b1-6f0e-4d0b-9a44-1a1f0c1d7e21
loader=$vars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f
ok "boot $VM_BOOT was started by UEFI" grep -q " $vars efivarfs rw" /proc/mounts

if [ "$VM_BOOT" = 1 ]; then
    ok 'the firmware has a boot order' test -s \
        "$vars/BootOrder-8be4df61-93ca-11d2-aa0d-00e098032b8c"
    # Four bytes of attributes (kept, seen by boot services and at run time).
    printf '\007\000\000\000kept' >"$ours"

    load nvme vfat
    disk=$(wait_for 10 disk_by_serial VMDISK1 && disk_by_serial VMDISK1)
    ok 'an ESP is made' sgdisk -n 1:0:0 -t 1:ef00 "$disk"
    wait_for 10 test -b "${disk}p1"
    ok 'and formatted' mkfs.vfat -F 32 "${disk}p1"
    mkdir -p /mnt/esp
    ok 'and mounted' mount "${disk}p1" /mnt/esp
    mkdir -p /mnt/esp/EFI/BOOT /mnt/esp/loader/entries
    cp /usr/lib/systemd/boot/efi/systemd-bootx64.efi /mnt/esp/EFI/BOOT/BOOTX64.EFI
    cp "$VM_KERNEL" /mnt/esp/vmlinuz
    cp "$VM_INITRD" /mnt/esp/initrd.gz
    printf 'timeout 0\n' >/mnt/esp/loader/loader.conf
    printf '%s\n' 'title test' 'linux /vmlinuz' 'initrd /initrd.gz' \
        "options $VM_CMDLINE vm.entry=systemd-boot" >/mnt/esp/loader/entries/test.conf
    ok 'and unmounted' umount /mnt/esp
else
    ok 'the kernel came from the disk' grep -q vm.entry=systemd-boot /proc/cmdline
    ok 'systemd-boot started it' sh -c "tr -d '\\000' <'$loader' | grep systemd-boot"
    is 'the variable of the first boot is kept' "$(tr -cd '[:print:]' <"$ours")" kept
fi
