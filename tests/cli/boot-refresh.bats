#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Kernels come to the ESPs and leave them, on directories that stand for ESPs.

bats_require_minimum_version 1.5.0
load ../eventually.sh
# shellcheck source=tests/cli/boot-refresh-lib.sh
. "$BATS_TEST_DIRNAME/boot-refresh-lib.sh"

# snapshot: every file and directory below the ESPs, with times and contents.
snapshot() {
	find "$uuids" -printf '%p %T@ %C@ %s\n' | sort
	find "$uuids" -type f -exec sha256sum {} + | sort
}

@test "refresh: two ESPs get the kernels that are selected, and what they need to be found" {
	esps systemd 0A1B-2C3D 1111-2222
	run --separate-stderr boot refresh
	[ "$status" = 0 ]
	[ -z "$output$stderr" ]
	for uuid in 0A1B-2C3D 1111-2222; do
		[ "$(on "$uuids/$uuid")" = "$A
$B" ]
		diff -u - "$uuids/$uuid/loader/entries/proxmox-$A.conf" << END
title    Proxmox Virtual Environment
version  $A
options  root=ZFS=rpool/ROOT/pve-1 boot=zfs
linux    /EFI/proxmox/$A/vmlinuz-$A
initrd   /EFI/proxmox/$A/initrd.img-$A
END
	done
}

@test "refresh: nothing changed: nothing written, not even a time" {
	esps systemd 0A1B-2C3D 1111-2222
	boot refresh
	snapshot > "$BATS_TEST_TMPDIR/before"
	run --separate-stderr boot -v refresh
	[ "$status" = 0 ]
	[ "$stderr" = 'pve-boot: nothing to do' ]
	snapshot | diff "$BATS_TEST_TMPDIR/before" -
}

@test "refresh --dry-run: the operations with their bytes, and nothing is changed" {
	esps systemd 0A1B-2C3D
	snapshot > "$BATS_TEST_TMPDIR/before"
	run -0 boot refresh -n
	[[ $output == *"sync ESP 0A1B-2C3D"*"bytes ("*") of kernels are written"* ]]
	[[ $output == *"    copy $A (kernel and initrd), "*" written, "*" free then"* ]]
	snapshot | diff "$BATS_TEST_TMPDIR/before" -
	[ ! -e "$root/etc/apt/apt.conf.d/76pveconf" ]
	[ ! -e "$root/var/log/pve-boot.log" ]
}

@test "refresh: APT's file keeps autoremove from what is booted" {
	esps systemd 0A1B-2C3D
	boot refresh
	grep -F '"^proxmox-kernel-6\.8\.12-4-pve-signed$";' "$root/etc/apt/apt.conf.d/76pveconf"
	[ "$(stat -c %a "$root/etc/apt/apt.conf.d/76pveconf")" = 444 ]
}

@test "refresh: the journal is only appended to" {
	esps systemd 0A1B-2C3D
	echo before > "$root/var/log/pve-boot.log"
	boot refresh
	head -n 1 "$root/var/log/pve-boot.log" | grep -x before
	grep -E "^20..-..-..T..:..:..Z 0A1B-2C3D done, [0-9]+ bytes of kernels written$" "$root/var/log/pve-boot.log"
}

@test "B1: on a full ESP the superfluous goes before the new comes; without that it is refused, with the bytes" {
	image 0A1B-2C3D 4M
	echo 'timeout 3' | put loader/loader.conf
	for v in $B $C; do
		put "EFI/proxmox/$v/vmlinuz-$v" < "$root/boot/vmlinuz-$v"
		put "EFI/proxmox/$v/initrd.img-$v" < "$root/boot/initrd.img-$v"
		echo "version $v" | put "loader/entries/proxmox-$v.conf"
	done
	# shellcheck disable=SC2046 # two words a kernel
	manifest $(pair $B) $(pair $C)
	head -c 3560K /dev/zero | put padding
	sum=$(sha256sum < "$esp")
	touch -a -d '2001-02-03' "$esp"
	before=$(stat -c '%X %Y %Z' "$esp")
	run -0 boot refresh -n
	[[ $output == *"drop $C"*"copy $A"* ]] || { echo "$output" && false; }
	[ "$(stat -c '%X %Y %Z' "$esp")" = "$before" ]
	echo $C > "$root/etc/kernel/proxmox-boot-manual-kernels"
	run -1 boot refresh
	[[ $output =~ "0A1B-2C3D: no room for $A: "([0-9]+)" bytes needed, "([0-9]+)" free" ]] || { echo "$output" && false; }
	[ "${BASH_REMATCH[1]}" -gt "${BASH_REMATCH[2]}" ]
	[ "$(sha256sum < "$esp")" = "$sum" ]
	run -0 boot refresh --evict -n
	[[ $output == *"drop $B"*"copy $A"* ]] || { echo "$output" && false; }
}

@test "B2: an empty selection, or a database that cannot be read, removes nothing and fails" {
	esps systemd 0A1B-2C3D
	boot refresh
	snapshot > "$BATS_TEST_TMPDIR/before"
	installed
	run boot refresh
	[ "$status" = 1 ]
	[[ $output == *'no kernel is selected'* ]]
	: > "$root/var/lib/dpkg/status"
	run boot refresh
	[ "$status" = 65 ]
	rm "$root/var/lib/dpkg/status"
	run boot refresh
	[ "$status" != 0 ]
	snapshot | diff "$BATS_TEST_TMPDIR/before" -
}

@test "B5: the version that a hook was called with comes, too" {
	esps systemd 0A1B-2C3D
	run -0 boot refresh --kernel $C
	[ "$(on "$esp")" = "$A
$B
$C" ]
	run boot refresh --kernel 6.9.9-9-pve
	[ "$status" = 69 ]
	[[ $output == *"no kernel 6.9.9-9-pve: there is no $root/boot/vmlinuz-6.9.9-9-pve"* ]]
}

@test "B10: an ESP that is not there does not stop the others, and the exit code says so" {
	esps systemd 0A1B-2C3D
	echo 9999-9999 >> "$list"
	esps systemd 1111-2222
	run boot refresh
	[ "$status" = 1 ]
	[[ $output == *'9999-9999: '*'No such file or directory'* ]]
	[ "$(on "$uuids/0A1B-2C3D")" = "$A
$B" ]
	[ "$(on "$uuids/1111-2222")" = "$A
$B" ]
}

@test "B10: an ESP that cannot be written does not stop the others" {
	[ "$(id -u)" = 0 ] || skip 'needs root to make a directory that root cannot write'
	esps systemd 0A1B-2C3D 1111-2222
	chattr +i "$uuids/0A1B-2C3D" 2> /dev/null || skip 'the file system has no immutable files'
	run boot refresh
	chattr -i "$uuids/0A1B-2C3D"
	[ "$status" = 1 ]
	[[ $output == *'0A1B-2C3D: making EFI'* ]]
	[ "$(on "$uuids/1111-2222")" = "$A
$B" ]
}

@test "B11: a kernel whose version another begins with goes, and so does the other loader's copy" {
	esps systemd 0A1B-2C3D
	boot refresh
	# A version that is the beginning of one that stays, and GRUB's layout.
	mkdir "$esp/EFI/proxmox/6.8.12"
	cp "$root/boot/vmlinuz-$A" "$esp/EFI/proxmox/6.8.12/vmlinuz-6.8.12"
	cp "$root/boot/initrd.img-$A" "$esp/EFI/proxmox/6.8.12/initrd.img-6.8.12"
	cp "$esp/loader/entries/proxmox-$A.conf" "$esp/loader/entries/proxmox-6.8.12.conf"
	cp "$root/boot/vmlinuz-$A" "$root/boot/initrd.img-$A" "$esp"
	run -0 boot refresh
	[ ! -e "$esp/EFI/proxmox/6.8.12" ]
	[ ! -e "$esp/loader/entries/proxmox-6.8.12.conf" ]
	[ ! -e "$esp/vmlinuz-$A" ]
	[ "$(on "$esp")" = "$A
$B" ]
}

@test "refresh: after a change of the loader that was interrupted the kernels of both stay, and reinit is named" {
	esps systemd 0A1B-2C3D
	boot refresh
	mkdir -p "$esp/EFI/systemd" "$esp/EFI/BOOT"
	echo systemd > "$esp/EFI/systemd/systemd-bootx64.efi"
	# GRUB has come to where the firmware looks without an entry, and not yet to its own directory.
	echo 'GRUB, another size' > "$esp/EFI/BOOT/BOOTX64.EFI"
	cp "$root/boot/vmlinuz-$A" "$root/boot/initrd.img-$A" "$esp"
	run -1 boot refresh
	[[ $output == *'0A1B-2C3D: a change of its loader was interrupted'*'pve-boot reinit'* ]]
	cmp "$root/boot/vmlinuz-$A" "$esp/vmlinuz-$A"
	# systemd-boot has come, and GRUB is still in its directory.
	mkdir "$esp/grub"
	echo 'GRUB' > "$esp/EFI/proxmox/grubx64.efi"
	cp "$esp/EFI/systemd/systemd-bootx64.efi" "$esp/EFI/BOOT/BOOTX64.EFI"
	run -1 boot refresh
	[[ $output == *'0A1B-2C3D: a change of its loader was interrupted'* ]]
	[ "$(on "$esp")" = "$A"$'\n'"$B" ]
	cmp "$root/boot/vmlinuz-$B" "$esp/vmlinuz-$B"
	# At the end of it only the kernels of one stay.
	rm "$esp/EFI/systemd/systemd-bootx64.efi"
	run -0 boot refresh
	[ -z "$(on "$esp")" ] && [ -e "$esp/vmlinuz-$A" ]
}

@test "B12: the default is never a kernel that is not there" {
	esps systemd 0A1B-2C3D
	boot refresh
	echo 6.2.16-20-pve > "$root/etc/kernel/proxmox-boot-pin"
	run boot refresh
	[ "$status" = 1 ]
	[[ $output == *'6.2.16-20-pve is pinned, but is not on this ESP'* ]]
	run ! grep 6.2.16 "$esp/loader/loader.conf"
	echo $B > "$root/etc/kernel/proxmox-boot-pin"
	run -0 boot refresh
	grep -x "default proxmox-$B.conf" "$esp/loader/loader.conf"
	grep -x 'timeout 3' "$esp/loader/loader.conf"
	rm "$root/etc/kernel/proxmox-boot-pin"
	run -0 boot refresh
	grep -x 'default proxmox-\*' "$esp/loader/loader.conf"
}

@test "B13: an empty or damaged initrd, or a kernel that is none, is refused by name; the others proceed" {
	esps systemd 0A1B-2C3D
	: > "$root/boot/initrd.img-$A"
	run boot refresh
	[ "$status" = 1 ]
	[[ $output == *"$A: "*"initrd.img-$A"* ]]
	[ "$(on "$esp")" = "$B" ]
	# What was good on the ESP stays.
	kernel $A
	run -0 boot refresh
	echo 'no kernel' > "$root/boot/vmlinuz-$A"
	run boot refresh
	[ "$status" = 1 ]
	[[ $output == *"$A: "*"vmlinuz-$A"* ]]
	[ -s "$esp/EFI/proxmox/$A/vmlinuz-$A" ]
	run ! cmp -s "$root/boot/vmlinuz-$A" "$esp/EFI/proxmox/$A/vmlinuz-$A"
	head -c 50000 "$root/boot/initrd.img-$B" > "$BATS_TEST_TMPDIR/cut"
	kernel $A
	cp "$BATS_TEST_TMPDIR/cut" "$root/boot/initrd.img-$B"
	run boot refresh
	[ "$status" = 1 ]
	[[ $output == *"$B: "*"initrd.img-$B"* ]]
}

@test "refresh: a file that is missing in /boot, and a kernel of another version, are refused by name" {
	esps systemd 0A1B-2C3D
	boot refresh
	rm "$root/boot/initrd.img-$A" "$root/boot/vmlinuz-$B"
	cp -a "$esp" "$BATS_TEST_TMPDIR/before"
	run -1 boot refresh
	[[ $output == *"$A: /boot/initrd.img-$A is missing"*"$B: /boot/vmlinuz-$B is missing"* ]] || { echo "$output" && false; }
	diff -r "$BATS_TEST_TMPDIR/before" "$esp"
	"$judge" make 6.9.9-9-pve 1 image > "$root/boot/vmlinuz-$A"
	"$judge" make $A 1 initrd > "$root/boot/initrd.img-$A"
	kernel $B 2
	run -1 boot refresh
	[[ $output == *"$A: "*"vmlinuz-$A"*"6.9.9-9-pve"* ]] || { echo "$output" && false; }
	cmp "$BATS_TEST_TMPDIR/before/EFI/proxmox/$A/vmlinuz-$A" "$esp/EFI/proxmox/$A/vmlinuz-$A"
	cmp "$root/boot/vmlinuz-$B" "$esp/EFI/proxmox/$B/vmlinuz-$B"
}

@test "B14: without a good command line nothing is changed, and the rescue system's is not taken" {
	esps systemd 0A1B-2C3D
	boot refresh
	snapshot > "$BATS_TEST_TMPDIR/before"
	echo 'root=/dev/rescue' > "$root/proc/cmdline"
	for text in '' '# root=x' 'quiet' 'nfsroot=1.2.3.4:/x' $'root=x\r'; do
		printf '%s\n' "$text" > "$root/etc/kernel/cmdline"
		run boot refresh
		[ "$status" = 1 ]
		[[ $output == *'0A1B-2C3D: /etc/kernel/cmdline:'* ]]
	done
	rm "$root/etc/kernel/cmdline"
	run boot refresh
	[ "$status" = 1 ]
	[[ $output == *'that of the running kernel is never taken'* ]]
	snapshot | diff "$BATS_TEST_TMPDIR/before" -
}

@test "B17: a kernel that was built again with the same version is replaced, whatever its times say" {
	esps systemd 0A1B-2C3D
	touch -d '2026-01-01' "$root/boot/"*
	boot refresh
	kernel $A 2
	touch -d '2026-01-01' "$root/boot/"*
	run -0 boot refresh
	[ "$(on "$esp")" = "$A
$B" ]
	# Times alone mean no copy.
	touch "$root/boot/"*
	before=$(stat -c %i "$esp/EFI/proxmox/$A/vmlinuz-$A")
	run -0 boot refresh
	[ "$before" = "$(stat -c %i "$esp/EFI/proxmox/$A/vmlinuz-$A")" ]
}

@test "B22: what verify finds changed is not seen by its size, and refresh --verify replaces it" {
	esps systemd 0A1B-2C3D
	boot refresh
	image=$esp/EFI/proxmox/$A/vmlinuz-$A
	printf X | dd of="$image" bs=1 seek=30000 conv=notrunc status=none
	run -2 boot verify -H -o path,message
	[[ $output == *"vmlinuz-$A"$'\t'"is not what was written: pve-boot refresh --verify"* ]] || { echo "$output" && false; }
	run -0 boot refresh
	! cmp -s "$root/boot/vmlinuz-$A" "$image" || { echo 'read without being asked to' && false; }
	run -0 boot refresh --verify -n
	[[ $output == *"copy $A (kernel)"* ]] || { echo "$output" && false; }
	run -0 boot refresh --verify
	cmp "$root/boot/vmlinuz-$A" "$image"
	run -0 boot verify
	run -0 boot -v refresh --verify
	[[ $output == *'nothing to do'* ]]
}

@test "B17: the only kernel of a GRUB, built again: while its files change a twin is what boots" {
	esps grub 0A1B-2C3D
	rm "$root/boot/"*-$B "$root/boot/"*-$C
	installed $A
	boot refresh
	kernel $A 2
	run -0 boot refresh -n
	[[ $output == *"copy $A.twin (kernel and initrd)"*"withdraw $A"*"exchange $A"*"offer $A"*"drop $A.twin"* ]] ||
		{ echo "$output" && false; }
	run -0 boot -v refresh
	cmp "$root/boot/vmlinuz-$A" "$esp/vmlinuz-$A"
	cmp "$root/boot/initrd.img-$A" "$esp/initrd.img-$A"
	[ "$(ls -A "$esp")" = $'EFI\ngrub\ninitrd.img-'"$A"$'\nvmlinuz-'"$A" ] || { ls -A "$esp" && false; }
	run ! grep twin "$esp/grub/grub.cfg" "$esp/EFI/pve-boot/manifest"
	run -0 boot verify
	run -0 boot refresh -n
	[ -z "$output" ]
	# A directory is exchanged as one, but not with what somebody else has in it.
	rm -r "$list" "${uuids:?}"/*
	esps systemd 1111-2222
	boot refresh
	kernel $A 3
	run -0 boot refresh -n
	[[ $output != *twin* ]]
	echo mine > "$esp/EFI/proxmox/$A/note"
	run -0 boot refresh -n
	[[ $output == *"copy $A.twin (kernel and initrd)"*"write loader/entries/proxmox-$A.twin.conf"* ]] || { echo "$output" && false; }
	run -0 boot refresh
	[ "$(on "$esp")" = "$A" ]
	[ -z "$(find "$esp" -name '*twin*')" ]
	[ "$(cat "$esp/EFI/proxmox/$A/note")" = mine ]
}

@test "B17: a GRUB whose only kernel is no good any more is repaired, also where there is no room for two" {
	image 0A1B-2C3D 4M
	echo menu | put grub/grub.cfg
	rm "$root/boot/"*-$B "$root/boot/"*-$C
	installed $A
	head -c 70000 /dev/zero | put vmlinuz-$A
	head -c 100 /dev/zero | put initrd.img-$A
	printf 'linux /vmlinuz-%s\ninitrd /initrd.img-%s\n' $A $A | put grub/grub.cfg
	manifest vmlinuz-$A=/boot/vmlinuz-$A initrd.img-$A=/boot/initrd.img-$A
	head -c 60000 /dev/zero | put vmlinuz-$A
	head -c 3800K /dev/zero | put padding
	run -0 boot refresh -n
	[[ $output == *"copy $A"*"withdraw $A"*"exchange $A"* && $output != *twin* ]] || { echo "$output" && false; }
	head -c 3860K /dev/zero | put padding
	run -0 boot refresh -n
	[[ $output == *"withdraw $A"*"drop $A"*"copy $A"* && $output != *twin* ]] || { echo "$output" && false; }
}

@test "refresh: an initrd that was made anew comes alone" {
	esps systemd 0A1B-2C3D
	boot refresh
	before=$(stat -c %i "$esp/EFI/proxmox/$A/vmlinuz-$A")
	"$judge" make $A 2 initrd > "$root/boot/initrd.img-$A"
	run -0 boot refresh
	[ "$before" = "$(stat -c %i "$esp/EFI/proxmox/$A/vmlinuz-$A")" ]
	[ "$(on "$esp")" = "$A
$B" ]
}

@test "refresh: entries and keys of others, and what else lies on an ESP, stay byte for byte" {
	esps systemd 0A1B-2C3D
	mkdir -p "$esp/loader/entries" "$esp/EFI/Microsoft/Boot"
	printf '# mine\r\ntimeout menu-hidden\neditor no\ndefault windows.conf\n' > "$esp/loader/loader.conf"
	echo 'title Windows' > "$esp/loader/entries/windows.conf"
	echo x > "$esp/EFI/Microsoft/Boot/bootmgfw.efi"
	cp -a "$esp" "$BATS_TEST_TMPDIR/before"
	run -0 boot refresh
	for file in loader/loader.conf loader/entries/windows.conf EFI/Microsoft/Boot/bootmgfw.efi; do
		cmp "$BATS_TEST_TMPDIR/before/$file" "$esp/$file"
	done
	# A key in an entry of ours.
	sed -i '1i# note' "$esp/loader/entries/proxmox-$A.conf"
	echo 'devicetree /x.dtb' >> "$esp/loader/entries/proxmox-$A.conf"
	echo 'root=ZFS=rpool/ROOT/other' > "$root/etc/kernel/cmdline"
	run -0 boot refresh
	grep -x '# note' "$esp/loader/entries/proxmox-$A.conf"
	grep -x 'devicetree /x.dtb' "$esp/loader/entries/proxmox-$A.conf"
	grep -x 'options  root=ZFS=rpool/ROOT/other' "$esp/loader/entries/proxmox-$A.conf"
}

@test "refresh: memtest, its entry, and what others have on an ESP of GRUB, stay byte for byte" {
	esps systemd 0A1B-2C3D
	mkdir -p "$esp/EFI" "$esp/loader/entries"
	echo memtest | tee "$esp/memtest86+x64.efi" > "$esp/EFI/memtest86+x64.efi"
	printf 'title Memory test\nefi /memtest86+x64.efi\n' > "$esp/loader/entries/memtest86+x64.efi.conf"
	echo seed > "$esp/loader/random-seed"
	esps grub 1111-2222
	mkdir -p "$esp/EFI/Microsoft/Boot"
	echo windows > "$esp/EFI/Microsoft/Boot/bootmgfw.efi"
	echo 'menuentry mine { true }' > "$esp/grub/custom.cfg"
	echo memtest > "$esp/memtest86+x64.bin"
	(cd "$uuids" && find . -type f -exec sha256sum {} +) > "$BATS_TEST_TMPDIR/before"
	run -0 boot refresh
	kernel $A 2
	run -0 boot refresh
	boot kernel pin $B
	run -0 boot refresh
	grep -v 'loader\.conf' "$BATS_TEST_TMPDIR/before" | (cd "$uuids" && sha256sum -c --quiet)
	[ "$(wc -l < "$BATS_TEST_TMPDIR/before")" = 8 ]
}

@test "refresh: an entry that the loader counts keeps its name, and no second one comes" {
	esps systemd 0A1B-2C3D
	boot refresh
	entries=$esp/loader/entries
	mv "$entries/proxmox-$A.conf" "$entries/proxmox-$A+2-1.conf"
	run -0 boot verify
	run -0 boot status
	run -0 boot refresh -n
	[ -z "$output" ] || { echo "$output" && false; }
	kernel $A 2
	echo 'root=ZFS=rpool/ROOT/other' > "$root/etc/kernel/cmdline"
	boot kernel pin $A
	run -0 boot refresh
	[ "$(ls "$entries")" = "proxmox-$A+2-1.conf"$'\n'"proxmox-$B.conf" ]
	grep -x 'options  root=ZFS=rpool/ROOT/other' "$entries/proxmox-$A+2-1.conf"
	run -0 boot verify
	mv "$entries/proxmox-$A+2-1.conf" "$entries/proxmox-$A+0-3.conf"
	run -0 boot verify
	run -0 boot refresh -n
	[ -z "$output" ] || { echo "$output" && false; }
	echo x >> "$entries/proxmox-$A+0-3.conf"
	run -2 boot verify
	run -0 boot refresh --verify
	run -0 boot verify
	# B21: a default that finds it whatever its counter says, and not proxmox-A-custom.conf.
	grep -xF "default proxmox-${A}[.+]*conf" "$esp/loader/loader.conf"
}

@test "refresh: what an interrupted run left is removed" {
	esps systemd 0A1B-2C3D
	boot refresh
	mkdir "$esp/EFI/proxmox/.$C.new"
	echo x > "$esp/EFI/proxmox/.$C.new/vmlinuz-$C"
	echo x > "$esp/loader/.loader.conf.new"
	run -0 boot refresh
	[ ! -e "$esp/EFI/proxmox/.$C.new" ]
	[ ! -e "$esp/loader/.loader.conf.new" ]
	# A kernel that was about to go, and is to come now: of it there is a directory.
	rm -r "${esp:?}/EFI/proxmox/$A"/* "$esp/loader/entries/proxmox-$A.conf"
	run -0 boot refresh
	[ "$(on "$esp")" = "$A"$'\n'"$B" ]
	[ "$(find "$esp/EFI/proxmox" -mindepth 1 -maxdepth 1 | wc -l)" = 2 ]
	run -0 boot refresh -n
	[ -z "$output" ] || { echo "$output" && false; }
}

@test "refresh: an ESP that the stock tool has filled is taken over without a copy" {
	esps systemd 0A1B-2C3D
	boot refresh
	rm -r "$esp/EFI/pve-boot"
	before=$(stat -c %i "$esp/EFI/proxmox/$A/vmlinuz-$A")
	run -0 boot refresh
	[ "$before" = "$(stat -c %i "$esp/EFI/proxmox/$A/vmlinuz-$A")" ]
	[ -s "$esp/EFI/pve-boot/manifest" ]
}

@test "refresh: systemd-boot and GRUB on one host, each by its own mode" {
	esps systemd 1111-2222
	esps grub 0A1B-2C3D
	run -0 boot refresh
	[ "$(on "$uuids/1111-2222")" = "$A
$B" ]
	for v in $A $B; do
		cmp "$root/boot/vmlinuz-$v" "$esp/vmlinuz-$v"
		cmp "$root/boot/initrd.img-$v" "$esp/initrd.img-$v"
		grep "vmlinuz-$v " "$esp/grub/grub.cfg"
	done
	[ ! -e "$esp/EFI/proxmox" ]
	run -0 boot refresh -n
	[ -z "$output" ]
}

# until COMMAND...: within ten seconds.
@test "refresh: a signal ends it while a disk is slow; what was there stays, and the next run goes on" {
	esps systemd 0A1B-2C3D
	kernel $A && kernel $B && installed $A $B
	strace -f -qq -e trace=syncfs -e inject=syncfs:delay_enter=3s -o "$BATS_TEST_TMPDIR/trace" \
		build/bin/pve-boot --root "$root" refresh 2> "$BATS_TEST_TMPDIR/said" 3>&- &
	strace=$!
	eventually 10 [ -e "$esp/EFI/proxmox/.$A.new/initrd.img-$A" ]
	tool=$(pgrep -P $strace)
	worker=$(pgrep -P "$tool")
	kill -TERM "$worker" "$tool"
	status=0
	wait $strace || status=$?
	[ "$status" = 143 ] || { echo "$status" && false; }
	grep -q '0A1B-2C3D: its process was ended by SIGTERM in the middle; the next refresh goes on' "$BATS_TEST_TMPDIR/said"
	[ -z "$(on "$esp")" ]
	boot refresh
	[ "$(on "$esp")" = "$A"$'\n'"$B" ]
}

@test "a lock: a second run waits for the first, and goes on when that has ended" {
	esps systemd 0A1B-2C3D
	mkfifo "$BATS_TEST_TMPDIR/end"
	# Another run, which ends when somebody says so.
	flock -x "$root" sh -c "echo > '$BATS_TEST_TMPDIR/begun'; read -r word < '$BATS_TEST_TMPDIR/end'" 3>&- &
	holder=$!
	eventually 10 [ -e "$BATS_TEST_TMPDIR/begun" ]
	build/bin/pve-boot --root "$root" --wait 600 -v refresh 2> "$BATS_TEST_TMPDIR/said" 3>&- &
	second=$!
	eventually 10 grep -q 'waiting up to 600 s: pve-boot is at work' "$BATS_TEST_TMPDIR/said" || { cat "$BATS_TEST_TMPDIR/said" && false; }
	kill -0 $second
	[ -z "$(on "$esp")" ]
	echo end > "$BATS_TEST_TMPDIR/end"
	wait $holder
	status=0
	wait $second || status=$?
	[ "$status" = 0 ] || { cat "$BATS_TEST_TMPDIR/said" && false; }
	[ "$(on "$esp")" = "$A"$'\n'"$B" ]
}

@test "B9: a second run waits, and then says who is at work" {
	esps systemd 0A1B-2C3D
	exec 8< "$root"
	flock -x 8
	run boot --wait 0 refresh
	exec 8>&-
	[ "$status" = 75 ]
	[[ $output == *'pve-boot is at work'* ]]
	[ -z "$(on "$esp")" ]
}
