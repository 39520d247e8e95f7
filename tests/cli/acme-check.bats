#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-acme check and cert status on the files of a node, at other times by faketime(1).

# shellcheck disable=SC2154 # tests/acme-host.sh sets variables

load ../acme-certs.sh
load ../acme-host.sh

setup_file() {
	export certs=$BATS_FILE_TMPDIR
	new_ca root
	new_ca '(STAGING) Pretend Pear' > /dev/null
	new_cert good root DNS:a.example 90
	new_cert other root DNS:a.example 90
	new_cert short root DNS:a.example 6
	new_cert staging '(STAGING) Pretend Pear' DNS:a.example 90
}

setup() {
	command -v faketime > /dev/null || skip 'faketime is not installed'
	new_root
	memory=$root/var/lib/pve-acme/renewal
	mkdir -p "$root/var/lib/pve-acme" "$root/etc/pve/priv/acme" "$root/etc/systemd/system/timers.target.wants"
	: > "$root/etc/systemd/system/timers.target.wants/pve-acme-renew.timer"
	echo 'acmedomain0: a.example' > "$node/config"
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2> /dev/null |
		jq -Rs '{account: {status: "valid"}, directory: "https://ca.example/dir", location: "https://ca.example/1", key: .}' \
			> "$root/etc/pve/priv/acme/default"
	chmod 600 "$root/etc/pve/priv/acme/default"
}

# has NAME: this pair is in place, and was ordered here.
has() {
	cp "$certs/$1.pem" "$node/pveproxy-ssl.pem"
	cp "$certs/$1.key" "$node/pveproxy-ssl.key"
	printf 'fingerprint %s\nordered 1\n' "$(fingerprint "$certs/$1.pem")" > "$memory"
}

# found TIME: what check finds then, "severity code" with commas between.
found() {
	faketime -f "$1" build/bin/pve-acme --root "$root" check -H -o severity,code > "$BATS_TEST_TMPDIR/found" || :
	tr '\t\n' ' ,' < "$BATS_TEST_TMPDIR/found"
}

# value TIME KEY: one row of status.
value() {
	faketime -f "$1" build/bin/pve-acme --root "$root" cert status -H | sed -n "s/^$2\t//p"
}

@test "all is well" {
	has good
	[ -z "$(found +0)" ]
	[ "$(value +0 state)" = good ]
	[ "$(value +0 reason)" = 'little of its life is left then' ]
	end=$(date -ud "$(openssl x509 -in "$certs/good.pem" -noout -enddate | cut -d = -f 2)" +%s)
	[ "$(value +0 renewal)" = "$(date -ud "@$((end - 30 * 86400))" +%FT%TZ)" ]
	build/bin/pve-acme --root "$root" cert status | grep -q '│ state       │ good '
}

@test "due, late, expired, not good yet" {
	has good
	[ "$(value +61d state)" = due ]
	[ -z "$(found +61d)" ]
	[ "$(found +63d)" = 'warning ACME-EXPIRES,' ]
	[ "$(found +91d)" = 'critical ACME-EXPIRED,' ]
	[ "$(value +91d state)" = expired ]
	[ "$(found -2d)" = 'critical ACME-CLOCK,' ]
	has short
	[ "$(value +4d state)" = due ]
	[ "$(value +2d state)" = good ]
}

@test "a failed renewal, critical when time runs out" {
	has good
	printf 'tried 1\nfailures 3\nerror connection refused\nnot-before %s\n' "$(($(date +%s) + 3600))" >> "$memory"
	[ "$(found +0)" = 'warning ACME-FAILED,' ]
	[ "$(value +0 state)" = failing ]
	[ "$(value +0 error)" = 'connection refused' ]
	[ "$(found +80d | tr , '\n' | grep FAILED)" = 'critical ACME-FAILED' ]
}

@test "an uploaded certificate, and none at all" {
	has good
	rm "$memory"
	[ "$(found +0)" = 'info ACME-UPLOADED,' ]
	[ "$(value +0 state)" = uploaded ]
	[ "$(found +85d)" = 'warning ACME-EXPIRES,info ACME-UPLOADED,' ]
	rm "$node"/pveproxy-ssl.*
	[ "$(found +0)" = 'info ACME-NONE,' ]
	[ "$(value +0 state)" = none ]
	[ "$(value +0 configured)" = a.example ]
}

@test "other names are configured" {
	has good
	echo 'acmedomain1: b.example' >> "$node/config"
	[ "$(found +0)" = 'warning ACME-NAMES,' ]
	[ "$(value +0 state)" = due ]
	[ "$(value +0 configured)" = 'a.example\nb.example' ]
}

@test "a pair that does not fit, half a pair, a damaged one" {
	has good
	cp "$certs/other.key" "$node/pveproxy-ssl.key"
	[ "$(found +0)" = 'critical ACME-PAIR,' ]
	rm "$node/pveproxy-ssl.key"
	[ "$(found +0)" = 'warning ACME-PAIR,' ]
	echo nonsense > "$node/pveproxy-ssl.pem"
	[[ $(found +0) == *'critical ACME-PAIR,'* ]]
}

@test "staging: the certificate's issuer, the account's server" {
	has staging
	[ "$(found +0)" = 'warning ACME-STAGING,' ]
	sed -i 's|https://ca.example/dir|https://acme-staging-v02.api.letsencrypt.org/directory|' "$root/etc/pve/priv/acme/default"
	[ "$(found +0)" = 'warning ACME-STAGING,warning ACME-STAGING,' ]
}

@test "files that others can read, and the command that mends it" {
	has good
	printf 'dns: p1\n\tapi x\n' > "$root/etc/pve/priv/acme/plugins.cfg"
	chmod 644 "$root/etc/pve/priv/acme"/*
	[ "$(found +0)" = 'critical ACME-MODE,critical ACME-MODE,' ]
	build/bin/pve-acme --root "$root" check -H -o fix | sh
	[ -z "$(found +0)" ]
}

@test "no timer" {
	has good
	rm "$root/etc/systemd/system/timers.target.wants/pve-acme-renew.timer"
	[ "$(found +0)" = 'warning ACME-TIMER,' ]
}

@test "memory that is no text is none" {
	has good
	head -c 2000 /dev/urandom > "$memory"
	[ "$(value +0 state)" = uploaded ]
}
