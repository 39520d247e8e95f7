#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What a refresh costs, beside a script that copies everything each time: leaves its figures, a
# line each, in $VM_SHARE/figures for tests/bench/boot-speed.sh.
# vm: disk virtio 256M
# vm: disk virtio 256M
# vm: disk virtio 512M throttle=2M
# vm: disk virtio 512M throttle=2M
# vm: memory 1536
# vm: timeout 500
# shellcheck source=/dev/null
. "${VM_LIB:?}"

old=6.8.8-1-pve new=6.8.12-4-pve
host=/run/host

# kernel VERSION BYTES: with an initrd of about that size; those of Proxmox VE have 60 to 70 MB.
kernel() {
    bootjudge make "$1" 1 image >"$host/boot/vmlinuz-$1"
    # An archive goes on behind its end with zeros, as those for cpio do.
    { bootjudge make "$1" 1 initrd; head -c "$2" /dev/zero; } >"$host/boot/initrd.img-$1"
}
installed() {
    cp /var/lib/dpkg/status $host/var/lib/dpkg/status
    for v; do
        printf 'Package: proxmox-kernel-%s-signed\nStatus: install ok installed\n\n' "$v"
    done >>$host/var/lib/dpkg/status
}
fresh() {
    mkfs.vfat -F 32 -i "$(echo "$2" | tr -d -)" "$1" >/dev/null && mount -t vfat "$1" /mnt || return
    mkdir -p /mnt/loader/entries /mnt/EFI/proxmox && printf 'timeout 3\n' >/mnt/loader/loader.conf
    umount /mnt
    cp -a "$1" $host/dev/ && ln -sf "../../${1#/dev/}" "$host/dev/disk/by-uuid/$2"
}
listed() { printf '%s\n' "$@" >$host/etc/kernel/proxmox-boot-uuids; }
written() { read -r _ _ _ _ _ _ n _ <"/sys/block/${1#/dev/}/stat"; echo "$n"; }
now() { read -r t _ </proc/uptime; echo "${t%.*}${t#*.}"; } # hundredths of a second

# each N COMMAND...: microseconds that one of N runs takes.
each() {
    n=$1 start=$(now)
    shift
    i=0
    while [ $i -lt "$n" ]; do
        "$@" >/dev/null 2>&1
        i=$((i + 1))
    done
    echo $((($(now) - start) * 10000 / n))
}

# What the stock tool does for each ESP on each occasion: looks at the device, mounts it, copies
# every kernel over the one that is there, writes every entry, and unmounts it.
cat >/run/stock <<'END'
#!/bin/sh
host=/run/host
while read -r uuid; do
    device=$host/dev/disk/by-uuid/$uuid
    lsblk --bytes --pairs -o UUID,SIZE,FSTYPE,PARTTYPE,PKNAME,MOUNTPOINT "$device" >/dev/null || continue
    mount -t vfat "$device" /mnt
    for version in $(cd $host/boot && ls vmlinuz-* | sed s/vmlinuz-//); do
        mkdir -p "/mnt/EFI/proxmox/$version"
        cp "$host/boot/vmlinuz-$version" "$host/boot/initrd.img-$version" "/mnt/EFI/proxmox/$version/"
        printf 'title    Proxmox\nversion  %s\noptions  %s\nlinux    /EFI/proxmox/%s/vmlinuz-%s\ninitrd   /EFI/proxmox/%s/initrd.img-%s\n' \
            "$version" "$(head -n 1 $host/etc/kernel/cmdline)" "$version" "$version" "$version" "$version" \
            >"/mnt/loader/entries/proxmox-$version.conf"
    done
    umount /mnt
done <$host/etc/kernel/proxmox-boot-uuids
END
chmod +x /run/stock

load virtio_blk vfat nls_cp437 nls_ascii
wait_for 10 disk_by_serial VMDISK4
a=$(disk_by_serial VMDISK1) b=$(disk_by_serial VMDISK2)
c=$(disk_by_serial VMDISK3) d=$(disk_by_serial VMDISK4)
mkdir -p $host/dev/disk/by-uuid $host/etc/kernel $host/boot $host/var/lib/dpkg $host/var/log
echo 'root=ZFS=rpool/ROOT/pve-1 boot=zfs' >$host/etc/kernel/cmdline
kernel $old 60000000
kernel $new 60000000
installed $old $new
for esp in "$a 0A1B-2C3D" "$b 1111-2222" "$c 3333-4444" "$d 5555-6666"; do
    # shellcheck disable=SC2086
    fresh $esp || give_up "no ESP on $esp"
done

# --- nothing to do -----------------------------------------------------------------------------
listed 0A1B-2C3D 1111-2222
ok 'two ESPs with two kernels' pve-boot --root $host refresh
sync
before="$(written "$a") $(written "$b")"
each 20 /bin/true >/run/warm
each 20 pve-boot --root $host refresh >/run/warm
true=$(each 100 /bin/true)
ours=$(each 100 pve-boot --root $host refresh)
true=$(((true + $(each 100 /bin/true)) / 2))
is 'nothing to do: no sector is written' "$(written "$a") $(written "$b")" "$before"
stock=$(each 3 /run/stock)
echo "nothing $true $ours $stock" >"$VM_SHARE/figures"

# --- one new kernel on two slow disks -------------------------------------------------------------
listed 3333-4444 5555-6666
rm $host/boot/*-$new
kernel $old 1000000
installed $old
ok 'slow disks: one kernel' pve-boot --root $host refresh
kernel $new 32000000
installed $old $new
bytes=$(cat $host/boot/*-$new | wc -c)
sync
before_c=$(written "$c") before_d=$(written "$d")
start=$(now)
ok 'slow disks: one more' pve-boot --root $host refresh
ours=$(($(now) - start))
sectors_c=$(($(written "$c") - before_c)) sectors_d=$(($(written "$d") - before_d))
start=$(now)
# The same bytes to the device itself, behind the file system's clusters in use.
dd if=/dev/zero of="$c" bs=64K seek=3000 count=$((bytes / 65536)) oflag=direct conv=fsync 2>/dev/null
raw=$(($(now) - start))
is 'as much for one disk as for the other' "$sectors_c" "$sectors_d"
echo "new $ours $raw $((sectors_c * 512)) $bytes" >>"$VM_SHARE/figures"
