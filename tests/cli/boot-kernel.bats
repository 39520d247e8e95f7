#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The choices of the administrator: kernels, pins, the command line, and the list of ESPs.

bats_require_minimum_version 1.5.0
# shellcheck source=tests/cli/boot-lib.sh
. "$BATS_TEST_DIRNAME/boot-lib.sh"

setup() {
	boot_setup
	manual=$root/etc/kernel/proxmox-boot-manual-kernels
	pin=$root/etc/kernel/proxmox-boot-pin
	next=$root/etc/kernel/next-boot-pin
	cmdline=$root/etc/kernel/cmdline
	mkdir -p "$root/var/lib/dpkg" "$root/proc/sys/kernel" "$root/etc/default"
	printf 'Package: base-files\nStatus: install ok installed\n\n' > "$root/var/lib/dpkg/status"
	for v in 6.8.12-4-pve 6.8.8-1-pve 6.5.13-6-pve; do
		printf 'Package: proxmox-kernel-%s-signed\nStatus: install ok installed\n\n' $v >> "$root/var/lib/dpkg/status"
		echo kernel > "$root/boot/vmlinuz-$v"
		echo initrd > "$root/boot/initrd.img-$v"
	done
	echo 6.8.8-1-pve > "$root/proc/sys/kernel/osrelease"
}

@test "kernel list: what is chosen, pinned, running, and whether its files are there" {
	echo 6.5.13-6-pve > "$manual"
	echo 6.8.12-4-pve > "$pin"
	echo 6.8.8-1-pve > "$next"
	rm "$root/boot/initrd.img-6.5.13-6-pve"
	run -0 boot kernel list -H
	diff -u - <(echo "$output") << 'END'
6.8.12-4-pve	automatic	always	0	ok
6.8.8-1-pve	automatic	next	1	ok
6.5.13-6-pve	manual		0	no-initrd
END
	run -0 boot kernels -H -o kernel
	[ "${lines[0]}" = 6.8.12-4-pve ]
}

@test "kernel add and remove: one line each, the rest of the list as it was" {
	printf '# mine\n6.8.8-1-pve\n' > "$manual"
	run -0 boot kernel add 6.5.13-6-pve 6.8.8-1-pve
	[[ $output == *'6.8.8-1-pve is already in the list'* ]]
	[[ $output == *'after the next refresh'* ]]
	diff -u - "$manual" << 'END'
# mine
6.5.13-6-pve
6.8.8-1-pve
END
	run -0 boot kernel remove 6.8.8-1-pve 1.2.3
	[[ $output == *'1.2.3 is not in the list'* ]]
	diff -u - "$manual" <<< '# mine
6.5.13-6-pve'
}

@test "kernel add: a version without files, or that is none, is refused, and nothing is changed" {
	run boot kernel add 6.9.9-9-pve
	[ "$status" = 69 ]
	[[ $output == *"no kernel 6.9.9-9-pve: there is no $root/boot/vmlinuz-6.9.9-9-pve; there are: 6.5.13-6-pve, "* ]]
	run boot kernel add ../x
	[ "$status" = 64 ]
	[ ! -e "$manual" ]
}

@test "B12: a kernel without its initrd is not pinned" {
	rm "$root/boot/initrd.img-6.5.13-6-pve"
	run boot kernel pin 6.5.13-6-pve
	[ "$status" = 69 ]
	[[ $output == *'there is no '*'/boot/initrd.img-6.5.13-6-pve; there are: 6.8.12-4-pve, 6.8.8-1-pve'* ]]
	[ ! -e "$pin" ]
}

@test "kernel pin and unpin: for ever, and for the next boot" {
	run -0 boot kernel pin 6.8.8-1-pve
	[ "$(cat "$pin")" = 6.8.8-1-pve ]
	run -0 boot kernel pin --next-boot 6.5.13-6-pve
	[ "$(cat "$next")" = 6.5.13-6-pve ]
	run -0 boot kernel unpin --next-boot
	[ ! -e "$next" ]
	[ -e "$pin" ]
	run -0 boot kernel unpin
	[ ! -e "$pin" ]
	run -0 boot kernel unpin
	run boot kernel add 6.8.8-1-pve --next-boot
	[ "$status" = 64 ]
	run boot kernel pin
	[ "$status" = 64 ]
}

@test "kernel: --dry-run changes nothing" {
	run -0 boot kernel pin 6.8.8-1-pve -n
	[ "$output" = 'create /etc/kernel/proxmox-boot-pin: boot this kernel until it is unpinned' ]
	[ ! -e "$pin" ]
}

@test "cmdline: with systemd-boot its file counts" {
	directory 0A1B-2C3D
	systemd 6.8.8-1-pve
	printf '# mine\nroot=ZFS=rpool/ROOT/pve-1 boot=zfs\n' > "$cmdline"
	run -0 boot cmdline -H
	[ "$output" = $'systemd-boot\t/etc/kernel/cmdline\troot=ZFS=rpool/ROOT/pve-1 boot=zfs' ]
	run -0 boot cmdline add intel_iommu=on quiet
	run -0 boot cmdline remove quiet
	diff -u - "$cmdline" <<< '# mine
root=ZFS=rpool/ROOT/pve-1 boot=zfs intel_iommu=on'
	[ ! -e "$root/etc/default/grub" ]
}

@test "B14: a command line that would not boot is not written" {
	directory 0A1B-2C3D
	systemd 6.8.8-1-pve
	echo 'root=x quiet' > "$cmdline"
	run boot cmdline remove root=x
	[ "$status" = 65 ]
	[[ $output == *'/etc/kernel/cmdline: has no root='* ]]
	run boot cmdline set 'nfsroot=1.2.3.4:/x'
	[ "$status" = 65 ]
	run boot cmdline set '# root=x'
	[ "$status" = 64 ]
	run boot cmdline remove splash
	[ "$status" = 64 ]
	printf 'root=x\r\n' > "$cmdline"
	run boot cmdline
	[ "$status" = 65 ]
	[[ $output == *'/etc/kernel/cmdline:1: has a carriage return'* ]]
	[ "$(cat "$cmdline")" = $'root=x\r' ]
}

@test "cmdline: --dry-run changes nothing" {
	directory 0A1B-2C3D
	systemd 6.8.8-1-pve
	echo root=x > "$cmdline"
	run -0 boot cmdline add quiet -n
	[[ $output == 'change /etc/kernel/cmdline: '* ]] || { echo "$output" && false; }
	[ "$(cat "$cmdline")" = root=x ]
}

@test "cmdline: with GRUB its variable counts, and with both loaders both files" {
	printf '# grub\nGRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\n' > "$root/etc/default/grub"
	run -0 boot cmdline add intel_iommu=on
	grep -x 'GRUB_CMDLINE_LINUX_DEFAULT="quiet intel_iommu=on"' "$root/etc/default/grub"
	[ ! -e "$cmdline" ]
	directory 0A1B-2C3D
	systemd 6.8.8-1-pve
	directory 1111-2222
	grub 6.8.8-1-pve
	echo root=x > "$cmdline"
	run -0 boot cmdline add nomodeset
	grep -x 'GRUB_CMDLINE_LINUX_DEFAULT="quiet intel_iommu=on nomodeset"' "$root/etc/default/grub"
	grep -x 'root=x nomodeset' "$cmdline"
	[ "$(boot cmdline -H | wc -l)" = 2 ]
}

@test "clean: ESPs that are gone leave the list, nothing else does" {
	directory 0A1B-2C3D
	printf '# mine\n9999-9999\nnonsense\n0a1b-2c3d\n' >> "$list"
	run -0 boot clean
	diff -u - "$list" << 'END'
0A1B-2C3D
# mine
nonsense
END
	run -0 boot clean
}

@test "B8: clean --dry-run does not touch the list" {
	directory 0A1B-2C3D
	echo 9999-9999 >> "$list"
	cp -p "$list" "$BATS_TEST_TMPDIR/before"
	run -0 boot clean -n
	[[ $output == *'9999-9999'* ]]
	cmp "$BATS_TEST_TMPDIR/before" "$list"
}

@test "clean: without a list, or without links to look at, it fails and changes nothing" {
	run boot clean
	[ "$status" != 0 ]
	echo 9999-9999 > "$list"
	rmdir "$uuids"
	run boot clean
	[ "$status" = 69 ]
	[ "$(cat "$list")" = 9999-9999 ]
}
