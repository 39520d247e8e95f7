#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Kernel packages come and go by apt and dpkg, and the hooks bring them to the ESPs of two disks.
# vm: disk virtio 64M
# vm: disk nvme 64M
# vm: packages kernelpackage
# vm: timeout 300
# shellcheck source=/dev/null
. "${VM_LIB:?}"

old=6.8.8-1-pve new=6.8.12-4-pve

# package VERSION: a package as those of Proxmox VE: the image, and scripts that call what lies in
# /etc/kernel.  The build is that of bootjudge.
package() {
    dir=/run/package-$1
    mkdir -p "$dir/boot" "$dir/DEBIAN"
    bootjudge make "$1" 1 image >"$dir/boot/vmlinuz-$1"
    printf 'Package: proxmox-kernel-%s-signed\nVersion: 1\nArchitecture: all\nMaintainer: test <test@example.org>\nDescription: kernel\n' \
        "$1" >"$dir/DEBIAN/control"
    for when in postinst postrm; do
        cat >"$dir/DEBIAN/$when" <<END
#!/bin/sh
case \$1 in
    configure|remove) exec run-parts --exit-on-error --arg=$1 --arg=/boot/vmlinuz-$1 /etc/kernel/$when.d ;;
esac
END
        chmod 755 "$dir/DEBIAN/$when"
    done
    dpkg-deb --root-owner-group -b "$dir" "/run/$1.deb"
}

# What initramfs-tools does: an initrd comes, and its hooks are called, twice for one kernel.  Its
# own hooks and those of others are put aside.
initramfs() {
    mkdir -p /run/hooks /etc/kernel/postinst.d /etc/kernel/postrm.d /etc/initramfs/post-update.d
    cp -a /etc/kernel/postinst.d /etc/kernel/postrm.d /run/hooks/
    rm -f /etc/kernel/postinst.d/* /etc/kernel/postrm.d/* /etc/initramfs/post-update.d/*
    cat >/etc/kernel/postinst.d/initramfs-tools <<'END'
#!/bin/sh
bootjudge make "$1" 1 initrd >"/boot/initrd.img-$1" || exit 1
for i in 1 2; do
    run-parts --arg="$1" --arg="/boot/initrd.img-$1" /etc/initramfs/post-update.d || exit 1
done
END
    cat >/etc/kernel/postrm.d/initramfs-tools <<'END'
#!/bin/sh
rm -f "/boot/initrd.img-$1"
END
    chmod +x /etc/kernel/postinst.d/initramfs-tools /etc/kernel/postrm.d/initramfs-tools
}

hooks() {
    cp "$VM_TREE/scripts/hooks/kernel" /etc/kernel/postinst.d/zz-pve-boot
    cp "$VM_TREE/scripts/hooks/kernel" /etc/kernel/postrm.d/zz-pve-boot
    cp "$VM_TREE/scripts/hooks/initramfs" /etc/initramfs/post-update.d/pve-boot
    cp "$VM_TREE/scripts/hooks/apt.conf" /etc/apt/apt.conf.d/80pve-boot
}

# fresh DEVICE UUID: an ESP with systemd-boot's directories, in the list.
fresh() {
    mkfs.vfat -F 32 -s 1 -i "$(echo "$2" | tr -d -)" "$1" && mount -t vfat "$1" /mnt || return
    mkdir -p /mnt/loader/entries && printf 'timeout 3\n' >/mnt/loader/loader.conf
    umount /mnt
    mkdir -p /dev/disk/by-uuid && ln -sf "../../${1#/dev/}" "/dev/disk/by-uuid/$2"
    echo "$2" >>/etc/kernel/proxmox-boot-uuids
}

# kernels: of all ESPs, as list says.
kernels() { pve-boot list -H -o esp,kernel,state | tr '\t' ' '; }

# written DEVICE: sectors that were written to it.
written() { read -r _ _ _ _ _ _ n _ <"/sys/block/${1#/dev/}/stat"; echo "$n"; }

# little DEVICE BEFORE VERSION: the new pair was written to it since, and beside that only entries, tables,
# directories and the manifest: less than the pair that was there already has.  For each sector of the
# pair, a cluster here, the two tables have four bytes.
little() {
    pair=$((($(cat "/boot/vmlinuz-$3" "/boot/initrd.img-$3" | wc -c) + 511) / 512))
    more=$(($(written "$1") - $2 - pair))
    diag "$1: $more sectors beside the $pair of the pair"
    if [ $more -ge 0 ] && [ $more -le $((128 + pair / 64)) ]; then
        pass "$1: the new pair is written, and little more"
    else
        fail "$1: the new pair is written, and little more: $more sectors"
    fi
}

apt() { apt-get -q -y -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=/dev/null "$@"; }

load virtio_blk nvme vfat nls_cp437 nls_ascii
wait_for 10 disk_by_serial VMDISK2
a=$(disk_by_serial VMDISK1) b=$(disk_by_serial VMDISK2)
mkdir -p /etc/kernel /var/log
find /boot -mindepth 1 -delete
echo 'root=ZFS=rpool/ROOT/pve-1 boot=zfs' >/etc/kernel/cmdline
# Where make install puts it, which apt leaves out of dpkg's PATH.
ln -s "$(command -v pve-boot)" /usr/local/sbin/
ln -s "$(command -v bootjudge)" /usr/sbin/
# A database of its own: to read that of a whole system takes a minute here, each time.
mkdir -p /run/dpkg/info /run/dpkg/updates /run/dpkg/triggers
: >/run/dpkg/available
# What is installed on this machine, and what is unpacked for guests.
names='base-files kmod linux-base initramfs-tools'
# shellcheck disable=SC2086 # names
{ dpkg-query -W -f '${Package}=${Version}\n' $names 2>/dev/null; cat /packages; } >/run/versions
for name in $names; do
    printf 'Package: %s\nStatus: install ok installed\nArchitecture: all\nVersion: %s\nMaintainer: test <test@example.org>\nDescription: base\n\n' \
        "$name" "$(sed -n "s/^$name=\(.\)/\1/p" /run/versions | head -n 1)" >>/run/dpkg/status
    : >"/run/dpkg/info/$name.list"
done
mount --bind /run/dpkg /var/lib/dpkg
initramfs
hooks
ok 'two ESPs' fresh "$a" 0A1B-2C3D
ok 'on two disks' fresh "$b" 1111-2222
ok 'a package of a kernel' package $old
ok 'and of a newer one' package $new

fails 'an initrd alone is no kernel to boot from' 1 /etc/initramfs/post-update.d/pve-boot $old
ok "but in the scripts of a kernel's package the kernel comes next" \
    env DEB_MAINT_PARAMS=configure /etc/initramfs/post-update.d/pve-boot $old
ok 'apt installs the first kernel' apt install /run/$old.deb
is 'it is on both' "$(kernels)" "0A1B-2C3D $old ok
1111-2222 $old ok"
is 'B16: written once to each, though four hooks asked for it' \
    "$(grep -c ' done, ' /var/log/pve-boot.log)" 2
sync
before_a=$(written "$a") before_b=$(written "$b")
ok 'apt installs the newer one' apt install /run/$new.deb
sync
little "$a" "$before_a" $new
little "$b" "$before_b" $new
is 'both are on both' "$(kernels)" "0A1B-2C3D $new ok
0A1B-2C3D $old ok
1111-2222 $new ok
1111-2222 $old ok"
is 'B16: and that was one write to each' "$(grep -c ' done, ' /var/log/pve-boot.log)" 4
ok 'apt keeps them: its file names both' \
    grep -F '"^proxmox-kernel-6\.8\.12-4-pve-signed$";' /etc/apt/apt.conf.d/76pveconf

sync
before="$(written "$a") $(written "$b")"
ok 'a refresh without news' pve-boot refresh
is 'writes no sector' "$(written "$a") $(written "$b")" "$before"
ok 'and starts no process' sh -c 'strace -f -e trace=process -o /run/trace pve-boot refresh && ! grep -E "clone|fork" /run/trace'

ok 'apt removes the newer kernel' apt remove proxmox-kernel-$new-signed
is 'it leaves both' "$(kernels)" "0A1B-2C3D $old ok
1111-2222 $old ok"
ok 'dpkg alone installs it again' dpkg -i /run/$new.deb
is 'each hook did its part' "$(kernels)" "0A1B-2C3D $new ok
0A1B-2C3D $old ok
1111-2222 $new ok
1111-2222 $old ok"
ok 'a word more' pve-boot cmdline add quiet
ok 'the entries have it' strace -f -qq -e trace=fsmount,move_mount,mount -o /run/trace pve-boot refresh
is 'B20: written where nobody may execute, and where no other process sees a mount' \
    "$(grep -c 'fsmount(.*MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC' /run/trace) $(grep -c mount /run/trace)" '2 2'
ok 'verify finds nothing' pve-boot verify
for disk in "$a" "$b"; do
    ok "$disk: fsck.vfat finds nothing" fsck.vfat -n "$disk"
    ok "$disk: every byte is right" bootjudge look "$disk"
done

# Now one of Debian's kernels, with its own scripts, an initrd by initramfs-tools and, of the hooks of
# others, those that belong to that.  The initrd is a small one: half a minute is enough.
debian_hooks() {
    for when in postinst postrm; do
        cp -a "/run/hooks/$when.d/initramfs-tools" "/etc/kernel/$when.d/"
    done
    printf 'MODULES=list\nBUSYBOX=n\nCOMPRESS=lz4\nCOMPRESSLEVEL=1\n' >/etc/initramfs-tools/conf.d/small
    find /usr/share/initramfs-tools/hooks -type f ! -name kmod -delete
}

# kept VERSION...: APT's file, as the stock tool has it for these.
kept() {
    echo 'APT::NeverAutoRemove'
    echo '{'
    for version; do
        version=$(echo "$version" | sed 's/[.+]/\\&/g')
        printf '  "^%s$";\n' "pve-kernel-$version" "proxmox-kernel-$version" \
            "proxmox-kernel-$version-signed"
    done
    echo '};'
}
names_kept() { grep -v '^//' /etc/apt/apt.conf.d/76pveconf; }

# has DEVICE VERSION: the pair in /boot is on it, byte for byte.
has() {
    mount -o ro "$1" /mnt || return
    cmp "/boot/vmlinuz-$2" "/mnt/EFI/proxmox/$2/vmlinuz-$2" &&
        cmp "/boot/initrd.img-$2" "/mnt/EFI/proxmox/$2/initrd.img-$2" &&
        grep -q "^linux */EFI/proxmox/$2/vmlinuz-$2$" "/mnt/loader/entries/proxmox-$2.conf"
    has=$?
    umount /mnt
    return $has
}

debian_hooks
deb=$(echo /var/cache/kernelpackage/*.deb)
# Nothing of it is to be asked about.
rm -f /etc/apt/apt.conf.d/70debconf
package=$(dpkg-deb -f "$deb" Package)
debian=${package#linux-image-}
export DEBIAN_FRONTEND=noninteractive
lines=$(wc -l </var/log/pve-boot.log)
sync
before_a=$(written "$a") before_b=$(written "$b")
ok "apt installs $package" apt install "$deb"
cp /run/vm-output /run/said
ok 'and it is said how it stays' grep -F "(pve-boot kernel add $debian)" /run/said
sync
little "$a" "$before_a" "$debian"
little "$b" "$before_b" "$debian"
is 'B16: and that was one write to each' \
    "$(tail -n "+$((lines + 1))" /var/log/pve-boot.log | grep -c ' done, ')" 2
ok 'the first ESP has it' has "$a" "$debian"
ok 'the second has it' has "$b" "$debian"
ok 'with an initrd of initramfs-tools' sh -c "lz4 -dc /boot/initrd.img-$debian | cpio -t | grep -q modprobe"
is "APT's file is that of the stock tool" "$(names_kept)" "$(kept $new $old "$debian")"
ok 'verify finds all of it as it was written' pve-boot verify
ok 'dpkg purges it' dpkg --purge "$package"
is 'it leaves both, and the others stay' "$(kernels)" "0A1B-2C3D $new ok
0A1B-2C3D $old ok
1111-2222 $new ok
1111-2222 $old ok"
is "APT's file, too" "$(names_kept)" "$(kept $new $old)"
ok 'and verify finds nothing' pve-boot verify
is 'nothing stays mounted' "$(grep -c vfat /proc/mounts)" 0
