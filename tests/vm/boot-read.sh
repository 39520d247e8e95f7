#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# pve-boot reads ESPs on block devices without mounting them: what the kernel wrote, nothing written.
# vm: disk nvme 300M serial=ESP1
# vm: disk ata 300M serial=ESP2
# vm: disk nvme 64M serial=ESP3 sector=4096
# vm: timeout 400
# shellcheck source=/dev/null
. "${VM_LIB:?}"

load nvme ahci sd_mod vfat nls_cp437 nls_ascii
start_udev
for serial in ESP1 ESP2 ESP3; do
	wait_for 20 disk_by_serial $serial || give_up "there is no disk $serial"
done
one=$(disk_by_serial ESP1) two=$(disk_by_serial ESP2) three=$(disk_by_serial ESP3)
v=6.8.12-4-pve

sectors_written() {
	awk '{ n += $7 } END { print n }' "/sys/block/${one#/dev/}/stat" "/sys/block/${two#/dev/}/stat"
}

sectors_read() {
	awk '{ n += $3 } END { print n }' "/sys/block/${one#/dev/}/stat" "/sys/block/${two#/dev/}/stat"
}

# fill DISK UUID: an ESP as a refresh leaves it, written by the kernel's own vfat.
fill() {
	mkfs.vfat -F 32 -I --mbr=n -i "$2" "$1" > /dev/null
	mount "$1" /mnt/esp
	mkdir -p /mnt/esp/EFI/proxmox/$v /mnt/esp/loader/entries
	cp /boot/vmlinuz-$v /boot/initrd.img-$v /mnt/esp/EFI/proxmox/$v/
	echo 'timeout 3' > /mnt/esp/loader/loader.conf
	echo "version $v" > /mnt/esp/loader/entries/proxmox-$v.conf
	# Fragments, long names, and names that are gone again.
	for i in $(seq 200); do head -c 9000 /dev/urandom > "/mnt/esp/a file with a long name $i"; done
	for i in $(seq 1 2 200); do rm "/mnt/esp/a file with a long name $i"; done
	head -c 700000 /dev/urandom > /mnt/esp/fragments
	umount /mnt/esp
}

mkdir -p /mnt/esp /etc/kernel
head -c 9000000 /dev/urandom > /boot/vmlinuz-$v
head -c 30000000 /dev/urandom > /boot/initrd.img-$v
fill "$one" 0A1B0001
fill "$two" 0A1B0002
printf '0A1B-0001\n0A1B-0002\n' > /etc/kernel/proxmox-boot-uuids
udevadm trigger --settle
[ -b /dev/disk/by-uuid/0A1B-0001 ] || give_up 'udev made no links'
sync

written=$(sectors_written) mounts=$(cat /proc/mounts)
is 'status' "$(pve-boot status 2>&1 | sed 1d)" "0A1B-0001 is configured with: uefi (versions: $v)
0A1B-0002 is configured with: uefi (versions: $v)"
is 'list: the devices by their nodes' "$(pve-boot list -H -o device,kernel,state | tr '\t' ' ')" "$one $v ok
$two $v ok"
is 'verify: what the kernel wrote is what is read' "$(pve-boot verify -H -o state | sort -u)" ok
is 'check: no damage, and no lost clusters' "$(pve-boot check -H -o code | grep -c BOOT-ESP)" 0
is 'no sector was written' "$(sectors_written)" "$written"
is 'nothing was mounted' "$(cat /proc/mounts)" "$mounts"

before=$(sectors_read)
pve-boot verify > /dev/null
read_now=$(($(sectors_read) - before))
is 'verify reads from the medium, not from what is cached' $((read_now * 512 >= 2 * 39000000)) 1
head -c 512 /dev/urandom > /tmp/noise
dd if=/tmp/noise of="$one" bs=1M seek=5 conv=notrunc,fsync status=none
fails 'verify notices 512 bytes of noise 5 MiB into the disk' 1 pve-boot verify
is 'and only there' "$(pve-boot verify -H -o esp,state | awk '$2 != "ok" { print $1 }' | sort -u)" 0A1B-0001

# Mounted and written to at the same time, it is read nevertheless.
mount "$two" /mnt/esp
is 'check: mounted' "$(pve-boot check -H -o code,object | grep -c 'BOOT-ESP-DIRTY.*0A1B-0002')" 1
is 'status: mounted' "$(pve-boot status 2> /dev/null | grep -c '^0A1B-0002 is configured')" 1
umount /mnt/esp

# A file system of 512-byte sectors on a disk that has none of them.
truncate -s 60M /tmp/small && mkfs.vfat -S 512 -i 0A1B0003 /tmp/small > /dev/null
dd if=/tmp/small of="$three" bs=1M conv=fsync status=none
udevadm trigger --settle
echo 0A1B-0003 > /etc/kernel/proxmox-boot-uuids
ln -sf "../../${three#/dev/}" /dev/disk/by-uuid/0A1B-0003
fails 'the kernel does not mount it' 32 mount -t vfat "$three" /mnt/esp
pve-boot status > /dev/null 2> /tmp/err
is 'status: sectors that are too small for the disk' "$? $(grep -c 'sectors of 512 bytes, the device has larger ones, of 4096' /tmp/err)" '65 1'
# A serial number twice.
printf '0A1B-0001\n' > /etc/kernel/proxmox-boot-uuids
dd if="$one" of="$two" bs=1M conv=fsync status=none
udevadm trigger --settle
is 'check: a disk that was copied has the same serial number' \
	"$(pve-boot check -H -o code | grep -c BOOT-ESP-SERIAL)" 1
