#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The inventory: which disks there are, what each is used for and what it serves.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	smart=build/bin/pve-smart
	host=tests/hosts/pve8-storage
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root"
}

# column NAME [OPTION...]: device and that column of the sample host.
column() {
	"$smart" --root "$host" list --no-smart -H -o "device,$1" "${@:2}"
}

# disks: makes the tree of a host from lines of make-disks on standard input.
disks() {
	rm -rf "$root/sys" "$root/run"
	tests/hosts/make-disks "$root"
}

list() {
	"$smart" --root "$root" list --no-smart -H "$@"
}

@test "list: the sample host's tree is the one that its DISKS describe" {
	disks < "$host/DISKS"
	diff -r "$root/sys/devices" "$host/sys/devices"
	diff -r "$root/sys/block" "$host/sys/block"
	diff -r "$root/run/udev" "$host/run/udev"
}

@test "list: every kind of disk has a row, and nothing else has" {
	run column type
	diff -u - <(echo "$output") << 'END'
/dev/mmcblk0	mmc
/dev/nvme0n1	nvme
/dev/nvme1n1	nvme
/dev/sda	ssd
/dev/sdb	ssd
/dev/sdc	hdd
/dev/sdd	hdd
/dev/sdf	hdd
/dev/sdg	hdd
/dev/sdh	usb
/dev/sdi	usb
/dev/sdj	unknown
/dev/bus/0 megaraid,8	unknown
/dev/sdj sat+megaraid,9	unknown
END
}

@test "list: used says what Proxmox VE says" {
	run column used
	diff -u - <(echo "$output") << 'END'
/dev/mmcblk0	
/dev/nvme0n1	LVM
/dev/nvme1n1	LVM
/dev/sda	BIOS boot
/dev/sdb	BIOS boot
/dev/sdc	LVM
/dev/sdd	mpath_member
/dev/sdf	linux_raid_member
/dev/sdg	linux_raid_member
/dev/sdh	ext4
/dev/sdi	
/dev/sdj	
/dev/bus/0 megaraid,8	
/dev/sdj sat+megaraid,9	
END
}

@test "list: serves says which group, pool and vdev, array, mount and OSD; guests whose" {
	run column serves,guests,osd
	diff -u - <(echo "$output") << 'END'
/dev/mmcblk0			
/dev/nvme0n1	nvme0n1:vm-data	100,101	
/dev/nvme1n1	nvme1n1:ceph-db, nvme1n1:osd.3 db, nvme1n1:osd.4 db		3 db, 4 db
/dev/sda	sda2:ESP, sda3:rpool/mirror-0	101,102	
/dev/sdb	sdb2:ESP, sdb3:rpool/mirror-0	101,102	
/dev/sdc	sdc:ceph-1, sdc:osd.3 block encrypted		3 block encrypted
/dev/sdd	sdd:mpatha, sdd:/mnt/bulk	101,102	
/dev/sdf	sdf:md0 raid1, sdf:/mnt/iso images		
/dev/sdg	sdg1:md0 raid1, sdg1:/mnt/iso images		
/dev/sdh	sdh1:/mnt/backup		
/dev/sdi			
/dev/sdj		103	
/dev/bus/0 megaraid,8			
/dev/sdj sat+megaraid,9			
END
}

@test "list: zpool tells what its cache file does not: special, cache and spare" {
	disks << 'END'
sda 8:0 size=1T rota=1
sda/sda1 8:1 size=1T ID_FS_TYPE=zfs_member ID_FS_LABEL=tank ID_FS_UUID_SUB=1
sdb 8:16 size=1T rota=1 ID_FS_TYPE=zfs_member ID_FS_LABEL=tank ID_FS_UUID_SUB=2
sdc 8:32 size=1T rota=1 ID_FS_TYPE=zfs_member
sdd 8:48 size=1T rota=1 ID_FS_TYPE=zfs_member
sde 8:64 size=1T rota=1 ID_FS_TYPE=zfs_member ID_FS_LABEL=tank
sdf 8:80 size=1T rota=1 ID_FS_TYPE=zfs_member ID_FS_LABEL=special
END
	mkdir -p "$root/zpool"
	printf '%s\n' 'tank	3T	1T' '	/dev/sda1	1T	-' 'special      -      -' '	/dev/sdb	1T	-' 'logs      -      -' \
		'	/dev/sde	1T	-' 'cache      -      -' '	/dev/sdc	1T	-' 'spare      -      -' '	/dev/sdd	-	-' \
		'	/dev/sdz9	-	-' 'special	1T	0' '	/dev/sdf	1T	-' > "$root/zpool/list"
	run "$smart" --root "$root" list -H -o serves
	diff -u - <(echo "$output") << 'END'
sda1:tank
sdb:tank/special
sdc:tank/cache
sdd:tank/spare
sde:tank/log
sdf:special
END
	# Without a program what is on the disk is all there is.
	[ "$(list -o serves sdb sdc)" = sdb:tank ]
}

@test "list: one row for one disk with two paths, and its bay" {
	[ "$(column paths,slot,serial /dev/sde)" = "/dev/sdd	sde	Slot 03	SAS00001" ]
}

@test "list: a disk is found by each of its names" {
	for name in sda /dev/sda /dev/disk/by-id/ata-EXAMPLE_SSD960_SSD00001 SSD00001 0x5002538e00000c1a \
		/dev/disk/by-path/pci-0000:00:17.0-ata-1; do
		[ "$(column serial "$name")" = "/dev/sda	SSD00001" ] || { echo "$name" && return 1; }
	done
	[ "$(column by-id '/dev/bus/0 megaraid,8')" = "/dev/bus/0 megaraid,8	" ]
	run column serial sda1
	[ "$status" = 65 ]
	[[ $output == *"sda1: no such disk"* ]]
}

@test "list: operands by pipe" {
	[ "$(column size | "$smart" --root "$host" list --no-smart -H -o device - | wc -l)" = 14 ]
	[ "$(column used | grep ZFS | "$smart" --root "$host" list --no-smart -H -o device -)" = '' ]
}

@test "list: JSON is typed" {
	run "$smart" --root "$host" list --no-smart --json -o device,size,rpm,gpt,health sda
	[ "$(jq -c '.[0]' <<< "$output")" = \
		'{"device":"/dev/sda","size":960197124096,"rpm":0,"gpt":true,"health":null}' ]
}

@test "list --no-smart starts no program" {
	command -v strace > /dev/null || skip 'strace is not installed'
	strace -f -o "$BATS_TEST_TMPDIR/trace" -e trace=execve,fork,vfork,clone,clone3 \
		"$smart" list --no-smart > /dev/null
	[ "$(grep -c execve "$BATS_TEST_TMPDIR/trace")" = 1 ]
	! grep -E 'clone|fork' "$BATS_TEST_TMPDIR/trace" || return 1
}

@test "list: PVE's other verdicts" {
	disks << 'END'
sda 8:0 size=1T rota=1 ID_PART_TABLE_TYPE=gpt
sda/sda1 8:1 size=1G
sdb 8:16 size=1T rota=1 holder=dm-0
dm-0 252:0 size=1T dm=luks dmid=CRYPT-LUKS2-x
sdc 8:32 size=1T rota=1
sdc/sdc1 8:33 size=1T holder=dm-1
dm-1 252:1 size=1T dm=luks2 dmid=CRYPT-LUKS2-y
sdd 8:48 size=1T rota=1
sdd/sdd1 8:49 size=1T ID_PART_ENTRY_TYPE=4FBD7E29-9D25-41B8-AFD0-062C0CEFF05D
sde 8:64 size=1T rota=1
sde/sde1 8:65 size=1T ID_PART_ENTRY_TYPE=e6d6d379-f507-44c2-a23c-238f2a3df928
sdf 8:80 size=1T rota=1
sdf/sdf1 8:81 size=8M ID_PART_ENTRY_TYPE=6a945a3b-1dd2-11b2-99a6-080020736631
sdg 8:96 size=1T rota=1
END
	mkdir -p "$root/proc"
	echo '/dev/sdg /mnt xfs rw 0 0' > "$root/proc/mounts"
	printf 'Filename Type Size Used Priority\n/dev/sda1 partition 1 0 -2\n' > "$root/proc/swaps"
	[ "$(list -o used)" = 'mounted
Device Mapper
Device Mapper
Ceph (OSD)
LVM
ZFS reserved
mounted' ]
	rm "$root/proc/swaps"
	[ "$(list -o used sda)" = partitions ]
	[ "$(list -o serves sdc)" = sdc1:luks2 ]
}

@test "list: virtual disks, cards and memory are disks, too" {
	disks << 'END'
vda 254:0 size=1T rota=1
xvda 202:0 size=1T rota=1
mmcblk1 179:0 size=32G rota=0 ID_SERIAL_SHORT=0x1
pmem0 259:3 size=16G rota=0
zd16 230:16 size=1G rota=0
loop0 7:0 size=1G rota=0
dm-9 252:9 size=1G dm=x dmid=LVM-x
md127 9:127 size=1G md=raid1
END
	[ "$(list -o device,type | tr '\t\n' '= ')" = \
		'/dev/mmcblk1=mmc /dev/pmem0=ssd /dev/vda=unknown /dev/xvda=unknown ' ]
}

@test "list: an OSD of before ceph-volume, and one with its log elsewhere" {
	cp -r "$host/." "$root"
	sed -i 's/ceph.type=db/ceph.type=wal/' "$root/etc/lvm/backup/ceph-db"
	[ "$(list -o serves,osd nvme1n1)" = "nvme1n1:ceph-db, nvme1n1:osd.3 wal, nvme1n1:osd.4 wal	3 wal, 4 wal" ]
	disks << 'END'
sda 8:0 size=1T rota=1
sda/sda1 8:1 size=1T ID_FS_TYPE=xfs ID_PART_ENTRY_TYPE=4fbd7e29-9d25-41b8-afd0-062c0ceff05d
sda/sda2 8:2 size=5G ID_PART_ENTRY_TYPE=45b0969e-9b03-4f30-b4c6-b4b80ceff106
END
	echo '/dev/sda1 /var/lib/ceph/osd/ceph-7 xfs rw 0 0' > "$root/proc/mounts"
	[ "$(list -o used,serves,osd sda)" = "Ceph (OSD)	sda1:osd.7	7" ]
}

@test "list: a disk that goes while the others are looked at has no row" {
	disks << 'END'
sda 8:0 size=1T rota=1 holder=dm-0
sda/sda1 8:1 size=1T holder=dm-1
END
	ln -s ../devices/gone "$root/sys/block/sdb"
	ln -s ../../devices/gone "$root/sys/block/sda/sda2"
	rm -r "$root/sys/block/sda/sda1/size" "$root/sys/block/sda/sda1/dev"
	run list -o device
	[ "$status" = 0 ]
	[ "$output" = /dev/sda ]
}

@test "list: a source that fails costs its own columns and a note, no row" {
	cp -r "$host/." "$root"
	rm -r "$root/etc/zfs/zpool.cache" "$root/etc/pve/storage.cfg" "$root/proc/mounts" \
		"$root/etc/lvm/backup/ceph-1" "$root/etc/pve/lxc/101.conf"
	mkdir "$root/etc/zfs/zpool.cache" "$root/etc/pve/storage.cfg" "$root/etc/lvm/backup/ceph-1" \
		"$root/etc/pve/lxc/101.conf"
	ln -s mounts "$root/proc/mounts"
	run "$smart" --root "$root" list --no-smart -H -o device,serves sda
	[ "$status" = 0 ]
	[[ $output == *"warning: "*"/etc/zfs/zpool.cache"*"/dev/sda	sda2:ESP, sda3:rpool" ]]
	[[ $output == *"storage.cfg"* ]]
	[[ $output == *"/proc/mounts"* ]]
	[[ $output == *"/etc/lvm/backup/ceph-1"* ]]
	[[ $output == *"/etc/pve/lxc/101.conf"* ]]
	# Each disk still has its row, and the other group its OSDs.
	run "$smart" --root "$root" list --no-smart -H -o device,osd
	[ "$(grep -c ^/dev/ <<< "$output")" = 14 ]
	[[ $output == *"/dev/nvme1n1	3 db, 4 db"* ]]
	head -c 300 "$host/etc/zfs/zpool.cache" > "$BATS_TEST_TMPDIR/cut"
	rmdir "$root/etc/zfs/zpool.cache"
	cp "$BATS_TEST_TMPDIR/cut" "$root/etc/zfs/zpool.cache"
	run "$smart" --root "$root" list --no-smart -H -o device,serves sda
	[[ $output == *"zpool.cache: is no pool cache, or a damaged one"*"sda3:rpool" ]]
}

@test "list: without a udev database sysfs still tells the disks" {
	disks << 'END'
sda 8:0 size=1T rota=1 vendor=ATA model=EXAMPLE udev=none
nvme0n1 259:0 size=1T rota=0 model=N serial=S1234 wwid=eui.1 udev=none
vda 254:0 size=1T rota=1 serial=V1234 udev=none
END
	[ "$(list -o device,type,model,serial,wwn)" = "/dev/nvme0n1	nvme	N	S1234	eui.1
/dev/sda	unknown	EXAMPLE		
/dev/vda	unknown		V1234	" ]
}

@test "list: names with odd bytes come through, and nobody's terminal is driven by them" {
	disks << 'END'
sda 8:0 size=1T rota=1 model=x
END
	printf 'EVIL\033[2J\001\377 x' > "$root/sys/block/sda/device/model"
	mkdir -p "$root/sys/block/$(printf 'sd\033b')"
	echo 2048 > "$root/sys/block/$(printf 'sd\033b')/size"
	[ "$(list -o device,model)" = '/dev/sd\x1bb	
/dev/sda	EVIL\x1b[2J\x01\xff x' ]
	"$smart" --root "$root" list --no-smart --json | jq -e 'length == 2'
}

@test "list: equal serial numbers are one disk only when all else is equal, too" {
	disks << 'END'
sda 8:0 size=1T rota=1 ID_BUS=scsi ID_MODEL=m ID_SERIAL_SHORT=S00001 ID_WWN=0x1
sdb 8:16 size=1T rota=1 ID_BUS=scsi ID_MODEL=m ID_SERIAL_SHORT=S00001 ID_WWN=0x1
sdc 8:32 size=1T rota=1 ID_BUS=scsi ID_MODEL=m ID_SERIAL_SHORT=S00001 ID_WWN=0x2
sdd 8:48 size=1T rota=1 ID_BUS=usb ID_MODEL=m ID_SERIAL_SHORT=S00002
sde 8:64 size=1T rota=1 ID_BUS=usb ID_MODEL=m ID_SERIAL_SHORT=S00002
sdf 8:80 size=1T rota=1 ID_BUS=scsi ID_MODEL=m ID_SERIAL_SHORT=00000000 ID_WWN=0x3
sdg 8:96 size=1T rota=1 ID_BUS=scsi ID_MODEL=m ID_SERIAL_SHORT=00000000 ID_WWN=0x3
nvme0n1 259:0 size=1T ID_MODEL=n ID_SERIAL_SHORT=N00001 ID_WWN=eui.1
nvme0n2 259:1 size=1T ID_MODEL=n ID_SERIAL_SHORT=N00001 ID_WWN=eui.2
nvme0c0n1 259:2 size=1T hidden=1
END
	[ "$(list -o device,paths | tr '\t\n' ': ')" = \
		'/dev/nvme0n1: /dev/nvme0n2: /dev/sda:sdb /dev/sdc: /dev/sdd: /dev/sde: /dev/sdf: /dev/sdg: ' ]
	run list S00002
	[ "$status" = 65 ]
}

@test "list: no sysfs is exit 69" {
	run list
	[ "$status" = 69 ]
}
