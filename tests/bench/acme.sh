# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# Orders of pve-acme beside those of other clients, at one Pebble on loopback, in a network namespace of
# their own.  Every client has its account already; all take P-256 keys.

if [ "$(id -u)" != 0 ] || ! unshare --net true 2> /dev/null; then
	echo 'pve-acme: not measured: needs root and network namespaces'
else
	# shellcheck disable=SC2016 # for the inner shell
	unshare --net bash -c '
		set -eu
		ip link set lo up
		tree=$1 work=$2
		. "$tree/tests/bench/lib.sh"
		. "$tree/tests/bench/acme-orders"' bash "$tree" "$work"
fi
