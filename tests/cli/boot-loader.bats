#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Which firmware, loader and Secure Boot state a host has, and how that is known.

# shellcheck source=tests/cli/boot-lib.sh
. "$BATS_TEST_DIRNAME/boot-lib.sh"

setup() {
	boot_setup
	esp_guid=5ac34d70-12d1-4dcd-8a8c-7e3c7d5e9a01
	gone_guid=0f0e0d0c-0b0a-0908-0706-050403020100
}

# partition GUID NODE
partition() {
	mkdir -p "$root/dev/disk/by-partuuid"
	: > "$root/dev/$2"
	ln -s "../../$2" "$root/dev/disk/by-partuuid/$1"
}

facts() {
	boot loader -H -o fact,value,source
}

@test "loader: BIOS" {
	run facts
	diff -u - <(echo "$output") << 'END'
firmware	BIOS	/sys/firmware/efi is not there
secure-boot	none	it is a part of EFI
loader	GRUB	there is no EFI, and no other loader of ours does without
needs	grub	the host was not booted by EFI
END
}

@test "loader: EFI, systemd-boot by its own word, entries of the firmware and where they lead" {
	partition "$esp_guid" sda2
	le 1 0 | efivar SecureBoot
	le 1 0 | efivar SetupMode
	{ le 2 1 && le 2 0; } | efivar BootOrder
	le 2 1 | efivar BootCurrent
	efi_boot 0001 'Linux Boot Manager' "$esp_guid" '\EFI\systemd\systemd-bootx64.efi'
	efi_boot 0000 proxmox "$gone_guid" '\EFI\proxmox\shimx64.efi'
	utf16 'systemd-boot 252.39-1~deb12u1' | efivar LoaderInfo
	utf16 proxmox-6.8.12-4-pve.conf | efivar LoaderEntrySelected
	utf16 "${esp_guid^^}" | efivar LoaderDevicePartUUID
	directory 0A1B-2C3D
	systemd 6.8.12-4-pve
	directory 1111-2222
	grub 6.8.12-4-pve
	run facts
	diff -u - <(echo "$output") << END
firmware	EFI	/sys/firmware/efi is there
secure-boot	off	variables SecureBoot and SetupMode
loader	systemd-boot 252.39-1~deb12u1	it says so itself: variable LoaderInfo
entry	proxmox-6.8.12-4-pve.conf	variable LoaderEntrySelected
booted-from	$esp_guid	variable LoaderDevicePartUUID
esp	0A1B-2C3D: systemd-boot	loader/loader.conf is there
esp	1111-2222: grub	grub is there, and loader/loader.conf is not
needs	systemd-boot	EFI without Secure Boot
boot	Boot0000 proxmox \\\\EFI\\\\proxmox\\\\shimx64.efi	partition $gone_guid is gone
boot	Boot0001 (current) Linux Boot Manager \\\\EFI\\\\systemd\\\\systemd-bootx64.efi	partition sda2
order	0001,0000	variable BootOrder
END
}

@test "loader: GRUB by the file that the firmware booted; Secure Boot needs it" {
	le 1 1 | efivar SecureBoot
	le 2 4 | efivar BootCurrent
	efi_boot 0004 proxmox "$esp_guid" '\EFI\proxmox\shimx64.efi'
	run facts
	[[ $output == *$'secure-boot\ton\t'* ]]
	[[ $output == *$'loader\tGRUB\t'"the firmware booted its file"* ]]
	[[ $output == *$'needs\tgrub\tSecure Boot is on'* ]]
}

@test "loader: variables that are broken are told, the others are read" {
	le 1 0 | efivar SecureBoot
	printf 'x' | efivar Boot0007
	efi_boot 0004 proxmox "$esp_guid" '\EFI\proxmox\shimx64.efi'
	run boot loader
	[ "$status" = 0 ]
	[[ $output == *"Boot0007-8be4df61-93ca-11d2-aa0d-00e098032b8c: is no boot entry"* ]]
	[[ $output == *Boot0004* ]]
}

@test "loader: EFI whose variables are not mounted is not taken for one without Secure Boot" {
	mkdir -p "$root/sys/firmware/efi"
	run facts
	[[ $output == *$'secure-boot\tunknown\t'"there are no variables"* ]]
	[[ $output == *$'loader\tunknown\t'* ]]
}
