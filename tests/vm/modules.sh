#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The kernel has every module the suite needs, and disks of all kinds work.
# vm: disk nvme 256M serial=NVME0001
# vm: disk ata 128M serial=ATA00001 rotation=7200
# vm: disk ata 128M serial=ATA00002 rotation=1
# vm: disk scsi 96M serial=SCSI0001
# vm: disk scsi 96M serial=SCSI0002
# vm: disk virtio 64M serial=VIRTIO01 throttle=16M
# vm: nic 2
# vm: zfs
# vm: timeout 300
# shellcheck source=/dev/null
. "${VM_LIB:?}"

for module in nvme ahci sd_mod virtio_scsi virtio_blk virtio_net \
    vfat dm_thin_pool dm_snapshot dm_flakey dm_log_writes loop overlay \
    bonding 8021q bridge vxlan dummy veth zfs; do
    ok "the module $module loads" load "$module"
done
ok 'udev starts' start_udev

for serial in NVME0001 ATA00001 ATA00002 SCSI0001 SCSI0002 VIRTIO01; do
    ok "there is a disk $serial" wait_for 10 disk_by_serial "$serial"
done
nvme=$(disk_by_serial NVME0001)
ata=$(disk_by_serial ATA00001)
ssd=$(disk_by_serial ATA00002)
scsi1=$(disk_by_serial SCSI0001)
scsi2=$(disk_by_serial SCSI0002)
ok 'udev links the NVMe disk by its serial' test -e /dev/disk/by-id/nvme-QEMU_NVMe_Ctrl_NVME0001
is 'the ATA disk rotates' "$(cat "/sys/block/${ata##*/}/queue/rotational")" 1
is 'the SSD does not' "$(cat "/sys/block/${ssd##*/}/queue/rotational")" 0
ok 'smartctl reads the NVMe disk' smartctl -H "$nvme"
ok 'smartctl reads the ATA disk' smartctl -H "$ata"
is 'there are two network interfaces' "$(cat /sys/class/net/*/device/vendor | wc -l)" 2

ok 'sgdisk makes an ESP' sgdisk -n 1:0:+64M -t 1:ef00 -n 2:0:0 "$nvme"
ok 'the kernel sees the partitions' wait_for 10 test -b "${nvme}p2"
ok 'the ESP is formatted' mkfs.vfat -n ESP "${nvme}p1"
mkdir -p /mnt/esp
ok 'and mounted' mount "${nvme}p1" /mnt/esp
echo vfat >/mnt/esp/file
ok 'and unmounted' umount /mnt/esp
mount -o ro "${nvme}p1" /mnt/esp
is 'it holds its file' "$(cat /mnt/esp/file)" vfat
umount /mnt/esp

ok 'a thin pool is made' sh -c "pvcreate -q ${nvme}p2 && vgcreate -q vg ${nvme}p2 &&
    lvcreate -q -L 64M -T vg/pool && lvcreate -q -V 1G -T vg/pool -n thin"
ok 'and removed' vgremove -q -y vg

ok 'a ZFS mirror is made' zpool create -O mountpoint=/mnt/tank tank mirror "$scsi1" "$scsi2"
echo zfs >/mnt/tank/file
ok 'a disk of it is replaced' zpool replace -w -f tank "$scsi2" "$ata"
ok 'it is exported' zpool export tank
ok 'and imported' zpool import -d /dev tank
is 'it holds its file' "$(cat /mnt/tank/file)" zfs
is 'it is healthy' "$(zpool list -H -o health tank)" ONLINE
ok 'it is destroyed' zpool destroy tank
is 'nothing of it is left' "$(zpool list -H)" ''
