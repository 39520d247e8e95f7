#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# --dry-run with every command of pve-boot: nothing changes, of a device not even its access time.
# tests/vm/boot-read.sh does the same with block devices.

bats_require_minimum_version 1.5.0
# shellcheck source=tests/cli/boot-lib.sh
. "$BATS_TEST_DIRNAME/boot-lib.sh"
# shellcheck source=tests/boot-commands.sh
. "$BATS_TEST_DIRNAME/../boot-commands.sh"

A=6.8.12-4-pve B=6.8.8-1-pve

# What the commands are about: boot-commands.sh.
BOOT_DISK=/disk.img BOOT_PART=/part.img BOOT_VFAT=/vfat.img BOOT_OLD=FFFF-0000 BOOT_KERNEL=$A

setup() {
	efi_setup
	bzimage $B > "$root/boot/vmlinuz-$B"
	initrd $B > "$root/boot/initrd.img-$B"
	for file in disk.img part.img vfat.img; do truncate -s 900M "$root/$file"; done
	mkfs.vfat -F 32 -i 11112222 "$root/vfat.img" > "$BATS_TEST_TMPDIR/mkfs"
	ln -s ../../../vfat.img "$uuids/1111-2222"
	echo "$B" > "$root/etc/kernel/proxmox-boot-manual-kernels"
}

# snapshot: all files and what is in them; of disks and ESPs the access times, too.
snapshot() {
	find "$root" \( -type f -o -type d \) -exec stat -c '%n %s %Y %Z %i %b' {} + | sort
	find "$root" -type f -size -1M -exec sha256sum {} + | sort
	find "$root"/*.img "$uuids" -mindepth 0 ! -type l ! -path "$uuids" -printf '%p %A@\n'
}

# old: so old that any reading of theirs would be noticed, whatever the mount options.
old() {
	find "$root"/*.img "$uuids" -exec touch -h -a -d 2020-01-01 {} +
}

# all: each command of the table, and then no command of the tool is missing in it.
all() {
	local code text command
	old
	snapshot > "$BATS_TEST_TMPDIR/before"
	while IFS='|' read -r code text command; do
		echo "$command" >> "$BATS_TEST_TMPDIR/done"
		eval "run boot -n $command"
		if [ "$status" != "$code" ] || [[ $output != *"$text"* ]]; then
			echo "$command: $status: $output"
			return 1
		fi
		snapshot | diff "$BATS_TEST_TMPDIR/before" - || { echo "$command has changed something"; return 1; }
	done < <(boot_commands)
	boot_commands_missing build/bin/pve-boot "$BATS_TEST_TMPDIR/done"
}

@test "--dry-run: with images every command says what it would do, and does nothing" {
	well 0A1B-2C3D $A
	packaged $B
	# One that is large enough to get a loader.
	truncate -s 300M "$esp"
	echo FFFF-0000 >> "$list"
	all
	# It would have been seen: what reads without care for it changes an access time.
	head -c 1 "$esp" > "$BATS_TEST_TMPDIR/byte"
	snapshot > "$BATS_TEST_TMPDIR/after"
	! diff -q "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after" || skip 'access times are not kept here (noatime)'
}

@test "--dry-run: with directories, too, down to the files on the ESPs" {
	directory 0A1B-2C3D
	systemd
	bzimage $A > "$root/boot/vmlinuz-$A"
	initrd $A > "$root/boot/initrd.img-$A"
	rm "$root/etc/kernel/proxmox-boot-manual-kernels"
	echo 'root=ZFS=rpool/ROOT/pve-1 boot=zfs' > "$root/etc/kernel/cmdline"
	packaged $A
	boot refresh
	packaged $B
	echo "$B" > "$root/etc/kernel/proxmox-boot-manual-kernels"
	echo FFFF-0000 >> "$list"
	all
}
