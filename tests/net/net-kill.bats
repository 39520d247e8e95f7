#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154 # live-host.sh sets some
#
# pve-net apply killed at every kind of instant while it changes the kernel: the next run says what
# it finds, and kernel and files are old or new as a whole.

load live-host.sh

setup() {
	live_host kill
	command -v strace > /dev/null || skip 'strace is not installed'
	config 4 > "$live"
	on "$net" apply --live --yes
	cp "$live" "$BATS_TEST_TMPDIR/old"
	config 24 192.0.2.10/24 1400 > "$BATS_TEST_TMPDIR/new"
	dump > "$BATS_TEST_TMPDIR/old.kernel"
	stage
	on strace -f -e trace=sendmsg -o "$BATS_TEST_TMPDIR/trace" "$net" apply --yes
	dump > "$BATS_TEST_TMPDIR/new.kernel"
	# The last request before the kernel is read again is the end of the batch.
	messages=$(grep -c sendmsg "$BATS_TEST_TMPDIR/trace")
	[ "$messages" -gt 24 ]
	back
}

teardown() {
	live_host_done
}

# config BRIDGES [ADDRESS [MTU]]
config() {
	bridge_files "${2:-192.0.2.9/24}" "${3:-1500}"
	for n in $(seq "$1"); do
		printf '\nauto vmbr%s\niface vmbr%s inet static\n\taddress 10.0.%s.1/24\n\tbridge-ports none\n' "$n" "$n" "$n"
	done
}

# All that pve-net can change; indexes differ each time a link is made, and MACs of bridges.  A route
# is linkdown until the kernel has seen to the carrier, which is up to a second later.
dump() {
	$IP -d -j link | jq -c '.[] | select(.ifname | test("^(lo|wire)$") | not) | [.ifname, .mtu, .flags, .master, .linkinfo.info_kind]' | sort
	$IP -o -4 addr | awk '{ print $2, $4 }' | sort
	$IP route | sed 's/ linkdown//' | sort
}

stage() { cp "$BATS_TEST_TMPDIR/new" "$live.new"; }
back() {
	rm -f "$live.new"
	cp "$BATS_TEST_TMPDIR/old" "$live"
	on "$net" apply --live --yes
	diff "$BATS_TEST_TMPDIR/old.kernel" <(dump)
}
is_old() { diff "$BATS_TEST_TMPDIR/old.kernel" <(dump) && cmp "$live" "$BATS_TEST_TMPDIR/old"; }
is_new() { diff "$BATS_TEST_TMPDIR/new.kernel" <(dump) && cmp "$live" "$BATS_TEST_TMPDIR/new"; }
tidy() { [ -z "$(find "$host/etc" "$host/var" -name '.*' -o -name '*.journal')" ]; }

# killed_at N: the apply dies at its Nth request to the kernel.
killed_at() {
	stage
	! on strace -f -o /dev/null -e trace=sendmsg -e "inject=sendmsg:signal=KILL:when=$1" "$net" apply --yes 2> /dev/null
}

@test "killed inside the batch: the next apply says so, mends it, and does its work" {
	middle=0
	for part in 3 30 50 75 97; do
		killed_at $((messages * part / 100 + 1))
		if [ -e "$journal" ]; then
			middle=$((middle + 1))
			! diff -q "$BATS_TEST_TMPDIR/new.kernel" <(dump) > /dev/null || echo "at $part %: all done"
		fi
		said=0
		[ ! -e "$journal" ] || said=1
		run on "$net" apply --yes
		[ "$status" = 0 ] || { echo "at $part %: $output"; false; }
		[ "$said" = 0 ] || [[ $output == *'interrupted'* ]] || { echo "at $part %: $output"; false; }
		is_new
		tidy
		back
	done
	[ "$middle" -ge 3 ]
}

@test "killed inside the batch: rollback leaves the old state" {
	for part in 25 60 90; do
		killed_at $((messages * part / 100 + 1))
		[ -e "$journal" ]
		run on "$net" rollback
		[ "$status" = 0 ] || { echo "at $part %: $output"; false; }
		is_old
		tidy
	done
}

@test "killed at random instants: old or new, never half" {
	old=0 new=0
	stage
	from=$(date +%s%N)
	on "$net" apply --yes
	took=$((($(date +%s%N) - from) / 1000))
	back
	for _ in $(seq 8); do
		stage
		on "$net" apply --yes > /dev/null 2>&1 3>&- &
		sleep "$(awk "BEGIN { print $RANDOM / 32768 * $took / 1000000 }")"
		# The lock file has the process that holds it; before that there is nothing to kill.
		pid=$(cat "$host/run/lock/pve-net-apply.lock" 2> /dev/null || :)
		[ -z "$pid" ] || kill -9 "$pid" 2> /dev/null || :
		wait $! 2> /dev/null || :
		# Any command of an apply mends it first; this one does nothing else.
		run on "$net" confirm
		if cmp -s "$live" "$BATS_TEST_TMPDIR/new"; then
			is_new
			new=$((new + 1))
		else
			is_old
			old=$((old + 1))
		fi
		tidy
		back
	done
	echo "# $old old, $new new" >&3
}
