#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Orders by dns-01: updates of bind9, CNAMEs, programs and scripts.

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
}

@test "dns-01: apex and wildcard in one wait, an alias by CNAME and one that is configured" {
	use_bind
	on_host config set -acmedomain0 dns.test,plugin=bind -acmedomain1 aliased.dns.test,plugin=bind \
		-acmedomain2 c.dns.test,plugin=bind,alias=target.dns.test
	echo 'acmedomain3: *.dns.test,plugin=bind' >> "$node/config"
	# whoever looks for the name of c finds the alias
	update 'add _acme-challenge.c.dns.test 60 CNAME _acme-challenge.target.dns.test'
	run order
	[ "$status" = 0 ] || { echo "$output"; false; }
	[ "$(seen "$node/pveproxy-ssl.pem")" = '*.dns.test aliased.dns.test c.dns.test dns.test ' ]
	[ "$(grep -c '^Add TXT record: _acme-challenge.target.dns.test$' <<< "$output")" = 2 ]
	[ "$(grep -c '^Add TXT record: _acme-challenge.dns.test$' <<< "$output")" = 2 ]
	[ "$(grep -c '^Remove TXT record: ' <<< "$output")" = 4 ]
	[ -z "$(records _acme-challenge.dns.test)$(records _acme-challenge.target.dns.test)" ]
}

# update LINE...: by hand, in the zone.
update() {
	{
		printf 'server 127.0.0.1\nzone dns.test\n'
		printf 'update %s\n' "$@"
		echo send
	} | nsupdate -k "$ca/key.conf"
}

# second_server: another bind9, on 127.0.0.2, that has the zone as it was when it was started.
second_server() {
	mkdir -p "$ca/second"
	rm -f "$ca/second.log"
	ip address add 127.0.0.2/8 dev lo 2> /dev/null || : # named listens on what an interface has
	cat > "$ca/second.conf" <<- END
		options { directory "$ca/second"; listen-on { 127.0.0.2; }; listen-on-v6 { none; }; recursion no;
			pid-file "$ca/second/named.pid"; session-keyfile "$ca/second/session"; dnssec-validation no; };
		controls {};
		zone "dns.test" { type slave; masters { 127.0.0.1; }; };
	END
	start second /usr/sbin/named -c "$ca/second.conf" -g
	eventually 10 grep -q 'Transfer status: success' "$ca/second.log"
}

@test "dns-01: a name server that lags is waited for, and named when that is in vain" {
	use_bind
	on_host config set -acmedomain0 late.dns.test,plugin=bind
	update 'add dns.test 60 NS ns2.dns.test' 'add ns2.dns.test 60 A 127.0.0.2'
	second_server
	run on_host cert order --ca-bundle "$ca/ca.pem" --timeout 5
	[ "$status" = 75 ] || [ "$status" = 69 ] || { echo "$status $output"; false; }
	[[ $output == *"ns2.dns.test"*"127.0.0.2"* && $output != *refused* ]] || { echo "$output"; false; }
	[ -z "$(records _acme-challenge.late.dns.test)" ]
	: > "$ca/ca.log"
	order > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	pid=$!
	eventually 10 grep -q '^Waiting' "$BATS_TEST_TMPDIR/out"
	sleep 1
	# The first server has it, and yet the CA was not told to look.
	[ "$(records _acme-challenge.late.dns.test)" ]
	[ "$(grep -c 'POST /chalZ' "$ca/ca.log")" = 0 ]
	stop_last
	second_server
	status=0
	wait $pid || status=$?
	[ $status = 0 ] || { cat "$BATS_TEST_TMPDIR/out"; tail -n 30 "$ca/second.log"; false; }
	[ "$(grep -c 'POST /chalZ' "$ca/ca.log")" = 1 ]
	stop_last
	update 'delete dns.test NS ns2.dns.test' 'delete ns2.dns.test A'
}

@test "dns-01: CNAMEs that go in a circle or to no name, a key that is not known, a wrong secret" {
	use_bind
	on_host config set -acmedomain0 loop.dns.test,plugin=bind
	run order
	[ "$status" = 65 ]
	[[ $output == *'go in a circle: _acme-challenge.loop.dns.test -> _acme-challenge.pool.dns.test'* ]] || { echo "$output"; false; }
	on_host config set -acmedomain0 odd.dns.test,plugin=bind
	run order
	[ "$status" = 65 ]
	[[ $output == *'_acme-challenge.odd.dns.test leads to "a\032b.dns.test", which is no name for a record'* ]] || { echo "$output"; false; }
	on_host config set -acmedomain0 a.dns.test,plugin=bind
	sed 's/acme\./other./' "$ca/key.conf" > "$host/etc/key.conf"
	run order
	[ "$status" = 77 ] && [[ $output == *BADKEY* ]] || { echo "$status $output"; false; }
	sed "s|secret .*|secret \"$(openssl rand -base64 32)\";|" "$ca/key.conf" > "$host/etc/key.conf"
	run order
	[ "$status" = 77 ] && [[ $output == *BADSIG* ]] || { echo "$status $output"; false; }
}

@test "dns-01 by a program: as nobody, with an empty environment, its data on standard input" {
	hook
	on_host plugin add dns hook --api exec \
		--data <(printf 'EXEC_PATH=%s\nSECRET="a b * %%s"\n' "$BATS_TEST_TMPDIR/hook")
	on_host config set -acmedomain0 a.dns.test,plugin=hook
	chmod 711 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_SUITE_TMPDIR"
	TOKEN=mine run order
	[ "$status" = 0 ] || { echo "$output"; false; }
	grep -qx nobody "$BATS_TEST_TMPDIR/hook.log"
	grep -qxF 'SECRET=a b * %s' "$BATS_TEST_TMPDIR/hook.log"
	run grep -q TOKEN "$BATS_TEST_TMPDIR/hook.log"
	[ "$status" = 1 ]
	grep -qE '^add _acme-challenge.a.dns.test [A-Za-z0-9_-]{43}$' "$BATS_TEST_TMPDIR/hook.log" # and not the data
	grep -q '^remove _acme-challenge.a.dns.test ' "$BATS_TEST_TMPDIR/hook.log"
}

@test "dns-01 by a script of acme.sh's kind" {
	install -m 444 "$ca/key.conf" "$BATS_TEST_TMPDIR/script.key"
	chmod 711 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_SUITE_TMPDIR"
	mkdir -p "$host/usr/share/proxmox-acme/dnsapi"
	cat > "$host/usr/share/proxmox-acme/dnsapi/dns_mine.sh" <<- 'END'
		#!/usr/bin/env sh
		dns_mine_add() {
			MINE_KEY="${MINE_KEY:-$(_readaccountconf_mutable MINE_KEY)}"
			[ "$MINE_WORDS" = 'a  b *' ] || { _err "MINE_WORDS is $MINE_WORDS"; return 1; }
			_saveaccountconf_mutable MINE_KEY "$MINE_KEY"
			[ "$(printf 'a/b c' | _url_encode)" = 'a%2fb%20c' ] || return 1
			[ "$(printf abc | _digest sha256 hex)" = ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad ] || return 1
			[ "$(printf abc | _hmac sha256 "$(printf key | _hex_dump | tr -d ' ')" hex)" = 9c196e32dc0175f86f4b1cb89289d6619de6bee699e4c378e68309ed97a1a6ab ] || return 1
			[ "$(_getfield a.b.c 2 .)" = b ] && [ "$(_math 2 + 3 '*' 4)" = 14 ] || return 1
			printf 'server 127.0.0.1\nzone dns.test\nupdate add %s 60 TXT %s\nsend\n' "$1" "$2" | nsupdate -k "$MINE_KEY"
		}
		dns_mine_rm() {
			printf 'server 127.0.0.1\nzone dns.test\nupdate delete %s TXT %s\nsend\n' "$1" "$2" | nsupdate -k "$MINE_KEY"
		}
	END
	on_host plugin add dns mine --api mine --data <(printf 'MINE_KEY=%s\nMINE_WORDS=a  b *\n' "$BATS_TEST_TMPDIR/script.key")
	on_host config set -acmedomain0 e.dns.test,plugin=mine
	run order
	[ "$status" = 0 ] || { echo "$output"; false; }
	[ "$(seen "$node/pveproxy-ssl.pem")" = 'e.dns.test ' ]
	[ -z "$(records _acme-challenge.e.dns.test)" ]
	on_host plugin set mine --api unknown
	run order --force
	[ "$status" = 69 ] || { echo "$status: $output"; false; }
	[[ $output == *'there is no dns_unknown.sh in /usr/share/proxmox-acme/dnsapi'* ]] || { echo "$output"; false; }
}
