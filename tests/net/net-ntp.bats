#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-net ntp check against chrony's server, and against one that has faults.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	net=build/bin/pve-net
	pids=
}

teardown() {
	for pid in $pids; do
		kill "$pid" 2> /dev/null || :
		wait "$pid" || :
	done
}

# faulty ADDRESS FAULT: starts it, and waits until it listens.
faulty() {
	mkfifo "$BATS_TEST_TMPDIR/ready.$1"
	tests/net/ntp-faulty "$1" "$2" > "$BATS_TEST_TMPDIR/ready.$1" 3>&- &
	pids="$pids $!"
	read -r _ < "$BATS_TEST_TMPDIR/ready.$1"
}

# chrony ADDRESS: Debian's chronyd, unpacked, which does not touch the clock (-x).
chrony() {
	peer=build/peers/chrony
	scripts/fetch-peer chrony $peer > "$BATS_TEST_TMPDIR/fetch" 2>&1 || skip 'chrony could not be had'
	if ldd $peer/usr/sbin/chronyd | grep -q 'not found'; then
		skip "chrony's libraries are missing"
	fi
	cat > "$BATS_TEST_TMPDIR/chrony.conf" <<- end
		local stratum 4
		allow all
		bindaddress $1
		cmdport 0
		bindcmdaddress /
		pidfile $BATS_TEST_TMPDIR/chrony.pid
	end
	$peer/usr/sbin/chronyd -d -x -u root -f "$BATS_TEST_TMPDIR/chrony.conf" \
		> "$BATS_TEST_TMPDIR/chrony.log" 2>&1 3>&- &
	pids="$pids $!"
	for _ in $(seq 50); do
		! ss -Hlun "src $1:123" | grep -q . || return 0
		sleep 0.1
	done
	cat "$BATS_TEST_TMPDIR/chrony.log"
	false
}

@test "ntp check: a good answer of chrony" {
	chrony 127.0.0.1
	run $net ntp check --json -o +fix 127.0.0.1
	[ "$status" = 0 ] || { echo "$output"; false; }
	[ "$(jq -r '.[0] | [.server, .address, .stratum, .severity, .code] | join(" ")' <<< "$output")" = \
		'127.0.0.1 127.0.0.1 4 info NTP-GOOD' ]
	jq -e '.[0] | (.offset | . > -20000 and . < 20000) and .delay >= 0 and .delay < 100000' <<< "$output"
}

@test "ntp check: faults, all asked at once" {
	faulty 127.0.1.1 origin
	faulty 127.0.1.2 kiss
	faulty 127.0.1.3 unsync
	faulty 127.0.1.4 short
	faulty 127.0.1.5 silent
	faulty 127.0.1.6 late=5
	faulty 127.0.1.7 forged
	for n in 1 2 3 4; do faulty "127.0.1.1$n" silent; done
	start=$(date +%s%N)
	run $net ntp check -H -o server,severity,code,message 127.0.1.1 127.0.1.2 127.0.1.3 127.0.1.4 \
		127.0.1.5 127.0.1.6 127.0.1.7 127.0.1.8 127.0.1.11 127.0.1.12 127.0.1.13 127.0.1.14
	elapsed=$((($(date +%s%N) - start) / 1000000))
	[ "$status" = 2 ]
	echo "$output, $elapsed ms"
	[[ ${lines[0]} == "127.0.1.1	warning	NTP-BOGUS	"*forged* ]]
	[[ ${lines[1]} == "127.0.1.2	warning	NTP-KISS	"*RATE* ]]
	[[ ${lines[2]} == "127.0.1.3	warning	NTP-UNSYNC	"* ]]
	[[ ${lines[3]} == "127.0.1.4	warning	NTP-BOGUS	"* ]]
	[ "${lines[4]}" = "127.0.1.5	warning	NTP-SILENT	no answer" ]
	[[ ${lines[5]} == "127.0.1.6	critical	NTP-OFFSET	this host is "[45].*" s ahead" ]]
	[[ ${lines[6]} == "127.0.1.7	info	NTP-GOOD	"* ]]
	[ "${lines[7]}" = "127.0.1.8	warning	NTP-SILENT	Connection refused" ]
	[ "${#lines[@]}" = 12 ]
	# Two seconds; one after the other the silent ones and the one that repeats something else would
	# take twelve.
	[ "$elapsed" -ge 1900 ]
	[ "$elapsed" -lt 11000 ]
}

@test "ntp check: the servers of a configuration; without any answer, 3" {
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/etc/systemd"
	printf '[Time]\nNTP=127.0.2.1\nFallbackNTP=127.0.2.2\n' > "$root/etc/systemd/timesyncd.conf"
	run $net --root "$root" ntp check -H -o server,code
	[ "$status" = 3 ]
	[ "$output" = '127.0.2.1	NTP-SILENT' ]
	faulty 127.0.2.1 none
	run $net --root "$root" ntp check -H -o server,code
	[ "$status" = 0 ]
	[ "$output" = '127.0.2.1	NTP-GOOD' ]
}

@test "ntp check: each address of a pool, and of a name the first there is a route to" {
	faulty 127.0.4.1 none
	faulty 127.0.4.2 unsync
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/etc/chrony" "$root/etc/systemd/system/multi-user.target.wants"
	ln -s /lib/systemd/system/chrony.service "$root/etc/systemd/system/multi-user.target.wants/"
	printf 'pool pool.test iburst\nserver both.test\n' > "$root/etc/chrony/chrony.conf"
	printf '%s\n' '127.0.4.1 pool.test' '127.0.4.2 pool.test' '127.0.4.1 both.test' '2001:db8::123 both.test' \
		> "$BATS_TEST_TMPDIR/hosts"
	# shellcheck disable=SC2016 # for the inner shell
	run unshare --mount sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' "$BATS_TEST_TMPDIR/hosts" \
		"$net" --root "$root" ntp check -H -o server,address,code
	[ "$status" = 1 ] || { echo "$output"; false; }
	[ "$output" = "$(printf '%s\t%s\t%s\n' pool.test 127.0.4.1 NTP-GOOD pool.test 127.0.4.2 NTP-UNSYNC \
		both.test 127.0.4.1 NTP-GOOD)" ] || { echo "$output"; false; }
}

@test "ntp check: a name without an address" {
	run timeout 10 "$net" ntp check -H -o code nothing.invalid
	[ "$status" = 3 ]
	[ "$output" = NTP-RESOLVE ]
}

@test "ntp check: a name server that does not answer holds nobody up" {
	faulty 127.0.4.1 none
	mkfifo "$BATS_TEST_TMPDIR/ready.dns"
	perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(LocalAddr => "127.0.4.53:53", Proto => "udp") or die;
		$| = 1; print "ready\n"; sleep' > "$BATS_TEST_TMPDIR/ready.dns" 3>&- &
	pids="$pids $!"
	read -r _ < "$BATS_TEST_TMPDIR/ready.dns"
	echo 'nameserver 127.0.4.53' > "$BATS_TEST_TMPDIR/resolv.conf"
	# shellcheck disable=SC2016 # for the inner shell
	run unshare --mount sh -c 'mount --bind "$0" /etc/resolv.conf && exec "$@"' "$BATS_TEST_TMPDIR/resolv.conf" \
		"$net" ntp check -H -o server,code,message time.example.org 127.0.4.1
	[ "$status" = 1 ] || { echo "$status $output"; false; }
	grep -qP '^127.0.4.1\tNTP-GOOD' <<< "$output" || { echo "$output"; false; }
	grep -qP '^time.example.org\tNTP-RESOLVE\t.*no answer from the name server' <<< "$output" ||
		{ echo "$output"; false; }
}

# host: a script in mount namespaces of its own, where /etc has only chrony's configuration, Debian's
# chronyd listens to chronyc, and systemctl restarts it.  The lines of stdin come after that.
host() {
	scripts/fetch-peer chrony build/peers/chrony > "$BATS_TEST_TMPDIR/fetch" 2>&1 ||
		skip 'chrony could not be had'
	cat > "$BATS_TEST_TMPDIR/host" <<- 'end'
		set -e
		for dir in etc/chrony/sources.d etc/systemd/system/multi-user.target.wants run/lock var; do
			mkdir -p "$2/$dir"
		done
		mount --bind "$2/etc" /etc
		mount --bind "$2/run" /run
		mount --bind "$2/var" /var/lib
		ln -s /lib/systemd/system/chrony.service /etc/systemd/system/multi-user.target.wants/
		printf '%s\n' 'sourcedir /etc/chrony/sources.d' 'port 0' > /etc/chrony/chrony.conf
		echo 'root:x:0:0::/root:/bin/sh' > /etc/passwd
		[ ! -e "$2/chrony.conf" ] || cp "$2/chrony.conf" /etc/chrony/
		mkdir "$2/bin"
		cat > "$2/bin/systemctl" <<- END
			#!/bin/sh
			[ "\$*" = 'restart chrony.service' ] || exit 1
			echo restart >> $2/restarts
			[ ! -e /run/chrony/chronyd.pid ] || kill "\$(cat /run/chrony/chronyd.pid)"
			while [ -S /run/chrony/chronyd.sock ]; do sleep 0.1; done
			! sed -i 1d $2/faults 2> /dev/null || [ ! -s $2/faults ] || exit 1
			exec $PWD/build/peers/chrony/usr/sbin/chronyd -x -u root -l $2/log -f /etc/chrony/chrony.conf 3>&-
		END
		chmod +x "$2/bin/systemctl"
		PATH=$2/bin:$PWD/build/peers/chrony/usr/bin:$PWD/build/peers/chrony/usr/sbin:$PATH
		trap 'kill "$(cat /run/chrony/chronyd.pid)"' EXIT
		sources() { chronyc -c -n sources | cut -d , -f 3 | sort | paste -sd ' '; }
		shown() { build/bin/pve-net ntp show -H -o server | sort | paste -sd ' '; }
		systemctl restart chrony.service
		. "$1"
	end
	cat > "$BATS_TEST_TMPDIR/script"
	unshare --mount bash "$BATS_TEST_TMPDIR/host" "$BATS_TEST_TMPDIR/script" "$BATS_TEST_TMPDIR/root"
}

@test "ntp set: asks the servers first, and chrony uses them" {
	faulty 127.0.3.1 none
	faulty 127.0.3.2 unsync
	run host <<- 'end'
		build/bin/pve-net ntp set 127.0.3.2 && exit 99
		echo "exit $?"
		[ ! -e /etc/chrony/sources.d/pve-net.sources ]
		build/bin/pve-net ntp set 127.0.3.1 127.0.3.2
		chronyc -c -n sources | cut -d , -f 3
		cat /etc/chrony/sources.d/pve-net.sources
		build/bin/pve-net ntp set --yes 127.0.3.2
		chronyc -c -n sources | cut -d , -f 3
	end
	echo "$output"
	[ "$status" = 0 ]
	[ "$output" = "pve-net: warning: 127.0.3.2: it does not know the time itself
pve-net: error: no server gave the time; nothing was changed (--yes sets it all the same)
exit 69
pve-net: warning: 127.0.3.2: it does not know the time itself
127.0.3.1
127.0.3.2
server 127.0.3.1 iburst
server 127.0.3.2 iburst
pve-net: warning: 127.0.3.2: it does not know the time itself
127.0.3.2" ]
}

@test "ntp set: chrony's own servers go, and come back with reset" {
	faulty 127.0.3.1 none
	faulty 127.0.3.2 none
	mkdir -p "$BATS_TEST_TMPDIR/root"
	printf '%s\n' '# By the package.' 'server 127.0.3.2 iburst' 'sourcedir /etc/chrony/sources.d' 'port 0' \
		> "$BATS_TEST_TMPDIR/root/chrony.conf"
	run host <<- 'end'
		sources() { chronyc -c -n sources | cut -d , -f 3; }
		cp /etc/chrony/chrony.conf /etc/before
		sources
		build/bin/pve-net ntp set --keep 127.0.3.1
		sources
		cmp /etc/chrony/chrony.conf /etc/before
		build/bin/pve-net ntp set 127.0.3.1
		sources
		diff /etc/before /etc/chrony/chrony.conf || :
		build/bin/pve-net ntp show -H -o server
		build/bin/pve-net ntp reset
		sources
		cmp /etc/chrony/chrony.conf /etc/before
		ls /etc/chrony/sources.d
		build/bin/pve-net ntp reset
	end
	echo "$output"
	[ "$output" = "127.0.3.2
pve-net: warning: /etc/chrony/chrony.conf:2: server 127.0.3.2 stays in use as well
127.0.3.2
127.0.3.1
127.0.3.1
2c2
< server 127.0.3.2 iburst
---
> #pve-net: server 127.0.3.2 iburst
127.0.3.1
127.0.3.2" ]
}

@test "ntp: of two files with one name in directories of one line chrony reads the first, and so do we" {
	mkdir -p "$BATS_TEST_TMPDIR/root"
	printf '%s\n' 'confdir /etc/chrony/a	/etc/chrony/b' 'ConfDir /etc/chrony/c' \
		'sourcedir /etc/chrony/a /etc/chrony/sources.d' 'port 0' > "$BATS_TEST_TMPDIR/root/chrony.conf"
	run host <<- 'end'
		mkdir /etc/chrony/a /etc/chrony/b /etc/chrony/c
		echo 'server 127.0.5.1' > /etc/chrony/a/same.conf
		echo 'server 127.0.5.2' > /etc/chrony/b/same.conf
		echo 'server 127.0.5.3' > /etc/chrony/c/same.conf
		echo 'server 127.0.5.4' > /etc/chrony/b/.hidden.conf
		echo 'server 127.0.5.5' > /etc/chrony/a/same.sources
		echo 'server 127.0.5.6' > /etc/chrony/sources.d/same.sources
		cp -r /etc/chrony /etc/before
		systemctl restart chrony.service
		sources
		shown
		build/bin/pve-net ntp set --yes 127.0.3.9
		sources
		shown
		diff -r /etc/before /etc/chrony | grep '^[<>]'
		build/bin/pve-net ntp reset
		sources
		diff -r /etc/before /etc/chrony
	end
	echo "$output"
	[ "$status" = 0 ]
	[ "$output" = "127.0.5.1 127.0.5.3 127.0.5.5
127.0.5.1 127.0.5.3 127.0.5.5
pve-net: warning: 127.0.3.9: Connection refused
127.0.3.9
127.0.3.9
< server 127.0.5.1
> #pve-net: server 127.0.5.1
< server 127.0.5.5
> #pve-net: server 127.0.5.5
< server 127.0.5.3
> #pve-net: server 127.0.5.3
127.0.5.1 127.0.5.3 127.0.5.5" ]
}

@test "ntp set --keep after set: chrony's own servers are in use again" {
	faulty 127.0.3.1 none
	mkdir -p "$BATS_TEST_TMPDIR/root"
	printf '%s\n' 'server 127.0.3.2 iburst' 'sourcedir /etc/chrony/sources.d' 'port 0' \
		> "$BATS_TEST_TMPDIR/root/chrony.conf"
	run host <<- 'end'
		cp /etc/chrony/chrony.conf /etc/before
		build/bin/pve-net ntp set 127.0.3.1
		sources
		build/bin/pve-net ntp set --keep 127.0.3.1
		sources
		shown
		cmp /etc/chrony/chrony.conf /etc/before
		build/bin/pve-net -n ntp set --keep 127.0.3.1
	end
	echo "$output"
	[ "$output" = "127.0.3.1
pve-net: warning: /etc/chrony/chrony.conf: its servers, which an earlier set made comments, are in use again
127.0.3.1 127.0.3.2
127.0.3.1 127.0.3.2
pve-net: warning: /etc/chrony/chrony.conf:1: server 127.0.3.2 stays in use as well" ]
}

@test "ntp set: files that chrony refuses are taken back, and the one that runs goes on" {
	faulty 127.0.3.1 none
	mkdir -p "$BATS_TEST_TMPDIR/root"
	printf '%s\n' 'server 127.0.3.2 iburst' 'sourcedir /etc/chrony/sources.d' 'port 0' \
		> "$BATS_TEST_TMPDIR/root/chrony.conf"
	run host <<- 'end'
		# Since it started somebody has made a mistake.
		echo 'nonsense here' >> /etc/chrony/chrony.conf
		cp -r /etc/chrony /etc/before
		build/bin/pve-net ntp set 127.0.3.1 && exit 99
		echo "exit $?"
		sources
		diff -r /etc/chrony /etc/before
		wc -l < "$2/restarts"
	end
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == "pve-net: undone: create /etc/chrony/sources.d/pve-net.sources
pve-net: undone: change /etc/chrony/chrony.conf
pve-net: failed: run chronyd -p -f /etc/chrony/chrony.conf
pve-net: not reached: run systemctl restart chrony.service
pve-net: error: chronyd ended with status 1: "*"line 4 in file /etc/chrony/chrony.conf
exit 1
127.0.3.2
1" ]]
}

@test "ntp set: chrony that does not start is started as it was; when that fails too, it is said" {
	faulty 127.0.3.1 none
	mkdir -p "$BATS_TEST_TMPDIR/root"
	printf '%s\n' 'server 127.0.3.2 iburst' 'sourcedir /etc/chrony/sources.d' 'port 0' \
		> "$BATS_TEST_TMPDIR/root/chrony.conf"
	run host <<- 'end'
		cp -r /etc/chrony /etc/before
		printf 'x\nfails\n' > "$2/faults"
		build/bin/pve-net ntp set 127.0.3.1 2>&1 | grep error; echo "exit ${PIPESTATUS[0]}"
		sources
		diff -r /etc/chrony /etc/before
		printf 'x\nfails\nfails\n' > "$2/faults"
		build/bin/pve-net ntp set 127.0.3.1 2>&1 | grep error; echo "exit ${PIPESTATUS[0]}"
		diff -r /etc/chrony /etc/before
		rm "$2/faults"
		# The way out of it.
		systemctl restart chrony.service
		build/bin/pve-net ntp set 127.0.3.1
		sources
	end
	echo "$output"
	[ "$output" = "pve-net: error: systemctl ended with status 1; chrony runs again, as it was before
exit 1
127.0.3.2
pve-net: error: systemctl ended with status 1; chrony does not start as it was before, either: see 'systemctl status chrony'
exit 1
127.0.3.1" ]
}

@test "ntp show: the server that chrony follows" {
	faulty 127.0.3.1 none
	mkdir -p "$BATS_TEST_TMPDIR/root"
	printf '%s\n' 'server 127.0.3.1 iburst' 'server 127.0.3.2' 'port 0' > "$BATS_TEST_TMPDIR/root/chrony.conf"
	run host <<- 'end'
		for _ in $(seq 600); do
			build/bin/pve-net ntp show -H -o server,used | grep -q '1$' && break
			sleep 0.1
		done
		build/bin/pve-net ntp show -H -o server,used
	end
	echo "$output"
	[ "$output" = "127.0.3.1	1
127.0.3.2	0" ]
}
