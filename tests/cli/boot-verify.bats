#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# verify: every file on each ESP is read back and held against the manifest and /boot.

bats_require_minimum_version 1.5.0
# shellcheck source=tests/cli/boot-lib.sh
. "$BATS_TEST_DIRNAME/boot-lib.sh"

setup() {
	boot_setup
	v=6.8.12-4-pve
}

# states: last part of the path, and state.
states() {
	boot verify -H -o path,state | sed 's|.*/||'
}

# good UUID: an image that is as it was written.
good() {
	image "$1" 4M
	systemd "$v"
	hosted "$v"
	# shellcheck disable=SC2046 # two words
	manifest $(pair "$v") "loader/entries/proxmox-$v.conf="
}

@test "verify: all as it was written, and as the host has it" {
	good 0A1B-2C3D
	run states
	[ "$status" = 0 ]
	diff -u - <(echo "$output") << END
vmlinuz-$v	ok
initrd.img-$v	ok
proxmox-$v.conf	ok
END
	run boot verify
	[ "$status" = 0 ]
	run boot verify --json -o esp,sha256,source,bytes
	[ "$(jq -r '.[0].sha256' <<< "$output")" = "$(sha256sum < "$root/boot/vmlinuz-$v" | cut -c1-64)" ]
	[ "$(jq -r '.[0].source' <<< "$output")" = "/boot/vmlinuz-$v" ]
}

@test "B22: verify catches a byte that something else wrote into a file" {
	good 0A1B-2C3D
	at=$(grep -abo "initrd $v" "$esp" | cut -d : -f 1)
	poke "$at" 88
	run states
	diff -u - <(echo "$output") << END
vmlinuz-$v	ok
initrd.img-$v	changed
proxmox-$v.conf	ok
END
	run boot verify
	[ "$status" = 2 ]
	[[ $output == *"is not what was written: pve-boot refresh"* ]]
	# Sizes and times are what they were: nothing else can see it.
	run boot status
	[ "$status" = 0 ]
}

@test "B22: verify catches an entry that the firmware, or anybody, changed or took away" {
	good 0A1B-2C3D
	echo 'version 9' | put "loader/entries/proxmox-$v.conf"
	mdel -i "$esp" "::EFI/proxmox/$v/initrd.img-$v"
	run states
	diff -u - <(echo "$output") << END
vmlinuz-$v	ok
initrd.img-$v	missing
proxmox-$v.conf	changed
END
}

@test "verify: a kernel that was built anew is stale, one that was removed has no source" {
	good 0A1B-2C3D
	echo another > "$root/boot/vmlinuz-$v"
	touch -r "$root/boot/initrd.img-$v" "$root/boot/vmlinuz-$v"
	run states
	[ "$(sed 1q <<< "$output")" = "vmlinuz-$v"$'\tstale' ]
	rm "$root/boot/vmlinuz-$v"
	run states
	[ "$(sed 1q <<< "$output")" = "vmlinuz-$v"$'\tno-source' ]
	run boot verify
	[ "$status" = 1 ]
}

@test "verify: an ESP without a manifest is held against /boot" {
	directory 0A1B-2C3D
	systemd "$v"
	hosted "$v"
	run states
	[ "$output" = "vmlinuz-$v"$'\tok\n'"initrd.img-$v"$'\tok' ]
	echo other > "$root/boot/vmlinuz-$v"
	rm "$root/boot/initrd.img-$v"
	run states
	[ "$output" = "vmlinuz-$v"$'\tdiffers\n'"initrd.img-$v"$'\tunknown' ]
}

@test "verify: every other file is read, too: -a shows them, damage shows without" {
	image 0A1B-2C3D 4M -F 16 -s 1 -f 1
	systemd
	head -c 5000 /dev/urandom | put grub/x86_64-efi/zfs.mod
	run boot verify
	[ "$status" = 0 ] && [ -z "$output" ]
	run boot verify --all -H -o path,state
	diff -u - <(echo "$output") << 'END'
EFI/systemd/systemd-bootx64.efi	read
grub/x86_64-efi/zfs.mod	read
loader/loader.conf	read
END
	mkdir -p "$root/usr/lib/systemd/boot/efi"
	echo loader > "$root/usr/lib/systemd/boot/efi/systemd-bootx64.efi"
	run boot verify -H -o path,state
	[ "$output" = $'EFI/systemd/systemd-bootx64.efi\tok' ]
	echo newer > "$root/usr/lib/systemd/boot/efi/systemd-bootx64.efi"
	run boot verify -H -o state,message
	[ "$status" = 1 ] && [[ $output == differs*"pve-boot reinit" ]]
	rm -r "${root:?}/usr"
	first=$(mshowfat -i "$esp" ::grub/x86_64-efi/zfs.mod | sed 's/.*<\([0-9]*\)-.*/\1/')
	poke "$(peek 14 2) * 512 + ($first + 2) * 2" 0 0
	run boot verify -H -o path,state
	[ "$status" = 2 ] && [ "$output" = $'grub/x86_64-efi/zfs.mod\tunreadable' ]
}

@test "verify: a manifest that is cut is told, and what it lists is read nevertheless" {
	good 0A1B-2C3D
	get EFI/pve-boot/manifest | sed '$d' > "$BATS_TEST_TMPDIR/cut"
	put EFI/pve-boot/manifest < "$BATS_TEST_TMPDIR/cut"
	run boot verify -H -o path,state,message
	[ "$status" = 2 ]
	[[ $output == *$'EFI/pve-boot/manifest\tchanged\t'*"the last line is missing"* ]]
	[[ $output == *"vmlinuz-$v"$'\tok\t'* ]]
}

@test "verify: a damaged chain is unreadable; the other files and ESPs are read" {
	image 0A1B-2C3D 4M -F 16 -s 1 -f 1
	systemd
	head -c 5000 /dev/urandom > "$root/boot/vmlinuz-$v"
	put "EFI/proxmox/$v/vmlinuz-$v" < "$root/boot/vmlinuz-$v"
	first=$(mshowfat -i "$esp" "::EFI/proxmox/$v/vmlinuz-$v" | sed 's/.*<\([0-9]*\)-.*/\1/')
	poke "$(peek 14 2) * 512 + ($first + 2) * 2" 0 0
	good 1111-2222
	run boot verify -H -o esp,state,message
	[ "$status" = 2 ]
	[[ $output == *$'0A1B-2C3D\tunreadable\t'*"cluster $((first + 2)) of its chain is free"* ]]
	[ "$(grep -c $'^1111-2222\tok' <<< "$output")" = 3 ]
}

@test "B10: verify ends with 69 for an absent ESP, 65 for one that is no vfat" {
	good 0A1B-2C3D
	rm "$esp"
	good 1111-2222
	run boot verify -H -o esp,state
	[ "$status" = 69 ]
	[[ $output == *$'0A1B-2C3D\tabsent'* ]]
	[[ $output == *$'1111-2222\tok'* ]]
	truncate -s 1M "$uuids/0A1B-2C3D"
	run boot verify -H -o esp,state
	[ "$status" = 65 ]
	[[ $output == *$'0A1B-2C3D\tunreadable'* ]]
}

@test "status: drift per ESP, by what the manifest says, without reading a file" {
	good 0A1B-2C3D
	good 1111-2222
	run boot status -H -o state
	[ "$status" = 0 ] && [ "$output" = $'ok\nok' ]
	echo 'shorter' | put "EFI/proxmox/$v/initrd.img-$v"
	run boot status -H -o esp,state,message
	[ "$status" = 1 ]
	[[ $output == *$'0A1B-2C3D\tok\t'* ]]
	[[ $output == *$'1111-2222\tdrift\t'*"EFI/proxmox/$v/initrd.img-$v is not what was written"* ]]
	# The stock tool's line is there nevertheless.
	run boot status
	[ "$status" = 1 ]
	[[ $output == *"1111-2222 is configured with: uefi (versions: $v)"* ]]
	mdel -i "$esp" "::EFI/proxmox/$v/initrd.img-$v"
	run boot status
	[ "$status" = 1 ]
}

@test "status: a source that changed since it was written" {
	good 0A1B-2C3D
	ns=$(date -u -r "$root/boot/vmlinuz-$v" +%s%N)
	get EFI/pve-boot/manifest | awk -F '\t' -v OFS='\t' -v ns="$ns" '/vmlinuz/ { $3 = ns } 1' > "$BATS_TEST_TMPDIR/timed"
	put EFI/pve-boot/manifest < "$BATS_TEST_TMPDIR/timed"
	run boot status
	[ "$status" = 0 ] || { echo "$output" && false; }
	echo "kernel $v" > "$root/boot/vmlinuz-$v"
	touch -d '2001-02-03' "$root/boot/vmlinuz-$v"
	run boot status
	[ "$status" = 1 ]
	[[ $output == *"/boot/vmlinuz-$v is another file now (pve-boot refresh)"* ]]
	echo cut | put EFI/pve-boot/manifest
	run boot status -H -o state
	[ "$output" = damaged ]
}

@test "verify: without a list there is nothing to verify, and that is no success" {
	run boot verify
	[ "$status" = 69 ]
}

@test "verify: reads, and changes nothing, not even access times" {
	good 0A1B-2C3D
	touch -a -d '2001-02-03' "$esp"
	before=$(stat -c '%X %Y %Z' "$esp")
	boot verify > /dev/null
	[ "$(stat -c '%X %Y %Z' "$esp")" = "$before" ]
}

@test "GRUB: its images are held against the manifest, its modules against the package" {
	directory 0A1B-2C3D
	grub
	mkdir -p "$root/usr/lib/grub/x86_64-efi" "$root/sys/firmware/efi" "$root/sys/block"
	echo module > "$root/usr/lib/grub/x86_64-efi/normal.mod"
	echo module | put grub/x86_64-efi/normal.mod
	for f in EFI/proxmox/grubx64.efi EFI/BOOT/BOOTX64.EFI; do echo "image $f" | put "$f"; done
	manifest EFI/proxmox/grubx64.efi= EFI/BOOT/BOOTX64.EFI=
	run boot verify -H -o path,state
	[ "$status" = 0 ] && [ "$output" = $'EFI/proxmox/grubx64.efi\tok\nEFI/BOOT/BOOTX64.EFI\tok\ngrub/x86_64-efi/normal.mod\tok' ] ||
		{ echo "$output"; false; }
	run -0 boot reinit -n
	[ -z "$output" ] || { echo "$output"; false; }
	# An image that somebody wrote to, and a module of another version.
	echo 'image EFI/BOOT/bootx64.efi' | put EFI/BOOT/BOOTX64.EFI
	echo Module | put grub/x86_64-efi/normal.mod
	run boot verify -H -o path,state,message
	[ "$status" = 2 ]
	[ "${lines[1]}" = $'EFI/BOOT/BOOTX64.EFI\tchanged\tis not what was written: pve-boot reinit' ]
	[[ ${lines[2]} == $'grub/x86_64-efi/normal.mod\tdiffers\tis not /usr/lib/grub/x86_64-efi/normal.mod'*': pve-boot reinit' ]]
	echo module | put grub/x86_64-efi/normal.mod
	run -0 boot reinit -n
	[[ $output == 'install grub on /dev/disk/by-uuid/0A1B-2C3D: the other ESPs have it; EFI/BOOT/BOOTX64.EFI is not what was written' ]] ||
		{ echo "$output"; false; }
}
