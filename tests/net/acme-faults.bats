#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Orders through a network that fails: 20 for each fault, of which all must come to a certificate, with
# one order spent for each.  Pebble takes every challenge for met here; the ports are taken nevertheless.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a process of its own; tests/acme-server.sh sets variables

bats_require_minimum_version 1.5.0
load ../acme-server.sh

RUNS=20

setup_file() {
	begin_ca
	start_ca PEBBLE_VA_ALWAYS_VALID=1
	new_host "$ca/plain"
	start_proxy
	new_host "$ca/proxied" https://localhost:14001/dir
}

# one HOST N: an order of host number N; its status is left in $BATS_TEST_TMPDIR/N.status.
one() {
	local status=0
	cp -a "$ca/$1" "$BATS_TEST_TMPDIR/$2"
	echo "acmedomain0: n$2.dns.test" > "$BATS_TEST_TMPDIR/$2/etc/pve/nodes/node1/config"
	"$acme" --root "$BATS_TEST_TMPDIR/$2" cert order --ca-bundle "$ca/ca.pem" --http-port $((20000 + $2)) \
		--http-address 127.0.0.1 > "$BATS_TEST_TMPDIR/$2.out" 2>&1 || status=$?
	echo $status > "$BATS_TEST_TMPDIR/$2.status"
}

# table HOST FAULT: the orders, four at a time, and the row of the table.
table() {
	local i good=0 pids=()
	for ((i = 0; i < RUNS; i++)); do
		one "$1" "$i" 3>&- &
		pids+=($!)
		((i % 4 < 3)) || wait "${pids[@]}" # and not the proxy
	done
	wait "${pids[@]}"
	for ((i = 0; i < RUNS; i++)); do
		if [ "$(cat "$BATS_TEST_TMPDIR/$i.status")" = 0 ] && [ -f "$BATS_TEST_TMPDIR/$i/etc/pve/nodes/node1/pveproxy-ssl.pem" ] &&
			[ ! -e "$BATS_TEST_TMPDIR/$i/var/lib/pve-acme/order" ]; then
			good=$((good + 1))
		else
			cat "$BATS_TEST_TMPDIR/$i.out"
		fi
	done
	orders=$(grep -c '^POST /order-plz 201' "$ca/count" || :)
	echo "# $2: $good of $RUNS, $orders orders" >&3
	[ "$good" = $RUNS ] && [ "$orders" = $RUNS ]
}

# faulty FAULT...: the proxy has every fifth request meet the fault.
faulty() {
	stop_last
	start_proxy "$@"
}

@test "every fifth answer is dropped, after the request was carried out" {
	faulty --every 5 drop-reply
	table proxied 'dropped answers'
}

@test "a server that takes connections and drops the first five requests is not given up" {
	faulty --first 5 drop-reply
	one proxied 60
	[ "$(cat "$BATS_TEST_TMPDIR/60.status")" = 0 ] || { cat "$BATS_TEST_TMPDIR/60.out"; false; }
	[ "$(grep -c 'Empty reply from server; trying again' "$BATS_TEST_TMPDIR/60.out")" = 5 ]
}

@test "a server that is not there is given up after four tries" {
	stop_last # the proxy
	one proxied 61
	start_proxy
	[ "$(cat "$BATS_TEST_TMPDIR/61.status")" = 69 ]
	grep -q 'the directory: given up after 4 tries: localhost:14001: ' "$BATS_TEST_TMPDIR/61.out" ||
		{ cat "$BATS_TEST_TMPDIR/61.out"; false; }
}

@test "every fifth request is dropped before it is carried out" {
	faulty --every 5 drop-request
	table proxied 'dropped requests'
}

@test "every fifth request is answered by 503 and Retry-After" {
	faulty --every 5 503
	table proxied '503, Retry-After: 1'
}

@test "every fifth request is answered by 429 and Retry-After" {
	faulty --every 5 429
	table proxied '429, Retry-After: 1'
}

@test "of every fifth answer half comes" {
	faulty --every 5 cut
	table proxied 'cut bodies'
}

@test "every fifth answer brings no nonce" {
	faulty --every 5 no-nonce
	table proxied 'no nonces'
}

@test "a server that wants a long pause is left alone, and it is said until when" {
	faulty --every 1 429 --retry-after 3600
	one proxied 99
	[ "$(cat "$BATS_TEST_TMPDIR/99.status")" = 75 ]
	grep -q 'the server wants a pause of 3600 seconds' "$BATS_TEST_TMPDIR/99.out" || { cat "$BATS_TEST_TMPDIR/99.out"; false; }
	[ "$(grep -c . "$ca/count")" = 1 ]
}

@test "half of all nonces are refused" {
	stop_last # the proxy
	stop_last # the CA
	start_ca PEBBLE_VA_ALWAYS_VALID=1 PEBBLE_WFE_NONCEREJECT=50
	start_proxy
	new_host "$ca/nonces" https://localhost:14001/dir
	: > "$ca/count"
	table nonces 'half of the nonces refused'
}

@test "a server that has lost the account says so, and --reregister makes it anew with the same key" {
	one plain 50
	[ "$(cat "$BATS_TEST_TMPDIR/50.status")" = 69 ]
	grep -q 'knows no such account' "$BATS_TEST_TMPDIR/50.out" || { cat "$BATS_TEST_TMPDIR/50.out"; false; }
	host=$BATS_TEST_TMPDIR/50
	before=$(jq -r .key "$host/etc/pve/priv/acme/default")
	"$acme" --root "$host" cert order --ca-bundle "$ca/ca.pem" --http-port 20050 --reregister -q
	[ "$(jq -r .key "$host/etc/pve/priv/acme/default")" = "$before" ]
	[ -f "$host/etc/pve/nodes/node1/pveproxy-ssl.pem" ]
	"$acme" --root "$host" cert order --ca-bundle "$ca/ca.pem" --http-port 20050 --force -q
}

@test "the CA is restarted in the middle of an order, and has forgotten everything: said, and mended" {
	host=$BATS_TEST_TMPDIR/host
	stop_last # the proxy
	stop_last # the CA
	start_ca PEBBLE_VA_ALWAYS_VALID=1
	new_host "$host"
	cp "$ca/key.conf" "$host/etc/"
	use_bind --validation-delay 4
	"$acme" --root "$host" config set -acmedomain0 r.dns.test,plugin=bind
	"$acme" --root "$host" cert order --ca-bundle "$ca/ca.pem" > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	pid=$!
	eventually 10 grep -q '^Waiting' "$BATS_TEST_TMPDIR/out"
	stop_last
	start_ca PEBBLE_VA_ALWAYS_VALID=1
	status=0
	wait "$pid" || status=$?
	cat "$BATS_TEST_TMPDIR/out"
	[ "$status" = 69 ]
	grep -q 'knows no such account' "$BATS_TEST_TMPDIR/out"
	[ -z "$(dig +short TXT _acme-challenge.r.dns.test @127.0.0.1)" ]
	"$acme" --root "$host" cert order --ca-bundle "$ca/ca.pem" --reregister -q
	[ "$(seen "$host/etc/pve/nodes/node1/pveproxy-ssl.pem")" = 'r.dns.test ' ]
	[ ! -e "$host/var/lib/pve-acme/order" ]
}
