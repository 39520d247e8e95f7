#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# init, reinit, replace and the choice for one boot, on directories that stand for ESPs and on images.

bats_require_minimum_version 1.5.0
# shellcheck source=tests/cli/boot-lib.sh
. "$BATS_TEST_DIRNAME/boot-lib.sh"

A=6.8.12-4-pve B=6.8.8-1-pve
judge=build/vmtools/bootjudge

setup_file() {
	make -s -C "$BATS_TEST_DIRNAME/../.." build/vmtools/bootjudge
}

setup() {
	boot_setup
	PATH=$PATH:/usr/sbin:/sbin
	mkdir -p "$root/var/lib/dpkg" "$root/etc/apt/apt.conf.d" "$root/var/log" "$root/sys/block" \
		"$root/sys/firmware/efi" "$root/usr/lib/systemd/boot/efi"
	echo 'root=ZFS=rpool/ROOT/pve-1 boot=zfs' > "$root/etc/kernel/cmdline"
	loader=$root/usr/lib/systemd/boot/efi/systemd-bootx64.efi
	echo 'a loader' > "$loader"
	printf 'Package: base-files\nStatus: install ok installed\nVersion: 1\n\n' > "$root/var/lib/dpkg/status"
	for v in $A $B; do
		"$judge" make "$v" 1 image > "$root/boot/vmlinuz-$v"
		"$judge" make "$v" 1 initrd > "$root/boot/initrd.img-$v"
		printf 'Package: proxmox-kernel-%s-signed\nStatus: install ok installed\nVersion: 1\n\n' "$v" >> "$root/var/lib/dpkg/status"
	done
}

# empty UUID: a directory for an ESP that is not in the list yet.
empty() {
	esp=$uuids/$1
	mkdir -p "$esp"
}

# snapshot: every file and its time.
snapshot() {
	find "$root" -type f -exec stat -c '%n %s %y %i' {} + | sort
}

@test "init: systemd-boot, the kernels, and a line in the list" {
	empty 0A1B-2C3D
	run -0 boot init /dev/disk/by-uuid/0A1B-2C3D
	[ "$(cat "$list")" = 0A1B-2C3D ]
	cmp "$loader" "$esp/EFI/systemd/systemd-bootx64.efi"
	cmp "$loader" "$esp/EFI/BOOT/BOOTX64.EFI"
	[ "$(cat "$esp/loader/loader.conf")" = $'timeout 3\ndefault proxmox-*' ]
	cmp "$root/boot/vmlinuz-$A" "$esp/EFI/proxmox/$A/vmlinuz-$A"
	[ -f "$esp/loader/entries/proxmox-$B.conf" ]
	snapshot > "$BATS_TEST_TMPDIR/before"
	run -0 boot init /dev/disk/by-uuid/0A1B-2C3D
	snapshot | diff "$BATS_TEST_TMPDIR/before" -
}

@test "init: links to devices that are gone do not get in the way of a directory" {
	ln -s ../../gone "$uuids/0000-0001"
	empty 0A1B-2C3D
	run -0 boot init "/dev/disk/by-uuid/0A1B-2C3D"
	[ "$(cat "$list")" = 0A1B-2C3D ]
}

@test "init --dry-run: says what it would do, and does nothing" {
	empty 0A1B-2C3D
	snapshot > "$BATS_TEST_TMPDIR/before"
	run -0 boot init /dev/disk/by-uuid/0A1B-2C3D -n
	[[ ${lines[0]} == "install systemd-boot on /dev/disk/by-uuid/0A1B-2C3D: the firmware is EFI; there is no EFI/systemd/"* ]]
	[[ ${lines[1]} == "create /etc/kernel/proxmox-boot-uuids: 0A1B-2C3D is kept in sync" ]]
	snapshot | diff "$BATS_TEST_TMPDIR/before" -
}

@test "init: what is refused leaves the list as it is" {
	truncate -s 300M "$root/blank.img"
	run boot init /blank.img
	[ "$status" = 1 ] && [[ $output == *'no file system on it, an ESP has vfat (pve-boot format /blank.img)'* ]]
	truncate -s 100M "$root/small.img"
	mkfs.vfat "$root/small.img" > /dev/null
	run boot init /small.img
	[ "$status" = 1 ] && [[ $output == *'has 100M, which is too small'* ]]
	mkdir "$root/nowhere"
	run boot init /nowhere
	[ "$status" = 1 ] && [[ $output == *'so it has no UUID'* ]]
	run boot init /missing
	[ "$status" = 69 ]
	run boot init /nowhere lilo
	[ "$status" = 64 ] && [[ $output == *"'lilo' is no loader: grub or systemd-boot"* ]]
	empty 0A1B-2C3D
	rm "$loader"
	run boot init /dev/disk/by-uuid/0A1B-2C3D
	[ "$status" = 69 ] && [[ $output == *'systemd-boot is not installed (apt install systemd-boot)'* ]]
	[ ! -e "$list" ]
}

@test "init: Secure Boot and a loader that is not signed do not go together" {
	empty 0A1B-2C3D
	printf '\1' | efivar SecureBoot
	run boot init /dev/disk/by-uuid/0A1B-2C3D systemd-boot
	[ "$status" = 1 ] && [[ $output == *'Secure Boot is on'*'(use grub)'* ]]
	run boot init /dev/disk/by-uuid/0A1B-2C3D
	[ "$status" = 69 ] && [[ $output == *'apt install grub-efi-amd64'* ]]
}

@test "B6: a new loader comes with reinit; pin, timeout and all else in loader.conf stay" {
	empty 0A1B-2C3D
	boot init /dev/disk/by-uuid/0A1B-2C3D
	printf '# mine\ntimeout 9\neditor no\ndefault proxmox-*\n' > "$esp/loader/loader.conf"
	boot kernel pin $B
	boot refresh
	before=$(cat "$esp/loader/loader.conf")
	[[ $before == $'# mine\ntimeout 9\neditor no\ndefault proxmox-'$B.conf ]]
	run -0 boot -v reinit
	[[ $output == *'nothing to do'* ]]
	echo 'a newer loader' > "$loader"
	run -0 boot reinit
	cmp "$loader" "$esp/EFI/systemd/systemd-bootx64.efi"
	cmp "$loader" "$esp/EFI/BOOT/BOOTX64.EFI"
	[ "$before" = "$(cat "$esp/loader/loader.conf")" ]
}

@test "B19: another system's default, its entries and loaders are never touched" {
	empty 0A1B-2C3D
	printf 'timeout 9\ndefault windows.conf\n' | put loader/loader.conf
	echo windows | put EFI/Microsoft/Boot/bootmgfw.efi
	echo title Windows | put loader/entries/windows.conf
	boot init /dev/disk/by-uuid/0A1B-2C3D
	boot refresh
	[ "$(cat "$esp/loader/loader.conf")" = $'timeout 9\ndefault windows.conf' ]
	[ "$(cat "$esp/EFI/Microsoft/Boot/bootmgfw.efi")" = windows ]
	[ "$(cat "$esp/loader/entries/windows.conf")" = 'title Windows' ]
}

@test "B7: an ESP of GRUB before one of systemd-boot: each keeps its loader, none is skipped" {
	directory 0000-0001
	mkdir "$esp/grub"
	empty 0A1B-2C3D
	boot init /dev/disk/by-uuid/0A1B-2C3D systemd-boot
	[ -f "$uuids/0000-0001/vmlinuz-$A" ]
	grep -q "vmlinuz-$A" "$uuids/0000-0001/grub/grub.cfg"
	[ -f "$uuids/0A1B-2C3D/EFI/proxmox/$A/vmlinuz-$A" ]
	run -0 boot refresh -n
	[ -z "$output" ]
}

@test "B7: without a word the new ESP gets the loader of its siblings" {
	directory 0000-0001
	mkdir "$esp/grub"
	empty 0A1B-2C3D
	mkdir -p "$root/usr/lib/grub/x86_64-efi"
	touch "$root/usr/lib/grub/x86_64-efi/normal.mod"
	run -0 boot init /dev/disk/by-uuid/0A1B-2C3D -n
	[[ ${lines[0]} == 'install grub on /dev/disk/by-uuid/0A1B-2C3D: the other ESPs have it; '* ]]
}

@test "B15: GRUB's pin needs no grub.cfg of the host's own, and names an entry that is there" {
	directory 0000-0001
	mkdir "$esp/grub"
	boot kernel pin $B
	[ ! -e "$root/boot/grub" ]
	run -0 boot refresh
	default=$(sed -n "s/^set default='\(.*\)'/\1/p" "$esp/grub/grub.cfg")
	[ "$default" = "proxmox-$B" ]
	grep -q -- "--id '$default'" "$esp/grub/grub.cfg"
	mkdir -p "$root/etc/default/grub.d"
	echo 'GRUB_DEFAULT="gnulinux-advanced-a>gnulinux-b"' > "$root/etc/default/grub.d/proxmox-kernel-pin.cfg"
	run -0 boot refresh
	grep -q "^set default='proxmox-$B'" "$esp/grub/grub.cfg"
}

@test "GRUB: settings of /etc/default/grub, snippets, and 40_custom" {
	directory 0000-0001
	mkdir "$esp/grub"
	mkdir -p "$root/etc/default/grub.d" "$root/etc/grub.d"
	printf 'GRUB_TIMEOUT=7\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\n' > "$root/etc/default/grub"
	# shellcheck disable=SC2016 # for the other shell
	echo 'GRUB_CMDLINE_LINUX="root=ZFS=x/y $GRUB_CMDLINE_LINUX"' > "$root/etc/default/grub.d/zfs.cfg"
	# shellcheck disable=SC2016
	printf '#!/bin/sh\nexec tail -n +3 $0\nmenuentry "mine" { true }\n' > "$root/etc/grub.d/40_custom"
	run -0 boot refresh
	grep -q "linux /vmlinuz-$A root=ZFS=x/y quiet" "$esp/grub/grub.cfg"
	grep -qx 'set timeout=7' "$esp/grub/grub.cfg"
	grep -qx 'menuentry "mine" { true }' "$esp/grub/grub.cfg"
	grub-script-check "$esp/grub/grub.cfg"
	# What only a shell could tell stops this ESP with file and line, not the others.
	before=$(cat "$esp/grub/grub.cfg")
	# shellcheck disable=SC2016
	echo 'GRUB_CMDLINE_LINUX="root=$(cat /etc/x)"' > "$root/etc/default/grub.d/zfs.cfg"
	empty 0A1B-2C3D
	run boot init /dev/disk/by-uuid/0A1B-2C3D systemd-boot
	[ "$status" = 1 ] && [[ $output == *'/etc/default/grub.d/zfs.cfg:1: what GRUB_CMDLINE_LINUX is'* ]]
	[ -f "$esp/loader/entries/proxmox-$A.conf" ]
	[ "$before" = "$(cat "$uuids/0000-0001/grub/grub.cfg")" ]
}

@test "B4: with GRUB the next boot is next_entry, and the default stays" {
	directory 0000-0001
	mkdir "$esp/grub"
	boot kernel pin $A
	boot refresh
	before=$(cat "$esp/grub/grub.cfg")
	grub-editenv "$esp/grub/grubenv" create
	grub-editenv "$esp/grub/grubenv" set mine=1
	boot kernel pin $B --next-boot
	boot refresh
	[ "$before" = "$(cat "$esp/grub/grub.cfg")" ]
	diff -u - <(grub-editenv "$esp/grub/grubenv" list) << END
mine=1
next_entry=proxmox-$B
END
	boot kernel unpin --next-boot
	[ "$(grub-editenv "$esp/grub/grubenv" list)" = mine=1 ]
	[ "$(cat "$root/etc/kernel/proxmox-boot-pin")" = $A ]
}

@test "B4, B21: with systemd-boot and no EFI variables, an entry with one attempt before all others" {
	empty 0A1B-2C3D
	boot init /dev/disk/by-uuid/0A1B-2C3D
	boot kernel pin $B --next-boot
	diff <(cat "$esp/loader/entries/proxmox-$B.conf"; echo sort-key proxmox-next) \
		"$esp/loader/entries/proxmox-next+1.conf"
	grep -qx 'default proxmox-\*' "$esp/loader/loader.conf"
	run -0 boot refresh -n
	[ -z "$output" ]
	# systemd-boot has started it, and nobody said that it was good.
	mv "$esp/loader/entries/proxmox-next+1.conf" "$esp/loader/entries/proxmox-next+0-1.conf"
	boot kernel unpin --next-boot
	[ ! -e "$esp/loader/entries/proxmox-next+0-1.conf" ]
	# With a pin the default is a pattern for both: the attempt, and the pinned one.
	boot kernel pin $A
	boot refresh
	boot kernel pin $B --next-boot
	[ -f "$esp/loader/entries/proxmox-$A.next+1.conf" ]
	grep -qxF "default proxmox-${A}[.+]*conf" "$esp/loader/loader.conf"
	boot refresh
	grep -qxF "default proxmox-${A}[.+]*conf" "$esp/loader/loader.conf"
	boot kernel unpin --next-boot
	boot refresh
	grep -qxF "default proxmox-$A.conf" "$esp/loader/loader.conf"
}

# from_grub: an ESP with GRUB's EFI image and the kernels of the host.
from_grub() {
	directory 0A1B-2C3D
	mkdir "$esp/grub"
	echo 'an image' | put EFI/proxmox/grubx64.efi
	boot refresh
}

@test "init: another loader finds its kernels before it comes, and those of the old one go last" {
	from_grub
	[ -f "$esp/vmlinuz-$A" ]
	snapshot > "$BATS_TEST_TMPDIR/before"
	run -0 boot init /dev/disk/by-uuid/0A1B-2C3D systemd-boot -n
	[[ ${lines[0]} == 'sync ESP 0A1B-2C3D '*' of kernels are written' ]] || { echo "$output"; false; }
	[[ $output == *'install systemd-boot on '*': it was asked for; '* ]]
	snapshot | diff "$BATS_TEST_TMPDIR/before" -
	run -0 boot init /dev/disk/by-uuid/0A1B-2C3D systemd-boot
	cmp "$loader" "$esp/EFI/BOOT/BOOTX64.EFI"
	[ -f "$esp/loader/entries/proxmox-$A.conf" ]
	cmp "$root/boot/vmlinuz-$A" "$esp/EFI/proxmox/$A/vmlinuz-$A"
	# B11: nothing is left of the layout that is not in use.
	[ ! -e "$esp/vmlinuz-$A" ] && [ ! -e "$esp/EFI/proxmox/grubx64.efi" ]
	run -0 boot refresh -n
	[ -z "$output" ]
}

@test "reinit: what the manifest has of a loader that is not there any more goes out of it" {
	empty 0A1B-2C3D
	boot init /dev/disk/by-uuid/0A1B-2C3D
	run -0 boot verify
	echo 'of GRUB' > "$BATS_TEST_TMPDIR/was"
	cp "$esp/EFI/BOOT/BOOTX64.EFI" "$BATS_TEST_TMPDIR/now"
	cp "$BATS_TEST_TMPDIR/was" "$esp/EFI/BOOT/BOOTX64.EFI"
	manifest EFI/BOOT/BOOTX64.EFI=
	cp "$BATS_TEST_TMPDIR/now" "$esp/EFI/BOOT/BOOTX64.EFI"
	run boot verify -H -o path,state
	[[ $output == *$'EFI/BOOT/BOOTX64.EFI\tchanged'* ]] || { echo "$output"; false; }
	run -0 boot reinit -n
	[[ $output == *'; the manifest has EFI/BOOT/BOOTX64.EFI of GRUB still' ]] || { echo "$output"; false; }
	run -0 boot reinit
	run -0 boot refresh
	run -0 boot verify
	run -0 boot reinit -n
	[ -z "$output" ]
}

@test "init: another loader without room for one kernel beside the old ones does not come" {
	image 0A1B-2C3D 300M -F 32
	echo 'an image' | put EFI/proxmox/grubx64.efi
	for v in $A $B; do
		put "vmlinuz-$v" < "$root/boot/vmlinuz-$v"
		put "initrd.img-$v" < "$root/boot/initrd.img-$v"
	done
	printf "linux /vmlinuz-%s\n" $A $B | put grub/grub.cfg
	for size in 290M 1M 100K; do
		truncate -s $size "$BATS_TEST_TMPDIR/filler"
		for n in $(seq 12); do
			mcopy -i "$esp" "$BATS_TEST_TMPDIR/filler" "::$size$n" > /dev/null 2>&1 || break
		done
	done
	before=$(sha256sum < "$esp")
	run boot init /dev/disk/by-uuid/0A1B-2C3D systemd-boot
	[ "$status" = 1 ] && [[ $output =~ 'no room for a kernel beside those of the loader that is in use: '[0-9]+' bytes needed, '[0-9]+' free' ]] ||
		{ echo "$output"; false; }
	[ "$before" = "$(sha256sum < "$esp")" ]
}

@test "init: GRUB on an ESP of systemd-boot brings GRUB's kernels and menu first" {
	empty 0A1B-2C3D
	boot init /dev/disk/by-uuid/0A1B-2C3D
	mkdir -p "$root/usr/lib/grub/x86_64-efi"
	touch "$root/usr/lib/grub/x86_64-efi/normal.mod"
	run -0 boot init /dev/disk/by-uuid/0A1B-2C3D grub -n
	[[ ${lines[0]} == 'sync ESP 0A1B-2C3D '* ]] || { echo "$output"; false; }
	# A directory cannot have GRUB: the kernels were brought, and the loader is the old one.
	run boot init /dev/disk/by-uuid/0A1B-2C3D grub
	[ "$status" = 1 ] && [[ $output == *'grub-install needs a vfat'* ]] || { echo "$output"; false; }
	grep -q "vmlinuz-$A" "$esp/grub/grub.cfg"
	cmp "$root/boot/vmlinuz-$A" "$esp/vmlinuz-$A"
	[ -f "$esp/loader/entries/proxmox-$A.conf" ] && [ -f "$esp/EFI/proxmox/$A/vmlinuz-$A" ]
	# The next refresh knows which one is in use.
	run -0 boot refresh
	[ ! -e "$esp/vmlinuz-$A" ] && [ -f "$esp/EFI/proxmox/$A/vmlinuz-$A" ]
}

@test "replace: what is no ESP of the list, and the same partition, are refused" {
	directory 0A1B-2C3D
	truncate -s 300M "$root/new.img"
	run boot replace 1111-2222 /new.img
	[ "$status" = 69 ] && [[ $output == *'1111-2222 is not in the list of ESPs, which has 0A1B-2C3D'* ]]
	run boot replace 0A1B-2C3D /dev/disk/by-uuid/0A1B-2C3D
	[ "$status" = 1 ]
	mkfs.vfat "$root/new.img" > /dev/null
	run boot replace 0A1B-2C3D /new.img
	[ "$status" = 1 ] && [[ $output == *'there is a vfat on it already'* ]]
	run boot replace 0A1B-2C3D /new.img --force
	[ "$status" = 77 ]
	[ "$(cat "$list")" = 0A1B-2C3D ]
}

@test "replace --force: a damaged ESP is made anew where it is" {
	truncate -s 300M "$root/old.img"
	mkfs.vfat -F 32 -i 0A1B2C3D "$root/old.img" > /dev/null
	mkdir -p "$root/dev/disk/by-uuid"
	rm -rf "$root/dev/disk/by-uuid/0A1B-2C3D"
	ln -s ../../../old.img "$root/dev/disk/by-uuid/0A1B-2C3D"
	echo 0A1B-2C3D > "$list"
	run boot replace 0A1B-2C3D /old.img
	[ "$status" = 1 ] && [[ $output == *'or --force to make it anew'* ]] || { echo "$output"; false; }
	run -0 boot replace 0A1B-2C3D /old.img --force -y -n
	[[ $output == *'mkfs.vfat -F 32 -i '* ]] || { echo "$output"; false; }
	[[ $output == *'in place of 0A1B-2C3D'* ]]
}

@test "replace --dry-run: format, loader like the old one's, and one change of the list" {
	directory 0A1B-2C3D
	systemd
	truncate -s 300M "$root/new.img"
	run -0 boot replace 0a1b-2c3d /new.img -n
	[[ ${lines[0]} =~ ^run\ .*mkfs.vfat\ -F\ 32\ -i\ ([0-9A-F]{4})([0-9A-F]{4})\  ]]
	[[ ${lines[1]} == 'install systemd-boot on /new.img: the other ESPs have it' ]]
	[[ ${lines[2]} == "change /etc/kernel/proxmox-boot-uuids: ${BASH_REMATCH[1]}-${BASH_REMATCH[2]} is kept in sync in place of 0A1B-2C3D" ]]
	[ "$(stat -c %b "$root/new.img")" = 0 ]
}

@test "reinit: an ESP that is gone does not stop the others, and the exit code says so" {
	echo FFFF-0000 > "$list"
	empty 0A1B-2C3D
	run boot init /dev/disk/by-uuid/0A1B-2C3D
	echo 'a newer loader' > "$loader"
	run boot reinit
	[ "$status" = 1 ] && [[ $output == *FFFF-0000* ]]
	cmp "$loader" "$esp/EFI/systemd/systemd-bootx64.efi"
	rm "$list"
	run boot reinit
	[ "$status" = 2 ]
}

@test "reinit: an ESP that gets no loader does not stop the one behind it" {
	for uuid in 0000-0001 0A1B-2C3D; do
		empty "$uuid"
		boot init "/dev/disk/by-uuid/$uuid"
	done
	rm -r "$uuids/0000-0001/EFI/systemd"
	echo 'in the way' > "$uuids/0000-0001/EFI/systemd"
	echo 'a newer loader' > "$loader"
	run boot reinit
	[ "$status" = 1 ] && [[ $output == *0000-0001*'Not a directory'* ]] || { echo "$output"; false; }
	cmp "$loader" "$esp/EFI/systemd/systemd-bootx64.efi"
	grep -q '0000-0001 failed: .*Not a directory' "$root/var/log/pve-boot.log"
	# The next run has nothing to undo or complete, and does the other one when it can.
	rm "$uuids/0000-0001/EFI/systemd"
	run -0 boot reinit
	cmp "$loader" "$uuids/0000-0001/EFI/systemd/systemd-bootx64.efi"
}

@test "init: a serial number that two file systems have is noticed" {
	for n in 1 2; do
		dir=$root/sys/block/sd$n/sd${n}p2
		mkdir -p "$dir" "$root/sys/block/sd$n/queue" "$root/run/udev/data"
		echo 2 > "$dir/partition"
		echo "8:$n" > "$dir/dev"
		echo 614400 > "$dir/size"
		echo "9:$n" > "$root/sys/block/sd$n/dev"
		echo E:ID_PART_TABLE_TYPE=gpt > "$root/run/udev/data/b9:$n"
		echo 819200 > "$root/sys/block/sd$n/size"
		echo E:ID_FS_UUID=0A1B-2C3D > "$root/run/udev/data/b8:$n"
		truncate -s 300M "$root/dev/sd${n}p2"
		mkfs.vfat -F 32 -i 0A1B2C3D "$root/dev/sd${n}p2" > /dev/null
	done
	run boot init /dev/sd1p2
	[ "$status" = 1 ] && [[ $output == *'/dev/sd2p2 has the same serial number, 0A1B-2C3D: format one of them anew'* ]]
	[ ! -e "$list" ]
}

@test "reinit: an image of systemd-boot that an interrupted change left beside GRUB goes" {
	directory 0A1B-2C3D
	grub
	mkdir -p "$root/usr/lib/grub/x86_64-efi"
	echo x > "$root/usr/lib/grub/x86_64-efi/normal.mod"
	for f in grub/x86_64-efi/normal.mod EFI/proxmox/grubx64.efi EFI/BOOT/BOOTX64.EFI; do echo x | put $f; done
	run -0 boot reinit -n
	[ -z "$output" ] || { echo "$output" && false; }
	echo loader | put EFI/systemd/systemd-bootx64.efi
	run -0 boot reinit -n
	[[ $output == 'install grub on '*'; there is EFI/systemd/systemd-bootx64.efi still' ]] || { echo "$output" && false; }
}
