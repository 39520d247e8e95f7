#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-acme on a FUSE file system that refuses what pmxcfs refuses, with a real CA.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a process of its own; tests/acme-server.sh sets variables

load ../acme-server.sh

setup_file() {
	begin_ca
	start_ca PEBBLE_VA_ALWAYS_VALID=1
}

setup() {
	[ -c /dev/fuse ] || skip 'there is no /dev/fuse'
	/usr/bin/python3 -c 'import fuse' 2> /dev/null || skip 'python3-fuse is not installed'
	host=$BATS_TEST_TMPDIR/host
	kept=$BATS_TEST_TMPDIR/kept # what is below the mount
	node=$host/etc/pve/nodes/node1
	chmod 755 "$BATS_TEST_TMPDIR"
	mkdir -p "$host/etc/pve" "$kept/nodes/node1" "$kept/priv"
	ln -s nodes/node1 "$kept/local"
	echo 'nameserver 127.0.0.1' > "$host/etc/resolv.conf"
	"$BATS_TEST_DIRNAME/pmxcfs" "$kept" "$host/etc/pve" > "$BATS_TEST_TMPDIR/fuse.log" 2>&1 3>&- &
	fuse=$!
	eventually 10 mountpoint -q "$host/etc/pve"
	on_host account register default a@example.test --accept-tos --directory https://localhost:14000/dir \
		--ca-bundle "$ca/ca.pem" -q
	on_host config set -acmedomain0 a.dns.test
}

teardown() {
	[ -z "${fuse-}" ] || { umount "$host/etc/pve" && wait "$fuse"; }
}

@test "everything that writes there works: account, configuration, plugin, certificate; nothing is left beside it" {
	touch "$node/x"
	run chmod 600 "$node/x"
	[ "$status" != 0 ] # it is what we think it is
	rm "$node/x"
	on_host plugin add dns p1 --api nsupdate
	order -q
	order -q --force
	on_host cert renew -q --force --ca-bundle "$ca/ca.pem"
	on_host account rollover -q --ca-bundle "$ca/ca.pem"
	on_host account update -q --ca-bundle "$ca/ca.pem"
	on_host account deactivate -q --ca-bundle "$ca/ca.pem"
	[ "$(seen "$node/pveproxy-ssl.pem")" = 'a.dns.test ' ]
	cmp <(openssl x509 -in "$node/pveproxy-ssl.pem" -noout -pubkey) <(openssl pkey -in "$node/pveproxy-ssl.key" -pubout)
	(cd "$kept" && find . -type f | sort) | diff - <(printf './%s\n' nodes/node1/config nodes/node1/pveproxy-ssl.key \
		nodes/node1/pveproxy-ssl.pem priv/acme/_deactivated_default_0 priv/acme/plugins.cfg)
	on_host cert delete
	[ ! -e "$node/pveproxy-ssl.key" ]
}

@test "without quorum: said before an order is spent, and nothing is changed" {
	: > "$kept.no-quorum"
	orders=$(spent)
	run order
	[ "$status" = 75 ] || { echo "$status: $output"; false; }
	[[ $output == *"no quorum, so /etc/pve is read-only; see 'pvecm status'"* ]] || { echo "$output"; false; }
	for command in 'config set -location here' 'plugin add dns p1 --api x' "account update --ca-bundle $ca/ca.pem" 'account deactivate'; do
		# shellcheck disable=SC2086
		run on_host $command
		[ "$status" = 75 ] || { echo "$command: $status: $output"; false; }
	done
	[ "$(spent)" = "$orders" ]
	[ ! -e "$host/var/lib/pve-acme/order" ]
	rm "$kept.no-quorum"
	order -q
	# What cannot be written for another reason.
	mount -i -o remount,ro "$host/etc/pve"
	run order --force
	mount -i -o remount,rw "$host/etc/pve"
	[ "$status" != 0 ]
	[[ $output == *'the certificate could not be put in place'*'Read-only file system'* ]] || { echo "$output"; false; }
	[ "$(spent)" = $((orders + 1)) ]
}

@test "quorum that is lost while the order runs: the certificate is kept, and put into place by the next run" {
	cp "$ca/key.conf" "$host/etc/"
	use_bind --validation-delay 2
	on_host config set -acmedomain0 q.dns.test,plugin=bind
	order > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	pid=$!
	eventually 10 grep -q '^Waiting' "$BATS_TEST_TMPDIR/out"
	: > "$kept.no-quorum"
	status=0
	wait "$pid" || status=$?
	[ "$status" != 0 ]
	[ ! -e "$node/pveproxy-ssl.pem" ] && [ ! -e "$node/pveproxy-ssl.key" ]
	orders=$(spent)
	rm "$kept.no-quorum"
	order -q || { cat "$BATS_TEST_TMPDIR/out"; false; }
	[ "$(spent)" = "$orders" ]
	[ "$(seen "$node/pveproxy-ssl.pem")" = 'q.dns.test ' ]
}
