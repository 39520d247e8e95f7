#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What pve-smart check finds about the host itself: smartd, mail to root, RAID controllers.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	smart=$PWD/build/bin/pve-smart
	host=tests/hosts/pve8-storage
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root"
}

# host_findings: of the host, not of its disks.
host_findings() {
	"$smart" --root "$root" check -H -o severity,code,object,message,fix | grep -E 'SMARTD|MAIL|TOOL' || :
}

@test "check: smartd and mail to root" {
	cp -r "$host/." "$root"
	run host_findings
	[ "$output" = '' ]
	rm "$root/etc/systemd/system/multi-user.target.wants/smartmontools.service"
	run host_findings
	[ "$output" = "warning	SMART-SMARTD-OFF	smartd	does not start at boot	systemctl enable --now smartmontools" ]
	rm "$root/usr/sbin/smartctl"
	run host_findings
	[ "$output" = "warning	SMART-TOOL-MISSING	smartmontools	is not installed	apt install smartmontools" ]
	cp -r "$host/." "$root"
	echo 'DEVICESCAN -d removable -n standby' > "$root/etc/smartd.conf"
	run host_findings
	[ "$output" = "warning	SMART-SMARTD-MAIL	/etc/smartd.conf	a line without -m: of those disks smartd mails nobody	" ]
	printf '# nothing\n' > "$root/etc/smartd.conf"
	[[ $(host_findings) == "warning	SMART-SMARTD-CONF	/etc/smartd.conf	smartd is told to watch no disk"* ]]
	printf '/dev/sda -a \\\n -m root\n/dev/disk/by-id/ata-EXAMPLE_SSD960_SSD00009 -m root\n' > "$root/etc/smartd.conf"
	[ "$(host_findings | cut -f 2,3)" = "SMART-SMARTD-DISK	/dev/nvme0n1
SMART-SMARTD-DISK	/dev/nvme1n1
SMART-SMARTD-DISK	/dev/sdc
SMART-SMARTD-DISK	/dev/sdd
SMART-SMARTD-DISK	/dev/sdf
SMART-SMARTD-DISK	/dev/sdg
SMART-SMARTD-DISK	/dev/sdh
SMART-SMARTD-DISK	/dev/sdi" ]
	cp -r "$host/." "$root"
	rm "$root/usr/sbin/sendmail"
	[[ $(host_findings) == "warning	SMART-MAIL-NONE	root	"* ]]
	touch "$root/usr/sbin/sendmail"
	sed -i 's/admin@example.org//' "$root/etc/pve/user.cfg"
	[[ $(host_findings) == "warning	SMART-MAIL-LOCAL	root	"*"pveum user modify root@pam --email ADDRESS" ]]
	rm "$root/etc/pve/user.cfg" "$root/root/.forward"
	[[ $(host_findings) == *"echo 'root: ADDRESS' >> /etc/aliases && newaliases" ]]
	echo 'root: admin@example.org' > "$root/etc/aliases"
	[ "$(host_findings)" = '' ]
}

@test "check: a RAID controller whose disks nobody names" {
	cp -r "$host/." "$root"
	run "$smart" --root "$root" check -H -o severity,code,object
	[[ $output != *SMART-RAID-HIDDEN* ]]
	rm -rf "$root/smartctl/scan.json" "$root/sys/class/scsi_host"/*
	mkdir -p "$root/sys/class/scsi_host/host0"
	echo hpsa > "$root/sys/class/scsi_host/host0/proc_name"
	echo 'DEVICESCAN -d removable -n standby -m root' > "$root/etc/smartd.conf"
	run "$smart" --root "$root" check -H -o severity,code,object
	[[ $output == *"info	SMART-RAID-HIDDEN	hpsa"* ]]
	# One that is named is listed, and then it is no secret.
	printf '/dev/sg0 -d cciss,0 -m root\n/dev/sg2 -d areca,1/2 -m root\nDEVICESCAN -m root\n' > "$root/etc/smartd.conf"
	[ "$("$smart" --root "$root" list --no-smart -H -o device | tail -2)" = "/dev/sg0 cciss,0
/dev/sg2 areca,1/2" ]
	run "$smart" --root "$root" check -H -o severity,code,object
	[[ $output != *SMART-RAID-HIDDEN* ]]
}

@test "list: a note when what smartctl found behind a controller cannot be read" {
	cp -r "$host/." "$root"
	echo '{"devices": [{' > "$root/smartctl/scan.json"
	run "$smart" --root "$root" list --no-smart -H -o device
	[ "$status" = 0 ]
	[[ $output != *warning* ]] # which is not asked here
	run "$smart" --root "$root" list -H -o device
	[[ ${lines[0]} == *"warning: smartctl --scan: its answer cannot be read (disks behind a RAID controller may be missing)" ]]
	[ "$(grep -c ^/dev/ <<< "$output")" = 13 ]
}
