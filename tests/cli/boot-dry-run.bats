#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# --dry-run with every command of pve-boot: nothing changes, of a device not even its access time.

bats_require_minimum_version 1.5.0
# shellcheck source=tests/cli/boot-lib.sh
. "$BATS_TEST_DIRNAME/boot-lib.sh"

A=6.8.12-4-pve B=6.8.8-1-pve

setup() {
	efi_setup
	well 0A1B-2C3D $A
	bzimage $B > "$root/boot/vmlinuz-$B"
	initrd $B > "$root/boot/initrd.img-$B"
	packaged $B
	for file in disk.img part.img vfat.img; do truncate -s 900M "$root/$file"; done
	mkfs.vfat -F 32 -i 11112222 "$root/vfat.img" > "$BATS_TEST_TMPDIR/mkfs"
	echo FFFF-0000 >> "$list"
	# So old that any reading of theirs would be noticed, whatever the mount options.
	touch -a -d 2020-01-01 "$root"/*.img "$esp"
}

# snapshot: all files and what is in them; of disks and ESPs the access times, too.
snapshot() {
	find "$root" -type f -exec stat -c '%n %s %Y %Z %i %b' {} + | sort
	find "$root" -type f -size -1M -exec sha256sum {} + | sort
	stat -c '%n %x' "$root"/*.img "$esp"
}

# dry CODE TEXT COMMAND...: the exit code, and the plan that is printed.
dry() {
	local code=$1 text=$2
	shift 2
	run boot -n "$@"
	if [ "$status" != "$code" ] || [[ $output != *"$text"* ]]; then
		echo "$*: $status: $output"
		return 1
	fi
	snapshot | diff "$BATS_TEST_TMPDIR/before" - || { echo "$* has changed something"; return 1; }
}

@test "--dry-run: commands that write say what they would do" {
	snapshot > "$BATS_TEST_TMPDIR/before"
	dry 0 'disk.img' partition /disk.img
	dry 0 'mkfs.vfat' format /part.img
	dry 0 'install systemd-boot on /vfat.img' init /vfat.img
	dry 0 'mkfs.vfat' replace FFFF-0000 /part.img
	dry 0 'bytes' refresh
	dry 0 'proxmox-boot-uuids' clean
	dry 0 'proxmox-boot-manual-kernels' kernel add $A
	dry 0 '' kernel remove $A
	dry 0 'proxmox-boot-pin' kernel pin $A
	dry 0 'next-boot-pin' kernel pin $A --next-boot
	dry 0 '' kernel unpin
	dry 0 'cmdline' cmdline set 'root=ZFS=a/b quiet'
	dry 0 'cmdline' cmdline add quiet
	dry 0 'cmdline' cmdline remove boot=zfs
	# An ESP that is large enough to get a loader.
	truncate -s 300M "$esp"
	touch -a -d 2020-01-01 "$esp"
	snapshot > "$BATS_TEST_TMPDIR/before"
	dry 0 'install systemd-boot on /dev/disk/by-uuid/0A1B-2C3D' reinit
}

@test "--dry-run: commands that only look leave it at that, too" {
	snapshot > "$BATS_TEST_TMPDIR/before"
	dry 69 0A1B-2C3D status
	dry 0 $A list
	dry 0 systemd-boot loader
	dry 69 vmlinuz verify
	dry 1 BOOT-ESP-ABSENT check
	dry 0 $A kernel list
	dry 0 root=ZFS cmdline show
}
