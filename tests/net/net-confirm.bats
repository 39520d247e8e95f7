#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154 # live-host.sh sets some
#
# pve-net apply --confirm, confirm, rollback and history on a live network: a bridge in a network
# namespace of the test's own, with /etc, /var/lib and /run of its own.  Whatever ends the tool,
# without a confirmation the old addresses and the old file come back.

load live-host.sh

setup() {
	live_host confirm
	staged=$live.new
	bridge_files > "$live"
	on "$net" apply --live --yes -m 'as installed'
	[ "$(address)" = 192.0.2.9/24 ]
	cp "$live" "$BATS_TEST_TMPDIR/old"
	bridge_files 192.0.2.10/24 1400 > "$staged"
	cp "$staged" "$BATS_TEST_TMPDIR/new"
}

teardown() {
	umount "$host/var" "$host/etc" 2> /dev/null || :
	live_host_done
}

gateway() { $IP route show default | cut -d ' ' -f 3; }
is_old() {
	[ "$(address)" = 192.0.2.9/24 ] && [ "$(gateway)" = 192.0.2.1 ] &&
		cmp -s "$live" "$BATS_TEST_TMPDIR/old" && cmp -s "$staged" "$BATS_TEST_TMPDIR/new"
}
is_new() {
	[ "$(address)" = 192.0.2.10/24 ] && [ "$(gateway)" = 192.0.2.1 ] &&
		cmp -s "$live" "$BATS_TEST_TMPDIR/new" && [ ! -e "$staged" ]
}
# Nothing of the tool but its generations is left.
tidy() { [ -z "$(find "$host/etc" "$host/var" -name '.*' -o -name '*.journal')" ]; }

# Processes in the test's network namespace that are pve-net.
watchdogs() {
	for pid in $(ip netns pids "$ns"); do
		[ "/proc/$pid/exe" -ef "$net" ] && echo "$pid"
	done
	:
}
no_watchdog() { [ -z "$(watchdogs)" ]; }

@test "confirm keeps the change, and the watchdog goes" {
	run on "$net" apply --confirm 60
	[ "$status" = 0 ] || { echo "$output"; false; }
	[[ $output == *"applied, for 60 seconds: 'pve-net confirm' from a new login keeps it"* ]]
	is_new
	[ -n "$(watchdogs)" ]
	run on "$net" confirm -n
	[ "$status" = 0 ]
	[[ $output == 'keep the change of 20'*', which would be undone at 20'* ]]
	on "$net" confirm
	eventually 60 no_watchdog
	is_new
	tidy
	run on "$net" confirm
	[ "$status" = 69 ]
}

@test "not confirmed: address, route, MTU and file come back in time" {
	on "$net" apply --confirm 5
	is_new
	eventually 60 is_old
	tidy
	eventually 60 no_watchdog
	run on "$net" confirm
	[ "$status" = 69 ]
	# What was undone can be applied once more.
	on "$net" apply --confirm 60
	on "$net" confirm
	is_new
}

@test "rollback undoes at once what awaits confirmation" {
	on "$net" apply --confirm 60
	run on "$net" rollback -n
	[ "$status" = 0 ]
	[[ $output == *'undo: change /etc/network/interfaces'* ]]
	is_new
	run on "$net" rollback
	[ "$status" = 0 ]
	[[ $output == *"interfaces.new is staged again"*"'pve-net revert' drops it"* ]]
	is_old
	tidy
	eventually 60 no_watchdog
}

@test "a second apply while one awaits confirmation: 75, and which command is next" {
	on "$net" apply --confirm 60
	bridge_files 192.0.2.11/24 > "$staged"
	run on "$net" apply --yes
	[ "$status" = 75 ]
	[[ $output == *"awaits confirmation until 20"*"'pve-net confirm' keeps it, 'pve-net rollback' undoes it"* ]]
	run on "$net" apply --confirm 5
	[ "$status" = 75 ]
	[ "$(address)" = 192.0.2.10/24 ]
	rm "$staged"
	on "$net" rollback
	is_old
}

@test "staging goes on while one awaits confirmation, and outlives its end" {
	on "$net" apply --confirm 60
	on "$net" set vmbr0 mtu=1300
	cp "$staged" "$BATS_TEST_TMPDIR/newer"
	on "$net" rollback
	[ "$(address)" = 192.0.2.9/24 ]
	cmp "$live" "$BATS_TEST_TMPDIR/old"
	cmp "$staged" "$BATS_TEST_TMPDIR/newer"
	tidy
	# It was made of files that are no more, which is said; afterwards everything goes on.
	run on "$net" apply --yes
	[ "$status" = 65 ]
	on "$net" revert
	bridge_files 192.0.2.12/24 > "$staged"
	on "$net" apply --confirm 60
	on "$net" set vmbr0 mtu=1300
	on "$net" confirm
	tidy
	on "$net" apply --yes
	[ "$(address)" = 192.0.2.12/24 ]
	[ "$($IP -j link show vmbr0 | jq '.[0].mtu')" = 1300 ]
}

@test "two applies at once: the second waits, then 75" {
	on sh -c "exec 9> /run/lock/pve-net-apply.lock; flock 9; exec $net --wait 1 apply --yes" || code=$?
	[ "$code" = 75 ]
	is_old
}

@test "kill -9 of the watchdog: the next command undoes it" {
	on "$net" apply --confirm 5
	for pid in $(watchdogs); do kill -9 "$pid"; done
	sleep 5.5
	is_new
	run on "$net" confirm
	[ "$status" = 1 ]
	[[ $output == *'too late: the change was not confirmed in time, and was reverted'* ]]
	is_old
	tidy
}

# A hook that waits in the middle of the apply.
slow_hook() {
	sed -i '/bridge-fd 0/a\	up touch /run/in-hook; sleep 3' "$staged"
	cp "$staged" "$BATS_TEST_TMPDIR/new"
}
in_hook() { [ -e "$host/run/in-hook" ]; }

@test "kill -9 in the middle: undone at once, long before the deadline" {
	slow_hook
	on "$net" apply --confirm 60 3>&- &
	eventually 60 in_hook
	[ "$(address)" = 192.0.2.10/24 ]
	kill -9 "$(cat "$host/run/lock/pve-net-apply.lock")"
	wait $! || :
	eventually 60 is_old
	tidy
}

@test "kill -9 in the middle without --confirm: rollback mends it and goes no further back" {
	slow_hook
	on "$net" apply --yes 3>&- &
	eventually 60 in_hook
	kill -9 "$(cat "$host/run/lock/pve-net-apply.lock")"
	wait $! || :
	[ "$(address)" = 192.0.2.10/24 ]
	on "$net" rollback
	is_old
	tidy
	run on "$net" history -H -o generation
	[ "$output" = 1 ]
}

@test "SIGHUP in the middle: undone" {
	slow_hook
	on "$net" apply --confirm 60 3>&- &
	eventually 60 in_hook
	kill -HUP "$(cat "$host/run/lock/pve-net-apply.lock")"
	wait $! || code=$?
	[ "$code" = 129 ]
	is_old
	tidy
	eventually 60 no_watchdog
}

@test "a hook that never ends: ended after the deadline, and undone" {
	sed -i '/bridge-fd 0/a\	up touch /run/in-hook; sleep 1000' "$staged"
	cp "$staged" "$BATS_TEST_TMPDIR/new"
	on "$net" apply --confirm 1 3>&- &
	eventually 60 in_hook
	wait $! || code=$?
	[ "$code" = 137 ]
	eventually 60 is_old
	# Nothing of it goes on.
	[ -z "$(ip netns pids "$ns")" ]
	tidy
}

# Is there a process of that name in the namespace?
named() {
	for pid in $(ip netns pids "$ns"); do
		[ "$(cat "/proc/$pid/comm" 2> /dev/null)" != "$1" ] || return 0
	done
	return 1
}

@test "the terminal goes away (lost ssh session): the watchdog stays" {
	# script(1) is the terminal; killing it hangs up the session.
	begin=$(cut -d . -f 1 /proc/uptime)
	on script -qec "$net apply --confirm 10; sleep 100" /dev/null > /dev/null 2>&1 < /dev/null 3>&- &
	# The apply has ended well when the next command runs; a SIGHUP before that would undo it.
	eventually 60 named sleep
	for pid in $(ip netns pids "$ns"); do
		[ "$(cat "/proc/$pid/comm")" != script ] || kill -9 "$pid"
	done
	wait $! || :
	# Neither is the watchdog ended by what ends a session politely.
	for pid in $(watchdogs); do kill -HUP "$pid" && kill -TERM "$pid" && kill -INT "$pid" || :; done
	eventually 60 is_old
	# What ended it was the deadline, and nothing before that.
	[ $(($(cut -d . -f 1 /proc/uptime) - begin)) -ge 9 ]
	tidy
}

@test "a disk that is full by the deadline: everything comes back" {
	mount -t tmpfs -o size=1m none "$host/var"
	mkdir "$BATS_TEST_TMPDIR/etc"
	cp -a "$host/etc/." "$BATS_TEST_TMPDIR/etc"
	mount -t tmpfs -o size=256k none "$host/etc"
	cp -a "$BATS_TEST_TMPDIR/etc/." "$host/etc"
	on "$net" apply --confirm 6
	is_new
	cat /dev/zero > "$host/var/fill" 2> /dev/null || :
	cat /dev/zero > "$host/etc/fill" 2> /dev/null || :
	eventually 60 is_old
	tidy
	umount "$host/var" "$host/etc"
}

@test "a full disk while it is confirmed: it stays, with nothing left over" {
	mount -t tmpfs -o size=1m none "$host/var"
	on "$net" apply --confirm 60
	is_new
	cat /dev/zero > "$host/var/fill" 2> /dev/null || :
	run on "$net" confirm
	echo "$status: $output"
	[ "$status" = 0 ]
	is_new
	tidy
	eventually 60 no_watchdog
	is_new
	umount "$host/var"
}

@test "a full disk before: nothing is changed, and it says so" {
	mount -t tmpfs -o size=64k none "$host/var"
	cat /dev/zero > "$host/var/fill" 2> /dev/null || :
	run on "$net" apply --confirm 60
	[ "$status" = 1 ]
	[[ $output == *'nothing was changed'*'No space left on device'* ]]
	umount "$host/var"
	is_old
	no_watchdog
}

@test "another boot: only the files come back, as for the boot unit" {
	on "$net" apply --confirm 600
	for pid in $(watchdogs); do kill -9 "$pid"; done
	cat /proc/sys/kernel/random/uuid > "$BATS_TEST_TMPDIR/boot_id"
	# shellcheck disable=SC2016 # for the inner shell
	run on sh -c 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"' \
		"$BATS_TEST_TMPDIR/boot_id" "$net" rollback --at-deadline
	[ "$status" = 0 ] || { echo "$output"; false; }
	[[ $output == *'was not confirmed before the restart of the system; reverting it'* ]]
	[[ $output == *'interfaces.new is staged again'* ]]
	cmp "$live" "$BATS_TEST_TMPDIR/old"
	cmp "$staged" "$BATS_TEST_TMPDIR/new"
	# The kernel of this boot is none of its business.
	[ "$(address)" = 192.0.2.10/24 ]
	tidy
}

@test "the way that the ssh connection goes is not cut off unawares" {
	export SSH_CONNECTION='192.0.2.7 50022 192.0.2.9 22'
	run on "$net" apply
	[ "$status" = 77 ]
	[ "${#lines[@]}" = 1 ]
	[[ $output == *"which carries the ssh connection from 192.0.2.7: use --confirm 60"* ]]
	is_old
	unset SSH_CONNECTION
	run on "$net" apply
	[ "$status" = 77 ]
	[[ $output == *"carries the default route of IPv4"* ]]
	run on "$net" apply -n
	[ "$status" = 0 ]
	[[ $output == *"carries the default route of IPv4"* ]]
	is_old
	on "$net" apply --yes
	is_new
	eventually 1 no_watchdog
}

@test "the way of the cluster's ring is not cut off unawares, with either copy of its file" {
	rm "$staged"
	$IP link add eno2 type veth peer name wire2
	$IP link set wire2 up
	printf '\nauto eno2\niface eno2 inet static\n\taddress 10.0.0.1/24\n' >> "$live"
	on "$net" apply --live --yes
	mtu() { $IP -j link show dev eno2 | jq '.[0].mtu'; }
	change() { sed "s|10.0.0.1/24|&\n\tmtu $1|" "$live" > "$staged"; }
	ring() {
		mkdir -p "${1%/*}"
		printf 'nodelist {\n  node {\n    name: a\n    ring0_addr: 10.0.0.1\n  }\n  node {\n    ring0_addr: 10.0.0.2\n  }\n}\n' > "$1"
	}
	refused() {
		run on "$net" apply
		[ "$status" = 77 ] || { echo "$status: $output"; false; }
		[ "${#lines[@]}" = 1 ]
		[[ $output == *'this touches eno2, which carries ring 0 of the cluster: use --confirm 60'*'or --yes' ]]
		[ "$(mtu)" = 1500 ]
	}
	change 1400
	ring "$host/etc/corosync/corosync.conf"
	refused
	mkdir -p "$host/etc/pve"
	mv "$host/etc/corosync/corosync.conf" "$host/etc/pve/"
	refused
	on "$net" apply --confirm 60
	[ "$(mtu)" = 1400 ]
	on "$net" rollback
	[ "$(mtu)" = 1500 ]
	refused
	on "$net" apply --yes
	[ "$(mtu)" = 1400 ]
	# Without a cluster it is one NIC like another.
	rm "$host/etc/pve/corosync.conf"
	sed 's/mtu 1400/mtu 1300/' "$live" > "$staged"
	on "$net" apply
	[ "$(mtu)" = 1300 ]
}

@test "a change beside that way needs neither --confirm nor --yes" {
	bridge_files 192.0.2.9/24 > "$staged"
	printf '\nauto vmbr1\niface vmbr1 inet manual\n\tbridge-ports none\n' >> "$staged"
	on "$net" apply
	$IP link show vmbr1 > /dev/null
}

@test "history and rollback N: files and kernel go back, with a watchdog, too" {
	on "$net" apply --yes -m 'new address'
	run on "$net" history -H -o generation,via,why,current
	[ "$output" = "$(printf '1\tapply\tas installed\t0\n2\tapply\tnew address\t1')" ]
	on "$net" rollback 1 --yes -m 'did not work'
	[ "$(address)" = 192.0.2.9/24 ]
	cmp "$live" "$BATS_TEST_TMPDIR/old"
	run on "$net" history -H -o generation,via,why,current
	[ "${lines[2]}" = "$(printf '3\trollback 1\tdid not work\t1')" ]
	on "$net" rollback --confirm 6
	[ "$(address)" = 192.0.2.10/24 ]
	run on "$net" history
	[[ $output == *'the newest awaits confirmation until 20'* ]]
	old() { [ "$(address)" = 192.0.2.9/24 ] && cmp -s "$live" "$BATS_TEST_TMPDIR/old"; }
	eventually 60 old
	run on "$net" history -H -o generation
	[ "${#lines[@]}" = 3 ]
	tidy
	# Files edited by hand since count as the newest: without a number it goes back to the last.
	sed -i 's/192.0.2.9/192.0.2.33/' "$live"
	run on "$net" history -H -o generation,via,files,current
	[ "${lines[3]}" = "$(printf '\thand\t/etc/network/interfaces\t1')" ]
	on "$net" rollback --yes
	old
	run on "$net" history -H -o generation,via
	[ "${lines[3]}" = "$(printf '4\thand')" ]
	[ "${lines[4]}" = "$(printf '5\trollback 3')" ]
	on "$net" history 4 | grep -q '^+.*address 192.0.2.33/24'
	# What is staged is not lost to a rollback.
	bridge_files 192.0.2.44/24 > "$staged"
	run on "$net" rollback 1 --yes
	[ "$status" = 77 ]
	[[ $output == *'changes are staged'* ]]
}
