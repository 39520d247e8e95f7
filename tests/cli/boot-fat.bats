#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Reading vfat without mounting it: images of each kind, made by mkfs.vfat and mtools, and damaged
# ones.  Nothing here needs root.

bats_require_minimum_version 1.5.0
# shellcheck source=tests/cli/boot-lib.sh
. "$BATS_TEST_DIRNAME/boot-lib.sh"

setup() {
	boot_setup
	uuid=0A1B-2C3D
	packaged 6.8.12-4-pve
}

# kernels: version, state and bytes of each, in one word a row.
kernels() {
	boot list -H -o kernel,state,bytes | tr '\t' ' '
}

# chain: makes an image with a kernel of 5 clusters whose chain is easy to poke: $table is where
# its table starts, $first its first cluster.
chain() {
	image "$uuid" 4M -F 16 -s 1 -f 1 "$@"
	systemd
	echo entry | put loader/entries/proxmox-6.8.12-4-pve.conf
	head -c 2500 /dev/urandom | put EFI/proxmox/6.8.12-4-pve/vmlinuz-6.8.12-4-pve
	echo initrd | put EFI/proxmox/6.8.12-4-pve/initrd.img-6.8.12-4-pve
	table=$(($(peek 14 2) * 512))
	first=$(mshowfat -i "$esp" ::EFI/proxmox/6.8.12-4-pve/vmlinuz-6.8.12-4-pve |
		sed 's/.*<\([0-9]*\)-.*/\1/')
}

# link FROM TO: the table's entry of a cluster (FAT16).
link() {
	poke "$table + $1 * 2" "$(($2 % 256))" "$(($2 / 256))"
}

# damage: the messages of check about damage.
damage() {
	boot check -H -o code,message | sed -n 's/^BOOT-ESP-DAMAGED\t//p'
}

@test "fat: FAT12, FAT16 and FAT32, each sector size: names, sizes and content are mtools'" {
	for kind in 12:3000 16:20000 32:70000; do
		for sector in 512 1024 2048 4096; do
			rm -f "$list" "$uuids"/*
			# mtools tells the kinds apart by the number of clusters.
			image "$uuid" $((${kind#*:} * sector)) -F "${kind%:*}" -S "$sector" -s 1
			systemd 6.8.12-4-pve 6.5.13-6-pve
			head -c 300000 /dev/urandom > "$BATS_TEST_TMPDIR/image"
			put EFI/proxmox/6.8.12-4-pve/vmlinuz-6.8.12-4-pve < "$BATS_TEST_TMPDIR/image"
			run kernels
			rounded=$(((300000 + sector - 1) / sector * sector + sector))
			[ "$output" = "6.8.12-4-pve ok $rounded"$'\n'"6.5.13-6-pve ok $((2 * sector))" ] ||
				{ echo "$kind $sector: $output" && false; }
			[ -z "$(damage)" ] || { damage && false; }
		done
	done
}

@test "fat: the access and change times of an image stay, and so do its bytes" {
	image "$uuid" 40M -F 32
	systemd 6.8.12-4-pve
	sum=$(sha256sum < "$esp")
	touch -a -d '2001-02-03' "$esp"
	before=$(stat -c '%X %Y %Z' "$esp")
	boot status > /dev/null
	boot list > /dev/null
	run boot check
	[ "$(stat -c '%X %Y %Z' "$esp")" = "$before" ]
	[ "$(sha256sum < "$esp")" = "$sum" ]
}

@test "fat: long names with any characters, short names in lower case" {
	image "$uuid" 40M -F 32
	systemd
	for v in '6.8.12-4-pve+täst' '6.8.12-4.0123456789012345678901234567890123456789-pve' a; do
		echo kernel | put "EFI/proxmox/$v/vmlinuz-$v"
		echo initrd | put "EFI/proxmox/$v/initrd.img-$v"
		echo entry | put "loader/entries/proxmox-$v.conf"
	done
	run boot list -H -o kernel,state
	[ "$(sort <<< "$output")" = "$(printf '%s\tok\n' '6.8.12-4-pve+täst' \
		'6.8.12-4.0123456789012345678901234567890123456789-pve' a | sort)" ]
}

@test "fat: no file system of the kind is refused with the reason" {
	listed "$uuid"
	: > "$esp"
	run boot status
	[ "$status" = 65 ] && [[ $output == *"no FAT file system: it has no boot sector"* ]]
	truncate -s 1M "$esp"
	run boot status
	[ "$status" = 65 ] && [[ $output == *"no FAT file system: its boot sector has no signature"* ]]
	rm "$list"
	image "$uuid" 4M
	poke 11 0 3
	run boot status
	[ "$status" = 65 ] && [[ $output == *"its sector size is none"* ]]
	poke 11 0 2
	poke 13 3
	run boot status
	[ "$status" = 65 ] && [[ $output == *"its cluster size is none"* ]]
	rm "$esp"
	mkfifo "$esp"
	run boot status
	[ "$status" = 65 ] && [[ $output == *"no device, image or directory"* ]]
}

@test "fat: an image that is cut is refused; the ESP beside it is read" {
	image "$uuid" 8M
	truncate -s 7M "$esp"
	image 1111-2222 8M
	systemd 6.8.12-4-pve
	run boot status
	[ "$status" = 65 ]
	[[ $output == *"is cut: its file system has 8388608 bytes, but there are 7340032"* ]]
	[[ $output == *"1111-2222 is configured with: uefi (versions: 6.8.12-4-pve)"* ]]
}

@test "fat: a chain that runs in a circle" {
	chain
	link $((first + 2)) "$first"
	run damage
	[[ $output == *"vmlinuz-6.8.12-4-pve: its chain runs in a circle at cluster $first"* ]]
	[[ $output == *"/: 2 clusters (1024 bytes) are in no file"* ]]
}

@test "fat: two files that share a cluster; both are named" {
	chain
	other=$(mshowfat -i "$esp" ::EFI/proxmox/6.8.12-4-pve/initrd.img-6.8.12-4-pve |
		sed 's/.*<\([0-9]*\)>.*/\1/')
	link $((first + 3)) "$other"
	run damage
	[[ $output == *"EFI/proxmox/6.8.12-4-pve/vmlinuz-6.8.12-4-pve: shares cluster $other with EFI/proxmox/6.8.12-4-pve/initrd.img-6.8.12-4-pve"* ]]
	[[ $output == *"1 clusters (512 bytes) are in no file"* ]]
}

@test "fat: chains that are too short, too long, free, bad, or lead out" {
	chain
	link $((first + 2)) 65535
	run damage
	[[ $output == *"its chain ends after 3 of 5 clusters"* ]]
	link $((first + 2)) 0
	run damage
	[[ $output == *"cluster $((first + 2)) of its chain is free"* ]]
	link $((first + 2)) 65527
	run damage
	[[ $output == *"cluster $((first + 2)) of its chain is marked as bad"* ]]
	link $((first + 2)) 60000
	run damage
	[[ $output == *"its chain leads from cluster $((first + 2)) to 60000, but the last one is "* ]]
	link $((first + 2)) $((first + 3))
	link $((first + 4)) $((first + 50))
	link $((first + 50)) 65535
	run damage
	[[ $output == *"its chain has 6 clusters, but its size 5"* ]]
}

@test "fat: a directory that leads back to one above it is read once" {
	chain
	efi=$(mshowfat -i "$esp" ::EFI | sed 's/.*<\([0-9]*\)>.*/\1/')
	# The entry of EFI/proxmox is the third of EFI or a later one; its first cluster is at 26.
	data=$((table + 2 * $(peek 22 2) * 512))
	[ "$(peek 16 1)" = 1 ] && data=$((table + $(peek 22 2) * 512))
	data=$((data + $(peek 17 2) * 32))
	at=$((data + (efi - 2) * 512))
	for i in $(seq 2 15); do
		[ "$(peek "$at + $i * 32 + 11" 1)" = 16 ] && poke "$at + $i * 32 + 26" $((efi % 256)) $((efi / 256))
	done
	run damage
	[[ $output == *"runs into a directory that was read before"* ]]
	run boot status
	[ "$status" = 1 ]
}

@test "fat: copies of the table that differ" {
	chain -f 2
	table=$((table + $(peek 22 2) * 512))
	link 40 41
	run damage
	[ "$output" = '/: copy 2 of its table differs from the first, at cluster 40' ]
}
