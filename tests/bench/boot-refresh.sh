# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# pve-boot refresh when there is nothing to do, beside /bin/true.  What it writes when there is, and
# the script that copies everything, are in tests/bench/vm/boot-speed.sh: that takes disks.

refresh_root=$work/boot-refresh
uuids=$refresh_root/dev/disk/by-uuid
make -s -C "$tree" build/vmtools/bootjudge

# A host with two kernels, and as many packages as this machine.
mkdir -p "$uuids" "$refresh_root/etc/kernel" "$refresh_root/boot" "$refresh_root/var/lib/dpkg" "$refresh_root/var/log"
echo 'root=ZFS=rpool/ROOT/pve-1 boot=zfs' > "$refresh_root/etc/kernel/cmdline"
cp /var/lib/dpkg/status "$refresh_root/var/lib/dpkg/status"
for v in 6.8.12-4-pve 6.8.8-1-pve; do
	"$tree/build/vmtools/bootjudge" make $v 1 image > "$refresh_root/boot/vmlinuz-$v"
	"$tree/build/vmtools/bootjudge" make $v 1 initrd > "$refresh_root/boot/initrd.img-$v"
	printf 'Package: proxmox-kernel-%s-signed\nStatus: install ok installed\n\n' $v >> "$refresh_root/var/lib/dpkg/status"
done

# Filled as directories, which needs no mount, and then as images.
for uuid in 0A1B-0001 0A1B-0002; do
	mkdir -p "$uuids/$uuid/loader"
	printf 'timeout 3\n' > "$uuids/$uuid/loader/loader.conf"
	echo $uuid >> "$refresh_root/etc/kernel/proxmox-boot-uuids"
done
"$tree/build/bin/pve-boot" --root "$refresh_root" refresh || exit 1
for uuid in 0A1B-0001 0A1B-0002; do
	mv "$uuids/$uuid" "$work/refresh-$uuid"
	truncate -s 512M "$uuids/$uuid"
	mkfs.vfat -F 32 -i "$(echo $uuid | tr -d -)" "$uuids/$uuid" > "$work/mkfs" 2>&1 || { cat "$work/mkfs" >&2; exit 1; }
	(cd "$work/refresh-$uuid" && mcopy -s -Q -i "$uuids/$uuid" ./* ::) || exit 1
done
[ -z "$("$tree/build/bin/pve-boot" --root "$refresh_root" refresh -n)" ] ||
	{ echo 'pve-boot refresh has something to do' >&2; exit 1; }
within 'pve-boot refresh, nothing to do/true' 3 200 -- "$tree/build/bin/pve-boot" --root "$refresh_root" refresh -- /bin/true
