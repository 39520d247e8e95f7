# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034 # used by those that load it
# For tests of pve-smart: a host with made-up disks in /sys/block of a mount namespace, and a stand-in
# for smartctl that gives the reports of tests/smartctl.  Loaded by bats files.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	smart=$PWD/build/bin/pve-smart
	host=tests/hosts/pve8-storage
	root=$BATS_TEST_TMPDIR/root
	export REPORTS=$BATS_TEST_TMPDIR/reports
	bin=$BATS_TEST_TMPDIR/bin
	mkdir -p "$root" "$REPORTS" "$bin" "$BATS_TEST_TMPDIR/var" "$BATS_TEST_TMPDIR/mail"
	ln -s "$PWD/tests/smartctl/smartctl" "$bin/smartctl"
	cat > "$bin/sendmail" << END
#!/bin/sh
cat > "$BATS_TEST_TMPDIR/mail/\$(ls "$BATS_TEST_TMPDIR/mail" | wc -l)"
END
	chmod +x "$bin/sendmail"
}

# disk NAME REPORT [KEY=VALUE...]: a disk of the host, and what it says.
disk() {
	minor=$((minor + 16))
	echo "$1 8:$minor size=1T serial=SER-$1 model=EXAMPLE rota=1 udev=none ${*:3}" >> "$BATS_TEST_TMPDIR/disks"
	says "$1" "$2"
}

# says NAME REPORT: from now on.
says() {
	cp "tests/smartctl/$2.json" "$REPORTS/$1.json"
}

# inside COMMAND...: on a host that has these disks.  Nothing of this machine is changed.
inside() {
	unshare --help | grep -q -- --map-root-user || skip 'unshare cannot make namespaces here'
	rm -rf "$root/sys"
	tests/hosts/make-disks "$root" < "$BATS_TEST_TMPDIR/disks"
	map=--map-root-user
	[ "$(id -u)" != 0 ] || map=
	# shellcheck disable=SC2086,SC2016 # the variables are for the inner shell
	env ROOT="$root" VAR="$BATS_TEST_TMPDIR/var" BIN="$bin" unshare -m $map sh -c '
		mount --bind "$ROOT/sys/block" /sys/block && mount --bind "$VAR" /var/lib || exit 99
		PATH=$BIN:$PATH exec "$@"' sh "$@"
}

# column NAME: of all disks.
column() {
	inside "$smart" list -H -o "device,$1"
}

mails() {
	find "$BATS_TEST_TMPDIR/mail" -type f | wc -l
}
