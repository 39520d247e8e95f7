#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# An order that is killed, a hundred times: what a run leaves, the next one goes on with.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a process of its own; tests/acme-server.sh sets variables

bats_require_minimum_version 1.5.0
load ../acme-server.sh

setup_file() {
	begin_ca
	start_ca PEBBLE_VA_ALWAYS_VALID=1
	start_proxy
	new_host "$ca/killed" https://localhost:14001/dir
}

@test "killed at 100 instants: each order is gone on with, or cleanly given up, and nothing listens" {
	host=$ca/killed
	echo 'acmedomain0: k.dns.test' > "$host/etc/pve/nodes/node1/config"
	: > "$ca/count"
	certs=0 completed=0
	for ((i = 0; i < 100; i++)); do
		rm -f "$host"/etc/pve/nodes/node1/pveproxy-ssl.*
		"$acme" --root "$host" cert order --ca-bundle "$ca/ca.pem" --http-port 20200 > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
		pid=$!
		sleep "0.$(printf %03d $((RANDOM % 250)))"
		kill -9 $pid 2> /dev/null || :
		wait $pid || :
		# done before it was killed
		[ ! -e "$host/etc/pve/nodes/node1/pveproxy-ssl.pem" ] || [ -e "$host/var/lib/pve-acme/order" ] || completed=$((completed + 1))
		# its other processes end with it
		eventually 10 no_listener 20200
		"$acme" --root "$host" cert order --force --ca-bundle "$ca/ca.pem" --http-port 20200 > "$BATS_TEST_TMPDIR/out" 2>&1 ||
			{ echo "run $i"; cat "$BATS_TEST_TMPDIR/out"; false; }
		cmp <(openssl x509 -in "$host/etc/pve/nodes/node1/pveproxy-ssl.pem" -noout -pubkey) \
			<(openssl pkey -in "$host/etc/pve/nodes/node1/pveproxy-ssl.key" -pubout)
		[ ! -e "$host/var/lib/pve-acme/order" ]
		certs=$((certs + 1))
	done
	orders=$(($(grep -c '^POST /order-plz 201' "$ca/count") - completed))
	echo "# killed at 100 random instants: $certs of 100, $orders orders, and $completed that were done before" >&3
	# The order of a run that died between the server's answer and its journal is found again by the list of the account's.
	[ "$certs" = 100 ] && [ "$orders" = 100 ]
}

no_listener() {
	! grep -qE "^ *[0-9]+: [0-9A-F]+:$(printf %04X "$1") [0-9A-F:]+ 0A" /proc/net/tcp /proc/net/tcp6
}
