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

@test "status: after a start by EFI the first line says so; GRUB is grub there, too" {
	mkdir -p "$root/sys/firmware/efi"
	directory 0A1B-2C3D
	systemd 6.8.12-4-pve
	directory 1111-2222
	grub 6.8.12-4-pve
	mkdir -p "$esp/EFI/proxmox" && echo grub > "$esp/EFI/proxmox/grubx64.efi"
	run -0 --separate-stderr boot status
	diff -u - <(echo "$output") << 'END'
System currently booted with uefi
0A1B-2C3D is configured with: uefi (versions: 6.8.12-4-pve)
1111-2222 is configured with: grub (versions: 6.8.12-4-pve)
END
}

# facts: what status --json says of each ESP, and the exit code.
facts() {
	local code=0
	boot status --json > "$BATS_TEST_TMPDIR/json" 2> "$BATS_TEST_TMPDIR/stderr" || code=$?
	jq -r '.[] | [.esp, .kind, .mode, .versions, .state, (.message // "" | split(": ") | last // "")] | map(tostring) | join("|")' \
		"$BATS_TEST_TMPDIR/json"
	echo "$code"
}

@test "status --json: every ESP, whatever its state, and the exit code of the worst" {
	directory 0A1B-2C3D
	systemd 6.8.12-4-pve 6.8.12-10-pve
	image 1111-2222 4M
	grub 6.8.12-4-pve
	diff -u - <(facts) << 'END'
0A1B-2C3D|directory|systemd-boot|6.8.12-10-pve, 6.8.12-4-pve|ok|
1111-2222|image|grub|6.8.12-4-pve|ok|
0
END
	[ "$(jq -c '.[1] | keys_unsorted' "$BATS_TEST_TMPDIR/json")" = '["esp","device","kind","mode","versions","state","message"]' ]
	[ "$(jq -r '.[1].device' "$BATS_TEST_TMPDIR/json")" = /dev/disk/by-uuid/1111-2222 ]
	[ "$(boot status --json -o esp,line | jq -c '.[1]')" = '{"esp":"1111-2222","line":2}' ]
	# One that has no loader, and one whose manifest is damaged: 1.
	directory 3333-4444
	directory 5555-6666
	systemd
	echo nonsense | put EFI/pve-boot/manifest
	diff -u - <(facts) << 'END'
0A1B-2C3D|directory|systemd-boot|6.8.12-10-pve, 6.8.12-4-pve|ok|
1111-2222|image|grub|6.8.12-4-pve|ok|
3333-4444|directory|none||not-set-up|no loader is set up
5555-6666|directory|systemd-boot||damaged|the manifest is damaged
1
END
	# One that is no file system any more: 65.
	truncate -s 3M "$uuids/1111-2222"
	diff -u - <(facts) << 'END'
0A1B-2C3D|directory|systemd-boot|6.8.12-10-pve, 6.8.12-4-pve|ok|
1111-2222|null|null|null|unreadable|its file system has 4194304 bytes, but there are 3145728
3333-4444|directory|none||not-set-up|no loader is set up
5555-6666|directory|systemd-boot||damaged|the manifest is damaged
65
END
	# And one that is not there: 69.
	rm "$uuids/1111-2222"
	facts > "$BATS_TEST_TMPDIR/facts"
	grep -qx '1111-2222|null|null|null|absent|No such file or directory' "$BATS_TEST_TMPDIR/facts"
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/facts")" = 69 ]
	# No list: no rows, and 2.
	rm "$list"
	run -2 boot status --json
}

@test "an image needs no root, and no right to write to it" {
	image 0A1B-2C3D 4M
	systemd 6.8.12-4-pve
	hosted 6.8.12-4-pve
	chmod 444 "$esp"
	there=$(mktemp -d) # where anybody may go
	cp -R build/bin "$root" "$there"
	[ ! -e build/lib ] || cp -R build/lib "$there"
	chmod -R go+rX "$there"
	unprivileged=
	[ "$(id -u)" != 0 ] || unprivileged='setpriv --reuid 65534 --regid 65534 --clear-groups'
	for command in status list verify check; do
		# shellcheck disable=SC2086 # several words
		run $unprivileged "$there/bin/pve-boot" --root "$there/root" "$command"
		case $command in
		check) [ "$status" -le 3 ] && [[ $output != *'not permitted'* && $output != *denied* ]] ;;
		*) [ "$status" = 0 ] && [[ $output == *6.8.12-4-pve* || $command = verify ]] ;;
		esac || { echo "$command: $status: $output" && rm -r "$there" && false; }
	done
	rm -r "$there"
}

@test "status: in a rescue shell without links it says what makes them" {
	echo 0A1B-2C3D > "$list"
	rm -r "${root:?}/dev"
	run -69 boot status
	[[ $output == *"0A1B-2C3D"*"; there is no $root/dev/disk/by-uuid (mount --rbind /dev $root/dev)"* ]] || { echo "$output" && false; }
	truncate -s 300M "$root/new.img"
	mkfs.vfat -F 32 "$root/new.img" > "$BATS_TEST_TMPDIR/mkfs"
	run -69 boot init /new.img
	[[ $output == *'/new.img: nothing would find it by its UUID: there is no '*'(mount --rbind /dev '* ]] || { echo "$output" && false; }
	[ "$(cat "$list")" = 0A1B-2C3D ]
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
