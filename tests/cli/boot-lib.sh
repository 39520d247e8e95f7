# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# For the tests of pve-boot: hosts whose ESPs are directories or vfat images, below $root.

boot_setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	root=$BATS_TEST_TMPDIR/root
	list=$root/etc/kernel/proxmox-boot-uuids
	uuids=$root/dev/disk/by-uuid
	mkdir -p "$root/etc/kernel" "$root/boot" "$uuids"
}

# efi_setup: the same for a host that was started by EFI and has a systemd-boot to install.
efi_setup() {
	boot_setup
	PATH=$PATH:/usr/sbin:/sbin
	mkdir -p "$root/var/log" "$root/etc/apt/apt.conf.d" "$root/sys/block" "$root/sys/firmware/efi" \
		"$root/usr/lib/systemd/boot/efi"
	echo loader > "$root/usr/lib/systemd/boot/efi/systemd-bootx64.efi"
}

boot() {
	build/bin/pve-boot --root "$root" "$@"
}

# listed UUID: the list has it; $esp is what it leads to.
listed() {
	esp=$uuids/$1
	echo "$1" >> "$list"
}

# directory UUID: a directory that stands for that ESP.
directory() {
	listed "$1"
	mkdir -p "$esp"
}

# image UUID SIZE [OPTION of mkfs.vfat...]: a vfat image.
image() {
	listed "$1"
	truncate -s "$2" "$esp"
	mkfs.vfat -i "${1/-/}" "${@:3}" "$esp" > "$BATS_TEST_TMPDIR/mkfs" 2>&1 ||
		{ cat "$BATS_TEST_TMPDIR/mkfs" && return 1; }
}

# put PATH: standard input becomes that file on $esp, directories included.
put() {
	local dir=
	if [ -d "$esp" ]; then
		mkdir -p "$(dirname "$esp/$1")"
		cat > "$esp/$1"
		return
	fi
	cat > "$BATS_TEST_TMPDIR/put"
	while IFS= read -r part; do
		dir=$dir/$part
		mmd -i "$esp" "::$dir" > /dev/null 2>&1 || :
	done < <(dirname "$1" | tr / '\n' | grep -vx '\.')
	mcopy -o -i "$esp" "$BATS_TEST_TMPDIR/put" "::$1"
}

# systemd VERSION...: systemd-boot with these kernels on $esp.
systemd() {
	echo 'timeout 3' | put loader/loader.conf
	echo loader | put EFI/systemd/systemd-bootx64.efi
	for v; do
		echo "kernel $v" | put "EFI/proxmox/$v/vmlinuz-$v"
		echo "initrd $v" | put "EFI/proxmox/$v/initrd.img-$v"
		echo "version $v" | put "loader/entries/proxmox-$v.conf"
	done
}

# grub VERSION...: GRUB (BIOS) with these kernels on $esp.
grub() {
	echo menu | put grub/grub.cfg
	for v; do
		echo "kernel $v" | put "vmlinuz-$v"
		echo "initrd $v" | put "initrd.img-$v"
	done
}

# poke OFFSET BYTE...: bytes of $esp, in decimal; OFFSET may be an expression.
poke() {
	printf '%b' "$(printf '\\x%02x' "${@:2}")" |
		dd of="$esp" bs=1 seek="$(($1))" conv=notrunc status=none
}

# peek OFFSET BYTES: a little-endian number of $esp.
peek() {
	od -An -v -t u1 -j "$(($1))" -N "$2" "$esp" |
		awk '{ for (i = NF; i; i--) n = n * 256 + $i } END { printf "%d\n", n }'
}

# utf16 TEXT: its bytes as UTF-16, little-endian, with a NUL behind.
utf16() {
	printf '%s\0' "$1" | iconv -f UTF-8 -t UTF-16LE
}

# le BYTES NUMBER: a little-endian number.
le() {
	local n=$2
	for _ in $(seq "$1"); do
		printf '%b' "$(printf '\\x%02x' $((n & 255)))"
		n=$((n >> 8))
	done
}

# efivar NAME: standard input becomes the value of that EFI variable (Loader*: systemd's; *RT: shim's).
efivar() {
	local guid=8be4df61-93ca-11d2-aa0d-00e098032b8c
	case $1 in
	Loader*) guid=4a67b082-0a4c-41cf-b6c7-440b29bb8c4f ;;
	*RT) guid=605dab50-e046-4300-abb6-3dd810dd8b23 ;;
	esac
	mkdir -p "$root/sys/firmware/efi/efivars"
	{ le 4 7 && cat; } > "$root/sys/firmware/efi/efivars/$1-$guid"
}

# efi_boot NUMBER DESCRIPTION GUID FILE: a boot entry for a file on the partition with that GUID.
efi_boot() {
	local g=${3//-/} bytes
	utf16 "$4" > "$BATS_TEST_TMPDIR/file"
	bytes=$(stat -c %s "$BATS_TEST_TMPDIR/file")
	{
		le 4 1
		le 2 $((42 + 4 + bytes + 4))
		utf16 "$2"
		# the partition: the first three fields of its GUID are little-endian
		le 1 4 && le 1 1 && le 2 42 && le 4 2 && le 8 2048 && le 8 1048576
		for i in 6 4 2 0 10 8 14 12 16 18 20 22 24 26 28 30; do
			printf '%b' "\\x${g:$i:2}"
		done
		le 1 2 && le 1 2
		le 1 4 && le 1 4 && le 2 $((4 + bytes)) && cat "$BATS_TEST_TMPDIR/file"
		le 1 127 && le 1 255 && le 2 4
	} | efivar "Boot$1"
}

# get PATH: the content of that file on $esp.
get() {
	if [ -d "$esp" ]; then cat "$esp/$1"; else mtype -i "$esp" "::$1"; fi
}

# hosted VERSION...: the host has these kernels, with the content that systemd and grub put.
hosted() {
	for v; do
		echo "kernel $v" > "$root/boot/vmlinuz-$v"
		echo "initrd $v" > "$root/boot/initrd.img-$v"
	done
}

# manifest PATH=SOURCE...: a manifest of what is on $esp now.
manifest() {
	{
		echo 'pve-boot manifest 1'
		for f; do
			get "${f%%=*}" > "$BATS_TEST_TMPDIR/listed"
			printf '%s\t%s\t0\t0\t0\t%s\t%s\n' "$(sha256sum < "$BATS_TEST_TMPDIR/listed" | cut -c1-64)" \
				"$(stat -c %s "$BATS_TEST_TMPDIR/listed")" "${f%%=*}" "${f#*=}"
		done
		echo "end $#"
	} > "$BATS_TEST_TMPDIR/manifest"
	put EFI/pve-boot/manifest < "$BATS_TEST_TMPDIR/manifest"
}

# pair VERSION: kernel and initial RAM disk of systemd's layout, as arguments of manifest.
pair() {
	echo "EFI/proxmox/$1/vmlinuz-$1=/boot/vmlinuz-$1" "EFI/proxmox/$1/initrd.img-$1=/boot/initrd.img-$1"
}

# bzimage VERSION: the head of a kernel of that version, as whole as its header asks for.
bzimage() {
	local esp=$BATS_TEST_TMPDIR/bzimage
	head -c 2048 /dev/zero > "$esp"
	poke 0x1f1 2
	poke 0x1f4 32
	poke 0x1fe 85 170
	printf HdrS | dd of="$esp" bs=1 seek=$((0x202)) conv=notrunc status=none
	poke 0x206 15 2
	poke 0x20e 0 1
	printf '%s (x@y) #1 SMP' "$1" | dd of="$esp" bs=1 seek=$((0x300)) conv=notrunc status=none
	cat "$esp"
}

# cpio_file NAME CONTENT: a file of an archive in format newc.
cpio_file() {
	local n=$((110 + ${#1} + 1))
	printf '070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\0' \
		1 33188 0 0 1 0 ${#2} 0 0 0 0 $((${#1} + 1)) 0 "$1"
	le $((-n & 3)) 0
	printf '%s' "$2"
	le $((-${#2} & 3)) 0
}

# initrd [VERSION]: an archive of microcode, and one that is compressed.
initrd() {
	cpio_file kernel/x86/microcode/GenuineIntel.bin code
	cpio_file 'TRAILER!!!' ''
	{ cpio_file init "#!/bin/sh ${1-}" && cpio_file 'TRAILER!!!' ''; } | gzip -n
}

# packaged VERSION...: dpkg has installed these kernels.
packaged() {
	mkdir -p "$root/var/lib/dpkg"
	[ -e "$root/var/lib/dpkg/status" ] ||
		printf 'Package: base-files\nStatus: install ok installed\nVersion: 1\n\n' > "$root/var/lib/dpkg/status"
	for v; do
		printf 'Package: proxmox-kernel-%s-signed\nStatus: install ok installed\nVersion: 1\n\n' "$v"
	done >> "$root/var/lib/dpkg/status"
}

# well UUID VERSION...: an image that is as it should be, and a host that has the same.
well() {
	image "$1" 16M
	systemd
	packaged "${@:2}"
	for v in "${@:2}"; do
		bzimage "$v" > "$root/boot/vmlinuz-$v"
		initrd "$v" > "$root/boot/initrd.img-$v"
		put "EFI/proxmox/$v/vmlinuz-$v" < "$root/boot/vmlinuz-$v"
		put "EFI/proxmox/$v/initrd.img-$v" < "$root/boot/initrd.img-$v"
		echo "version $v" | put "loader/entries/proxmox-$v.conf"
	done
	echo 'root=ZFS=rpool/ROOT/pve-1 boot=zfs' > "$root/etc/kernel/cmdline"
}

zeros() { head -c "$1" /dev/zero; }

# section NAME BYTES OFFSET: an entry of a program's table of sections.
section() {
	printf '%s' "$1" && zeros $((8 - ${#1}))
	le 4 "$2" && le 4 "$3" && le 4 "$2" && le 4 "$3" && zeros 12 && le 4 0x60000020
}

# efi_program FILE [SBAT [MACHINE]]: the file, of 1024 bytes or more of whatever, becomes an EFI program
# with that in its section .sbat.  It keeps what lies from 497 to 1024, where a kernel has its header.
efi_program() {
	local code all sections=1
	truncate -s %512 "$1"
	code=$(($(stat -c %s "$1") - 1024))
	[ -z "${2-}" ] || { sections=2 && printf '%s' "$2" >> "$1" && truncate -s %512 "$1"; }
	all=$(stat -c %s "$1")
	{
		printf MZ && zeros 58 && le 4 64
		printf 'PE\0\0' && le 2 "${3-0x8664}" && le 2 $sections && zeros 12 && le 2 240 && le 2 34
		le 2 0x20b && le 2 0 && le 4 $code && zeros 8 && le 4 1024 && le 4 1024
		zeros 8 && le 4 512 && le 4 512 && zeros 16 && le 4 "$all" && le 4 1024
		zeros 4 && le 2 10 && zeros 38 && le 4 16 && zeros 128
		section .text $code 1024
		[ $sections = 1 ] || section .sbat $((all - code - 1024)) $((code + 1024))
	} > "$1.head"
	dd if="$1.head" of="$1" bs=512 conv=notrunc status=none
	rm "$1.head"
}

# signing_key: $key and $certificate, for signed.
signing_key() {
	key=$BATS_FILE_TMPDIR/key certificate=$BATS_FILE_TMPDIR/certificate
	[ -e "$key" ] || openssl req -x509 -newkey rsa:2048 -nodes -keyout "$key" -out "$certificate" \
		-subj /CN=test -days 9999 2> "$BATS_TEST_TMPDIR/openssl"
}

# signed FILE...: the programs get a signature.
signed() {
	local file
	for file; do
		sbsign --key "$key" --cert "$certificate" --output "$file" "$file" > "$BATS_TEST_TMPDIR/sbsign" 2>&1 ||
			{ cat "$BATS_TEST_TMPDIR/sbsign" && return 1; }
	done
}
