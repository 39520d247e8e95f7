#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# partition and format, on images, and what they refuse on the disks of a host below --root.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	PATH=$PATH:/usr/sbin:/sbin
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/etc/kernel" "$root/dev/disk/by-uuid" "$root/sys/block"
}

boot() {
	build/bin/pve-boot --root "$root" "$@"
}

# image NAME SIZE
image() {
	truncate -s "$2" "$root/$1"
}

# guids IMAGE: those of the disk and its partitions, one a line.
guids() {
	sgdisk -p "$root/$1" | sed -n 's/^Disk identifier (GUID): //p'
	for i in 1 2 3; do sgdisk -i $i "$root/$1" | sed -n 's/^Partition unique GUID: //p'; done
}

# device NAME SIZE [PARTITION]: a block device of the host, with what udev knows of it from stdin.
# Its node is an image of that size.
device() {
	local name=$1 dir=$root/sys/block/$1 no=0
	if [ "${3-}" ]; then
		name=$1$3
		no=$3
		dir=$dir/$name
		mkdir -p "$dir"
		echo "$3" > "$dir/partition"
	fi
	mkdir -p "$dir/queue" "$dir/holders" "$root/run/udev/data"
	image "dev/$name" "$2"
	echo $(($(stat -c %s "$root/dev/$name") / 512)) > "$dir/size"
	echo 0 > "$dir/ro"
	echo "8:$no" > "$dir/dev"
	echo 512 > "$dir/queue/logical_block_size"
	cat > "$root/run/udev/data/b8:$no"
}

# images: what would be otherwise if one of them were written to.  They are sparse and large.
images() {
	for image in "$root"/dev/sd* "$root"/*.img; do
		[ ! -f "$image" ] || { stat -c '%n %b %y' "$image"; head -c 64K "$image" | sha256sum; }
	done
}

# refused WORDS COMMAND...: ends with 1 and that reason, and changes no image.
refused() {
	local words=$1 before
	shift
	before=$(images)
	run boot "$@"
	[[ $status:$output == 1:*"$words"* ]] || { echo "$status: $output"; return 1; }
	[ "$before" = "$(images)" ]
}

@test "partition: the three of the guide, as sgdisk sees them" {
	image disk.img 4G
	run boot partition /disk.img
	[ "$status" = 0 ] && [ -z "$output" ]
	run sgdisk -p "$root/disk.img"
	[[ $output =~ 1\ +34\ +2047\ .*\ EF02 ]]
	[[ $output =~ 2\ +2048\ +1050623\ .*\ EF00 ]]
	[[ $output =~ 3\ +1050624\ +8388574\ .*\ BF01 ]]
	sgdisk -v "$root/disk.img" | grep -q 'No problems found'
}

@test "partition: --esp-size and --hdsize" {
	image disk.img 4G
	boot partition /disk.img --esp-size 1G --hdsize 3G
	run sgdisk -p "$root/disk.img"
	[[ $output =~ 2\ +2048\ +2099199\ .*\ EF00 ]]
	[[ $output =~ 3\ +2099200\ +6291455\ .*\ BF01 ]]
	run boot partition /disk.img --esp-size 100M
	[ "$status" = 64 ]
}

@test "partition: --dry-run says it and leaves the image alone, even its times" {
	image disk.img 4G
	touch -d 2020-01-01 "$root/disk.img"
	before=$(stat -c '%x %y %z %b' "$root/disk.img")
	run boot partition /disk.img -n
	[ "$status" = 0 ]
	[ "$output" = 'partition /disk.img: a GPT with 1 BIOS boot 1007K, 2 ESP 512M, 3 ZFS 3.5G' ]
	[ "$before" = "$(stat -c '%x %y %z %b' "$root/disk.img")" ]
}

@test "partition: --like copies a healthy disk's partitions, with GUIDs of their own" {
	image healthy.img 4G
	image new.img 5G
	boot partition /healthy.img --hdsize 3G
	sgdisk -c 2:boot "$root/healthy.img" > /dev/null
	boot partition /new.img --like /healthy.img
	diff <(sgdisk -p "$root/healthy.img" | grep '^ ') <(sgdisk -p "$root/new.img" | grep '^ ')
	[ -z "$(comm -12 <(guids healthy.img | sort) <(guids new.img | sort))" ]
	[ "$(guids new.img | sort -u | wc -l)" = 4 ]
}

@test "partition: --new-guids after a table was copied with other tools" {
	image healthy.img 4G
	image copy.img 4G
	boot partition /healthy.img
	sgdisk -R "$root/copy.img" "$root/healthy.img" > /dev/null
	[ "$(guids healthy.img)" = "$(guids copy.img)" ]
	boot partition /copy.img --new-guids
	[ -z "$(comm -12 <(guids healthy.img | sort) <(guids copy.img | sort))" ]
	diff <(sgdisk -p "$root/healthy.img" | grep '^ ') <(sgdisk -p "$root/copy.img" | grep '^ ')
	sgdisk -v "$root/copy.img" | grep -q 'No problems found'
	image empty.img 4G
	refused 'there is no GPT on it' partition /empty.img --new-guids
}

@test "partition: a disk on which there is something is refused" {
	image disk.img 4G
	boot partition /disk.img
	refused 'is not empty, there is a partition table on it' partition /disk.img
	image ext4.img 1G
	mkfs.vfat "$root/ext4.img" > /dev/null
	refused 'is not empty, there is a vfat on it' partition /ext4.img
	run boot partition /missing.img
	[ "$status" = 69 ]
	run boot partition /etc
	[ "$status" = 64 ]
}

@test "partition: a partition, a mounted, a stacked disk and one with partitions are refused" {
	device sda 4G < /dev/null
	device sda 1G 1 < /dev/null
	refused 'is a partition: name the whole disk, /dev/sda' partition /dev/sda1
	refused '/dev/sda: has 1 partition already' partition /dev/sda
	mkdir -p "$root/proc"
	echo '/dev/sda1 /mnt/data ext4 rw 0 0' > "$root/proc/mounts"
	refused '/dev/sda1 is mounted on /mnt/data (umount /mnt/data)' partition /dev/sda
	rm -r "$root/sys/block/sda/sda1" "$root/proc"
	mkdir "$root/sys/block/sda/holders/dm-0"
	refused 'dm-0 is built upon /dev/sda' partition /dev/sda
}

@test "format: vfat of 32 bits with the serial number that the plan says" {
	image esp.img 512M
	run boot format /esp.img -n
	[ "$status" = 0 ] && [[ $output =~ mkfs.vfat\ -F\ 32\ -i\ [0-9A-F]{8}\  ]]
	[ "$(stat -c %b "$root/esp.img")" = 0 ]
	boot format /esp.img
	run blkid -p -o export "$root/esp.img"
	[[ $output == *TYPE=vfat* && $output == *VERSION=FAT32* ]]
	fsck.vfat -n "$root/esp.img"
}

@test "format: whatever is there already is refused, unless forced and confirmed" {
	image esp.img 512M
	boot format /esp.img
	refused 'there is a vfat on it already, UUID ' format /esp.img
	run boot format /esp.img --force
	[ "$status" = 77 ]
	was=$(blkid -p -s UUID -o value "$root/esp.img")
	boot format /esp.img --force --yes
	[ "$was" != "$(blkid -p -s UUID -o value "$root/esp.img")" ]
}

@test "format: stacked, mounted, small, whole disk, MBR, swap: each with its reason" {
	device sda 4G < <(echo E:ID_PART_TABLE_TYPE=gpt)
	device sda 512M 2 < <(echo E:ID_PART_ENTRY_TYPE=c12a7328-f81f-11d2-ba4b-00a0c93ec93b)
	device sda 255M 3 < /dev/null
	refused 'is a whole disk: name its ESP' format /dev/sda
	refused 'has 255M, which is too small: 256M at least' format /dev/sda3
	mkdir "$root/sys/block/sda/sda2/holders/md0"
	refused 'md0 is built upon /dev/sda2' format /dev/sda2 --force
	rmdir "$root/sys/block/sda/sda2/holders/md0"
	mkdir -p "$root/proc"
	echo '/dev/sda2 /boot/efi vfat rw 0 0' > "$root/proc/mounts"
	refused '/dev/sda2 is mounted on /boot/efi (umount /boot/efi)' format /dev/sda2
	rm "$root/proc/mounts"
	printf 'Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -2\n' > "$root/proc/swaps"
	refused 'in use as swap space (swapoff /dev/sda2)' format /dev/sda2
	rm "$root/proc/swaps"
	# One entry of type 0c, from sector 2048 on, and the signature of an MBR.
	printf '\0\0\0\0\014\0\0\0\0\010\0\0\0\0\020\0' |
		dd of="$root/dev/sda" bs=1 seek=446 conv=notrunc status=none
	printf '\125\252' | dd of="$root/dev/sda" bs=1 seek=510 conv=notrunc status=none
	refused 'the partition table of /dev/sda is an MBR, an ESP needs a GPT' format /dev/sda2
	run boot format /etc
	[ "$status" = 1 ] && [[ $output == *'is a directory: name the partition'* ]]
}

@test "init, replace: stacked, mounted, small, whole disk, MBR, not vfat: each with its reason, and the list stays" {
	list=$root/etc/kernel/proxmox-boot-uuids
	mkdir "$root/dev/disk/by-uuid/0A1B-2C3D"
	echo 0A1B-2C3D > "$list"
	device sda 4G < <(echo E:ID_PART_TABLE_TYPE=gpt)
	device sda 512M 2 < <(echo E:ID_PART_ENTRY_TYPE=c12a7328-f81f-11d2-ba4b-00a0c93ec93b)
	device sda 255M 3 < /dev/null
	touch -d 2020-01-01 "$list"
	before=$(stat -c '%y %z %i' "$list")
	for command in init 'replace 0A1B-2C3D'; do
		# shellcheck disable=SC2086 # two words
		for refusal in \
			"sda|is a whole disk: name its ESP" \
			"sda3|has 255M, which is too small: 256M at least" \
			"holders/md0|md0 is built upon /dev/sda2" \
			"mounts|/dev/sda2 is mounted on /boot/efi (umount /boot/efi)" \
			"swaps|in use as swap space (swapoff /dev/sda2)"; do
			device=sda2
			mkdir -p "$root/proc"
			case ${refusal%%|*} in
			sda*) device=${refusal%%|*} ;;
			holders/*) mkdir "$root/sys/block/sda/sda2/holders/md0" ;;
			mounts) echo '/dev/sda2 /boot/efi vfat rw 0 0' > "$root/proc/mounts" ;;
			swaps) printf 'Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -2\n' > "$root/proc/swaps" ;;
			esac
			refused "${refusal#*|}" $command /dev/$device
			rm -rf "$root/proc" "$root/sys/block/sda/sda2/holders/md0"
		done
		printf '\0\0\0\0\014\0\0\0\0\010\0\0\0\0\020\0' |
			dd of="$root/dev/sda" bs=1 seek=446 conv=notrunc status=none
		printf '\125\252' | dd of="$root/dev/sda" bs=1 seek=510 conv=notrunc status=none
		# shellcheck disable=SC2086
		refused 'the partition table of /dev/sda is an MBR, an ESP needs a GPT' $command /dev/sda2
		dd if=/dev/zero of="$root/dev/sda" bs=512 count=1 conv=notrunc status=none
	done
	refused 'there is no file system on it, an ESP has vfat (pve-boot format /dev/sda2)' init /dev/sda2
	# The magic of ext4, and that it has a journal.
	printf '\123\357' | dd of="$root/dev/sda2" bs=1 seek=1080 conv=notrunc status=none
	printf '\4' | dd of="$root/dev/sda2" bs=1 seek=1116 conv=notrunc status=none
	printf '\1' | dd of="$root/dev/sda2" bs=1 seek=1100 conv=notrunc status=none
	refused 'there is a ext3 on it, an ESP has vfat (pve-boot format --force /dev/sda2)' init /dev/sda2
	refused 'there is a ext3 on it already' replace 0A1B-2C3D /dev/sda2
	[ "$before" = "$(stat -c '%y %z %i' "$list")" ]
}

@test "format, init: a disk whose partition table cannot be read is refused with the reason" {
	device sda 4G < /dev/null
	device sda 512M 2 < /dev/null
	rm "$root/dev/sda"
	for command in format init; do
		[ $command = format ] || mkfs.vfat -F 32 "$root/dev/sda2" > "$BATS_TEST_TMPDIR/mkfs"
		run -69 boot $command /dev/sda2
		[[ $output == *'/dev/sda2: an ESP needs a GPT, and which table /dev/sda has cannot be told: '*'No such file or directory'* ]] ||
			{ echo "$output" && false; }
	done
	[ ! -e "$root/etc/kernel/proxmox-boot-uuids" ]
	# What udev read of it counts.
	rm "$root/dev/sda2"
	device sda 512M 2 < /dev/null
	echo E:ID_PART_TABLE_TYPE=gpt > "$root/run/udev/data/b8:0"
	run -0 boot format /dev/sda2 -n
}

@test "format: a partition of another type becomes an ESP" {
	device sda 4G < <(echo E:ID_PART_TABLE_TYPE=gpt)
	device sda 512M 2 < <(echo E:ID_PART_ENTRY_TYPE=6a898cc3-1dd2-11b2-99a6-080020736631)
	sgdisk -a 1 -n 1:34:2047 -n 2:2048:+512M -t 2:bf01 "$root/dev/sda" > /dev/null
	boot format /dev/sda2
	sgdisk -p "$root/dev/sda" | grep -q ' EF00 '
}

@test "a library that cannot be loaded is named, and nothing is written" {
	image disk.img 2G
	image part.img 512M
	sha256sum "$root"/*.img > "$BATS_TEST_TMPDIR/before"
	mkdir "$BATS_TEST_TMPDIR/fdisk" "$BATS_TEST_TMPDIR/blkid"
	: > "$BATS_TEST_TMPDIR/fdisk/libfdisk.so.1"
	: > "$BATS_TEST_TMPDIR/blkid/libblkid.so.1"
	LD_LIBRARY_PATH=$BATS_TEST_TMPDIR/fdisk run -69 boot partition /disk.img
	[[ $output == *'libfdisk cannot be loaded: '*libfdisk.so.1* ]] || { echo "$output" && false; }
	LD_LIBRARY_PATH=$BATS_TEST_TMPDIR/blkid run -69 boot format /part.img
	[[ $output == *'libblkid cannot be loaded: '*libblkid.so.1* ]] || { echo "$output" && false; }
	sha256sum -c --quiet "$BATS_TEST_TMPDIR/before"
}
