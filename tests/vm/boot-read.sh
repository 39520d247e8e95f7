#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# pve-boot reads ESPs on block devices without mounting them: what the kernel wrote, nothing written, with --dry-run not even a time; and what it does without udev.
# vm: disk nvme 600M serial=ESP1
# vm: disk ata 600M serial=ESP2
# vm: disk nvme 600M serial=ESP3 sector=4096
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
dd if="$one" of="$two" bs=1M count=64 conv=fsync status=none
udevadm trigger --settle
is 'check: a disk that was copied has the same serial number' \
	"$(pve-boot check -H -o code | grep -c BOOT-ESP-SERIAL)" 1

# --- every command with --dry-run -------------------------------------------------------------------
# shellcheck source=tests/boot-commands.sh
. "$VM_TREE/tests/boot-commands.sh"
w=6.8.8-1-pve

# kernel VERSION: in /boot, and on the administrator's list.
kernel() {
	bootjudge make "$1" 1 image > "/boot/vmlinuz-$1"
	bootjudge make "$1" 1 initrd > "/boot/initrd.img-$1"
	echo "$1" >> /etc/kernel/proxmox-boot-manual-kernels
}

find /boot -mindepth 1 -delete
rm /etc/kernel/proxmox-boot-uuids
echo 'root=ZFS=rpool/ROOT/pve-1 boot=zfs' > /etc/kernel/cmdline
kernel $v
wipefs -q -a "$one" "$two" "$three"
for disk in "$one" "$two"; do
	ok "$disk: partitioned" pve-boot partition "$disk" --esp-size 256M
done
ok 'an ESP' pve-boot format "${two}2"
uuid=$(blkid -p -s UUID -o value "${two}2")
mount "${two}2" /mnt/esp
mkdir -p /mnt/esp/loader/entries
echo 'timeout 3' > /mnt/esp/loader/loader.conf
umount /mnt/esp
echo "$uuid" > /etc/kernel/proxmox-boot-uuids
ok 'it gets a kernel' pve-boot refresh
kernel $w
for file in vmlinuz initrd.img; do cp /boot/$file-$w /boot/$file-6.5.13-6-pve; done
mkfs.vfat -F 32 "${one}p3" > /dev/null
udevadm trigger --settle
echo FFFF-0000 >> /etc/kernel/proxmox-boot-uuids
udevadm settle

nodes="$one ${one}p2 ${one}p3 $two ${two}2 $three"
# traces: what a command could leave: times of the device nodes, sectors, files.
traces() {
	# shellcheck disable=SC2086 # several words
	stat -c '%n %x %y' $nodes
	awk '{ print $7 }' /sys/block/nvme*/stat /sys/block/sd*/stat
	find /boot /etc/kernel /etc/apt/apt.conf.d /var/log -exec stat -c '%n %s %Y %Z %i' {} +
	cat /proc/mounts
}
# untouched: so long ago that whatever reads a node changes its time.  With -h it is not opened, at
# whose end udev would read it.
# shellcheck disable=SC2086 # several words
untouched() { touch -h -a -d 2020-01-01 $nodes && traces > /run/before; }

untouched
head -c 1 "$one" > /run/byte # for which udev has no interest
traces > /run/after
fails 'what reads a device node without care is seen' 1 cmp -s /run/before /run/after
untouched
export BOOT_DISK="$three" BOOT_PART="${one}p2" BOOT_VFAT="${one}p3" BOOT_OLD=FFFF-0000 BOOT_KERNEL=$v \
	BOOT_LISTED=$w BOOT_ADD=6.5.13-6-pve BOOT_CHECK=2
boot_commands > /run/table
while IFS='|' read -r code text command; do
	echo "$command" >> /run/gone-through
	eval "pve-boot -n $command" > /run/said 2>&1 < /dev/null
	is "-n $command" "$?" "$code"
	[ -z "$text" ] || grep -qF "$text" /run/said || fail "-n $command: $(cat /run/said)"
	traces > /run/after
	cmp -s /run/before /run/after || fail "-n $command leaves a trace: $(diff /run/before /run/after)"
done < /run/table
is 'all commands were gone through' "$(boot_commands_missing pve-boot /run/gone-through)" ''

# --- as proxmox-boot-tool ------------------------------------------------------------------------
ln -s "$(command -v pve-boot)" /run/proxmox-boot-tool
stock() { /run/proxmox-boot-tool "$@" 2> /run/said; }
is 'proxmox-boot-tool status: its line, and 0 whatever is told' "$(stock status; echo $?)" \
	"System currently booted with legacy bios
$uuid is configured with: uefi (versions: $v)
0"
is 'status --quiet' "$(stock status --quiet; echo $?)" 0
is 'kernel list, in its form' "$(stock kernel list; echo $?)" "Manually selected kernels:
$v
$w

Automatically selected kernels:
None.

0"
is 'kernel add, pin, unpin, remove' "$(stock kernel add 6.5.13-6-pve; echo $?; stock kernel pin $v; echo $?
	stock kernel list | tail -n 3; stock kernel unpin; echo $?; stock kernel remove 6.5.13-6-pve; echo $?)" "0
0
Pinned kernel:
$v

0
0"
is 'kernel remove of what is not listed is 0' "$(stock kernel remove 1.2.3-4-pve; echo $?)" 0
is 'kernel pin of what is not there is 1' "$(stock kernel pin 1.2.3-4-pve; echo $?)" 1
is 'clean --dry-run leaves the list' "$(stock clean --dry-run > /run/out; echo $?; wc -l < /etc/kernel/proxmox-boot-uuids)" '0
2'
is 'clean, and refresh' "$(stock clean; echo $?; cat /etc/kernel/proxmox-boot-uuids; stock refresh; echo $?)" "0
$uuid
0"
is 'its hooks' "$(stock refresh --hook proxmox-auto-removal; echo $?; stock refresh --hook zz-proxmox-boot; echo $?)" '0
0'
is 'both kernels are there' "$(stock status | tail -n 1)" "$uuid is configured with: uefi (versions: $v, $w)"
echo FFFF-0000 >> /etc/kernel/proxmox-boot-uuids

# --- udev -----------------------------------------------------------------------------------------
mkdir -p /run/broken
: > /run/broken/libudev.so.1
LD_LIBRARY_PATH=/run/broken pve-boot format "${one}p2" > /run/said 2>&1
is 'without libudev, where udev runs, nothing is begun' "$? $(grep -c 'libudev cannot be loaded: ' /run/said)" '69 1'
is 'not even a file system' "$(blkid -p -s TYPE -o value "${one}p2")" ''

udevd=$(pidof systemd-udevd)
# shellcheck disable=SC2086 # several words
kill -STOP $udevd
pve-boot partition "$three" --esp-size 256M > /run/said 2>&1
is 'a udev that does nothing is not waited for for ever' "$?" 75
ok 'and the message says so' grep "${three}p1 has not been dealt with by udev within 20 s (udevadm info ${three}p1)" /run/said
# shellcheck disable=SC2086
kill -CONT $udevd
ok 'it does again' udevadm settle
is 'the partitions are there' "$(grep -c "${three#/dev/}p[123]\$" /proc/partitions)" 3

udevadm control --exit
rm -f /run/udev/control
before=$(cat /etc/kernel/proxmox-boot-uuids)
ok 'a rescue shell without udev: a partition is formatted' pve-boot format "${three}p2"
pve-boot init "${three}p2" systemd-boot > /run/said 2>&1
is 'but gets no loader, as nothing would find it' "$?" 69
ok 'and the message says what helps' grep "${three}p2: nothing would find it by its UUID: udev, which makes /dev/disk/by-uuid, does not run (/lib/systemd/systemd-udevd --daemon; udevadm trigger --settle)" /run/said
is 'the list is as it was' "$(cat /etc/kernel/proxmox-boot-uuids)" "$before"
pve-boot status > /run/said 2>&1
is 'status says it, too' "$? $(grep -c 'FFFF-0000: No such file or directory; udev, which makes' /run/said)" '69 1'
/lib/systemd/systemd-udevd --daemon > /run/udevd.log 2>&1
udevadm trigger --settle
ok 'what it says helps' pve-boot -n init "${three}p2" systemd-boot
