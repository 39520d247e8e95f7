#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Disks are asked, judged and located.

# shellcheck disable=SC2154 # the variables of smart-disks.sh

load smart-disks.sh

# --- list, show, check -----------------------------------------------------------------------------

@test "list: each disk's own report, at the same time" {
	disk sda hdd-good
	disk sdb hdd-failing
	disk nvme0n1 nvme-spare rota=0
	disk sdc asleep
	run column health,wearout,temperature,hours,reason
	diff -u - <(echo "$output") << 'END'
/dev/nvme0n1	critical	0	41	15120	has too few spare blocks left
/dev/sda	ok		35	21312	
/dev/sdb	critical		38	41112	says that it is failing
/dev/sdc	unknown				asleep, and no sample of it is kept
END
	# Nobody is woken: every call says so.
	[ "$(wc -l < "$REPORTS/log")" = 4 ]
	[ "$(grep -c -e '-n standby' "$REPORTS/log")" = 4 ]
}

@test "list: a disk that hangs costs the others nothing, one that is killed neither" {
	disk sda hdd-good
	disk sdb hdd-good
	disk sdc hdd-good
	: > "$REPORTS/sdb.hang"
	: > "$REPORTS/sdc.kill"
	from=$(date +%s)
	run inside "$smart" list -t 1 -H -o device,health,reason
	took=$(($(date +%s) - from))
	[ "$took" -le 8 ]
	diff -u - <(echo "$output") << 'END'
/dev/sda	ok	
/dev/sdb	unknown	did not answer within 1 s
/dev/sdc	unknown	the report of smartctl is cut short
END
}

@test "check: what is wrong, worst first; 3 when a disk could not be asked" {
	disk sda hdd-good
	disk sdb hdd-pending
	disk sdc open-failed
	run inside "$smart" check -H -o severity,code,object sda sdb
	[ "$status" = 1 ]
	[ "$output" = "warning	SMART-PENDING	/dev/sdb
warning	SMART-UNCORRECTABLE	/dev/sdb
info	SMART-REALLOCATED	/dev/sdb" ]
	run inside "$smart" check -H -o severity,code,object sdc
	[ "$status" = 3 ]
	[ "$output" = "warning	SMART-UNREADABLE	/dev/sdc" ]
	says sdb hdd-failing
	run inside "$smart" check -H -o severity,code,object,message sdb sdc
	[ "$status" = 2 ]
	[ "${lines[0]}" = "critical	SMART-FAILING	/dev/sdb	says that it is failing" ]
	says sdb disabled
	run inside "$smart" check -H -o code,fix sdb
	[ "$status" = 1 ]
	[ "$output" = "SMART-DISABLED	pve-smart enable /dev/sdb" ]
}

@test "check: cut, giant and foreign reports are that disk's trouble: exit 3" {
	disk sda hdd-good
	disk sdb hdd-pending
	for kind in cut giant foreign empty; do
		case $kind in
		cut) head -c 900 tests/smartctl/hdd-good.json && why='the report of smartctl is cut short' ;;
		giant) yes '{"smartctl":' | head -c 9000000 && why='the report of smartctl is too long' ;;
		foreign) printf '\000\001garbage[' && why='the report of smartctl cannot be read: line 1: ' ;;
		empty) why='smartctl printed nothing' ;;
		esac > "$REPORTS/sda.json"
		run inside "$smart" check -H -o code,message sda
		[ "$status" = 3 ] || { echo "$kind: $status $output" && return 1; }
		[[ $output == "SMART-UNREADABLE	$why"* ]] || { echo "$kind: $output" && return 1; }
		# The other one is judged all the same, here by pipe.
		# shellcheck disable=SC2016 # for the inner shell
		run inside sh -c 'printf "%s\n" sda sdb | "$1" check -H -o code,object -' sh "$smart"
		[ "$status" = 3 ]
		[[ $output == *"SMART-UNREADABLE	/dev/sda"* && $output == *"SMART-PENDING	/dev/sdb"* ]]
	done
}

@test "check: an attribute that nobody knows is no trouble" {
	disk sda hdd-good
	sed -i 's/"id":1,/"id":251,/; s/Raw_Read_Error_Rate/Unknown_Attribute/' "$REPORTS/sda.json"
	run inside "$smart" check sda
	[ "$status" = 0 ]
	[[ $(inside "$smart" show -H -o section,id,name sda) == *"attribute	251	Unknown_Attribute"* ]]
}

@test "show: raw and in words, with error and self-test logs" {
	disk sda hdd-pending
	run inside "$smart" show -H -o section,id,name,value,raw,state sda
	[[ $output == *"health		SMART-PENDING	has 8 sectors that cannot be read		warning"* ]]
	[[ $output == *"attribute	194	Temperature_Celsius	35 C	"* ]]
	[[ $output == *"error	12	at hour 30022	Error: UNC 8 sectors at LBA = 0x0001e240 = 123456"* ]]
	says sda hdd-test-failed
	run inside "$smart" show -H -o section,name,value,raw,state sda
	[[ $output == *"test	Extended offline	Completed: read failure, at hour 30100	7814037	failed"* ]]
	says sda nvme-read-only
	run inside "$smart" show -H -o section,name,value,raw sda
	[[ $output == *"log	critical warning		12"* ]]
	[[ $output == *"log	warnings	reliability, read-only"* ]]
	[[ $output == *"log	data written	112T	241234567"* ]]
}

@test "a RAID member has its own row, once" {
	disk sda raid-volume
	mkdir -p "$root/etc"
	run "$smart" --root "$host" list -H -o device,type,serial,health
	[[ $output == *"/dev/bus/0 megaraid,8	hdd	RAID0001	ok"* ]]
	# The other one of smartd.conf is a disk that the kernel shows, too.
	[[ $output != *"sat+megaraid,9"* ]]
	[ "$("$smart" --root "$host" list -H -o health '/dev/sdj sat+megaraid,9')" = ok ]
}

# as_smartd_conf DEVICE...: within $bin/etc these are what smartd watches.
as_smartd_conf() {
	mkdir -p "$BATS_TEST_TMPDIR/etc"
	printf '%s -m root\n' "$@" > "$BATS_TEST_TMPDIR/etc/smartd.conf"
	cat > "$bin/etc" << END
#!/bin/sh
mount --bind "$BATS_TEST_TMPDIR/etc" /etc && exec "\$@"
END
	chmod +x "$bin/etc"
}

@test "members of RAID controllers are asked by their type; one that the kernel shows is no second disk" {
	disk sda hdd-pending
	says sda_sat_megaraid_9 hdd-pending
	sed -i 's/HDD[0-9]*/SER-sda/' "$REPORTS/sda.json" "$REPORTS/sda_sat_megaraid_9.json"
	says bus_0_megaraid_8 megaraid-good
	says sg0_cciss_0 sas-failing
	sed -i 's/"serial_number": "[^"]*"/"serial_number": "CCISS001"/; s/"logical_unit_id": "[^"]*"/"logical_unit_id": "0x5000c500cc000001"/' \
		"$REPORTS/sg0_cciss_0.json"
	cp "$REPORTS/sg0_cciss_0.json" "$REPORTS/sg1_cciss_0.json"
	says sg2_areca_1_2 hdd-good
	as_smartd_conf '/dev/bus/0 -d megaraid,8' '/dev/sda -d sat+megaraid,9' '/dev/sg0 -d cciss,0' \
		'/dev/sg1 -d cciss,0' '/dev/sg2 -d areca,1/2'
	run inside "$bin/etc" "$smart" list -H -o device,health
	diff -u - <(echo "$output") << 'END'
/dev/sda	warning
/dev/bus/0 megaraid,8	ok
/dev/sg0 cciss,0	critical
/dev/sg2 areca,1/2	ok
END
	for address in '-d megaraid,8 /dev/bus/0' '-d cciss,0 /dev/sg0' '-d areca,1/2 /dev/sg2'; do
		grep -q -e "$address\$" "$REPORTS/log" || { echo "no $address" && return 1; }
	done
	[ "$(inside "$bin/etc" "$smart" check -H -o code | grep -c SMART-PENDING)" = 1 ]
	[ "$(inside "$bin/etc" "$smart" test -H | wc -l)" = 4 ]
	inside "$bin/etc" "$smart" watch
	[ "$(mails)" = 1 ]
	[ "$(grep -c '^    SMART-PENDING$' "$BATS_TEST_TMPDIR/mail/0")" = 1 ]
	[ "$(cut -f 2 "$BATS_TEST_TMPDIR/var/pve-smart/recent" | sort | uniq -d)" = '' ]
	# Who asks for it by name gets it.
	[ "$(inside "$bin/etc" "$smart" list -H -o health '/dev/sda sat+megaraid,9')" = warning ]
}

@test "members of RAID controllers: which serial number makes two of them one disk" {
	# Of the disk itself the kernel knows no serial number, only smartctl does.
	disk sda hdd-good serial=
	says sda_sat_megaraid_9 hdd-good
	# Nor are two one because neither has a number of its own, or because both have the controller's WWN.
	says bus_0_megaraid_1 megaraid-good
	says bus_0_megaraid_2 megaraid-good
	sed -i 's/"serial_number": "[^"]*"/"serial_number": "00000000"/' "$REPORTS"/bus_0_megaraid_?.json
	says bus_0_megaraid_3 megaraid-good
	says bus_0_megaraid_4 megaraid-good
	sed -i 's/"serial_number": "[^"]*",*//' "$REPORTS"/bus_0_megaraid_[34].json
	as_smartd_conf '/dev/sda -d sat+megaraid,9' '/dev/bus/0 -d megaraid,1' '/dev/bus/0 -d megaraid,2' \
		'/dev/bus/0 -d megaraid,3' '/dev/bus/0 -d megaraid,4'
	run inside "$bin/etc" "$smart" list -H -o device,health
	diff -u - <(echo "$output") << 'END'
/dev/sda	ok
/dev/bus/0 megaraid,1	ok
/dev/bus/0 megaraid,2	ok
/dev/bus/0 megaraid,3	ok
/dev/bus/0 megaraid,4	ok
END
}

@test "RAID controllers: smartctl tells what is behind them, also for a capture, or a note says why not" {
	disk sda raid-volume
	cp tests/smartctl/scan.json "$REPORTS"
	says bus_0_megaraid_8 megaraid-good
	says sg0_cciss_0 sas-failing
	mkdir -p "$BATS_TEST_TMPDIR/class/scsi_host/host0"
	echo megaraid_sas > "$BATS_TEST_TMPDIR/class/scsi_host/host0/proc_name"
	as_smartd_conf '/dev/sg0 -d cciss,0'
	sed -i "2s|^|mount --bind '$BATS_TEST_TMPDIR/class' /sys/class \&\& |" "$bin/etc"
	run inside "$bin/etc" "$smart" list -H -o device,serial,health
	diff -u - <(echo "$output") << 'END'
/dev/sda	SER-sda	unknown
/dev/sg0 cciss,0	SAS00002	critical
/dev/bus/0 megaraid,8	RAID0001	ok
END
	seen=$output
	inside "$bin/etc" scripts/capture-host "$BATS_TEST_TMPDIR/capture"
	[ "$("$smart" --root "$BATS_TEST_TMPDIR/capture" list -H -o device,serial,health)" = "$seen" ]
	# What fails alone costs its own disks, and says so.
	echo 'no such option' > "$REPORTS/scan.json"
	run inside "$bin/etc" "$smart" list -H -o device
	[ "$status" = 0 ]
	[ "$output" = "pve-smart: warning: smartctl --scan: its answer cannot be read (disks behind a RAID controller may be missing)
/dev/sda
/dev/sg0 cciss,0" ]
}

@test "check: smartd that does not run, and one that does" {
	! pgrep -x smartd > /dev/null || skip 'a smartd runs here'
	disk sda hdd-good
	cat > "$bin/debian" << 'END'
#!/bin/sh
mount -t tmpfs none /usr/sbin && cp "$BIN"/smartctl "$BIN"/sendmail /usr/sbin && exec "$@"
END
	chmod +x "$bin/debian"
	run inside "$bin/debian" "$smart" check -H -o code,message,fix
	[[ $output == *"SMART-SMARTD-OFF	does not run	systemctl enable --now smartmontools"* ]]
	cp "$(command -v sleep)" "$BATS_TEST_TMPDIR/smartd"
	"$BATS_TEST_TMPDIR/smartd" 60 3>&- &
	pid=$!
	run inside "$bin/debian" "$smart" check -H -o code,message
	kill "$pid"
	[[ $output != *"does not run"* ]]
}

# --- changes ---------------------------------------------------------------------------------------

@test "enable and disable: only when there is something to do, with a plan" {
	disk sda disabled
	run inside "$smart" -n enable sda
	[ "$output" = "run smartctl -s on /dev/sda: SMART on, so that the disk watches itself" ] ||
		[[ $output == *"-s on /dev/sda: SMART on, so that the disk watches itself" ]]
	[ ! -e "$REPORTS/enabled" ]
	inside "$smart" enable sda
	[ "$(cat "$REPORTS/enabled")" = on ]
	says sda hdd-good
	: > "$REPORTS/log"
	inside "$smart" enable sda
	! grep -q -e '-s on' "$REPORTS/log" || return 1
	inside "$smart" disable sda
	[ "$(cat "$REPORTS/enabled")" = off ]
	says sda raid-volume
	run inside "$smart" enable sda
	[ "$status" = 69 ]
	[[ $output == *"/dev/sda: the device has no SMART"* ]]
}

@test "test: state and progress of all, and starting one" {
	disk sda hdd-testing
	disk sdb hdd-test-failed
	disk sdc hdd-good
	disk sdd raid-volume
	run inside "$smart" test -H -o device,state,left,last,hour,long
	diff -u - <(echo "$output") << 'END'
/dev/sda	running	40			444
/dev/sdb	none		Short offline	30111	444
/dev/sdc	passed		Extended offline	21200	444
/dev/sdd	unknown				
END
	inside "$smart" test sdc short
	grep -q -e '^-t short /dev/sdc$' "$REPORTS/log"
	inside "$smart" test sdc long
	grep -q -e '^-t long /dev/sdc$' "$REPORTS/log"
	run inside "$smart" test sda long
	[ "$status" = 75 ]
	[[ $output == *"a self-test runs already (pve-smart test /dev/sda abort ends it)"* ]]
	inside "$smart" test sda abort
	grep -q -e '^-X /dev/sda$' "$REPORTS/log"
	run inside "$smart" test sdd short
	[ "$status" = 69 ]
	run "$smart" --root "$host" test sda short
	[ "$status" = 64 ]
}

@test "nothing but enable, disable and test writes to a disk" {
	disk sda hdd-good
	inside "$smart" list
	inside "$smart" show sda
	inside "$smart" check sda
	inside "$smart" watch
	inside "$smart" test
	inside "$smart" history sda
	inside "$smart" locate sda
	! grep -E -e '(^| )(-s|-t|-X|-o|-S) ' "$REPORTS/log" || return 1
	# And none of them wakes a disk that sleeps.
	[ "$(wc -l < "$REPORTS/log")" = 5 ]
	! grep -v -e '-n standby' "$REPORTS/log" || return 1
}

@test "list: a disk that udev has not seen, and on which nobody can look, is not called unused" {
	disk sda hdd-good
	cat > "$bin/dev" << 'END'
#!/bin/sh
truncate -s 64M "$VAR/sda" && mkfs.ext4 -qF "$VAR/sda" && mount -t tmpfs none /dev && : > /dev/sda &&
	mount --bind "$VAR/sda" /dev/sda && LD_LIBRARY_PATH=$BLKID exec "$@"
END
	chmod +x "$bin/dev"
	BLKID='' run inside "$bin/dev" "$smart" list --no-smart -H -o device,used
	[ "$output" = '/dev/sda	ext4' ]
	mkdir "$BATS_TEST_TMPDIR/blkid"
	: > "$BATS_TEST_TMPDIR/blkid/libblkid.so.1"
	BLKID=$BATS_TEST_TMPDIR/blkid run inside "$bin/dev" "$smart" list --no-smart -H -o device,used
	[ "$status" = 0 ]
	[[ ${lines[0]} == 'pve-smart: warning: /dev/sda: libblkid cannot be loaded: '*' (what is on it is not known)' ]]
	[ "${lines[1]}" = '/dev/sda	' ]
}

# --- locate ----------------------------------------------------------------------------------------

@test "locate: every name, by device or serial, and the light of its bay" {
	run "$smart" --root "$host" locate -H SAS00001
	diff -u - <(echo "$output") << 'END'
device	/dev/sdd
path	/dev/sde
serial	SAS00001
wwn	0x5000c500aa00bb01
slot	Slot 03
bus	/devices/pci0000:00/0000:03:00.0/host6/port-6:0/end_device-6:0/target6:0:0/6:0:0:0/block/sdd
by-id	/dev/disk/by-id/scsi-35000c500aa00bb01
by-id	/dev/disk/by-id/wwn-0x5000c500aa00bb01
END
	cp -r "$host/." "$root"
	bay="$root/sys/block/sdd/device/enclosure_device:Slot 03"
	mkdir -p "$bay"
	echo 0 > "$bay/locate"
	[[ $("$smart" --root "$root" locate -H sde) == *"led	off" ]]
	[[ $("$smart" --root "$root" -n locate sde on) == *"/dev/sdd: the light of its bay on" ]]
	[ "$(cat "$bay/locate")" = 0 ]
	"$smart" --root "$root" locate sde on
	[ "$(cat "$bay/locate")" = 1 ]
	"$smart" --root "$root" locate SAS00001 off
	[ "$(cat "$bay/locate")" = 0 ]
	run "$smart" --root "$root" locate sda on
	[ "$status" = 69 ]
}

@test "locate: by ledctl where the kernel knows no light" {
	disk sda hdd-good
	printf '#!/bin/sh\necho "$*" >> "%s/log"\n' "$REPORTS" > "$bin/ledctl"
	chmod +x "$bin/ledctl"
	[[ $(inside "$smart" locate -H sda) == *"led	by ledctl" ]]
	inside "$smart" locate sda on
	[ "$(tail -n 1 "$REPORTS/log")" = locate=/dev/sda ]
	inside "$smart" locate sda off
	[ "$(tail -n 1 "$REPORTS/log")" = locate_off=/dev/sda ]
}

# --- without smartctl ------------------------------------------------------------------------------

@test "without smartctl each disk says why it is not known" {
	disk sda hdd-good
	rm "$bin/smartctl"
	# Not in PATH, nor where cron does not look.
	cat > "$bin/without" << 'END'
#!/bin/sh
mount -t tmpfs none /usr/sbin && PATH=$BIN:/usr/bin:/bin exec "$@"
END
	chmod +x "$bin/without"
	run inside "$bin/without" "$smart" check -H -o code,message sda
	[ "$status" = 3 ]
	[ "$output" = "SMART-UNREADABLE	smartctl is not installed" ]
}

@test "without smartctl: an NVMe controller that hangs costs the others nothing" {
	command -v strace > /dev/null || skip 'strace is not installed'
	disk nvme0n1 nvme-good
	disk nvme1n1 nvme-good
	rm "$bin/smartctl"
	# The first one is slow for 6 seconds; the other's node is not there, which is an answer.
	cat > "$bin/without" << 'END'
#!/bin/sh
mount -t tmpfs none /usr/sbin && PATH=$BIN:/usr/bin:/bin exec "$@"
END
	chmod +x "$bin/without"
	output=$(inside "$bin/without" strace -f -o /dev/null -P /dev/nvme0n1 \
		-e inject=openat:delay_enter=6s "$smart" list -t 1 -H -o reason 2> /dev/null)
	[ "$output" = "smartctl is not installed; did not answer within 1 s
smartctl is not installed; opening /dev/nvme1n1: No such file or directory" ]
}

# --- README ----------------------------------------------------------------------------------------

@test "the pipelines of the README work" {
	disk sda hdd-good
	disk sdb hdd-pending
	# What stands there between "pve-smart" and the next empty line, as it stands there.
	awk '/^    pve-smart list -H/ { on = 1 } on && NF == 0 { on = 0; print "echo --" } on { sub(/^    /, ""); print }' \
		README > "$BATS_TEST_TMPDIR/pipelines"
	[ "$(grep -c '^pve-smart' "$BATS_TEST_TMPDIR/pipelines")" = 2 ]
	ln -s "$smart" "$bin/pve-smart"
	run inside sh "$BATS_TEST_TMPDIR/pipelines"
	[ "$status" = 0 ]
	[[ $output == "/dev/sdb	warning	has 8 sectors that cannot be read
--
device "*"
/dev/sdb has 8 sectors that cannot be read "*"
--" ]]
}
