#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Secure Boot: an ESP that pve-boot prepared starts by shim, GRUB and Debian's kernel, and nothing else does.
# vm: secureboot
# vm: packages secureboot
# vm: disk nvme 64M
# vm: disk nvme 400M
# vm: boots 2
# vm: boot disk
# vm: timeout 240
# shellcheck source=/dev/null
. "${VM_LIB:?}"
# shellcheck source=/dev/null
. "$VM_TREE/tests/vm/boot-lib"

sd=/usr/lib/systemd/boot/efi/systemd-bootx64.efi

# unsigned DISK: an ESP from which the firmware would start systemd-boot, were it not for its signature.
unsigned() {
    sgdisk -n 1:0:0 -t 1:ef00 "$1" && udevadm settle && mkfs.vfat "${1}p1" && mount -t vfat "${1}p1" /mnt &&
        mkdir -p /mnt/EFI/BOOT && cp "$sd" /mnt/EFI/BOOT/BOOTX64.EFI && umount /mnt &&
        efibootmgr -q -c -d "$1" -p 1 -L unsigned -l '\EFI\BOOT\BOOTX64.EFI'
}

# findings: codes about Secure Boot.
findings() {
    pve-boot check -H -o code | grep -e SECURE -e UNSIGNED
}

# entry: the description of the boot entry by which the host was started.
entry() {
    efibootmgr | sed -n "s/	.*//; s/^Boot$(efibootmgr | sed -n 's/^BootCurrent: //p')\* //p"
}

begin
case $VM_BOOT in
    1)
        printf '%s root=guest\n' "$VM_CMDLINE" >/etc/kernel/cmdline
        kernel 0
        kernel 1 # whose version was changed behind its signature
        choose 0 1
        disk=$(disk_by_serial VMDISK2)
        part=${disk}p2
        is 'Secure Boot is on' "$(pve-boot loader -H -o fact,value | sed -n 's/^secure-boot.//p')" on
        ok 'a disk is partitioned' pve-boot partition "$disk" --esp-size 300M
        ok 'and formatted' pve-boot format "$part"
        said=$(pve-boot init "$part" systemd-boot 2>&1)
        is 'systemd-boot is refused, which nobody signed' "${said##*systemd-boot, }" 'which has no signature (use grub)'
        pve-boot init "$part" >/run/said 2>&1
        is 'without a word it gets GRUB, and one kernel is refused' "$?" 1
        ok 'by its name' grep "vmlinuz-$(version 1): .*is not what was signed" /run/said
        is 'shim is there, as the firmware finds it' "$(mdir -b -i "$part" ::/EFI/BOOT ::/EFI/proxmox | sort | tr '\n' ' ')" \
            '::/EFI/BOOT/BOOTX64.EFI ::/EFI/BOOT/grub.cfg ::/EFI/BOOT/grubx64.efi ::/EFI/BOOT/mmx64.efi ::/EFI/proxmox/fbx64.efi ::/EFI/proxmox/grub.cfg ::/EFI/proxmox/grubx64.efi ::/EFI/proxmox/mmx64.efi ::/EFI/proxmox/shimx64.efi '
        is 'and all of it would be started, but for that kernel' "$(findings)" BOOT-KERNEL-UNSIGNED
        ok 'there is a disk before it that is not signed' unsigned "$(disk_by_serial VMDISK1)"
        rm "/boot/vmlinuz-$(version 1)" "/boot/initrd.img-$(version 1)"
        choose 0
        finish
        ;;
    2)
        ok 'the kernel was started' booted 0
        ok 'by GRUB' grep -q BOOT_IMAGE=/vmlinuz- /proc/cmdline
        is 'by its entry' "$(entry)" proxmox
        ok 'after the firmware refused the first disk' grep -a -q 'BdsDxe: failed to load .* "unsigned" .*: Access Denied' \
            "$VM_TREE/build/vm/$VM_NAME/serial.log"
        ok 'and the kernel knows that it was verified' sh -c 'dmesg | grep -q "locked down from EFI Secure Boot"'
        ok 'what is revoked is known' test -s /sys/firmware/efi/efivars/SbatLevelRT-605dab50-e046-4300-abb6-3dd810dd8b23
        is 'which is none of this' "$(findings)" ''
        is 'no loader is left to be written' "$(pve-boot reinit -n)" ''
        ok 'all is as it was written' pve-boot verify
        ;;
esac
