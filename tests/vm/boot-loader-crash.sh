#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Whatever a power cut leaves of a reinit, each of systemd-boot's two images is the old or the new one as a whole.
# vm: disk virtio 300M logwrites
# vm: boots 2
# vm: timeout 600
# shellcheck source=/dev/null
. "${VM_LIB:?}"

host=/run/host
loaders=$host/usr/lib/systemd/boot/efi
load virtio_blk vfat loop nls_cp437 nls_ascii

# mark DISK NAME: a write that replay finds in the log again.  It goes behind the file system.
mark() {
    printf 'replay-mark %s\n' "$2" | dd of="$1" bs=512 seek=614000 conv=sync,fsync status=none
}

# build N: the package's loader, of which two differ in every sector.
build() {
    mkdir -p "$loaders"
    yes "loader $1" | head -c 100000 >"$loaders/systemd-bootx64.efi"
    cp "$loaders/systemd-bootx64.efi" "/run/loader.$1"
}

case $VM_BOOT in
    1)
        wait_for 10 disk_by_serial VMDISK1
        disk=$(disk_by_serial VMDISK1)
        mkdir -p "$host/dev/disk/by-uuid" "$host/etc/kernel" "$host/sys/firmware/efi" "$host/sys/block"
        ok 'an ESP' mkfs.vfat -F 32 -i 0A1B2C3D "$disk" 306000
        cp -a "$disk" "$host/dev/esp" && ln -s ../../esp "$host/dev/disk/by-uuid/0A1B-2C3D"
        echo 0A1B-2C3D >"$host/etc/kernel/proxmox-boot-uuids"
        mkdir -p /mnt && mount -t vfat "$disk" /mnt && mkdir -p /mnt/loader && echo timeout 3 >/mnt/loader/loader.conf
        umount /mnt
        build 1
        ok 'a loader' pve-boot --root $host reinit
        mark "$disk" begin
        build 2
        ok 'a newer one' pve-boot --root $host reinit
        mark "$disk" end
        is 'nothing is left to be done' "$(pve-boot --root $host reinit -n)" ''
        power_cut
        ;;
    2)
        build 1
        build 2
        cat >/run/judge <<'END'
#!/bin/sh
for file in EFI/systemd/systemd-bootx64.efi EFI/BOOT/BOOTX64.EFI; do
    mtype -i "$1" "::$file" >/run/state 2>/dev/null
    cmp -s /run/state /run/loader.1 || cmp -s /run/state /run/loader.2 || exit 1
done
END
        chmod +x /run/judge
        result=$(replay -n 3 -f begin -t end "$VM_TREE/build/vm/$VM_NAME/disk1.log" /run/state.img \
            /run/judge /run/state.img 2>/run/judge.log | tee /run/replay.log | tail -n 1)
        diag "$result"
        if [ "${result##*, }" = '0 bad' ] && [ "${result%% *}" -gt 50 ]; then
            pass 'no state after a power cut is bad'
        else
            fail 'no state after a power cut is bad'
            diag "$(cat /run/replay.log; tail -n 20 /run/judge.log)"
        fi
        ;;
esac
