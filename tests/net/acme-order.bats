#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Orders at a real CA (Pebble) with a real name server (bind9), for each kind of challenge, on host
# trees of the tests' own.  What is seen before one is placed is acme-look.bats; dns-01, acme-dns.bats.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a process of its own; tests/acme-server.sh sets variables

bats_require_minimum_version 1.5.0
load ../acme-server.sh

setup_file() {
	begin_ca
	start_ca PEBBLE_ALTERNATE_ROOTS=1
	new_host "$ca/host"
}

setup() {
	copy_host
}

@test "http-01: two names, and what it says of it" {
	on_host config set -acme 'domains=b.dns.test;a.dns.test'
	run --separate-stderr order
	[ "$status" = 0 ] || { echo "$output$stderr"; false; }
	[ "$(seen "$node/pveproxy-ssl.pem")" = 'a.dns.test b.dns.test ' ]
	cmp <(openssl x509 -in "$node/pveproxy-ssl.pem" -noout -pubkey) <(openssl pkey -in "$node/pveproxy-ssl.key" -pubout)
	openssl x509 -in "$node/pveproxy-ssl.pem" -noout -text | grep -q 'ASN1 OID: prime256v1'
	[ ! -e "$host/var/lib/pve-acme/order" ]
	while read -r line; do
		grep -qxF -- "$line" <<< "$output" || { echo "not there: $line"; echo "$output"; false; }
	done <<- 'END'
		Loading ACME account details
		Placing ACME order
		The validation for a.dns.test is pending!
		Triggering validation
		a.dns.test: Status is 'valid'!
		All domains validated!
		Checking order status
		Order is ready, finalizing order
		valid!
		Downloading certificate
		Setting pveproxy certificate and key
		Restarting pveproxy
		Task OK
	END
	grep -qE "^Order URL: https://localhost:14000/" <<< "$output"
	grep -qE "^Getting authorization details from 'https://localhost:14000/" <<< "$output"
	# one connection, and nothing secret in an argument
	strace -f -qq -s 500 -e trace=connect,execve -o "$BATS_TEST_TMPDIR/trace" "$acme" --root "$host" cert order --force -q \
		--ca-bundle "$ca/ca.pem" --timeout 60
	[ "$(grep -c 'connect(.*htons(14000)' "$BATS_TEST_TMPDIR/trace")" = 1 ]
	[ "$(grep -c execve "$BATS_TEST_TMPDIR/trace")" = 1 ]
	# there is one now
	run order
	[ "$status" = 1 ]
	[[ $output == *'there is a certificate already'* ]]
	order -q --force
}

@test "--dry-run asks nobody, and changes nothing" {
	on_host config set -acmedomain0 a.dns.test
	cp -a "$host" "$host.before"
	run on_host -n cert order
	[ "$status" = 0 ]
	[ "${lines[0]}" = 'order a.dns.test: http-01 by the plugin standalone' ]
	diff -r "$host" "$host.before"
}

@test "terms that have changed: where they are, and what agrees to them" {
	on_host config set -acmedomain0 a.dns.test
	start_proxy --refuse identifiers 403 userActionRequired
	through_proxy "$host"
	run order
	stop_last
	[ "$status" = 1 ]
	[[ $output == *'userActionRequired: refused on demand; new terms must be agreed to: https://ca.test/terms (account update --accept-tos)'* ]] ||
		{ echo "$output"; false; }
	[ ! -e "$host/var/lib/pve-acme/order" ]
}

@test "a journal that cannot be read is named, and left as it is" {
	on_host config set -acmedomain0 a.dns.test
	mkdir -p "$host/var/lib/pve-acme"
	printf 'account default\nodd\n' > "$host/var/lib/pve-acme/order"
	run order
	[ "$status" = 65 ]
	[[ $output == *"/var/lib/pve-acme/order:2: no line of a journal; without that file a new order is begun"* ]] || { echo "$output"; false; }
	[ "$(tail -n 1 "$host/var/lib/pve-acme/order")" = odd ]
}

@test "tls-alpn-01, and an address" {
	on_host plugin add standalone tls --api tls-alpn
	on_host config set -acmedomain0 a.dns.test,plugin=tls -acmedomain1 b.dns.test
	run order
	[ "$status" = 0 ] || { echo "$output"; false; }
	[ "$(seen "$node/pveproxy-ssl.pem")" = 'a.dns.test b.dns.test ' ]
	echo 'acmedomain2: 127.0.0.1' >> "$node/config"
	echo 'acmedomain3: 127.0.0.2,plugin=tls' >> "$node/config"
	run order --force
	[ "$status" = 0 ] || { echo "$output"; false; }
	[ "$(seen "$node/pveproxy-ssl.pem")" = '127.0.0.1 127.0.0.2 a.dns.test b.dns.test ' ]
}

# forward PORT TO: what comes to that port of 127.0.0.1 goes to the other one, as a forwarder before the host does it.
forward() {
	exec python3 - "$@" <<- 'END'
		import socket, sys, threading
		def copy(a, b):
		    while part := a.recv(65536):
		        b.sendall(part)
		    b.shutdown(socket.SHUT_WR)
		with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as server:
		    while True:
		        a = server.accept()[0]
		        try:
		            b = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
		        except OSError:
		            a.close()
		            continue
		        for ends in (a, b), (b, a):
		            threading.Thread(target=copy, args=ends, daemon=True).start()
	END
}

@test "behind a forwarder: --http-address, --http-port and --tls-port say where the listeners are" {
	on_host plugin add standalone tls --api tls-alpn
	on_host config set -acmedomain0 a.dns.test,plugin=tls -acmedomain1 b.dns.test
	forward 80 8080 3>&- &
	forwarders=($!)
	forward 443 8443 3>&- &
	forwarders+=($!)
	eventually 10 bash -c '</dev/tcp/127.0.0.1/80 && </dev/tcp/127.0.0.1/443'
	run order --http-address 127.0.0.1 --http-port 8080 --tls-port 8443
	kill "${forwarders[@]}"
	[ "$status" = 0 ] || { echo "$output"; false; }
	[ "$(seen "$node/pveproxy-ssl.pem")" = 'a.dns.test b.dns.test ' ]
}

# hold PORT: three hundred connections of which half say nothing, others half a request, much, or nonsense.
hold() {
	python3 - "$1" <<- 'END'
		import socket, sys, time
		said = [b"", b"", b"GET /.well-known/acme-chal", b"X" * 60000, b"\x16\x03\x01\x02\x00", b"\r\n" * 100]
		held = []
		for n in range(300):
		    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		    try:
		        s.sendall(said[n % len(said)])
		    except OSError:
		        pass
		    held.append(s)
		print("held", flush=True)
		time.sleep(60)
	END
}

@test "the listeners: both families, only the token, nobody without privileges, and others in the way do not matter" {
	# One whose record is there when we put it there: so long the listeners are.
	printf '#!/bin/sh\necho "$@" >> %s/hook.log\n' "$BATS_TEST_TMPDIR" > "$BATS_TEST_TMPDIR/hook"
	: > "$BATS_TEST_TMPDIR/hook.log"
	chmod 755 "$BATS_TEST_TMPDIR/hook" && chmod 666 "$BATS_TEST_TMPDIR/hook.log"
	chmod 711 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_SUITE_TMPDIR"
	on_host plugin add dns late --api exec --data <(echo "EXEC_PATH=$BATS_TEST_TMPDIR/hook")
	on_host plugin add standalone tls --api tls-alpn
	on_host config set -acmedomain0 h.dns.test -acmedomain1 t.dns.test,plugin=tls -acmedomain2 d.dns.test,plugin=late
	order > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	pid=$!
	eventually 10 grep -q '^Waiting' "$BATS_TEST_TMPDIR/out"
	for port in 80 443; do
		hold $port > "$BATS_TEST_TMPDIR/held.$port" 3>&- &
		holders+=($!)
		eventually 10 grep -q held "$BATS_TEST_TMPDIR/held.$port"
	done
	[ "$(ss -Hltn 'sport = :80' | awk '{ print $4 }' | sort | xargs)" = '0.0.0.0:80 [::]:80' ] || { ss -ltn; false; }
	code() {
		curl -s -o /dev/null -m 3 -w '%{http_code}' --path-as-is "$@"
	}
	[ "$(code http://127.0.0.1/)" = 404 ]
	[ "$(code 'http://[::1]/.well-known/acme-challenge/nothing')" = 404 ]
	[ "$(code http://127.0.0.1/.well-known/acme-challenge/../../../etc/passwd)" = 404 ]
	[ "$(code -X POST -d x http://127.0.0.1/.well-known/acme-challenge/nothing)" = 405 ]
	keeper=$(pgrep -P $pid -x pve-acme || echo $pid)
	grep -qE '^Max core file size +0 +0 ' "/proc/$keeper/limits" # that has the keys
	for child in $(pgrep -P "$keeper"); do
		grep -qE '^Uid:\s+65534\s+65534\s+65534\s+65534$' "/proc/$child/status"
		grep -qE '^NoNewPrivs:\s+1$' "/proc/$child/status"
		grep -qE '^Seccomp:\s+2$' "/proc/$child/status"
		grep -qE '^CapEff:\s+0+$' "/proc/$child/status"
		grep -qE '^Max core file size +0 +0 ' "/proc/$child/limits"
	done
	awk '$1 == "add" { printf "server 127.0.0.1\nzone dns.test\nupdate add %s 60 TXT %s\nsend\n", $2, $3 }' "$BATS_TEST_TMPDIR/hook.log" |
		nsupdate -k "$ca/key.conf"
	status=0
	wait $pid || status=$?
	kill "${holders[@]}"
	[ "$status" = 0 ] || { cat "$BATS_TEST_TMPDIR/out"; false; }
	[ "$(seen "$node/pveproxy-ssl.pem")" = 'd.dns.test h.dns.test t.dns.test ' ]
	[ -z "$(ss -Hltn 'sport = :80 or sport = :443')" ]
}

@test "http-01 by a webroot, which must be there" {
	on_host plugin add standalone web --api webroot --data <(echo ROOT=/srv/www)
	on_host config set -acmedomain0 a.dns.test,plugin=web
	run order
	[ "$status" = 69 ]
	[[ $output == *'/srv/www: there is no such directory'* ]] || { echo "$output"; false; }
	mkdir -p "$host/srv/www"
	(cd "$host/srv/www" && exec python3 -m http.server -b 127.0.0.1 80 > /dev/null 2>&1 3>&-) &
	server=$!
	eventually 10 bash -c '</dev/tcp/127.0.0.1/80'
	run order
	kill $server
	[ "$status" = 0 ] || { echo "$output"; false; }
	[ "$(seen "$node/pveproxy-ssl.pem")" = 'a.dns.test ' ]
	[ -z "$(find "$host/srv/www" -type f)" ]
}

@test "several kinds of challenges in one order" {
	use_bind
	on_host plugin add standalone tls --api tls-alpn
	on_host config set -acme domains=a.dns.test -acmedomain0 b.dns.test,plugin=tls -acmedomain1 c.dns.test,plugin=bind
	run order
	[ "$status" = 0 ] || { echo "$output"; false; }
	[ "$(seen "$node/pveproxy-ssl.pem")" = 'a.dns.test b.dns.test c.dns.test ' ]
}

@test "ten names: the challenges are all posted before the first is asked after" {
	on_host config set -acme "domains=$(printf 'n%d.dns.test;' {0..8})n9.dns.test"
	: > "$ca/ca.log"
	order -q
	grep -aoE 'POST /(chal|auth)Z/' "$ca/ca.log" | uniq -c | awk '{ print $3, $1 }' > "$BATS_TEST_TMPDIR/posts"
	[ "$(grep -c chalZ "$BATS_TEST_TMPDIR/posts")" = 1 ] && grep -qx '/chalZ/ 10' "$BATS_TEST_TMPDIR/posts" ||
		{ cat "$BATS_TEST_TMPDIR/posts"; false; }
}

@test "what the server refuses is said in its words: a name that it blocks, one that is elsewhere" {
	on_host config set -acmedomain0 blocked.test
	run order
	[ "$status" = 1 ]
	[[ $output == *'the new order: rejectedIdentifier: '* ]] || { echo "$output"; false; }
	on_host config set -acmedomain0 nowhere.example
	run order
	[ "$status" = 1 ]
	[[ $output == *'nowhere.example: the authorization is invalid: http-01: '* ]] || { echo "$output"; false; }
	[ ! -e "$host/var/lib/pve-acme/order" ]
}

@test "SIGTERM removes the record at once, and the next run goes on with the order" {
	hook
	on_host plugin add dns hook --api exec --data <(printf 'EXEC_PATH=%s\n' "$BATS_TEST_TMPDIR/hook")
	on_host plugin set hook --validation-delay 60
	on_host config set -acmedomain0 t.dns.test,plugin=hook
	chmod 711 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_SUITE_TMPDIR"
	"$acme" --root "$host" cert order --ca-bundle "$ca/ca.pem" > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	pid=$!
	eventually 10 grep -q '^Waiting' "$BATS_TEST_TMPDIR/out"
	[ -n "$(records _acme-challenge.t.dns.test)" ]
	kill "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" = 143 ] || { cat "$BATS_TEST_TMPDIR/out"; false; }
	[ -z "$(records _acme-challenge.t.dns.test)" ] || { cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/hook.log"; false; }
	url=$(sed -n 's/^order //p' "$host/var/lib/pve-acme/order")
	[ -n "$url" ]
	[ "$(stat -c %a "$host/var/lib/pve-acme/order")" = 600 ]
	on_host plugin set hook --validation-delay 0
	run order
	[ "$status" = 0 ] || { echo "$output"; false; }
	[[ $output == *'Going on with the order of an earlier run'*"Order URL: $url"* ]]
}

@test "the keys are in no process that talks, and credentials in none that talks to the CA" {
	on_host plugin add dns bind --api nsupdate --validation-delay 60 \
		--data <(printf 'NSUPDATE_SERVER=127.0.0.1\nNSUPDATE_KEY=/etc/key.conf\nUNUSED=a-secret-word-of-the-plugin\n')
	on_host config set -acmedomain0 m.dns.test -acmedomain1 n.dns.test,plugin=bind
	# the second run goes on with the journal of the first, which has the new key
	for run in first second; do
		"$acme" --root "$host" cert order --ca-bundle "$ca/ca.pem" > "$BATS_TEST_TMPDIR/$run" 2>&1 3>&- &
		pid=$!
		eventually 10 grep -q '^Waiting' "$BATS_TEST_TMPDIR/$run"
		[ "$run" = second ] || { kill "$pid" && { wait "$pid" || :; } }
	done
	account=$(jq -r .key "$host/etc/pve/priv/acme/default" | sed -n 2p)
	new=$(sed -n 's/^key //p' "$host/var/lib/pve-acme/order" | base64 -d | sed -n 2p)
	network=$(pgrep -P "$pid" | head -n 1) # started first
	code=0
	apart "$pid" "$account" "$new" || code=1
	holds "$pid" a-secret-word-of-the-plugin || code=2
	! holds "$network" a-secret-word-of-the-plugin || code=3
	kill "$pid" && { wait "$pid" || :; }
	[ "$code" = 0 ] || { echo "$code"; false; }
	# nor in what is said
	run order -vv
	for secret in "$account" "$new" a-secret-word-of-the-plugin PRIVATE; do
		[[ $output != *"$secret"* ]]
	done
	grep -q '^Going on with the order' "$BATS_TEST_TMPDIR/second"
}

@test "a certificate that is no use: the order is given up, and the next run begins another" {
	use_bind --validation-delay 60
	on_host config set -acmedomain0 u.dns.test,plugin=bind
	"$acme" --root "$host" cert order --ca-bundle "$ca/ca.pem" > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	pid=$!
	eventually 10 grep -q '^Waiting' "$BATS_TEST_TMPDIR/out"
	kill "$pid" && { wait "$pid" || :; }
	on_host plugin set bind --validation-delay 0
	# the request is for the old key
	key=$(openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2> /dev/null | base64 -w 0)
	sed -i "s|^key .*|key $key|" "$host/var/lib/pve-acme/order"
	run order
	[ "$status" = 65 ]
	[[ $output == *'what the server gave is no use; the next run orders anew: the certificate is for another key'* ]] ||
		{ echo "$output"; false; }
	[ ! -e "$host/var/lib/pve-acme/order" ]
	[ ! -e "$node/pveproxy-ssl.pem" ]
	order -q
}

@test "an order that was forgotten for long: its certificate is over" {
	command -v faketime > /dev/null || skip 'faketime is not installed'
	use_bind --validation-delay 60
	on_host config set -acmedomain0 v.dns.test,plugin=bind
	"$acme" --root "$host" cert order --ca-bundle "$ca/ca.pem" > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	pid=$!
	eventually 10 grep -q '^Waiting' "$BATS_TEST_TMPDIR/out"
	kill "$pid" && { wait "$pid" || :; }
	on_host plugin set bind --validation-delay 0
	cp "$host/var/lib/pve-acme/order" "$BATS_TEST_TMPDIR/journal"
	order -q
	# as if it had not been put into place
	rm "$node"/pveproxy-ssl.*
	cp "$BATS_TEST_TMPDIR/journal" "$host/var/lib/pve-acme/order"
	start_proxy --no-date # by which it would be seen that the time is not right
	through_proxy "$host"
	run faketime -f +100d "$acme" --root "$host" cert order --ca-bundle "$ca/ca.pem"
	stop_last
	[ "$status" = 65 ]
	[[ $output == *'the certificate has expired; is the clock right?'* ]] || { echo "$output"; false; }
	[ ! -e "$node/pveproxy-ssl.pem" ] && [ ! -e "$host/var/lib/pve-acme/order" ]
}

@test "revoke: by the account and by the certificate's key, and the server knows why" {
	on_host config set -acmedomain0 a.dns.test
	order -q
	serial=$(openssl x509 -in "$node/pveproxy-ssl.pem" -noout -serial | cut -d = -f 2 | tr A-F a-f)
	run on_host cert revoke --ca-bundle "$ca/ca.pem" --reason superseded
	[ "$status" = 0 ] || { echo "$output"; false; }
	[ ! -e "$node/pveproxy-ssl.pem" ] && [ ! -e "$node/pveproxy-ssl.key" ]
	state=$(curl -s --cacert "$ca/ca.pem" "https://localhost:15000/cert-status-by-serial/${serial#0}")
	[[ $state == *Revoked* && $state == *4* ]] || { echo "$state"; false; }
	order -q
	cp "$node"/pveproxy-ssl.* "$BATS_TEST_TMPDIR/"
	on_host cert revoke --ca-bundle "$ca/ca.pem" --by-key -q
	# once more: it is revoked already
	cp "$BATS_TEST_TMPDIR"/pveproxy-ssl.* "$node/"
	on_host cert revoke --ca-bundle "$ca/ca.pem" -q
	[ ! -e "$node/pveproxy-ssl.pem" ]
	run on_host cert revoke --reason odd
	[ "$status" = 64 ]
	cp "$BATS_TEST_TMPDIR"/pveproxy-ssl.* "$node/"
	run on_host cert revoke -n
	[ "$status" = 0 ]
	[[ ${lines[0]} == 'revoke the certificate '* && $output == *pveproxy-ssl.key* ]] || { echo "$output"; false; }
	[ -f "$node/pveproxy-ssl.pem" ]
}

@test "keys of every kind, a key that stays, another chain, a profile that is none" {
	on_host config set -acmedomain0 a.dns.test
	for type in ec384 ec521 rsa2048 ed25519; do
		order -q --force --key-type $type
	done
	openssl x509 -in "$node/pveproxy-ssl.pem" -noout -text | grep -q 'Public Key Algorithm: ED25519'
	before=$(openssl x509 -in "$node/pveproxy-ssl.pem" -noout -pubkey)
	order -q --force --reuse-key
	[ "$(openssl x509 -in "$node/pveproxy-ssl.pem" -noout -pubkey)" = "$before" ]
	root=$(curl -s --cacert "$ca/ca.pem" https://localhost:15000/roots/1 | openssl x509 -noout -subject | sed 's/.*CN *= *//')
	order -q --force --preferred-chain "$root"
	openssl crl2pkcs7 -nocrl -certfile "$node/pveproxy-ssl.pem" | openssl pkcs7 -print_certs -noout | grep -q "issuer.*$root"
	run order --force --preferred-chain nobody
	[ "$status" = 0 ]
	[[ $output == *'no chain leads to nobody'* ]]
	run order --force --profile short
	[ "$status" = 64 ]
	[[ $output == *'has no profile short'* ]] || { echo "$output"; false; }
}
