#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What is on the EFI system partitions: list and status on directories that stand for ESPs.

bats_require_minimum_version 1.5.0

# shellcheck source=tests/cli/boot-lib.sh
. "$BATS_TEST_DIRNAME/boot-lib.sh"

setup() {
	boot_setup
}

@test "status: lines as the stock tool has them, which pve8to9 searches" {
	directory 0A1B-2C3D
	systemd 6.8.12-4-pve 6.8.12-10-pve
	directory 1111-2222
	grub 6.8.12-4-pve
	run --separate-stderr boot status
	[ "$status" = 0 ]
	diff -u - <(echo "$output") << 'END'
System currently booted with legacy bios
0A1B-2C3D is configured with: uefi (versions: 6.8.12-10-pve, 6.8.12-4-pve)
1111-2222 is configured with: grub (versions: 6.8.12-4-pve)
END
	[ "$(grep -cE 'configured with:.* (uefi|systemd-boot) \(versions:' <<< "$output")" = 1 ]
}

@test "status -q: 0 when there is a list, even an empty one, else 2; nothing is printed" {
	: > "$list"
	run boot status --quiet
	[ "$status" = 0 ] && [ -z "$output" ]
	rm "$list"
	run boot status --quiet
	[ "$status" = 2 ] && [ -z "$output" ]
	run boot status
	[ "$status" = 2 ] && [[ $output == *"proxmox-boot-uuids is not there"* ]]
}

@test "B10: an absent ESP is no success: status ends with 69, the others are shown" {
	directory 0A1B-2C3D
	systemd 6.8.12-4-pve
	echo FFFF-0000 >> "$list"
	run --separate-stderr boot status
	[ "$status" = 69 ]
	[[ $output == *"0A1B-2C3D is configured with: uefi (versions: 6.8.12-4-pve)"* ]]
	# shellcheck disable=SC2154 # run sets it
	[[ $stderr == *FFFF-0000* ]]
}

@test "list: a row for each kernel, in both layouts, newest first" {
	directory 0A1B-2C3D
	systemd 6.8.12-4-pve 6.8.12-10-pve
	grub 6.5.13-6-pve
	rm "$esp/loader/entries/proxmox-6.8.12-4-pve.conf"
	mv "$esp/loader/entries/proxmox-6.8.12-10-pve.conf" "$esp/loader/entries/proxmox-6.8.12-10-pve+2-1.conf"
	# A loader's own file is no kernel (defect B11 of the stock tool).
	mkdir "$esp/EFI/proxmox/fw"
	run boot list -H -o mode,kernel,state,entry
	diff -u - <(echo "$output") << 'END'
systemd-boot	6.8.12-10-pve	ok	loader/entries/proxmox-6.8.12-10-pve+2-1.conf
systemd-boot	6.8.12-4-pve	no-entry	
grub	6.5.13-6-pve	inactive	
END
}

@test "list: half a pair is incomplete; an ESP without kernels is empty" {
	directory 0A1B-2C3D
	systemd 6.8.12-4-pve
	rm "$esp/EFI/proxmox/6.8.12-4-pve/initrd.img-6.8.12-4-pve"
	directory 1111-2222
	run boot list -H -o esp,kernel,state
	diff -u - <(echo "$output") << 'END'
0A1B-2C3D	6.8.12-4-pve	incomplete
1111-2222		empty
END
}

@test "check: an absent ESP is a finding with its fix" {
	directory 0A1B-2C3D
	rmdir "$esp"
	run boot check -H -o severity,code,object,fix
	[ "$status" = 2 ]
	[ "$output" = $'critical\tBOOT-ESP-ABSENT\t0A1B-2C3D\tpve-boot clean' ]
}
