# shellcheck shell=bash disable=SC2034,SC2154 # ca, acme and host are set by those that load it, node is for them
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A CA for tests: Pebble, with a name server.  For tests in a network namespace of their own.  All of it
# lives in the folder $ca; what is started ends with stop_all.

load "$BATS_TEST_DIRNAME/../acme-certs.sh"
load "$BATS_TEST_DIRNAME/../eventually.sh"

# start NAME WORD...: a program in the background, its output in $ca/NAME.log.
start() {
	local name=$1
	shift
	"$@" > "$ca/$name.log" 2>&1 3>&- &
	echo $! >> "$ca/pids"
}

stop_all() {
	local pid
	[ -f "$ca/pids" ] || return 0
	while read -r pid; do
		kill "$pid" 2> /dev/null && tail --pid "$pid" -s 0.02 -f /dev/null
	done < "$ca/pids"
	rm "$ca/pids"
}

# stop_last: what was started last.
stop_last() {
	local pid
	pid=$(tail -n 1 "$ca/pids")
	kill "$pid" && tail --pid "$pid" -s 0.02 -f /dev/null
	sed -i '$d' "$ca/pids"
}

# begin_ca: what setup_file begins with: the folder, certificates and the name server.
begin_ca() {
	[ "$(id -u)" = 0 ] || skip 'needs root, for a network namespace and port 53'
	export ca=$BATS_FILE_TMPDIR acme=$PWD/build/bin/pve-acme
	chmod 755 "$ca"
	export certs=$ca
	new_ca ca
	new_cert srv ca DNS:localhost,IP:127.0.0.1 300
	start_dns
}

teardown_file() {
	stop_all
}

# start_dns: bind9 for dns.test on 127.0.0.1 port 53, which takes updates signed with $ca/key.conf.
start_dns() {
	printf 'key "acme." {\n\talgorithm hmac-sha256;\n\tsecret "%s";\n};\n' "$(openssl rand -base64 32)" > "$ca/key.conf"
	cat > "$ca/named.conf" <<- END
		options { directory "$ca"; listen-on { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; notify no;
			pid-file "$ca/named.pid"; session-keyfile "$ca/session"; dnssec-validation no; };
		controls {};
		include "$ca/key.conf";
		zone "dns.test" { type master; file "zone"; update-policy { grant acme. zonesub ANY; }; };
	END
	cat > "$ca/zone" <<- END
		\$ORIGIN dns.test.
		\$TTL 60
		@ SOA ns hostmaster 1 3600 600 86400 60
		@ NS ns
		@ A 127.0.0.1
		ns A 127.0.0.1
		* A 127.0.0.1
		bare TXT x
		away A 192.0.2.1
		both A 127.0.0.1
		both AAAA 2001:db8::1
		closed A 127.0.0.1
		closed CAA 0 issue "other.example"
		sub.closed A 127.0.0.1
		tied A 127.0.0.1
		tied CAA 0 issue "ca.test; validationmethods=dns-01"
		tied CAA 128 tbs "x"
		_acme-challenge.aliased CNAME _acme-challenge.target
		_acme-challenge.odd CNAME a\\032b
		_acme-challenge.loop CNAME _acme-challenge.pool
		_acme-challenge.pool CNAME _acme-challenge.loop
	END
	start dns /usr/sbin/named -c "$ca/named.conf" -g
	eventually 10 grep -q ' running$' "$ca/dns.log"
}

# start_ca [VARIABLE=VALUE...]: Pebble on https://localhost:14000/dir.
start_ca() {
	cat > "$ca/pebble.json" <<- END
		{"pebble": {"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
		"certificate": "$ca/srv.pem", "privateKey": "$ca/srv.key", "httpPort": 80, "tlsPort": 443,
		"externalAccountBindingRequired": false, "certificateValidityPeriod": 7776000,
		"domainBlocklist": ["blocked.test"]}}
	END
	start ca env PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_ORDERS_PER_PAGE=15 PEBBLE_WFE_NONCEREJECT=0 PEBBLE_AUTHZREUSE=0 "$@" \
		pebble -config "$ca/pebble.json" -dnsserver 127.0.0.1:53 -strict
	eventually 10 curl -sf --cacert "$ca/ca.pem" https://localhost:14000/dir
}

# start_proxy FAULT...: tests/net/acme-proxy on https://localhost:14001/dir; $ca/count has the requests.
start_proxy() {
	: > "$ca/count"
	rm -f "$ca/proxy.log" # in which an earlier one said that it is ready
	start proxy "$BATS_TEST_DIRNAME/acme-proxy" --listen 127.0.0.1:14001 --to 127.0.0.1:14000 \
		--cert "$ca/srv.pem" --key "$ca/srv.key" --ca "$ca/ca.pem" --count "$ca/count" "$@"
	eventually 10 grep -q ready "$ca/proxy.log"
}

# new_account DIR [DIRECTORY]: an account "default" at that directory.
new_account() {
	rm -f "$1/etc/pve/priv/acme/default"
	"$acme" --root "$1" account register default a@example.test --accept-tos --ca-bundle "$ca/ca.pem" \
		--directory "${2-https://localhost:14000/dir}" -q > "$ca/register.log"
}

# new_host DIR [DIRECTORY]: a host tree with such an account.
new_host() {
	mkdir -p "$1/etc/pve/nodes/node1" "$1/etc/pve/priv/acme"
	ln -s nodes/node1 "$1/etc/pve/local"
	echo 'nameserver 127.0.0.1' > "$1/etc/resolv.conf"
	new_account "$@"
}

# copy_host: $host, the test's own copy of the tree $ca/host, and its $node; it has the key of bind9.
# The account is new: Pebble takes one name in a hundred for valid that the account validated before.
copy_host() {
	host=$BATS_TEST_TMPDIR/host
	node=$host/etc/pve/nodes/node1
	cp -a "$ca/host" "$host"
	cp "$ca/key.conf" "$host/etc/"
	chmod 755 "$BATS_TEST_TMPDIR"
	new_account "$host"
}

# use_bind [OPTION...]: a plugin "bind" that sets records in bind9, with these options of plugin add.
use_bind() {
	on_host plugin add dns bind --api nsupdate "$@" \
		--data <(printf 'NSUPDATE_SERVER=127.0.0.1\nNSUPDATE_KEY=/etc/key.conf\n')
}

# records NAME: the TXT records there are.
records() {
	dig +short TXT "$1" @127.0.0.1
}

# hook: $BATS_TEST_TMPDIR/hook, a program that does with nsupdate what it is told.
hook() {
	cat > "$BATS_TEST_TMPDIR/hook" <<- END
		#!/bin/sh
		{ id -un; env; cat; echo "\$@"; } >> $BATS_TEST_TMPDIR/hook.log
		case \$1 in add) what="add \$2 60" ;; *) what="delete \$2" ;; esac
		printf 'server 127.0.0.1\nzone dns.test\nupdate %s TXT %s\nsend\n' "\$what" "\$3" | nsupdate -k $BATS_TEST_TMPDIR/hook.key
	END
	chmod 755 "$BATS_TEST_TMPDIR/hook"
	install -m 444 "$ca/key.conf" "$BATS_TEST_TMPDIR/hook.key"
	: > "$BATS_TEST_TMPDIR/hook.log"
	chmod 666 "$BATS_TEST_TMPDIR/hook.log"
}

# on_host WORD...: the tool on the tree $host, which the test sets.
on_host() {
	"$acme" --root "$host" "$@"
}

# order [OPTION...]
order() {
	on_host cert order --ca-bundle "$ca/ca.pem" --timeout 60 "$@"
}

# spent: how many orders the CA was asked for.
spent() {
	grep -c order-plz "$ca/ca.log" || :
}

# through_proxy HOST: its account, and what it has under way, is at the proxy.
through_proxy() {
	jq '.directory |= sub("14000"; "14001") | .location |= sub("14000"; "14001")' "$1/etc/pve/priv/acme/default" > "$1/account"
	cat "$1/account" > "$1/etc/pve/priv/acme/default"
	rm "$1/account"
	[ ! -e "$1/var/lib/pve-acme/order" ] || sed -i 's/:14000/:14001/' "$1/var/lib/pve-acme/order"
}

# base64url
base64url() {
	base64 -w 0 | tr '+/' '-_' | tr -d =
}

# seen FILE: the names of a certificate, sorted, a blank between.
seen() {
	openssl x509 -in "$1" -noout -ext subjectAltName | grep -oE '(DNS|IP Address):[^,]*' | sed 's/^[^:]*://' | sort | tr '\n' ' '
}

# holds PID TEXT: it is somewhere in the memory of the process.
holds() {
	python3 - "$1" "$2" <<- 'END'
		import sys
		with open(f"/proc/{sys.argv[1]}/maps", encoding="ascii") as maps, open(f"/proc/{sys.argv[1]}/mem", "rb") as mem:
		    for line in maps:
		        place, rights = line.split()[:2]
		        if rights[:2] != "rw":
		            continue
		        begin, end = (int(n, 16) for n in place.split("-"))
		        mem.seek(begin)
		        if sys.argv[2].encode() in mem.read(end - begin):
		            sys.exit(0)
		sys.exit(1)
	END
}

# apart PID TEXT...: the process has each in its memory, and none of its children has one.
apart() {
	local pid=$1 child text children
	shift
	children=$(pgrep -P "$pid")
	[ -n "$children" ]
	for text; do
		holds "$pid" "$text" || { echo "$text: not even the process itself has it"; return 1; }
		for child in $children; do
			! holds "$child" "$text" || { echo "a child has $text"; return 1; }
		done
	done
}
