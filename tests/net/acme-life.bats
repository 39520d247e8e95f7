#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The whole life of a certificate with each kind of challenge: ordered, renewed, renewed by an account
# whose key was rolled over, revoked.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a process of its own; tests/acme-server.sh sets variables

bats_require_minimum_version 1.5.0
load ../acme-server.sh

setup_file() {
	begin_ca
	start_ca
	new_host "$ca/host"
}

setup() {
	copy_host
	on_host account register life --directory https://localhost:14000/dir --accept-tos --ca-bundle "$ca/ca.pem" life@example.test
}

serial() {
	openssl x509 -in "$node/pveproxy-ssl.pem" -noout -serial | cut -d = -f 2 | tr A-F a-f
}

renew() {
	on_host cert renew --force --ca-bundle "$ca/ca.pem" --timeout 60 "$@"
}

# validated: how many authorizations the CA found valid so far.
validated() {
	grep -ac 'set VALID' "$ca/ca.log" || :
}

# live NAMES: all of it, for the names that are configured.
live() {
	on_host config set -acme account=life
	before=$(validated)
	order -q
	[ "$(seen "$node/pveproxy-ssl.pem")" = "$1" ]
	[ $(($(validated) - before)) = "$(wc -w <<< "$1")" ] || { grep -a 'set VALID' "$ca/ca.log"; false; }
	first=$(serial)
	renew -q
	second=$(serial)
	[ "$first" != "$second" ]
	key=$(jq -r .key "$host/etc/pve/priv/acme/life")
	on_host account rollover life --ca-bundle "$ca/ca.pem"
	[ "$(jq -r .key "$host/etc/pve/priv/acme/life")" != "$key" ]
	renew -q
	third=$(serial)
	[ "$third" != "$second" ]
	run on_host cert revoke --ca-bundle "$ca/ca.pem"
	[ "$status" = 0 ] || { echo "$output"; false; }
	[ ! -e "$node/pveproxy-ssl.pem" ]
	for serial in "$first" "$second" "$third"; do
		curl -s --cacert "$ca/ca.pem" "https://localhost:15000/cert-status-by-serial/${serial#0}" |
			jq -r .Status
	done > "$BATS_TEST_TMPDIR/states"
	# renewing does not revoke
	[ "$(xargs < "$BATS_TEST_TMPDIR/states")" = 'Valid Valid Revoked' ] || { cat "$BATS_TEST_TMPDIR/states"; false; }
	# Names were validated anew; but Pebble takes one in a hundred for valid that was before, even with
	# PEBBLE_AUTHZREUSE=0.
	[ $(($(validated) - before)) -gt "$(wc -w <<< "$1")" ] || { grep -a 'set VALID\|order-plz' "$ca/ca.log"; false; }
}

@test "http-01" {
	on_host config set -acmedomain0 a.dns.test -acmedomain1 b.dns.test
	live 'a.dns.test b.dns.test '
}

@test "tls-alpn-01" {
	on_host plugin add standalone tls --api tls-alpn
	on_host config set -acmedomain0 a.dns.test,plugin=tls
	live 'a.dns.test '
}

@test "dns-01, with a wildcard" {
	use_bind
	on_host config set -acmedomain0 dns.test,plugin=bind -acmedomain1 '*.dns.test,plugin=bind'
	live '*.dns.test dns.test '
}
