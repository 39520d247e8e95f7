# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# pve-boot status beside /bin/true, and verify beside sha256sum of the same bytes.

boot=$tree/build/bin/pve-boot

# boot_esp UUID SIZE: an image with systemd-boot and what is in $root/boot on it.
boot_esp() {
	esp=$root/dev/disk/by-uuid/$1
	echo "$1" >> "$root/etc/kernel/proxmox-boot-uuids"
	truncate -s "$2" "$esp"
	mkfs.vfat -F 32 -i "$(echo "$1" | tr -d -)" "$esp" > "$work/mkfs" 2>&1 || { cat "$work/mkfs" >&2; exit 1; }
	mmd -i "$esp" ::EFI ::EFI/proxmox ::loader ::loader/entries ::EFI/systemd
	echo 'timeout 3' > "$work/loader.conf"
	mcopy -i "$esp" "$work/loader.conf" ::loader
	for v in $versions; do
		mmd -i "$esp" "::EFI/proxmox/$v"
		mcopy -i "$esp" "$root/boot/vmlinuz-$v" "$root/boot/initrd.img-$v" "::EFI/proxmox/$v"
		mcopy -i "$esp" "$work/loader.conf" "::loader/entries/proxmox-$v.conf"
	done
}

# boot_host NAME BYTES: a host with three kernels, of so many bytes each kernel and initrd.
boot_host() {
	root=$work/boot-$1
	versions='6.8.12-4-pve 6.8.8-1-pve 6.5.13-6-pve'
	mkdir -p "$root/boot" "$root/etc/kernel" "$root/dev/disk/by-uuid"
	for v in $versions; do
		head -c "$2" /dev/urandom > "$root/boot/vmlinuz-$v"
		head -c "$2" /dev/urandom > "$root/boot/initrd.img-$v"
	done
}

boot_host eight 100000
for i in 1 2 3 4 5 6 7 8; do boot_esp "0A1B-000$i" 512M; done
[ "$("$boot" --root "$root" status | grep -c 'versions: 6.8.12-4-pve, 6.8.8-1-pve, 6.5.13-6-pve')" = 8 ] ||
	{ echo 'pve-boot does not show 8 ESPs' >&2; exit 1; }
within 'pve-boot status, 8 ESP images/true' 5 200 -- "$boot" --root "$root" status -- /bin/true

boot_host verify 20000000
boot_esp 0A1B-0001 300M
"$boot" --root "$root" verify > "$work/verified" || { cat "$work/verified" >&2; exit 1; }
within 'pve-boot verify, 240 MB/sha256sum' 1.1 5 -- "$boot" --root "$root" verify -- \
	sh -c "cat $root/boot/* $root/boot/* | sha256sum"
