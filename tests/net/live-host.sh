# shellcheck shell=bash disable=SC2034 # for the tests
# SPDX-License-Identifier: GPL-3.0-or-later
#
# For tests on a live network: a network namespace of the test's own, and a host with its own /etc,
# /var/lib and /run, in which a command runs by "on".

load "$BATS_TEST_DIRNAME/../eventually.sh"

# live_host NAME: sets net (the program), ns, IP (ip(8) there), host (its root), live (its
# interfaces file) and journal (of an apply), and makes the NIC eno1, whose cable ends in wire.
live_host() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	net=$PWD/build/bin/pve-net
	ns=pve-net-$1-$$-$BATS_TEST_NUMBER
	host=$BATS_TEST_TMPDIR/host
	live=$host/etc/network/interfaces
	journal=$host/var/pve-tools/pve-net-apply.journal
	mkdir -p "$host/etc/network" "$host/var" "$host/run/lock"
	ip netns add "$ns" 2> /dev/null || skip 'needs root and network namespaces'
	IP="ip -n $ns"
	$IP link add eno1 type veth peer name wire || skip 'the kernel has no veth'
	$IP link set wire up
	$IP link add probe type bridge || skip 'the kernel has no bridges'
	$IP link del probe
}

# live_host_done: ends whatever a failed test has left, watchdogs too.
live_host_done() {
	for pid in $(ip netns pids "$ns" 2> /dev/null); do
		kill -9 "$pid"
	done
	rm -f "$journal"
	ip netns del "$ns" 2> /dev/null || :
}

# on COMMAND...: on that host.  ip-netns(8) makes a mount namespace.
on() {
	# shellcheck disable=SC2016 # for the inner shell
	ip netns exec "$ns" sh -c '
		mount --bind "$0/etc" /etc && mount --bind "$0/var" /var/lib &&
		mount --bind "$0/run" /run && exec "$@"' "$host" "$@"
}

# address: that of its bridge.
address() { $IP -j -4 addr show dev vmbr0 | jq -r '.[].addr_info[] | "\(.local)/\(.prefixlen)"'; }

# bridge_files [ADDRESS [MTU]]: the guide's default, a bridge on one NIC.
bridge_files() {
	cat << EOT
auto lo
iface lo inet loopback

iface eno1 inet manual

auto vmbr0
iface vmbr0 inet static
	address ${1:-192.0.2.9/24}
	gateway 192.0.2.1
	bridge-ports eno1
	bridge-stp off
	bridge-fd 0
EOT
	[ -z "${2-}" ] || printf '\tmtu %s\n' "$2"
}
