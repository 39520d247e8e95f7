#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# check: what would keep a host from booting.  Each case is a host that is well but for one thing.

# shellcheck source=tests/cli/boot-lib.sh
. "$BATS_TEST_DIRNAME/boot-lib.sh"

setup() {
	boot_setup
	uuid=0A1B-2C3D new=6.8.12-10-pve old=6.8.12-4-pve
}

# finds SEVERITY CODE OBJECT [FIX]: that is the one finding.
finds() {
	run boot check -H -o severity,code,object,fix
	[ "$output" = "$(printf '%s\t%s\t%s\t%s' "$1" "$2" "$3" "${4-}")" ] || { echo "$output" && false; }
	case $1 in
	info) [ "$status" = 0 ] ;;
	warning) [ "$status" = 1 ] ;;
	critical) [ "$status" = 2 ] ;;
	esac
}

# says TEXT: so a message says.
says() {
	run boot check -H -o message
	[[ $output == *"$1"* ]] || { echo "$output" && false; }
}

# pinned VERSION DAYS [FILE]: a pin of that age.
pinned() {
	local file=$root/etc/kernel/${3-proxmox-boot-pin}
	echo "$1" > "$file"
	touch -d "$2 days ago" "$file"
}

@test "check: a host that is well has no findings" {
	well "$uuid" "$new" "$old"
	run boot check
	[ "$status" = 0 ] && [ -z "$output" ]
}

@test "check: a host without ESPs that are kept in sync has none, either" {
	run boot check
	[ "$status" = 0 ] && [ -z "$output" ]
}

@test "BOOT-ESP-ABSENT: warning while another boots, else critical" {
	well "$uuid" "$new"
	echo FFFF-0000 >> "$list"
	finds warning BOOT-ESP-ABSENT FFFF-0000 'pve-boot clean'
	rm "$uuids/$uuid"
	run boot check -H -o severity
	[ "$output" = $'critical\ncritical' ]
}

@test "BOOT-ESP-UNREADABLE" {
	well "$uuid" "$new"
	well 1111-2222 "$new"
	truncate -s 1M "$esp"
	finds critical BOOT-ESP-UNREADABLE 1111-2222 'pve-boot replace --force 1111-2222 /dev/disk/by-uuid/1111-2222'
}

@test "BOOT-ESP-DAMAGED, and a manifest that is" {
	well "$uuid" "$new"
	echo nonsense | put EFI/pve-boot/manifest
	finds critical BOOT-ESP-DAMAGED "$uuid" "pve-boot replace --force $uuid /dev/disk/by-uuid/$uuid"
	says 'EFI/pve-boot/manifest: the manifest is damaged'
}

@test "BOOT-ESP-DIRTY" {
	well "$uuid" "$new"
	poke 37 1
	finds info BOOT-ESP-DIRTY "$uuid"
}

@test "BOOT-LIST-LINE: file and line; BOOT-LIST-EMPTY" {
	well "$uuid" "$new"
	echo 5ac34d70-12d1-4dcd-8a8c-7e3c7d5e9a01 >> "$list"
	finds warning BOOT-LIST-LINE /etc/kernel/proxmox-boot-uuids:2 'pve-boot clean'
	: > "$list"
	finds critical BOOT-LIST-EMPTY /etc/kernel/proxmox-boot-uuids
}

@test "BOOT-ESP-NO-LOADER" {
	well "$uuid" "$new"
	image 1111-2222 4M
	finds warning BOOT-ESP-NO-LOADER 1111-2222 'pve-boot init /dev/disk/by-uuid/1111-2222'
}

@test "BOOT-ESP-FULL: less is free than the next kernel needs" {
	well "$uuid" "$new"
	head -c 15M /dev/zero | put padding
	truncate -s 2M "$root/boot/vmlinuz-$new"
	truncate -s 2M "$BATS_TEST_TMPDIR/large"
	cp "$root/boot/vmlinuz-$new" "$BATS_TEST_TMPDIR/large"
	mdel -i "$esp" ::padding
	put "EFI/proxmox/$new/vmlinuz-$new" < "$BATS_TEST_TMPDIR/large"
	head -c 12500K /dev/zero | put padding
	finds warning BOOT-ESP-FULL "$uuid" 'pve-boot refresh'
}

@test "BOOT-ESP-SERIAL and BOOT-ESP-RAID: two devices with one serial number, and an array" {
	well "$uuid" "$new"
	tests/hosts/make-disks "$root" << END
sda 8:0 size=100G ID_PART_TABLE_TYPE=gpt
sda/sda2 8:2 size=1G ID_FS_TYPE=vfat ID_FS_UUID=$uuid
sdb 8:16 size=100G ID_PART_TABLE_TYPE=gpt
sdb/sdb2 8:18 size=1G ID_FS_TYPE=vfat ID_FS_UUID=$uuid
END
	finds warning BOOT-ESP-SERIAL /dev/sdb2 'pve-boot format --force /dev/sdb2'
	# A disk and its only partition are one.
	rm -r "$root/sys" "$root/run"
	tests/hosts/make-disks "$root" << END
sda 8:0 size=100G ID_PART_TABLE_TYPE=dos ID_FS_TYPE=vfat ID_FS_UUID=$uuid
sda/sda1 8:1 size=100G ID_FS_TYPE=vfat ID_FS_UUID=$uuid
END
	run boot check
	[ -z "$output" ]
	rm -r "$root/sys" "$root/run"
	mv "$esp" "$root/dev/md0"
	ln -s ../../md0 "$esp"
	echo "md0 9:0 size=1G md=raid1 ID_FS_TYPE=vfat ID_FS_UUID=$uuid" | tests/hosts/make-disks "$root"
	finds warning BOOT-ESP-RAID /dev/md0 "pve-boot replace $uuid PART"
}

@test "B18: kernels that the ESPs lack are noticed: BOOT-KERNEL-MISSING" {
	well "$uuid" "$old"
	bzimage "$new" > "$root/boot/vmlinuz-$new"
	initrd > "$root/boot/initrd.img-$new"
	packaged "$new"
	finds warning BOOT-KERNEL-MISSING "$uuid" 'pve-boot refresh'
	says "$new, the newest in /boot, is not there"
}

@test "B18: each kernel that is selected is expected on each ESP, not the newest alone" {
	well "$uuid" "$new" "$old"
	image 1111-2222 16M
	systemd
	for f in vmlinuz initrd.img; do
		put "EFI/proxmox/$new/$f-$new" < "$root/boot/$f-$new"
	done
	echo entry | put "loader/entries/proxmox-$new.conf"
	finds warning BOOT-KERNEL-MISSING 1111-2222 'pve-boot refresh'
	says "$old, which is selected, is not there"
}

@test "check: a kernel of /boot that no refresh would bring is missed on no ESP" {
	well "$uuid" "$new"
	bzimage 7.0.0-custom > "$root/boot/vmlinuz-7.0.0-custom"
	initrd > "$root/boot/initrd.img-7.0.0-custom"
	run boot check
	[ "$status" = 0 ] && [ -z "$output" ]
	boot kernel add 7.0.0-custom
	finds warning BOOT-KERNEL-MISSING "$uuid" 'pve-boot refresh'
}

@test "BOOT-KERNEL-ABSENT: selected, and not in /boot; a pin is told once" {
	well "$uuid" "$new" "$old"
	rm "$root/boot/vmlinuz-$old"
	finds warning BOOT-KERNEL-ABSENT "/boot/vmlinuz-$old" 'pve-boot kernel list'
	pinned "$old" 1
	finds critical BOOT-PIN-MISSING /etc/kernel/proxmox-boot-pin:1 'pve-boot kernel unpin'
}

@test "check: without dpkg's packages nobody knows what is selected: 3, and the newest is expected" {
	well "$uuid" "$old"
	bzimage "$new" > "$root/boot/vmlinuz-$new"
	initrd > "$root/boot/initrd.img-$new"
	rm "$root/var/lib/dpkg/status"
	run boot check -H -o code
	[ "$status" = 3 ] && [[ $output == *"no kernel is selected"*BOOT-KERNEL-MISSING ]]
}

@test "B18: hooks of Debian's systemd-boot: BOOT-HOOK-DEBIAN, unless they are muted" {
	well "$uuid" "$new"
	mkdir -p "$root/etc/kernel/postinst.d"
	printf '#!/bin/sh\nset -e\nbootctl is-installed\n' > "$root/etc/kernel/postinst.d/zz-systemd-boot"
	finds warning BOOT-HOOK-DEBIAN /etc/kernel/postinst.d/zz-systemd-boot 'apt purge systemd-boot'
	sed -i '2i\# not here\nexit 0' "$root/etc/kernel/postinst.d/zz-systemd-boot"
	run boot check
	[ -z "$output" ]
}

@test "BOOT-KERNEL-STALE: an ESP has not what /boot has" {
	well "$uuid" "$new" "$old"
	initrd 'of another size' > "$root/boot/initrd.img-$old"
	finds warning BOOT-KERNEL-STALE "$uuid" 'pve-boot refresh'
}

@test "BOOT-KERNEL-INCOMPLETE, BOOT-KERNEL-NO-ENTRY, BOOT-KERNEL-INACTIVE" {
	well "$uuid" "$new" "$old"
	mdel -i "$esp" "::EFI/proxmox/$old/initrd.img-$old"
	finds warning BOOT-KERNEL-INCOMPLETE "$uuid" 'pve-boot refresh'
	says "$old has no initial RAM disk"
	initrd "$old" | put "EFI/proxmox/$old/initrd.img-$old"
	mdel -i "$esp" "::loader/entries/proxmox-$old.conf"
	finds warning BOOT-KERNEL-NO-ENTRY "$uuid" 'pve-boot refresh'
	echo entry | put "loader/entries/proxmox-$old.conf"
	echo old | put vmlinuz-5.15.30-1-pve
	finds info BOOT-KERNEL-INACTIVE "$uuid" 'pve-boot refresh'
}

@test "BOOT-ESP-NO-KERNEL: a loader, and nothing to boot" {
	well "$uuid" "$new"
	image 1111-2222 16M
	systemd
	finds warning BOOT-ESP-NO-KERNEL 1111-2222 'pve-boot refresh'
}

@test "B13: an initial RAM disk that is empty, cut or broken is named: BOOT-INITRD-BROKEN" {
	well "$uuid" "$new"
	file=$root/boot/initrd.img-$new
	: > "$file"
	run boot check -H -o severity,code,object,fix
	[[ $output == *$'critical\tBOOT-INITRD-BROKEN\t'"/boot/initrd.img-$new"$'\t'"update-initramfs -u -k $new"* ]]
	says 'is empty'
	for tool in 'gzip -n' 'zstd -q' xz lz4 bzip2 cat; do
		{
			cpio_file early code && cpio_file 'TRAILER!!!' ''
			{ cpio_file init "$(seq 2000)" && cpio_file 'TRAILER!!!' ''; } | $tool
		} > "$file"
		put "EFI/proxmox/$new/initrd.img-$new" < "$file"
		run boot check
		[ -z "$output" ] || { echo "$tool: $output" && false; }
		truncate -s -200 "$file"
		put "EFI/proxmox/$new/initrd.img-$new" < "$file"
		finds critical BOOT-INITRD-BROKEN "/boot/initrd.img-$new" "update-initramfs -u -k $new"
	done
}

@test "B13: a kernel that is cut, or of another version: BOOT-KERNEL-BROKEN" {
	well "$uuid" "$new"
	file=$root/boot/vmlinuz-$new
	truncate -s 2000 "$file"
	put "EFI/proxmox/$new/vmlinuz-$new" < "$file"
	finds critical BOOT-KERNEL-BROKEN "/boot/vmlinuz-$new"
	says 'is cut: it has 2000 of 2048 bytes'
	bzimage "$old" > "$file"
	put "EFI/proxmox/$new/vmlinuz-$new" < "$file"
	says "is version $old"
}

@test "BOOT-INITRD-MISSING: a kernel that gets to no ESP" {
	well "$uuid" "$new"
	bzimage 6.14.8-2-pve > "$root/boot/vmlinuz-6.14.8-2-pve"
	finds warning BOOT-INITRD-MISSING /boot/initrd.img-6.14.8-2-pve 'update-initramfs -c -k 6.14.8-2-pve'
}

@test "a forgotten pin keeps a newer kernel from booting: BOOT-PIN-IGNORES, with its age" {
	well "$uuid" "$new" "$old"
	pinned "$old" 320
	finds warning BOOT-PIN-IGNORES /etc/kernel/proxmox-boot-pin:1 'pve-boot kernel unpin'
	says "$old is pinned since 320 days, so that $new never boots"
	pinned "$old" 2
	finds info BOOT-PIN-IGNORES /etc/kernel/proxmox-boot-pin:1 'pve-boot kernel unpin'
	pinned "$new" 320
	run boot check
	[ -z "$output" ]
}

@test "a pin of what is not there: BOOT-PIN-MISSING; of nothing: BOOT-PIN-BROKEN" {
	well "$uuid" "$new"
	pinned 6.5.13-6-pve 1
	finds critical BOOT-PIN-MISSING /etc/kernel/proxmox-boot-pin:1 'pve-boot kernel unpin'
	pinned '' 1
	finds warning BOOT-PIN-BROKEN /etc/kernel/proxmox-boot-pin:1 'pve-boot kernel unpin'
	rm "$root/etc/kernel/proxmox-boot-pin"
	pinned '' 1 next-boot-pin
	finds warning BOOT-PIN-BROKEN /etc/kernel/next-boot-pin:1 'pve-boot kernel unpin --next-boot'
}

@test "the command line: BOOT-CMDLINE-NONE, BOOT-CMDLINE-BROKEN" {
	well "$uuid" "$new"
	echo 'quiet nfsroot=x' > "$root/etc/kernel/cmdline"
	finds critical BOOT-CMDLINE-BROKEN /etc/kernel/cmdline "pve-boot cmdline set 'root=...'"
	rm "$root/etc/kernel/cmdline"
	finds warning BOOT-CMDLINE-NONE /etc/kernel/cmdline "pve-boot cmdline set 'root=...'"
}

@test "the command line in the wrong file for the loader: BOOT-CMDLINE-WRONG-FILE" {
	well "$uuid" "$new"
	mkdir -p "$root/etc/default"
	printf '# GRUB\nGRUB_CMDLINE_LINUX_DEFAULT="quiet intel_iommu=on"\n' > "$root/etc/default/grub"
	finds warning BOOT-CMDLINE-WRONG-FILE /etc/default/grub:2 'pve-boot cmdline add intel_iommu=on'
	echo 'root=ZFS=rpool/ROOT/pve-1 boot=zfs intel_iommu=on' > "$root/etc/kernel/cmdline"
	run boot check
	[ -z "$output" ]
	# The other way round: GRUB does not read /etc/kernel/cmdline.
	rm "$list" && mv "$esp" "$BATS_TEST_TMPDIR/away"
	directory 1111-2222
	grub
	cp "$root/boot/vmlinuz-$new" "$root/boot/initrd.img-$new" "$esp"
	echo 'root=ZFS=rpool/ROOT/pve-1 boot=zfs iommu=pt' > "$root/etc/kernel/cmdline"
	finds warning BOOT-CMDLINE-WRONG-FILE /etc/kernel/cmdline 'pve-boot cmdline add iommu=pt'
}

@test "fstab: BOOT-FSTAB-ABSENT stops the boot, BOOT-FSTAB-ESP writes behind our back" {
	well "$uuid" "$new"
	printf '# x\nUUID=FFFF-0000 /boot/efi vfat defaults 0 1\n' > "$root/etc/fstab"
	run boot check
	[ -z "$output" ]
	echo "sda 8:0 size=1G ID_FS_TYPE=vfat ID_FS_UUID=$uuid" | tests/hosts/make-disks "$root"
	finds critical BOOT-FSTAB-ABSENT /etc/fstab:2
	sed -i 's/defaults/umask=77,nofail/' "$root/etc/fstab"
	run boot check
	[ -z "$output" ]
	echo "/dev/disk/by-uuid/$uuid /boot/efi vfat defaults 0 1" > "$root/etc/fstab"
	finds info BOOT-FSTAB-ESP /etc/fstab:1
}

@test "the firmware: BOOT-NVRAM-STALE, BOOT-NVRAM-NONE, BOOT-SECURE-BOOT" {
	well "$uuid" "$new"
	here=5ac34d70-12d1-4dcd-8a8c-7e3c7d5e9a01
	mkdir -p "$root/dev/disk/by-partuuid"
	: > "$root/dev/disk/by-partuuid/$here"
	le 1 0 | efivar SecureBoot
	finds info BOOT-NVRAM-NONE BootOrder 'pve-boot reinit'
	efi_boot 0001 'Linux Boot Manager' "$here" '\EFI\systemd\systemd-bootx64.efi'
	run boot check
	[ -z "$output" ]
	efi_boot 000A 'Linux Boot Manager' 0f0e0d0c-0b0a-0908-0706-050403020100 '\EFI\systemd\systemd-bootx64.efi'
	finds warning BOOT-NVRAM-STALE Boot000A 'efibootmgr -B -b 000A'
	rm "$root/sys/firmware/efi/efivars/Boot000A"*
	le 1 1 | efivar SecureBoot
	run boot check -H -o severity,code,object,fix
	[[ $output == *$'critical\tBOOT-SECURE-BOOT\t'"$uuid"$'\t'"pve-boot init /dev/disk/by-uuid/$uuid grub"* ]]
	[[ $output == *$'critical\tBOOT-KERNEL-UNSIGNED\t'"/boot/vmlinuz-$new"* ]]
}

@test "BOOT-LOADER-UNFINISHED: images and kernels of two loaders" {
	well "$uuid" "$new"
	echo loader | put EFI/systemd/systemd-bootx64.efi
	echo loader | put EFI/BOOT/BOOTX64.EFI
	put "vmlinuz-$new" < "$root/boot/vmlinuz-$new"
	put "initrd.img-$new" < "$root/boot/initrd.img-$new"
	run boot check -H -o code
	[[ $output != *BOOT-LOADER-UNFINISHED* ]]
	echo 'GRUB, another size' | put EFI/BOOT/BOOTX64.EFI
	run boot check -H -o severity,code,object,fix
	[[ $output == *$'warning\tBOOT-LOADER-UNFINISHED\t'"$uuid"$'\tpve-boot reinit; pve-boot refresh'* ]] ||
		{ echo "$output" && false; }
}

@test "a removable loader that nobody updates: BOOT-REMOVABLE-UNMANAGED" {
	mkdir -p "$root/boot/efi/EFI/BOOT" "$root/boot/grub" "$root/var/cache/debconf"
	: > "$root/boot/efi/EFI/BOOT/BOOTX64.EFI"
	: > "$root/boot/grub/grub.cfg"
	printf 'Name: a/b\nValue: x\n\nName: grub2/force_efi_extra_removable\nTemplate: t\nValue: false\n\nName: z\nValue: true\n' \
		> "$root/var/cache/debconf/config.dat"
	run boot check -H -o severity,code
	[ "$output" = $'warning\tBOOT-REMOVABLE-UNMANAGED' ]
	sed -i 's/Value: false/Value: true/' "$root/var/cache/debconf/config.dat"
	run boot check
	[ -z "$output" ]
}

@test "who may not read an ESP is told so: check ends with 3, status and verify with 77" {
	[ "$(id -u)" = 0 ] || skip 'needs root, to become another user'
	well "$uuid" "$new"
	chmod 600 "$esp"
	# Where another user gets to.
	there=$(mktemp -d /tmp/boot-check.XXXXXX)
	mkdir "$there/bin" "$there/lib"
	cp build/bin/pve-boot "$there/bin/"
	cp build/lib/libpvecommon.so.0 "$there/lib/"
	cp -r "$root" "$there/root"
	chmod -R go+rX "$there/bin" "$there/lib" && chmod 755 "$there" "$there/root"
	other() {
		code=0
		setpriv --reuid 65534 --regid 65534 --clear-groups "$there/bin/pve-boot" --root "$there/root" "$@" || code=$?
		echo "code $code"
	}
	run other check
	check=$output
	run other status
	stated=$output
	run other verify
	rm -r "$there"
	[[ $check == *"Permission denied"*"code 3" ]]
	[[ $stated == *"Permission denied"*"code 77" ]]
	[[ $output == *"Permission denied"*"code 77" ]]
}
