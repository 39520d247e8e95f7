#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Renewals at a real CA (Pebble) with a real name server, and what is done when they fail.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # each test is a process of its own; tests/acme-server.sh sets variables

load ../acme-server.sh
load ../acme-pveproxy.sh

setup_file() {
	begin_ca
	start_ca
	new_host "$ca/host"
	"$acme" --root "$ca/host" config set -acmedomain0 a.dns.test
	"$acme" --root "$ca/host" cert order -q --ca-bundle "$ca/ca.pem" --timeout 60
	new_ca commercial
	new_cert bought commercial DNS:a.dns.test 300
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	copy_host
	memory=$host/var/lib/pve-acme/renewal
	before=$(fingerprint "$node/pveproxy-ssl.pem")
}

renew() {
	on_host cert renew --ca-bundle "$ca/ca.pem" --timeout 60 "$@"
}

value() {
	on_host cert status -H | sed -n "s/^$1\t//p"
}

# is_renewed, is_not_renewed: another certificate, whose pair fits and which is remembered; the same.
is_renewed() {
	[ "$(fingerprint "$node/pveproxy-ssl.pem")" != "$before" ]
	grep -qx "fingerprint $(fingerprint "$node/pveproxy-ssl.pem")" "$memory"
	cmp <(openssl x509 -in "$node/pveproxy-ssl.pem" -noout -pubkey) <(openssl pkey -in "$node/pveproxy-ssl.key" -pubout)
	[ "$(value state)" = good ]
}

is_not_renewed() {
	[ "$(fingerprint "$node/pveproxy-ssl.pem")" = "$before" ]
}

@test "not due: the timer says and does nothing, people are told when" {
	run renew --if-due
	[ "$status" = 0 ]
	[ -z "$output" ]
	run renew
	[ "$status" = 1 ]
	[[ $output == *"not due before $(value renewal) (little of its life is left then); --force renews it now"* ]]
	is_not_renewed
	[ "$(value state)" = good ]
}

@test "--force renews, and does not revoke the old one" {
	serial=$(openssl x509 -in "$node/pveproxy-ssl.pem" -noout -serial | cut -d = -f 2 | tr A-F a-f)
	renew --force
	is_renewed
	curl -sf --cacert "$ca/ca.pem" "https://localhost:15000/cert-status-by-serial/$serial" | jq -e '.Status == "Valid"'
}

@test "--days: due that many days before it expires" {
	run renew --if-due --days 89
	[ "$status" = 0 ]
	is_not_renewed
	[ "$(on_host cert status -H --days 80 | sed -n 's/^reason\t//p')" = 'that many days are left then' ]
}

@test "other names are configured: renewed by the timer" {
	on_host config set -acmedomain1 b.dns.test
	[ "$(value state)" = due ]
	renew --if-due -q
	[ "$(seen "$node/pveproxy-ssl.pem")" = 'a.dns.test b.dns.test ' ]
	is_renewed
}

@test "after the question for a window, too, the keys are in no process that talks" {
	use_bind --validation-delay 60
	on_host config set -acmedomain1 b.dns.test,plugin=bind
	"$acme" --root "$host" cert renew --if-due --ca-bundle "$ca/ca.pem" > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	pid=$!
	eventually 10 grep -q '^Waiting' "$BATS_TEST_TMPDIR/out"
	code=0
	apart "$pid" "$(jq -r .key "$host/etc/pve/priv/acme/default" | sed -n 2p)" || code=$?
	kill "$pid" && { wait "$pid" || :; }
	[ "$code" = 0 ]
}

@test "a server that is not trusted, and a name with 'lock' in it: failures like all others" {
	on_host config set -acmedomain1 b.dns.test
	run on_host cert renew --if-due
	[ "$status" = 77 ]
	[ "$(value failures)" = 1 ]
	[[ $(value error) == *certificate* ]] || { value error; false; }
	[ "$(value state)" = failing ]
	printf 'NSUPDATE_SERVER=127.0.0.1:1\nNSUPDATE_KEY=/etc/key.conf\n' > "$BATS_TEST_TMPDIR/bind"
	on_host plugin add dns bind --api nsupdate --data "$BATS_TEST_TMPDIR/bind"
	on_host config set -acmedomain1 clock.dns.test,plugin=bind
	run renew --timeout 3
	[ "$status" != 0 ]
	[ "$(value failures)" = 2 ] || { echo "$status $output"; false; }
	# Somebody else's lock is none.
	exec {lock}< "$host" # below --root it is that directory
	flock "$lock"
	run renew
	exec {lock}<&-
	[ "$status" = 75 ]
	[ "$(value failures)" = 2 ]
}

@test "an uploaded certificate is not replaced unasked" {
	on_host cert set --force "$certs/bought.pem" "$certs/bought.key"
	before=$(fingerprint "$node/pveproxy-ssl.pem")
	run renew --if-due
	[ "$status" = 0 ]
	on_host config set -acmedomain1 b.dns.test
	run renew --if-due
	[ "$status" = 0 ]
	run renew
	[ "$status" = 1 ]
	[[ $output == *'was not ordered here but uploaded'* ]]
	is_not_renewed
	[ "$(value state)" = uploaded ]
	renew --force -q
	is_renewed
}

@test "without any certificate there is nothing to renew" {
	on_host cert delete
	run renew
	[ "$status" = 1 ]
	[[ $output == *"'pve-acme cert order' gets one"* ]]
	run renew --if-due
	[ "$status" = 0 ]
	[ ! -e "$node/pveproxy-ssl.pem" ]
}

@test "a failure: told, remembered, the unit stays failed, and the server is spared until the pause is over" {
	on_host config set -acmedomain1 blocked.test
	run renew --if-due
	[ "$status" != 0 ]
	[[ $output == *blocked.test* ]]
	is_not_renewed
	[ "$(value state)" = failing ]
	[[ $(value error) == *blocked.test* ]]
	[ "$(value failures)" = 1 ]
	run on_host check -H -o severity,code
	[[ $output == *"$(printf 'warning\tACME-FAILED')"* ]]
	requests=$(wc -l < "$ca/ca.log")
	run renew --if-due
	[ "$status" = 75 ]
	[[ $output == *"no try before $(value next-try), for the last one failed: "*blocked.test* ]]
	[ "$(wc -l < "$ca/ca.log")" = "$requests" ]
	# People need not wait.
	run renew
	[ "$status" != 0 ]
	[ "$(value failures)" = 2 ]
	on_host config set -acmedomain1 b.dns.test
	renew -q
	is_renewed
	[ -z "$(value error)" ]
}

@test "the CA suggests a time (RFC 9773): in the future it waits, in the past it renews and says what it replaces" {
	aki=$(openssl x509 -in "$node/pveproxy-ssl.pem" -noout -ext authorityKeyIdentifier | sed -n 's/^ *\(keyid:\)\{0,1\}//; 2p' | tr -d ':\n ')
	serial=$(openssl x509 -in "$node/pveproxy-ssl.pem" -noout -serial | cut -d = -f 2)
	case $serial in [89A-F]*) serial=00$serial ;; esac
	id=$(printf %s "$aki" | basenc -d --base16 | base64url).$(printf %s "$serial" | basenc -d --base16 | base64url)
	window() {
		jq -n --arg s "$(date -ud "$1" +%FT%TZ)" --arg e "$(date -ud "$2" +%FT%TZ)" '{suggestedWindow: {start: $s, end: $e}}'
	}
	start_proxy --directory '{"renewalInfo": "https://localhost:14001/ari"}' \
		--answer "/ari/$id" "$(window '+2 days' '+3 days')"
	through_proxy "$host"
	renew --if-due
	is_not_renewed
	grep -q "GET /ari/$id 200" "$ca/count"
	[ "$(value reason)" = 'the CA suggests that time' ]
	point=$(date -ud "$(value renewal)" +%s)
	[ "$point" -ge "$(($(date +%s) + 2 * 86400 - 60))" ]
	[ "$point" -le "$(($(date +%s) + 3 * 86400))" ]
	# It is not asked again until its time, and the point stays.
	: > "$ca/count"
	renew --if-due
	[ ! -s "$ca/count" ]
	[ "$(date -ud "$(value renewal)" +%s)" = "$point" ]
	kill "$(tail -n 1 "$ca/pids")"
	eventually 10 bash -c '! < /dev/tcp/127.0.0.1/14001'
	start_proxy --directory '{"renewalInfo": "https://localhost:14001/ari"}' \
		--answer "/ari/$id" "$(window '-3 days' '-2 days')" --refuse replaces 409 alreadyReplaced
	sed -i '/^ask /d' "$memory"
	# What the keeper of the keys tells the process that orders: not every server says what it heard.
	strace -f -qq -s 100000 -e trace=sendto,sendmsg,write -o "$BATS_TEST_TMPDIR/trace" \
		"$acme" --root "$host" cert renew --if-due -q --ca-bundle "$ca/ca.pem" --timeout 60
	grep -q "\"jorder.*$id" "$BATS_TEST_TMPDIR/trace" || { cat "$ca/count"; false; }
	is_renewed
	# Refused for that, it was ordered without.
	[ "$(grep -o 'POST /order-plz .*' "$ca/count" | xargs)" = 'POST /order-plz 409 POST /order-plz 201' ]
}

# on_real_host WORD...: without --root, where the host's folders are those of the test.
on_real_host() {
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m sh -ec '
		host=$1; shift
		mkdir -p /etc/pve "$host/run"
		mount --bind "$host/etc/pve" /etc/pve
		mount --bind "$host/var/lib" /var/lib
		mount --bind "$host/run" /run/lock
		PATH=$host/bin:$PATH:/usr/sbin
		[ ! -x "$host/bin/conf" ] || { conf; nginx -c "$host/nginx.conf"; }
		code=0
		"$@" || code=$?
		[ ! -f "$host/nginx.pid" ] || kill "$(cat "$host/nginx.pid")"
		exit "$code"' sh "$host" "$@"
}

# shown FILE WORD...: the command on the real host; FILE has the fingerprint that is shown afterwards.
shown() {
	local file=$1
	shift
	on_real_host sh -c 'file=$1; shift; "$@"; code=$?
		sleep 0.5 # an old worker of nginx may take one connection more
		openssl s_client -connect 127.0.0.1:8006 < /dev/null 2> /dev/null | openssl x509 -noout -fingerprint -sha256 |
			cut -d = -f 2 > "$file"
		exit "$code"' sh "$file" "$@"
}

@test "the whole way: renewed, swapped, reloaded, and shown by the server" {
	new_pveproxy "$host"
	on_host config set -acmedomain1 b.dns.test
	shown "$BATS_TEST_TMPDIR/shown" "$acme" cert renew --if-due -q --ca-bundle "$ca/ca.pem" --resolver 127.0.0.1 --timeout 60
	is_renewed
	[ "$(cat "$BATS_TEST_TMPDIR/shown")" = "$(fingerprint "$node/pveproxy-ssl.pem")" ]
	[ "$(cat "$host/log/systemctl")" = 'reload-or-restart pveproxy.service' ]
}

@test "a server that does not take it: the old pair is back, and the certificate is not lost" {
	new_pveproxy "$host"
	: > "$host/deaf"
	on_host config set -acmedomain1 b.dns.test
	run shown "$BATS_TEST_TMPDIR/shown" "$acme" cert renew --if-due --ca-bundle "$ca/ca.pem" --resolver 127.0.0.1 --timeout 60
	[ "$status" = 1 ]
	[[ $output == *'does not show the new certificate'* ]]
	is_not_renewed
	[ "$(cat "$BATS_TEST_TMPDIR/shown")" = "$before" ]
	[ "$(value state)" = failing ]
	# The next try goes on with the order that is there.
	orders=$(spent)
	[ "$orders" -gt 0 ]
	rm "$host/deaf"
	sed -i '/^not-before/d' "$memory"
	shown "$BATS_TEST_TMPDIR/shown" "$acme" cert renew --if-due -q --ca-bundle "$ca/ca.pem" --resolver 127.0.0.1 --timeout 60
	is_renewed
	[ "$(cat "$BATS_TEST_TMPDIR/shown")" = "$(fingerprint "$node/pveproxy-ssl.pem")" ]
	[ "$(spent)" = "$orders" ]
}

@test "a failure is mailed to root once, until one succeeds" {
	mkdir -p "$host/bin" "$host/mail"
	printf '#!/bin/sh\nexec cat > "%s/mail/$$"\n' "$host" > "$host/bin/sendmail"
	chmod 755 "$host/bin/sendmail"
	on_host config set -acmedomain1 blocked.test
	for _ in 1 2; do
		sed -i '/^not-before/d' "$memory"
		run on_real_host "$acme" cert renew --if-due --ca-bundle "$ca/ca.pem" --resolver 127.0.0.1 --timeout 60
		[ "$status" != 0 ]
	done
	[ "$(find "$host/mail" -type f | wc -l)" = 1 ]
	grep -qx 'To: root' "$host"/mail/*
	grep -qx 'Subject: node1: the certificate could not be renewed' "$host"/mail/*
	grep -q blocked.test "$host"/mail/*
	grep -q 'The next try is not before ' "$host"/mail/*
	[ "$(value failures)" = 2 ]
}
