#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# pve-smart finds the pool and vdev of each disk in ZFS's own cache file, without zpool.
# vm: zfs
# vm: disk virtio 128M serial=M1
# vm: disk virtio 128M serial=M2
# vm: disk virtio 128M serial=LOG
# vm: disk virtio 128M serial=CACHE
# vm: disk virtio 128M serial=SPECIAL
# vm: disk virtio 128M serial=SPARE
# vm: disk virtio 128M serial=Z1
# vm: disk virtio 128M serial=Z2
# vm: disk virtio 128M serial=Z3
# vm: timeout 400
# shellcheck source=/dev/null
. "${VM_LIB:?}"

load virtio_blk zfs
start_udev
wait_for 20 disk_by_serial Z3 || give_up 'there is no disk Z3'
for serial in M1 M2 LOG CACHE SPECIAL SPARE Z1 Z2 Z3; do
	eval "$serial=$(disk_by_serial $serial)"
done
# shellcheck disable=SC2154 # set by eval
{
	ok 'a pool with every kind of vdev' zpool create -f tank mirror "$M1" "$M2" log "$LOG" \
		cache "$CACHE" special "$SPECIAL" spare "$SPARE"
	ok 'another of raidz' zpool create -f rust raidz1 "$Z1" "$Z2" "$Z3"
}
udevadm settle

# serves SERIAL: without the name of the partition.
serves() {
	disk=$(disk_by_serial "$1")
	pve-smart list --no-smart -H -o serves "$disk" | sed 's/^[^:]*://; s/,.*//'
}

is 'a side of the mirror' "$(serves M1)" tank/mirror-0
is 'the other' "$(serves M2)" tank/mirror-0
is 'the log' "$(serves LOG)" tank/log
# The file does not say that a vdev is special, and has no cache devices and spares.
is 'without a program: special' "$(serves SPECIAL)" tank
is 'cache and spare' "$(serves CACHE)$(serves SPARE)" ''
# zpool tells.
roles() {
	pve-smart list -H -o serves "$(disk_by_serial "$1")" | sed 's/^[^:]*://; s/,.*//'
}
is 'with zpool: special' "$(roles SPECIAL)" tank/special
is 'cache' "$(roles CACHE)" tank/cache
is 'spare' "$(roles SPARE)" tank/spare
is 'log' "$(roles LOG)" tank/log
is 'a mirror' "$(roles M2)" tank/mirror-0
ok 'a host is captured' "$VM_TREE/scripts/capture-host" /run/capture
is 'and tells the same' "$(pve-smart --root /run/capture list -H -o serves)" "$(pve-smart list -H -o serves)"
# A hot spare takes over.
ok 'a disk fails' zpool offline -f tank "$M1"
ok 'the spare takes over' zpool replace tank "$M1" "$SPARE"
udevadm settle
is 'it is a spare still, and where' "$(roles SPARE)" 'tank/spare spare-0'
ok 'it goes back' zpool detach tank "$SPARE"
ok 'the disk is back' zpool clear tank
# A pool that no cache file has.
ok 'no cache file' zpool set cachefile=none tank
is 'zpool tells still' "$(roles CACHE) $(roles M1)" 'tank/cache tank'
mkdir -p /run/bin
printf '#!/bin/sh\necho "cannot open /dev/zfs" >&2\nexit 1\n' > /run/bin/zpool
chmod +x /run/bin/zpool
is 'where zpool fails a note says so' "$(PATH=/run/bin:$PATH pve-smart list -o +serves 2>&1 > /dev/null)" \
	'pve-smart: warning: zpool list: cannot open /dev/zfs (which disks are special, cache or spare is not known)'
is 'and the disks are listed' "$(PATH=/run/bin:$PATH pve-smart list -H -o +serves 2> /dev/null | wc -l)" 9
printf '#!/bin/sh\nexec sleep 60\n' > /run/bin/zpool
is 'where zpool hangs a note says so' "$(PATH=/run/bin:$PATH pve-smart list -t 2 -o +serves 2>&1 > /dev/null)" \
	'pve-smart: warning: zpool list: did not answer: a pool may be suspended (which disks are special, cache or spare is not known)'
rm /run/bin/zpool
ok 'the cache file again' zpool set cachefile= tank
is 'raidz' "$(serves Z2)" rust/raidz1-0
is 'used' "$(pve-smart list --no-smart -H -o used "$(disk_by_serial M1)")" ZFS
is 'zpool status names the same vdevs' "$(zpool status | grep -oE '(mirror|raidz1)-[0-9]+' | sort | tr '\n' ' ')" \
	'mirror-0 raidz1-0 '

# Imported by other names: what is on the disk tells, not the path of before.
zpool export rust
ok 'imported by id' zpool import -d /dev/disk/by-id rust
udevadm settle
is 'raidz, imported by id' "$(serves Z1)" rust/raidz1-0
rm /etc/zfs/zpool.cache
is 'without the cache file the pool is known still' "$(serves Z1)" rust

# A pool that is suspended, for two of its three disks are gone, hangs whoever writes to it.
for serial in Z2 Z3; do
	device=$(disk_by_serial $serial)
	echo 1 > "/sys/block/${device#/dev/}/device/../remove"
done
(echo x > /rust/x && sync -f /rust/x) > /dev/null 2>&1 &
suspended() {
	grep -q SUSPENDED /proc/spl/kstat/zfs/rust/state
}
wait_for 30 suspended
is 'the pool is suspended' "$(cat /proc/spl/kstat/zfs/rust/state)" SUSPENDED
from=$(date +%s)
is 'each disk that is left has its row all the same' "$(pve-smart list -t 5 -H -o device 2> /dev/null | wc -l)" 7
is 'and the pool of it is told' "$(serves Z1)" rust
took=$(($(date +%s) - from))
is 'without waiting for the pool' "$([ "$took" -le 20 ] && echo soon || echo "after $took s")" soon
