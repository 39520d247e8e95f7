#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The examples of the administration guide, chapters "Host Bootloader" and "Changing a failed bootable
# device", command by command.  Those that need a kernel's vfat are in tests/vm/boot-*.sh.

bats_require_minimum_version 1.5.0
# shellcheck source=tests/cli/boot-lib.sh
. "$BATS_TEST_DIRNAME/boot-lib.sh"

A=6.8.12-4-pve B=6.8.8-1-pve OLD=5.0.15-1-pve

setup() {
	efi_setup
	echo 'root=ZFS=rpool/ROOT/pve-1 boot=zfs' > "$root/etc/kernel/cmdline"
	for v in $A $B $OLD; do
		bzimage "$v" > "$root/boot/vmlinuz-$v"
		initrd "$v" > "$root/boot/initrd.img-$v"
	done
	packaged $A $B
	esp=$uuids/0A1B-2C3D
	mkdir -p "$esp"
	run -0 boot init /dev/disk/by-uuid/0A1B-2C3D
}

@test "guide: the partitions, and an ESP of the second one: sgdisk -n, -t, and format" {
	truncate -s 2G "$root/disk.img"
	run -0 boot partition /disk.img
	run sgdisk -p "$root/disk.img"
	[[ $output =~ 1\ +34\ +2047\ .*\ EF02 ]] && [[ $output =~ 2\ +2048\ +1050623\ +512.0\ MiB\ +EF00 ]] &&
		[[ $output =~ 3\ .*\ BF01 ]] || { echo "$output"; false; }
	truncate -s 512M "$root/part.img"
	run -0 boot format /part.img
	fsck.vfat -n "$root/part.img"
	run boot format /part.img
	[ "$status" = 1 ] && [[ $output == *--force* ]]
}

@test "guide: init, with the loader of its siblings" {
	mkdir "$uuids/1111-2222"
	run -0 boot init /dev/disk/by-uuid/1111-2222
	[ "$(cat "$list")" = $'0A1B-2C3D\n1111-2222' ]
	cmp "$esp/EFI/BOOT/BOOTX64.EFI" "$uuids/1111-2222/EFI/BOOT/BOOTX64.EFI"
}

@test "guide: refresh, also after the command line was edited" {
	echo 'root=ZFS=rpool/ROOT/pve-1 boot=zfs intel_iommu=on' > "$root/etc/kernel/cmdline"
	run -0 boot refresh
	for v in $A $B; do
		grep -q 'options *root=ZFS=rpool/ROOT/pve-1 boot=zfs intel_iommu=on$' "$esp/loader/entries/proxmox-$v.conf"
	done
}

@test "guide: kernel add, list and remove; each ESP has it after a refresh" {
	run -0 boot kernel add $OLD
	run -0 boot kernel list -H -o kernel,chosen
	[ "$output" = $"$A"$'\tautomatic\n'"$B"$'\tautomatic\n'"$OLD"$'\tmanual' ] || { echo "$output"; false; }
	[ ! -e "$esp/EFI/proxmox/$OLD" ]
	run -0 boot refresh
	[ -f "$esp/EFI/proxmox/$OLD/vmlinuz-$OLD" ] && [ -f "$esp/loader/entries/proxmox-$OLD.conf" ]
	run -0 boot kernel remove $OLD
	run -0 boot refresh
	[ ! -e "$esp/EFI/proxmox/$OLD" ] && [ ! -e "$esp/loader/entries/proxmox-$OLD.conf" ]
}

@test "guide: pin, for ever and for the next boot" {
	run -0 boot kernel pin $B
	run -0 boot refresh
	grep -qx "default proxmox-$B.conf" "$esp/loader/loader.conf"
	run -0 boot kernel pin $A --next-boot
	[ -f "$esp/loader/entries/proxmox-$B.next+1.conf" ]
	run -0 boot kernel unpin
	run -0 boot refresh
	grep -qx 'default proxmox-\*' "$esp/loader/loader.conf"
	[ ! -e "$esp/loader/entries/proxmox-$B.next+1.conf" ]
}

@test "guide: which loader is in use: status" {
	run -0 boot status
	[[ $output == *"0A1B-2C3D is configured with: uefi (versions: $A, $B)" ]]
	run -0 boot loader -H -o fact,value
	[[ $output == *$'esp\t0A1B-2C3D'* ]] || { echo "$output"; false; }
}

@test "guide: loader.conf's keys and entries of others stay" {
	printf 'default proxmox-*\ntimeout 9\nconsole-mode max\neditor no\n' > "$esp/loader/loader.conf"
	run -0 boot refresh
	[ "$(cat "$esp/loader/loader.conf")" = $'default proxmox-*\ntimeout 9\nconsole-mode max\neditor no' ]
}

@test "guide: a failed bootable device: copy the table, new GUIDs, format, init, clean" {
	for disk in healthy new; do truncate -s 2G "$root/$disk.img"; done
	run -0 boot partition /healthy.img
	# As the guide has it, and in one step.
	sgdisk -R "$root/new.img" "$root/healthy.img" > /dev/null
	guid=$(sgdisk -p "$root/new.img" | grep GUID)
	run -0 boot partition --new-guids /new.img
	[ "$guid" != "$(sgdisk -p "$root/new.img" | grep GUID)" ]
	truncate -s 0 "$root/new.img" && truncate -s 2G "$root/new.img"
	run -0 boot partition /new.img --like /healthy.img
	diff <(sgdisk -p "$root/healthy.img" | grep '^ ') <(sgdisk -p "$root/new.img" | grep '^ ')
	[ "$guid" != "$(sgdisk -p "$root/new.img" | grep GUID)" ]
	# The ESP of the disk that failed is gone; another one comes.
	echo FFFF-0000 >> "$list"
	run boot refresh
	[ "$status" = 1 ] && [[ $output == *FFFF-0000* ]]
	mkdir "$uuids/1111-2222"
	run boot init /dev/disk/by-uuid/1111-2222
	[ -f "$uuids/1111-2222/EFI/proxmox/$A/vmlinuz-$A" ]
	run -0 boot clean
	[ "$(cat "$list")" = $'0A1B-2C3D\n1111-2222' ]
	run -0 boot refresh
}

@test "replace and init, --dry-run: what leaves the list is no error, and what joins it gets the kernels" {
	bytes=$(cat "$root/boot/"{vmlinuz,initrd.img}-{$A,$B} | wc -c)
	echo FFFF-0000 >> "$list"
	truncate -s 300M "$root/new.img"
	run -0 boot replace FFFF-0000 /new.img -n
	echo "$output"
	[[ $output != *error* ]]
	[[ ${lines[0]} =~ UUID\ ([0-9A-F]{4}-[0-9A-F]{4})$ ]]
	[[ $output == *"sync ESP ${BASH_REMATCH[1]} (/new.img): $bytes bytes ("*') of kernels are written'* ]]
	# Its place in the list stays as it is.
	[ "$(cat "$list")" = $'0A1B-2C3D\nFFFF-0000' ]
	mkdir "$uuids/1111-2222"
	run -0 boot init /dev/disk/by-uuid/1111-2222 -n
	[[ $output == *"sync ESP 1111-2222 ("*"): $bytes bytes ("* ]]
	# Here the other one stays.
	[[ $output == *'FFFF-0000: '*'No such file'* ]]
}

@test "a rescue shell: --root repairs with what the broken system has, and its command line" {
	rm -r "${esp:?}/EFI/proxmox/$A" "$esp/loader/entries"
	run -0 boot refresh
	[ -f "$esp/EFI/proxmox/$A/initrd.img-$A" ]
	grep -q 'options *root=ZFS=rpool/ROOT/pve-1 boot=zfs$' "$esp/loader/entries/proxmox-$A.conf"
	# B14: without one of its own nothing is taken from the system that runs.
	rm "$root/etc/kernel/cmdline" "$esp/loader/entries/proxmox-$A.conf"
	run boot refresh
	[ "$status" = 1 ] && [[ $output == *'/etc/kernel/cmdline'* ]]
	[ ! -e "$esp/loader/entries/proxmox-$A.conf" ]
}
