#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-net apply --engine, with Debian's own ifupdown2 unpacked over /usr in a private mount namespace.

# shellcheck disable=SC2154 # live-host.sh sets some
load live-host.sh

setup() {
	live_host engine
	mkdir -p "$host/etc/iproute2/rt_tables.d" "$host/sbin" "$host/var/dpkg" "$host/run/network"
	$IP link add vmbr0 type bridge
	$IP link add tap100i0 type veth peer name guest
	$IP link set eno1 up master vmbr0
	$IP link set tap100i0 up master vmbr0
	$IP link set vmbr0 up
	staged=$live.new
	config 192.0.2.9/24 > "$live"
	$IP addr add 192.0.2.9/24 dev vmbr0
	installed 3.0.0-1.1
}

teardown() {
	live_host_done
}

# config ADDRESS [LINE]
config() {
	printf 'auto lo\niface lo inet loopback\n\niface eno1 inet manual\n\nauto vmbr0\n'
	printf 'iface vmbr0 inet static\n\taddress %s\n\tbridge-ports eno1\n\tbridge-stp off\n' "$1"
	[ $# = 1 ] || printf '\t%s\n' "$2"
}

# installed VERSION: what dpkg says of ifupdown2.
installed() {
	cat > "$host/var/dpkg/status" << EOT
Package: ifupdown2
Status: install ok installed
Architecture: all
Version: $1

EOT
}

# on COMMAND...: as in live-host.sh, with ifupdown2 where it is unpacked.
on() {
	# shellcheck disable=SC2016 # for the inner shell
	ip netns exec "$ns" sh -c '
		mount --bind "$0/var" /var/lib && mount --bind "$0/run" /run &&
		{ [ ! -d build/peers/ifupdown2 ] ||
			{ cp -an build/peers/ifupdown2/etc/network/. "$0/etc/network" &&
				mount -t overlay -o "lowerdir=$PWD/build/peers/ifupdown2/usr:/usr" none /usr &&
				mount -t overlay -o "lowerdir=$0/sbin:/usr/sbin" none /usr/sbin; }; } &&
		mount --bind "$0/etc" /etc && exec "$@"' "$host" "$@"
}

is_old() { [ "$(address)" = 192.0.2.9/24 ] && grep -q 192.0.2.9/24 "$live" && [ -e "$staged" ]; }

@test "ifupdown2 that would take guests off their bridge is refused, with the reason" {
	config 192.0.2.10/24 > "$staged"
	run on "$net" apply --engine ifupdown2 --yes
	[ "$status" = 77 ]
	[[ $output == *'version 3.0.0-1.1 would take running guests off vmbr0'* ]]
	: > "$host/var/dpkg/status"
	run on "$net" apply --engine ifupdown2 --yes
	[ "$status" = 69 ]
	is_old
	# Where it may, it is asked about the way that everything goes, as always.
	$IP route add default via 192.0.2.1
	installed 3.3.0-1+pmx1
	run on "$net" apply --engine ifupdown2
	[ "$status" = 77 ]
	[[ $output == *'carries the default route'* ]]
}

@test "ifupdown2 where guests are spared: applied, and undone when not confirmed" {
	[ -x /usr/bin/python3 ] || skip 'no python3'
	scripts/fetch-peer ifupdown2 build/peers/ifupdown2 > "$BATS_TEST_TMPDIR/fetch" 2>&1 ||
		skip 'ifupdown2 could not be had'
	on sh -c 'mount | grep -q "on /usr/sbin type overlay"' || skip 'overlays cannot be mounted here'
	spare='bridge-ports-condone-regex ^(tap|veth|fwpr)[0-9]'
	# The package makes it executable when it is installed, which it is not.
	printf '#!/bin/sh\nexec /usr/bin/python3 /run/ifreload "$@"\n' > "$host/sbin/ifreload"
	chmod +x "$host/sbin/ifreload"
	ln -s /usr/share/ifupdown2/__main__.py "$host/run/ifreload"
	config 192.0.2.9/24 "$spare" > "$live"
	config 192.0.2.10/24 "$spare" > "$staged"
	on "$net" apply --engine ifupdown2 --confirm 20
	[ "$(address)" = 192.0.2.10/24 ]
	grep -q 192.0.2.10/24 "$live"
	eventually 60 is_old
	$IP link show tap100i0 | grep -q 'master vmbr0'
	on "$net" apply --engine ifupdown2 --yes
	[ "$(address)" = 192.0.2.10/24 ]
	$IP link show tap100i0 | grep -q 'master vmbr0'
	run on "$net" history -H -o via,current
	[ "${lines[1]}" = "$(printf 'apply\t1')" ]
}

@test "reboot: the files are in place, the kernel is as it was" {
	config 192.0.2.10/24 > "$staged"
	on "$net" apply --engine reboot -m 'tonight'
	[ "$(address)" = 192.0.2.9/24 ]
	grep -q 192.0.2.10/24 "$live"
	[ ! -e "$staged" ]
	run on "$net" history -H -o why,current
	[ "${lines[1]}" = "$(printf 'tonight\t1')" ]
	run on "$net" apply --engine reboot --confirm 60
	[ "$status" = 64 ]
}
