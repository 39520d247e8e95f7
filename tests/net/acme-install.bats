#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A certificate is put into place under a real TLS server: nginx stands in for pveproxy on port 8006 of
# a network namespace, and a stub systemctl reloads it.  /etc/pve and the rest are folders of the test,
# in a mount namespace.

# shellcheck disable=SC2030,SC2031 # each test is a process of its own

load ../acme-certs.sh
load ../acme-pveproxy.sh

setup_file() {
	export certs=$BATS_FILE_TMPDIR
	new_ca root
	for name in one two; do
		new_cert $name root DNS:node1.example.org
	done
	new_cert own root DNS:node1
}

setup() {
	[ "$(id -u)" = 0 ] || skip 'needs root, for namespaces'
	cd "$BATS_TEST_DIRNAME/../.." || return
	command -v nginx > /dev/null || PATH=$PATH:/usr/sbin
	host=$BATS_TEST_TMPDIR/host
	node=$host/pve/nodes/node1
	chmod 755 "$BATS_TEST_TMPDIR"
	mkdir -p "$node" "$host/lib" "$host/lock" "$host/default"
	ln -s nodes/node1 "$host/pve/local"
	cp "$certs/own.pem" "$node/pve-ssl.pem"
	cp "$certs/own.key" "$node/pve-ssl.key"
	new_pveproxy "$host"
}

# in_host WORD...: a command in a new namespace, with the server running; what it prints and ends with.
in_host() {
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m -n sh -ec '
		host=$1; shift
		ip link set lo up
		mkdir -p /etc/pve /var/lib/pve-tools /var/lib/pve-acme
		mount --bind "$host/pve" /etc/pve
		mount --bind "$host/lib" /var/lib
		mount --bind "$host/lock" /run/lock
		mount --bind "$host/default" /etc/default
		PATH=$host/bin:$PATH:/usr/sbin
		export PATH
		conf
		nginx -c "$host/nginx.conf"
		code=0
		"$@" || code=$?
		# Waited for, since it removes the file at its end, which may be that of the next one.
		pid=$(cat "$host/nginx.pid" 2> /dev/null) && kill "$pid" && while kill -0 "$pid" 2> /dev/null; do sleep 0.02; done
		exit "$code"' sh "$host" "$@"
}

acme() {
	in_host build/bin/pve-acme "$@"
}

shows() {
	cat > "$host/bin/shown" << 'END'
#!/bin/sh
"$@"
code=$?
sleep 0.5 # an old worker of nginx may take one connection more
openssl s_client -connect "${ADDRESS-127.0.0.1}:8006" < /dev/null 2> /dev/null | openssl x509 -noout -fingerprint -sha256 | cut -d = -f 2 > "$OUT"
exit $code
END
	chmod 755 "$host/bin/shown"
	OUT=$host/shown in_host shown "$@"
}

@test "set --restart: both files, one reload, and the server shows the new certificate" {
	shows build/bin/pve-acme cert set --restart "$certs/one.pem" "$certs/one.key"
	[ "$(cat "$host/shown")" = "$(fingerprint "$certs/one.pem")" ]
	[ "$(cat "$host/log/systemctl")" = 'reload-or-restart pveproxy.service' ]
	[ -z "$(find "$host/lib" -name '*.journal')" ]
}

@test "set without --restart leaves the service alone" {
	acme cert set "$certs/one.pem" "$certs/one.key"
	[ ! -e "$host/log/systemctl" ]
}

@test "a service that does not take the new certificate: the old pair comes back, and is loaded" {
	shows build/bin/pve-acme cert set --restart "$certs/one.pem" "$certs/one.key"
	: > "$host/deaf"
	OUT=$host/shown run in_host build/bin/pve-acme cert set --restart --force "$certs/two.pem" "$certs/two.key"
	[ "$status" = 1 ]
	[[ $output == *"does not show the new certificate but $(fingerprint "$certs/one.pem")"* ]]
	cmp <(openssl x509 -in "$node/pveproxy-ssl.pem") "$certs/one.pem"
	openssl pkey -in "$node/pveproxy-ssl.key" | cmp - <(openssl pkey -in "$certs/one.key")
	[ "$(wc -l < "$host/log/systemctl")" = 3 ]
	[ -z "$(find "$host/lib" "$node" -name '*.journal' -o -name '*.tmp' -o -name '*.old')" ]
}

@test "a service that cannot be reloaded: the same, and the first pair goes altogether" {
	: > "$host/broken"
	run acme cert set --restart "$certs/one.pem" "$certs/one.key"
	[ "$status" = 1 ]
	[[ $output == *'pveproxy was not reloaded'* ]]
	[ ! -e "$node/pveproxy-ssl.pem" ]
	[ ! -e "$node/pveproxy-ssl.key" ]
	# Nothing stands in the way of what comes next.
	[ -z "$(find "$host/lib" -name '*.journal')" ]
	acme config set -acmedomain0 node1.example.org
}

@test "killed while the service is asked: the next command puts the old pair back" {
	shows build/bin/pve-acme cert set --restart "$certs/one.pem" "$certs/one.key"
	: > "$host/deaf"
	in_host timeout -s KILL 2 build/bin/pve-acme cert set --restart --force "$certs/two.pem" "$certs/two.key" || :
	cmp <(openssl x509 -in "$node/pveproxy-ssl.pem") "$certs/two.pem"
	rm "$host/deaf"
	shows build/bin/pve-acme config set -acmedomain0 node1.example.org
	cmp <(openssl x509 -in "$node/pveproxy-ssl.pem") "$certs/one.pem"
	[ "$(cat "$host/shown")" = "$(fingerprint "$certs/one.pem")" ]
	grep -q acmedomain0 "$node/config"
}

@test "pveproxy on one address only: LISTEN_IP" {
	echo 'LISTEN_IP="127.0.0.7"' > "$host/default/pveproxy"
	export ADDRESS=127.0.0.7
	shows build/bin/pve-acme cert set --restart "$certs/one.pem" "$certs/one.key"
	[ "$(cat "$host/shown")" = "$(fingerprint "$certs/one.pem")" ]
}

@test "delete 1: the cluster's own certificate is shown again" {
	shows build/bin/pve-acme cert set --restart "$certs/one.pem" "$certs/one.key"
	shows build/bin/pve-acme cert delete 1
	[ "$(cat "$host/shown")" = "$(fingerprint "$certs/own.pem")" ]
	[ ! -e "$node/pveproxy-ssl.key" ]
}
