#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# pve-smart on ATA, NVMe, SCSI and virtio disks: our values are smartctl's; a disk that turns bad.
# vm: disk ata 64M rotation=7200 serial=ATAHDD1
# vm: disk ata 64M rotation=1 serial=ATASSD1
# vm: disk nvme 64M serial=NVME1
# vm: disk scsi 64M serial=SCSI1
# vm: disk virtio 64M serial=VIRTIO1
# vm: qemu -blockdev driver=null-co,node-name=null1,size=67108864,read-zeroes=on
# vm: qemu -device nvme,drive=null1,serial=SICK9,smart_critical_warning=9
# vm: qemu -blockdev driver=null-co,node-name=null2,size=67108864,read-zeroes=on
# vm: qemu -device nvme,drive=null2,serial=SICK16,smart_critical_warning=16
# vm: timeout 400
# shellcheck source=/dev/null
. "${VM_LIB:?}"

load ahci sd_mod nvme virtio_scsi virtio_blk dm_mod ext4
start_udev
for serial in ATAHDD1 ATASSD1 NVME1 SCSI1 VIRTIO1 SICK9 SICK16; do
	wait_for 20 disk_by_serial $serial || give_up "there is no disk $serial"
done
hdd=$(disk_by_serial ATAHDD1) ssd=$(disk_by_serial ATASSD1) nvme=$(disk_by_serial NVME1)
scsi=$(disk_by_serial SCSI1) virtio=$(disk_by_serial VIRTIO1)

mkdir -p /run/bin
# No mail server is in the guest: what would be sent is kept.
cat > /run/bin/sendmail << 'END'
#!/bin/sh
n=$(find /run/mail -type f | wc -l)
cat > "/run/mail/$n"
END
chmod +x /run/bin/sendmail
mkdir -p /run/mail
mails() {
	find /run/mail -type f | wc -l
}
PATH=/run/bin:$PATH

# ours COLUMN DISK
ours() {
	pve-smart list -H -o "$1" "$2"
}

# theirs FILTER DISK: from a report of smartctl.
theirs() {
	smartctl --json -i -H -A -l devstat "$2" | jq -r "$1 // empty"
}

# --- the inventory, with and without libudev -------------------------------------------------------

# The same files as another host's.
mkdir /run/host
mount --rbind / /run/host
columns=device,type,model,serial,wwn,size,rpm,used,by-id,serves,vendor,firmware,bus,gpt
sgdisk -n 1:0:+8M -t 1:ef00 -n 2:0:0 "$hdd" > /dev/null
udevadm settle
ok 'a physical volume on the SSD' pvcreate -q "$ssd"
ok 'a group and a volume' sh -c "vgcreate -q data-1 $ssd && lvcreate -q -n vm-100-disk-0 -l 50%VG -an -Zn data-1"
ok 'a file system on a partition' mkfs.ext4 -q "${hdd}2"
mkdir -p /mnt/x
mount "${hdd}2" /mnt/x
udevadm settle
is 'both ways to the inventory say the same' "$(pve-smart --root /run/host list --no-smart -H -o $columns)" \
	"$(pve-smart list --no-smart -H -o $columns)"
# Of a format of udev's database that is not ours libudev is asked.
cp -r /run/udev/data /run/data
sed -i 's/^V:1$/V:2/' /run/data/b*
list=$(pve-smart list --no-smart -H -o $columns)
mount --bind /run/data /run/udev/data
is 'libudev says the same' "$(pve-smart list --no-smart -H -o $columns)" "$list"
is 'libudev was asked' "$(strace -e trace=openat pve-smart list --no-smart -H 2>&1 |
	grep -c "\"$(cat "/sys/block/${hdd#/dev/}/dev")\"")" 1
umount /run/udev/data
is 'all seven disks are listed, each once' "$(pve-smart list --no-smart -H -o serial | sort | tr '\n' ' ')" \
	'ATAHDD1 ATASSD1 NVME1 SCSI1 SICK16 SICK9 VIRTIO1 '
is 'types' "$(for d in "$hdd" "$ssd" "$nvme" "$virtio"; do ours type "$d"; done | tr '\n' ' ')" 'hdd ssd nvme unknown '
is 'the group is found without a running volume' "$(ours serves "$ssd")" "${ssd#/dev/}:data-1"
is 'mount and EFI partition' "$(ours serves "$hdd")" "${hdd#/dev/}1:ESP, ${hdd#/dev/}2:/mnt/x"
is 'used' "$(ours used "$hdd") $(ours used "$ssd")" 'EFI LVM'
vgchange -q -ay data-1
udevadm settle
is 'the group is found by its running volume' "$(mv /etc/lvm/backup /etc/lvm/gone
	ours serves "$ssd"; mv /etc/lvm/gone /etc/lvm/backup)" "${ssd#/dev/}:data-1"

# --- values ----------------------------------------------------------------------------------------

for disk in "$hdd" "$ssd" "$nvme"; do
	is "$disk: health" "$(ours health "$disk")" ok
	is "$disk: temperature" "$(ours temperature "$disk")" "$(theirs .temperature.current "$disk")"
	is "$disk: hours" "$(ours hours "$disk")" "$(theirs .power_on_time.hours "$disk")"
	is "$disk: cycles" "$(ours cycles "$disk")" "$(theirs .power_cycle_count "$disk")"
	is "$disk: rpm" "$(ours rpm "$disk")" "$(theirs '.rotation_rate // 0' "$disk")"
	is "$disk: serial number" "$(ours serial "$disk")" "$(theirs .serial_number "$disk")"
	is "$disk: firmware" "$(ours firmware "$disk" | tr -d ' ')" "$(theirs .firmware_version "$disk" | tr -d ' ')"
done
is 'NVMe: wear' "$(ours wearout "$nvme")" \
	"$(theirs '100 - .nvme_smart_health_information_log.percentage_used' "$nvme")"
is 'ATA: each attribute, raw and normalised' \
	"$(pve-smart show -H -o section,id,raw,normalised,worst "$hdd" | grep ^attribute | cut -f 2-)" \
	"$(theirs '.ata_smart_attributes.table[] | [.id, .raw.value, .value, .worst] | @tsv' "$hdd")"
is 'NVMe: the health log' \
	"$(pve-smart show -H -o section,name,raw "$nvme" | grep -P '^log\t(available|spare|perc|data|read|write|media)' | cut -f 3)" \
	"$(theirs '.nvme_smart_health_information_log | [.available_spare, .available_spare_threshold,
	.percentage_used, .data_units_read, .data_units_written, .host_reads, .host_writes, .media_errors][]' "$nvme")"
is 'SCSI: the model' "$(pve-smart show -H -o section,name,value "$scsi" | grep -P '^disk\tmodel' | cut -f 3)" \
	"$(theirs '.model_name // .scsi_model_name' "$scsi")"
is 'SCSI: no SMART is an answer' "$(ours health "$scsi")" unknown
is 'virtio: likewise' "$(ours health,reason "$virtio")" "unknown	a disk of this kind has no SMART"
for serial in ATAHDD1 ATASSD1 NVME1 SCSI1 VIRTIO1; do
	is "$serial: show has that" "$(pve-smart show -H -o section,name,value $serial | grep -P '^disk\tserial' | cut -f 3)" $serial
done
is 'critical warnings, all of them' "$(pve-smart check -H -o severity,code SICK9)" "critical	SMART-SPARE
critical	SMART-READ-ONLY"
is 'of the other one' "$(pve-smart check -H -o severity,code SICK16)" "critical	SMART-BACKUP"
is 'smartctl agrees that it fails' "$(theirs '.smart_status.passed | not' "$(disk_by_serial SICK9)")" true
fails 'check is critical' 2 pve-smart check SICK9
fails 'and is not, of the healthy ones' 0 pve-smart check "$hdd" "$ssd" "$nvme" "$scsi" "$virtio"

# Another machine sees the same in what was captured of this one.
columns=device,model,serial,size,health,temperature,hours,wearout,used,serves,reason
ok 'the host is captured' "$VM_TREE/scripts/capture-host" /run/capture
is 'the captured host is as the live one' "$(pve-smart --root /run/capture list -H -o $columns)" \
	"$(pve-smart list -H -o $columns)"

# Without smartctl NVMe controllers are asked directly: the same values.
mkdir -p /run/without
before=$(pve-smart show -H -o section,name,value,raw "$nvme" | grep -P '^(log|health)')
mount --bind /run/without /usr/sbin
is 'smartctl is gone' "$(ours reason "$hdd")" 'smartctl is not installed'
is 'NVMe without smartctl: the same health and log' \
	"$(pve-smart show -H -o section,name,value,raw "$nvme" | grep -P '^(log|health)')" "$before"
is 'and the same warnings' "$(pve-smart check -H -o code SICK16)" SMART-BACKUP
# A controller that hangs, as strace makes it, costs the others nothing.
is 'of one that hangs that is told, of the others their health' \
	"$(strace -f -o /dev/null -P "$nvme" -e inject=ioctl:delay_enter=15s \
		pve-smart list -t 5 -H -o health,reason NVME1 SICK9 SICK16 | sed 's/, .*//')" \
	'unknown	smartctl is not installed; did not answer within 5 s
critical	has too few spare blocks left
critical	can no longer save its volatile memory when power fails'
umount /usr/sbin

# --- a disk that turns bad -------------------------------------------------------------------------

ok 'the first watch' pve-smart watch
is 'it tells of the two sick disks in one mail' "$(ls /run/mail) $(grep -c '^critical' /run/mail/0)" '0 3'
ok 'the second watch' pve-smart watch
is 'it tells nothing' "$(mails)" 1
# Set Features 04h: the temperature above which the controller warns becomes 300 K.
perl -e 'open(my $f, "<", $ARGV[0]) or die; my $c = pack("CCSLLLQQLLLLLLLLLL", 9, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	4, 300, 0, 0, 0, 0, 0, 0); exit(defined(ioctl($f, 0xC0484E41, $c)) ? 0 : 1)' "$nvme"
is 'the disk is too warm now, smartctl says' \
	"$(theirs .nvme_smart_health_information_log.critical_warning "$nvme")" 2
ok 'the third watch' pve-smart watch
is 'it tells of that once' "$(mails) $(grep -c SMART-TEMPERATURE /run/mail/1)" '2 1'
ok 'the fourth watch' pve-smart watch
is 'and not again' "$(mails)" 2
is 'history has the samples' "$(pve-smart history -H -o health NVME1 | tr '\n' ' ')" 'ok ok warning warning '

# --- tests -----------------------------------------------------------------------------------------

ok 'a self-test starts' pve-smart test "$hdd" short
is 'its result is smartctl'"'s" "$(pve-smart test -H -o last,result "$hdd")" \
	"$(smartctl --json -l selftest "$hdd" | jq -r '.ata_smart_self_test_log.standard.table[0] | [.type.string, .status.string] | @tsv')"
for disk in "$nvme" "$scsi" "$virtio"; do
	ok "$disk: the state of its tests" pve-smart test "$disk"
	is "$disk: it has a row" "$(pve-smart test -H -o device "$disk")" "$disk"
done
ok 'SMART off' pve-smart disable "$hdd"
# QEMU's disk says that it is enabled even so, and refuses the commands.
is 'it is off' "$(ours reason "$hdd")" 'refuses the commands of SMART, which may be disabled'
fails 'check says so' 3 pve-smart check "$hdd"
is 'and what to do' "$(pve-smart check -H -o fix "$hdd")" "pve-smart enable $hdd"
ok 'SMART on' pve-smart enable "$hdd"
is 'it is on' "$(ours health "$hdd")" ok

# --- a disk that vanishes --------------------------------------------------------------------------

sick=$(disk_by_serial SICK16)
controller=${sick#/dev/}
echo 1 > "/sys/block/$controller/device/device/remove"
wait_for 10 [ ! -e "/sys/block/$controller" ]
ok 'the fifth watch' pve-smart watch
is 'the disk is missed' "$(grep -c 'SICK16 the disk' /run/mail/2)" 2
is 'list goes on without it' "$(pve-smart list -H -o serial | wc -l)" 6
