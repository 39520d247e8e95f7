#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-net ipv6 on live links: /proc/sys/net is that of the test's own network namespace, and the
# files that would be written are hidden behind a private mount namespace.

load own-network.sh

setup() {
	own_network
	cd "$BATS_TEST_DIRNAME/../.." || return
	net=$PWD/build/bin/pve-net
	conf=/proc/sys/net/ipv6/conf
	[ -d $conf ] || skip 'the kernel runs without IPv6'
	[ -w $conf/all/disable_ipv6 ] || skip '/proc/sys is read-only here'
	host=$BATS_TEST_TMPDIR/host
	mkdir -p "$host/etc/network" "$host/run/lock" "$host/lib"
	ip link add vmbr0 type veth peer name tap100i0
	ip link set vmbr0 up
	echo 1 > $conf/tap100i0/disable_ipv6
}

teardown() {
	ip link del vmbr0 || :
	for name in all default lo; do
		echo 0 > "$conf/$name/disable_ipv6"
	done
} 2> /dev/null

# on_host COMMAND...
on_host() {
	# shellcheck disable=SC2016 # for the inner shell
	unshare --mount sh -c 'mount --bind "$0/etc" /etc && mount --bind "$0/run" /run &&
		mount --bind "$0/lib" /var/lib && exec "$@"' "$host" "$@"
}

values() {
	for name in all default lo tap100i0 vmbr0; do
		printf '%s' "$(cat "$conf/$name/disable_ipv6")"
	done
}

@test "ipv6 off and on: at once, exactly back, guests' links stay off" {
	[ "$(values)" = 00010 ]
	run on_host "$net" ipv6 off
	[ "$status" = 0 ] || { echo "$output"; false; }
	[ "$(values)" = 11111 ]
	[ "$(wc -l < "$host/etc/sysctl.d/disable-ipv6.conf")" = 2 ]
	run on_host "$net" ipv6 -H show vmbr0
	[ "$output" = 'vmbr0	off	off	/etc/sysctl.d/disable-ipv6.conf:1' ]
	run on_host "$net" ipv6 on
	[ "$status" = 0 ] || { echo "$output"; false; }
	[ "$(values)" = 00010 ]
	[ ! -e "$host/etc/sysctl.d/disable-ipv6.conf" ]
	[ ! -e "$host/run/pve-net/ipv6" ]
}

@test "ipv6 on after a reboot: there is no record, guests' links stay off" {
	on_host "$net" ipv6 off
	rm "$host/run/pve-net/ipv6"
	on_host "$net" ipv6 on
	[ "$(values)" = 00010 ]
}

@test "ipv6 off for one interface touches no other" {
	on_host "$net" ipv6 off vmbr0
	[ "$(values)" = 00011 ]
	on_host "$net" ipv6 off
	on_host "$net" ipv6 on
	[ "$(values)" = 00010 ]
}

@test "ipv6 off: what cannot be done is undone" {
	# The record cannot be written: the snippet, which came first, goes again.
	: > "$host/run/pve-net"
	run on_host "$net" ipv6 off
	[ "$status" != 0 ]
	[ "$(values)" = 00010 ]
	[ ! -e "$host/etc/sysctl.d/disable-ipv6.conf" ]
}
