#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Secure Boot: what the firmware, shim or the loader would not start is said before it is written, and by check.

bats_require_minimum_version 1.5.0
# shellcheck source=tests/cli/boot-lib.sh
. "$BATS_TEST_DIRNAME/boot-lib.sh"

A=6.8.12-4-pve B=6.8.8-1-pve
judge=build/vmtools/bootjudge
sbat=$'sbat,1,x\ngrub,4,Free Software Foundation,grub,2.12,https://www.gnu.org/software/grub/\n'

setup_file() {
	make -s -C "$BATS_TEST_DIRNAME/../.." build/vmtools/bootjudge
}

setup() {
	boot_setup
	signing_key
	PATH=$PATH:/usr/sbin:/sbin
	shim=$root/usr/lib/shim/shimx64.efi.signed
	grub=$root/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed
	sd=$root/usr/lib/systemd/boot/efi/systemd-bootx64.efi
	mkdir -p "$root/var/lib/dpkg" "$root/etc/apt/apt.conf.d" "$root/var/log" "$root/sys/block" \
		"$(dirname "$shim")" "$(dirname "$grub")" "$(dirname "$sd")" "$root/usr/lib/grub/x86_64-efi"
	: > "$root/usr/lib/grub/x86_64-efi/normal.mod"
	echo 'root=ZFS=rpool/ROOT/pve-1 boot=zfs' > "$root/etc/kernel/cmdline"
	printf 'Package: base-files\nStatus: install ok installed\nVersion: 1\n\n' > "$root/var/lib/dpkg/status"
	printf '\1' | efivar SecureBoot
	esp=$uuids/0A1B-2C3D
	mkdir -p "$esp"
}

# program FILE [SBAT [MACHINE]]: an EFI program, not signed.
program() {
	yes code | head -c 2048 > "$1"
	efi_program "$@"
}

# kernels VERSION...: installed, with an EFI stub, not signed.
kernels() {
	for v; do
		"$judge" make "$v" 1 image > "$root/boot/vmlinuz-$v"
		efi_program "$root/boot/vmlinuz-$v"
		"$judge" make "$v" 1 initrd > "$root/boot/initrd.img-$v"
		printf 'Package: proxmox-kernel-%s-signed\nStatus: install ok installed\nVersion: 1\n\n' "$v" >> "$root/var/lib/dpkg/status"
	done
}

# refuses STATUS TEXT [MODE]: init says so, and has written nothing.
refuses() {
	run boot init /dev/disk/by-uuid/0A1B-2C3D ${3+"$3"}
	echo "$status: $output"
	[ "$status" = "$1" ] && [[ $output == *"$2"* ]]
	[ -z "$(ls -A "$esp")" ] && [ ! -e "$list" ]
}

@test "init: systemd-boot is taken where it is signed, and refused with the reason where Secure Boot would" {
	kernels $A
	signed "$root/boot/vmlinuz-$A"
	program "$sd" "$sbat"
	refuses 1 "would not start this host's systemd-boot, which has no signature (use grub)" systemd-boot
	signed "$sd"
	run -0 boot init /dev/disk/by-uuid/0A1B-2C3D -n
	[[ $output == *'install systemd-boot on '* ]]
	printf 'sbat,1,2024\ngrub,5\n' | efivar SbatLevelRT
	refuses 1 'is revoked: its grub is of generation 4, and this host starts 5 and later ones' systemd-boot
	# A list of what is revoked that is longer than most.
	{ echo sbat,1,2026 && seq -f component.%g,1 300 && echo grub,5; } | efivar SbatLevelRT
	refuses 1 'is revoked: its grub is of generation 4, and this host starts 5 and later ones' systemd-boot
	printf 'sbat,1,2024\ngrub,4\n' | efivar SbatLevelRT
	printf X | dd of="$sd" bs=1 seek=1500 conv=notrunc status=none
	refuses 1 'is not what was signed: it was changed since, or is damaged' systemd-boot
	program "$sd" "$sbat" 0xaa64
	signed "$sd"
	refuses 1 'is for another machine, of the type 0xaa64' systemd-boot
	truncate -s 1200 "$sd"
	refuses 1 'is cut: it has 1200 of 2048 bytes at least' systemd-boot
	echo 'a loader' > "$sd"
	refuses 1 'is no EFI program' systemd-boot
	printf '\0' | efivar SecureBoot
	run -0 boot init /dev/disk/by-uuid/0A1B-2C3D -n
	[[ $output == *'install systemd-boot on '* ]]
}

@test "init: GRUB comes by itself, and needs a shim and a GRUB that it starts" {
	kernels $A
	signed "$root/boot/vmlinuz-$A"
	program "$sd"
	refuses 69 "there is no /usr/lib/shim/shimx64.efi.signed, without which the firmware does not start GRUB (apt install shim-signed)"
	# The firmware has only keys of the host's own: by what the refusal says there is an ESP then.
	[[ $output == *'; where the firmware has only keys of this host, sign systemd-boot with one of them (sbsign(1)), and use that' ]]
	program "$sd.signed"
	signed "$sd.signed"
	run -0 boot init /dev/disk/by-uuid/0A1B-2C3D -n
	[[ $output == *'install systemd-boot on '*': the firmware is EFI'* ]] || { echo "$output" && false; }
	rm "$sd.signed"
	program "$shim"
	refuses 65 'would not start /usr/lib/shim/shimx64.efi.signed, which has no signature (apt update; apt install --reinstall shim-signed)'
	signed "$shim"
	refuses 69 "(apt install grub-efi-amd64-signed)"
	program "$grub"
	signed "$grub"
	refuses 65 'grubx64.efi.signed, which has no section .sbat, without which shim does not start it'
	program "$grub" "$sbat"
	signed "$grub"
	printf 'sbat,1,2024\nshim,4\ngrub,5\n' | efivar SbatLevelRT
	refuses 65 'is revoked: its grub is of generation 4'
	printf '\1' | efivar MokSBStateRT
	run -0 boot init /dev/disk/by-uuid/0A1B-2C3D -n
	[[ $output == *'install grub on '*': Secure Boot is on, and of the loaders here GRUB is signed'* ]]
	rm "$root"/sys/firmware/efi/efivars/MokSBStateRT-*
	printf 'sbat,1,2024\nshim,4\ngrub,4\n' | efivar SbatLevelRT
	run -0 boot init /dev/disk/by-uuid/0A1B-2C3D -n
	[[ $output == *'install grub on '* ]]
}

@test "refresh: a kernel without a signature is refused by name, the other one goes on" {
	listed 0A1B-2C3D
	systemd
	kernels $A $B
	signed "$root/boot/vmlinuz-$B"
	run boot refresh
	[ "$status" = 1 ]
	[[ $output == *"/boot/vmlinuz-$A: Secure Boot is on, and would not start this kernel, which has no signature (apt install --reinstall proxmox-kernel-$A-signed, or sign it: sbsign(1))"* ]]
	cmp "$root/boot/vmlinuz-$B" "$esp/EFI/proxmox/$B/vmlinuz-$B"
	[ ! -e "$esp/EFI/proxmox/$A" ]
	# shim was told to start what is not signed.
	printf '\1' | efivar MokSBStateRT
	run -0 boot refresh
	cmp "$root/boot/vmlinuz-$A" "$esp/EFI/proxmox/$A/vmlinuz-$A"
}

# finds LINE...: these are all findings.
finds() {
	local found
	found=$(boot check -H -o severity,code,object,fix | grep -v BOOT-NVRAM-NONE || :)
	echo "$found"
	[ "$found" = "$*" ]
}

@test "check: loaders and kernels on the ESPs that Secure Boot would not start" {
	kernels $A $B
	signed "$root/boot/vmlinuz-$A" "$root/boot/vmlinuz-$B"
	printf '\0' | efivar SecureBoot
	listed 0A1B-2C3D
	systemd
	boot refresh
	program "$esp/EFI/systemd/systemd-bootx64.efi"
	finds ''
	printf '\1' | efivar SecureBoot
	finds $'critical\tBOOT-SECURE-BOOT\t0A1B-2C3D\tpve-boot init /dev/disk/by-uuid/0A1B-2C3D grub'
	signed "$esp/EFI/systemd/systemd-bootx64.efi"
	finds ''
	efi_program "$root/boot/vmlinuz-$A"
	run boot check -H -o severity,code,object,message
	[[ $output == *$'warning\tBOOT-KERNEL-UNSIGNED\t'"/boot/vmlinuz-$A"$'\t'*'which has no signature'* ]]
	efi_program "$root/boot/vmlinuz-$B"
	run boot check -H -o severity,code
	[ "$(grep -c $'^critical\tBOOT-KERNEL-UNSIGNED' <<< "$output")" = 2 ]
}

@test "check: each stage of GRUB is looked at as the one before it does" {
	listed 0A1B-2C3D
	grub
	mkdir -p "$esp/EFI/proxmox" "$esp/EFI/BOOT"
	program "$esp/EFI/proxmox/grubx64.efi"
	signed "$esp/EFI/proxmox/grubx64.efi"
	cp "$esp/EFI/proxmox/grubx64.efi" "$esp/EFI/BOOT/BOOTX64.EFI"
	run boot check -H -o code
	[[ $output != *BOOT-SECURE-BOOT* ]]
	program "$esp/EFI/proxmox/shimx64.efi"
	signed "$esp/EFI/proxmox/shimx64.efi"
	run boot check -H -o code,message,fix
	[[ $output == *$'BOOT-SECURE-BOOT\tSecure Boot is on, and would not start EFI/proxmox/grubx64.efi, which has no section .sbat'*$'\tapt install shim-signed grub-efi-amd64-signed; pve-boot reinit'* ]]
	printf '\1' | efivar MokSBStateRT
	run boot check -H -o code
	[[ $output != *BOOT-SECURE-BOOT* ]]
	program "$esp/EFI/BOOT/BOOTX64.EFI"
	run boot check -H -o message
	[[ $output == *'would not start EFI/BOOT/BOOTX64.EFI, which has no signature'* ]]
}
