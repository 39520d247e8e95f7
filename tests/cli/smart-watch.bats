#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Disks are sampled, root is told what became worse, and what was sampled is shown.

# shellcheck disable=SC2154 # the variables of smart-disks.sh

load smart-disks.sh

@test "watch: a disk that turns bad between two watches is mailed once" {
	disk sda hdd-good
	disk sdb hdd-good
	run inside "$smart" watch
	[ "$status" = 0 ]
	[ "$output" = '' ]
	[ "$(mails)" = 0 ]
	says sdb hdd-pending
	run inside "$smart" watch
	[ "$status" = 0 ]
	[ "$output" = '' ]
	[ "$(mails)" = 1 ]
	grep -q '^To: root$' "$BATS_TEST_TMPDIR/mail/0"
	grep -q '^Subject: pve-smart on .*: warning: /dev/sdb (SER-sdb) has 8 sectors that cannot be read, 8 more since .* (and 2 more)$' "$BATS_TEST_TMPDIR/mail/0"
	grep -q 'pve-smart show SER-sdb' "$BATS_TEST_TMPDIR/mail/0"
	inside "$smart" watch
	[ "$(mails)" = 1 ]
	# It gets worse, and then better, and then bad again.
	sed -i 's/"raw":{"value":8,"string":"8"}/"raw":{"value":9,"string":"9"}/' "$REPORTS/sdb.json"
	inside "$smart" watch
	[ "$(mails)" = 2 ]
	says sdb hdd-good
	inside "$smart" watch
	inside "$smart" watch
	[ "$(mails)" = 2 ]
	says sdb hdd-test-failed
	inside "$smart" watch
	[ "$(mails)" = 3 ]
}

@test "watch: a disk that vanishes is mailed once, and so is one that cannot be asked" {
	disk sda hdd-good
	disk sdb hdd-pending
	inside "$smart" watch
	[ "$(mails)" = 1 ]
	says sdb open-failed
	inside "$smart" watch
	inside "$smart" watch
	[ "$(mails)" = 2 ]
	grep -q 'SMART-UNREADABLE' "$BATS_TEST_TMPDIR/mail/1"
	# What was told before still is.
	says sdb hdd-pending
	inside "$smart" watch
	[ "$(mails)" = 2 ]
	sed -i /sdb/d "$BATS_TEST_TMPDIR/disks"
	inside "$smart" watch
	inside "$smart" watch
	[ "$(mails)" = 3 ]
	grep -q '^Subject: .*SER-sdb the disk with this serial number is not there any more' "$BATS_TEST_TMPDIR/mail/2"
}

@test "watch: when mail fails nothing is kept, and the next watch tells" {
	disk sda hdd-pending
	mv "$bin/sendmail" "$bin/sendmail.real"
	printf '#!/bin/sh\necho no route >&2\nexit 75\n' > "$bin/sendmail"
	chmod +x "$bin/sendmail"
	run inside "$smart" watch
	[ "$status" = 1 ]
	[[ $output == *"mail to root"*"no route"* ]]
	[ ! -s "$BATS_TEST_TMPDIR/var/pve-smart/recent" ]
	mv "$bin/sendmail.real" "$bin/sendmail"
	inside "$smart" watch
	[ "$(mails)" = 1 ]
}

@test "watch: --no-mail prints what is new; --dry-run changes nothing" {
	disk sda hdd-pending
	run inside "$smart" watch -n
	[ "$status" = 0 ]
	[[ $output == *"create /var/lib/pve-smart/recent"*"root: pve-smart on "* ]]
	[ ! -e "$BATS_TEST_TMPDIR/var/pve-smart" ]
	run inside "$smart" watch --no-mail -H -o code
	[ "$status" = 0 ]
	[ "$output" = 'SMART-PENDING
SMART-UNCORRECTABLE' ]
	[ "$(mails)" = 0 ]
	run inside "$smart" watch --no-mail -H -o code
	[ "$output" = '' ]
}

@test "watch: a sleeping disk is not sampled, and its last verdict stays" {
	disk sda hdd-pending
	inside "$smart" watch
	says sda asleep
	inside "$smart" watch
	[ "$(wc -l < "$BATS_TEST_TMPDIR/var/pve-smart/recent")" = 2 ]
	run inside "$smart" list -H -o health,temperature,reason
	[[ $output == "warning	38	asleep, as of 20"* ]]
}

@test "smartctl and sendmail are found where the PATH of cron has them not" {
	disk sda hdd-pending
	cat > "$bin/cron" << 'END'
#!/bin/sh
mount -t tmpfs none /usr/sbin && cp "$BIN"/smartctl "$BIN"/sendmail /usr/sbin &&
	PATH=/usr/bin:/bin exec "$@"
END
	chmod +x "$bin/cron"
	inside "$bin/cron" "$smart" watch
	[ "$(mails)" = 1 ]
}

# --- history ---------------------------------------------------------------------------------------

@test "history: rows, columns and a plot; also of a disk that is gone" {
	disk sda hdd-good
	inside "$smart" watch
	says sda hdd-hot
	sleep 1.1
	inside "$smart" watch
	[ "$(inside "$smart" history -H -o health,temperature sda)" = "ok	35
warning	63" ]
	[ "$(inside "$smart" history -H sda temperature | cut -f 2)" = "35
63" ]
	run inside "$smart" history -p sda temperature
	[ "$status" = 0 ]
	[ "${lines[0]}" = temperature ]
	[[ ${lines[1]} == "          63 |"*"*" ]]
	[[ ${lines[8]} == "          35 |*" ]]
	sed -i /sda/d "$BATS_TEST_TMPDIR/disks"
	disk sdx hdd-good
	[ "$(inside "$smart" history -H -o temperature SER-sda | wc -l)" = 2 ]
	run inside "$smart" history SER-none
	[ "$status" = 65 ]
	run inside "$smart" history SER-sda colour
	[ "$status" = 64 ]
}

@test "history: a broken store is read as far as it goes" {
	disk sda hdd-good
	inside "$smart" watch
	printf 'half a li' >> "$BATS_TEST_TMPDIR/var/pve-smart/recent"
	run inside "$smart" history -H -o temperature sda
	[ "$status" = 0 ]
	[[ $output == *"/var/lib/pve-smart/recent:3: is no sample, left out"*35 ]]
}
