# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# For the tests of refresh: a host with three kernels, and ESPs that get them.

# shellcheck source=tests/cli/boot-lib.sh
. "$BATS_TEST_DIRNAME/boot-lib.sh"

judge=build/vmtools/bootjudge
A=6.8.12-4-pve B=6.8.8-1-pve C=6.5.13-6-pve

setup_file() {
	make -s -C "$BATS_TEST_DIRNAME/../.." build/vmtools/bootjudge
}

setup() {
	boot_setup
	mkdir -p "$root/var/lib/dpkg" "$root/etc/apt/apt.conf.d" "$root/proc/sys/kernel" "$root/etc/pve" "$root/var/log"
	echo 'root=ZFS=rpool/ROOT/pve-1 boot=zfs' > "$root/etc/kernel/cmdline"
	kernel $A
	kernel $B
	kernel $C
	installed $A $B $C
}

# kernel VERSION [BUILD]: both files in /boot.
kernel() {
	"$judge" make "$1" "${2:-1}" image > "$root/boot/vmlinuz-$1"
	"$judge" make "$1" "${2:-1}" initrd > "$root/boot/initrd.img-$1"
}

# installed VERSION...: what dpkg says.
installed() {
	printf 'Package: base-files\nStatus: install ok installed\nVersion: 1\n\n' > "$root/var/lib/dpkg/status"
	for v; do
		printf 'Package: proxmox-kernel-%s-signed\nStatus: install ok installed\nVersion: 1\n\n' "$v"
	done >> "$root/var/lib/dpkg/status"
}

# esps MODE UUID...: directories with that loader and no kernel.
esps() {
	local mode=$1
	shift
	for uuid; do
		directory "$uuid"
		if [ "$mode" = grub ]; then
			mkdir -p "$esp/grub"
		else
			mkdir -p "$esp/loader"
			printf 'timeout 3\n' > "$esp/loader/loader.conf"
		fi
	done
}

# on ESP-DIRECTORY: the kernels that are there as in /boot.
on() {
	local v
	for v in $A $B $C; do
		! cmp -s "$root/boot/vmlinuz-$v" "$1/EFI/proxmox/$v/vmlinuz-$v" ||
			! cmp -s "$root/boot/initrd.img-$v" "$1/EFI/proxmox/$v/initrd.img-$v" ||
			[ ! -f "$1/loader/entries/proxmox-$v.conf" ] || echo "$v"
	done
}
