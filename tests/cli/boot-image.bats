#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Refresh of ESPs that are images: what is in step, what was left over, what is damaged.

bats_require_minimum_version 1.5.0
# shellcheck source=tests/cli/boot-refresh-lib.sh
. "$BATS_TEST_DIRNAME/boot-refresh-lib.sh"

# filled UUID: an image of vfat that is in step.
filled() {
	directory "$1"
	printf 'timeout 3\n' | put loader/loader.conf
	boot refresh
	mv "$esp" "$BATS_TEST_TMPDIR/full"
	truncate -s 40M "$esp"
	mkfs.vfat -F 32 -s 1 -i "${1/-/}" "$esp" > /dev/null
	(cd "$BATS_TEST_TMPDIR/full" && for name in *; do mcopy -s -Q -i "$esp" "$name" :: || exit; done)
}

@test "refresh: an image that is in step is neither written nor mounted, and keeps its access time" {
	filled 0A1B-2C3D
	touch -a -d '2026-01-01' "$esp"
	sum=$(sha256sum < "$esp")
	touch -a -d '2026-01-01' "$esp"
	run -0 boot refresh
	run -0 boot refresh -n
	[ -z "$output" ]
	[ "$(stat -c %x "$esp" | cut -c 1-10)" = 2026-01-01 ]
	[ "$(sha256sum < "$esp")" = "$sum" ]
	# It is not even opened for writing.
	strace -f -qq -e trace=openat,openat2,mount,fsopen,open_tree -o "$BATS_TEST_TMPDIR/trace" build/bin/pve-boot --root "$root" refresh
	[ "$(grep -c 'by-uuid/.*O_RDONLY' "$BATS_TEST_TMPDIR/trace")" -ge 1 ] || { cat "$BATS_TEST_TMPDIR/trace" && false; }
	run ! grep -E 'by-uuid/.*(O_RDWR|O_WRONLY)|mount\(|fsopen|open_tree' "$BATS_TEST_TMPDIR/trace"
}

@test "refresh: space is counted in whole clusters, whatever their size" {
	for kind in 2:40M 8:80M 64:300M; do
		cluster=${kind%:*}
		rm -f "$list" "$uuids"/*
		image 0A1B-2C3D "${kind#*:}" -F 16 -s "$cluster"
		printf 'timeout 3\n' | put loader/loader.conf
		size=$((cluster * 512)) bytes=0
		for v in $A $B; do
			for file in vmlinuz initrd.img; do
				n=$(stat -c %s "$root/boot/$file-$v")
				bytes=$((bytes + (n + size - 1) / size * size))
			done
			bytes=$((bytes + size)) # the directory
		done
		run -0 boot refresh -n
		[[ $output == *": $bytes bytes ("* ]] || { echo "$cluster: $bytes: $output" && false; }
	done
}

@test "refresh: of two names of the same clusters the one that was left over goes, and only as a name" {
	filled 0A1B-2C3D
	echo other > "$BATS_TEST_TMPDIR/other"
	mcopy -i "$esp" "$BATS_TEST_TMPDIR/other" ::loader/.loader.conf.new
	# The first cluster is in bytes 20, 21, 26 and 27 of the short entry.
	name=$(grep -obUa 'LOADER~1NEW' "$esp" | cut -d: -f1)
	used=$(grep -obUa 'LOADER~1CON' "$esp" | cut -d: -f1)
	for byte in 20 21 26 27; do
		dd if="$esp" of="$esp" bs=1 skip=$((used + byte)) seek=$((name + byte)) count=1 conv=notrunc status=none
	done
	run -0 boot refresh -n
	[[ $output == *'remove the name loader/.loader.conf.new on ESP 0A1B-2C3D'* ]]
	run -0 boot refresh
	[ "$(mdir -b -i "$esp" ::loader)" = '::/loader/loader.conf
::/loader/entries/' ] || [ "$(mdir -b -i "$esp" ::loader | sort)" = '::/loader/entries/
::/loader/loader.conf' ]
	[ "$(mtype -i "$esp" ::loader/loader.conf)" = 'timeout 3' ]
	run fsck.vfat -n "$esp"
	[[ $output != *'share clusters'* ]]
	[[ $output != *'Orphaned'* ]]
	run -0 boot refresh -n
	[ -z "$output" ]
}

@test "refresh: a root directory whose chain is cut stops it, and is mended by what the message says" {
	filled 0A1B-2C3D
	# The root directory begins with cluster 2, and its second one is not taken.
	poke $(($(peek 14 2) * 512 + 2 * 4)) 64 156 0 0
	kernel $A 2
	sum=$(sha256sum < "$esp")
	run -1 boot refresh
	[[ $output == *'0A1B-2C3D: the file system is damaged (/ cluster 40000 of its chain is free), so nothing is written to it; fsck.vfat -a '*' mends it'* ]] ||
		{ echo "$output" && false; }
	[ "$(sha256sum < "$esp")" = "$sum" ]
	run boot list -H -o kernel,state
	[ "$output" = "$A"$'\tok\n'"$B"$'\tok' ]
	run -1 fsck.vfat -a "$esp"
	run -0 boot refresh -n
	[[ $output == *"copy $A"* ]]
}

@test "refresh: a damaged file of others stops it before anything is written" {
	filled 0A1B-2C3D
	head -c 3000 /dev/zero > "$BATS_TEST_TMPDIR/big"
	mcopy -i "$esp" "$BATS_TEST_TMPDIR/big" ::big
	# Its chain leads to the clusters of a file that lies there: 32 bits each in the first table.
	name=$(grep -obUa 'BIG        ' "$esp" | cut -d: -f1)
	table=$(($(peek 14 2) * 512))
	poke $((table + $(peek $((name + 26)) 2) * 4)) 3 0 0 0
	kernel $C 2
	sum=$(sha256sum < "$esp")
	run boot refresh --kernel $C
	[ "$status" = 1 ]
	[[ $output == *'0A1B-2C3D: the file system is damaged ('*'fsck.vfat -a '* ]]
	[ "$(sha256sum < "$esp")" = "$sum" ]
}
