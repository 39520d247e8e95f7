#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Whatever a power cut leaves of a loader that comes, is brought up to date, or gives way to another one: each that is there is whole and finds a kernel.
# vm: disk virtio 300M logwrites
# vm: disk virtio 400M logwrites
# vm: boots 2
# vm: after
# vm: timeout 600
# shellcheck source=/dev/null
. "${VM_LIB:?}"

host=/run/host kept=$VM_SHARE/loaders
a=6.8.12-4-pve b=6.8.8-1-pve
# What those of grub-install's modules need that the core image gets.
modules='part_gpt|part_msdos|fat|search|search_fs_uuid|search_fs_file|search_label|normal|configfile|test|echo|linux|gzio|loadenv|minicmd|ls|cat|reboot|halt|sleep|all_video|biosdisk|efifwsetup|hello'

# mark DISK SECTOR NAME: a write that replay finds in the log again.  It goes behind the file system.
mark() {
    printf 'replay-mark %s\n' "$3" | dd of="$1" bs=512 seek="$2" conv=sync,fsync status=none
    # It looks at a disk that was written to once more, and its links are gone for an instant.
    [ ! -d /run/udev/data ] || udevadm settle
}

# build N: systemd-boot's package; two builds differ in every sector.
build() {
    loaders=$host/usr/lib/systemd/boot/efi
    mkdir -p "$loaders"
    yes "loader $1" | head -c 100000 >"$loaders/systemd-bootx64.efi"
    cp "$loaders/systemd-bootx64.efi" "$kept/sd.$1"
}

# few TARGET DIRECTORY: GRUB's package with the modules that are wanted, and those that they want.
few() {
    mkdir -p "$2"
    want="|$modules|"
    for _ in 1 2 3 4 5 6; do
        while read -r module needs; do
            case $want in *"|${module%:}|"*) for m in $needs; do
                case $want in *"|$m|"*) ;; *) want="$want$m|" ;; esac
            done ;; esac
        done <"/usr/lib/grub/$1/moddep.lst"
    done
    cp /usr/lib/grub/"$1"/*.lst /usr/lib/grub/"$1"/*.img "$2" 2>/dev/null
    cp /usr/lib/grub/"$1"/modinfo.sh "$2"
    (
        IFS='|'
        for m in $want; do
            # The platforms differ in what they have.
            [ ! -e "/usr/lib/grub/$1/$m.mod" ] || echo "/usr/lib/grub/$1/$m.mod"
        done
    ) | xargs cp -t "$2"
}

# newer DIRECTORY N: GRUB's package in another version.
newer() {
    printf '\0' >>"$1/hello.mod"
    printf '\0' >>"$1/normal.mod"
    cp "$1/hello.mod" "$kept/module.$2"
}

# keep N: the images of GRUB that came, if they did.
keep() {
    [ "$(pve-boot --root $host status -H -o mode)" = grub ] || return 0
    mount -o ro -t vfat "$disk" /mnt
    cp /mnt/EFI/proxmox/grubx64.efi "$kept/grub.$1"
    cp /mnt/EFI/BOOT/BOOTX64.EFI "$kept/grub.r$1"
    umount /mnt
}

# change N WHAT COMMAND...: one more change in the log, and what is good then.
change() {
    n=$1 what=$2
    shift 2
    ok "$what" pve-boot --root $host "$@"
    keep "$n"
    is "$what: nothing is left to be done" "$(pve-boot --root $host reinit -n; pve-boot --root $host refresh -n)" ''
    ok "$what: the loader is whole and finds its kernels" bootjudge boot "$disk" "$kept"
}

# packages: what the host has at its newest.
packages() {
    mkdir -p "$host/dev/disk/by-uuid" "$host/etc/kernel" "$host/boot" "$host/var/lib/dpkg" "$host/var/log" \
        "$host/sys/firmware/efi" "$host/sys/block"
    ln -s ../../esp "$host/dev/disk/by-uuid/0A1B-2C3D"
    echo 'root=ZFS=rpool/ROOT/pve-1 boot=zfs' >"$host/etc/kernel/cmdline"
    printf 'Package: base-files\nStatus: install ok installed\nVersion: 1\n\n' >"$host/var/lib/dpkg/status"
    for v in $a $b; do
        bootjudge make "$v" 1 image >"$host/boot/vmlinuz-$v"
        bootjudge make "$v" 1 initrd >"$host/boot/initrd.img-$v"
        printf 'Package: proxmox-kernel-%s-signed\nStatus: install ok installed\nVersion: 1\n\n' "$v" >>"$host/var/lib/dpkg/status"
    done
    few x86_64-efi "$host/usr/lib/grub/x86_64-efi"
}

efi() {
    disk=$(disk_by_serial VMDISK1)
    packages
    ok 'an ESP' mkfs.vfat -F 32 -i 0A1B2C3D "$disk" 306000
    cp -a "$disk" "$host/dev/esp"
    cp "$host/usr/lib/grub/x86_64-efi/hello.mod" "$kept/module.1"
    build 1
    change 1 'systemd-boot comes' init /dev/esp
    mark "$disk" 614000 begin
    build 2
    change 2 'a newer one' reinit
    change 3 'GRUB in place of systemd-boot' init /dev/esp grub
    is 'B11: of systemd-boot no kernel is left' "$(pve-boot --root $host list -H -o mode | sort -u)" grub
    newer "$host/usr/lib/grub/x86_64-efi" 2
    change 4 'a newer GRUB' reinit
    change 5 'systemd-boot in place of GRUB' init /dev/esp systemd-boot
    is 'B11: of GRUB no kernel is left' "$(pve-boot --root $host list -H -o mode | sort -u)" systemd-boot
    mark "$disk" 614000 end
}

# The firmware is a BIOS: the host is the guest itself.
bios() {
    start_udev
    disk=$(disk_by_serial VMDISK2)
    mkdir -p /etc/kernel
    find /boot -mindepth 1 -delete
    bootjudge make $a 1 image >/boot/vmlinuz-$a
    bootjudge make $a 1 initrd >/boot/initrd.img-$a
    echo $a >/etc/kernel/proxmox-boot-manual-kernels
    echo 'root=ZFS=rpool/ROOT/pve-1 boot=zfs' >/etc/kernel/cmdline
    few i386-pc /run/i386-pc
    mount --bind /run/i386-pc /usr/lib/grub/i386-pc
    ok 'BIOS: a disk' pve-boot partition "$disk" --esp-size 300M
    ok 'BIOS: an ESP' pve-boot format "${disk}2"
    ok 'BIOS: GRUB comes' pve-boot init "${disk}2"
    keep_core 1
    ok 'BIOS: its core image is whole' bootjudge core "$disk" "$kept/core.1"
    is 'BIOS: nothing is left to be done' "$(pve-boot reinit -n)" ''
    mark "$disk" 700000 begin
    newer /run/i386-pc 3
    ok 'BIOS: a newer one' pve-boot reinit
    keep_core 2
    fails 'BIOS: the core image is another one' 1 cmp -s "$kept/core.1" "$kept/core.2"
    ok 'BIOS: and that is in use' bootjudge core "$disk" "$kept/core.2"
    newer /run/i386-pc 3
    ok 'BIOS: and once more' pve-boot reinit
    keep_core 3
    ok 'BIOS: in use' bootjudge core "$disk" "$kept/core.3"
    mark "$disk" 700000 end
    ok 'BIOS: all is as it was written' pve-boot verify
}

# keep_core N: what grub-install made.
keep_core() {
    mount -o ro -t vfat "${disk}2" /mnt
    cp /mnt/grub/i386-pc/core.img "$kept/core.$1"
    umount /mnt
}

# recover: a script that brings the state in an image to its end by what the next runs do.
recover() {
    cat <<'END'
cp --sparse=always "$1" /run/host/dev/esp
echo "recovered: $REPLAY_STATE, $(pve-boot --root /run/host status -H -o mode)"
# A hook may call it before anybody thinks of reinit; whatever starts still finds a kernel then.
pve-boot --root /run/host refresh >/run/said 2>&1 || cat /run/said
bootjudge boot /run/host/dev/esp LOADERS || exit 1
for command in reinit refresh verify; do
    pve-boot --root /run/host $command >/run/said || { cat /run/said; pve-boot --root /run/host check; exit 1; }
done
[ -z "$(pve-boot --root /run/host reinit -n; pve-boot --root /run/host refresh -n)" ] || exit 1
# An image of GRUB that was made here names another disk; verify has said that it is whole.
if [ "$(pve-boot --root /run/host status -H -o mode)" = grub ]; then
    mtype -i /run/host/dev/esp ::EFI/proxmox/grubx64.efi >LOADERS/grub.now
    mtype -i /run/host/dev/esp ::EFI/BOOT/BOOTX64.EFI >LOADERS/grub.rnow
fi
bootjudge boot /run/host/dev/esp LOADERS || exit 1
# Space that is lost is lost for good, and said by fsck; anything else is damage.
fsck.vfat -n /run/host/dev/esp >/run/fsck 2>&1
! grep -iE 'cross|share clusters|bad |orphan' /run/fsck
END
}

# replayed WHAT DISK LEAST OPTIONS COMMAND...: no state is bad, and there are enough of them.
replayed() {
    what=$1 log=$VM_TREE/build/vm/$VM_NAME/disk$2.log least=$3 options=$4
    shift 4
    # shellcheck disable=SC2086 # several words
    result=$(replay -k $options -f begin -t end "$log" "$scratch/state.img" "$@" 2>"$scratch/judge.log" |
        tee "$scratch/replay.log" | tail -n 1)
    diag "$what: $result"
    if [ "${result##*, }" = '0 bad' ] && [ "${result%% *}" -gt "$least" ]; then
        pass "$what"
    else
        fail "$what"
        diag "$(tail -n 60 "$scratch/replay.log"; tail -n 20 "$scratch/judge.log")"
    fi
    rm "$scratch/state.img"
}

case $VM_BOOT in
    1)
        load virtio_blk vfat loop nls_cp437 nls_ascii
        wait_for 10 disk_by_serial VMDISK2
        mkdir -p /mnt "$kept"
        efi
        bios
        power_cut
        ;;
    2)
        load virtio_blk vfat loop nls_cp437 nls_ascii
        packages
        build 2
        newer "$host/usr/lib/grub/x86_64-efi" 2
        echo 0A1B-2C3D >"$host/etc/kernel/proxmox-boot-uuids"
        scratch=/run
        recover | sed "s,LOADERS,$kept," >/run/recover
        replayed 'reinit and refresh bring what a power cut left to its end' 1 5 '-n 1 -e 400' \
            sh /run/recover "$scratch/state.img"
        ;;
    after)
        scratch=$(mktemp -d)
        replayed 'EFI: no state after a power cut is bad' 1 1000 '-n 1' \
            bootjudge boot "$scratch/state.img" "$kept"
        replayed 'BIOS: no state after a power cut is bad' 2 500 '-n 1' \
            bootjudge core "$scratch/state.img" "$kept/core.1" "$kept/core.2" "$kept/core.3"
        rm -r "$scratch"
        ;;
esac
