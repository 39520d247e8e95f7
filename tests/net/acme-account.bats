#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-acme account against Pebble on loopback, on the files of a --root tree.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a process of its own; tests/acme-host.sh sets variables

load ../acme-certs.sh
load ../acme-host.sh
load ../acme-pebble.sh

setup_file() {
	export pb=$BATS_FILE_TMPDIR url bound expired foreign
	chmod 755 "$pb"
	export certs=$pb
	new_ca ca
	new_ca another
	new_cert good ca DNS:localhost,IP:127.0.0.1
	new_cert old ca DNS:localhost 0
	new_cert elsewhere ca DNS:elsewhere.example
	start_pebble bound good '"externalAccountBindingRequired":true,"externalAccountMACKeys":{"kid-1":"zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"}'
	bound=$url
	start_pebble expired old
	expired=$url
	start_pebble foreign elsewhere
	foreign=$url
	start_pebble good good
}

teardown_file() {
	stop_pebble
}

setup() {
	new_root
	dir=$root/etc/pve/priv/acme
}

register() {
	acme account register "$@" --ca-bundle "$pb/ca.pem" < /dev/null
}

member() {
	jq -r "$2" "$dir/$1"
}

@test "register: the file of Proxmox VE, private, sorted" {
	run register default mail@example.test --directory "$url" --accept-tos
	[ "$status" = 0 ]
	[[ ${lines[0]} == 'Terms of Service: '* ]]
	[ "${lines[1]}" = 'Generating ACME account key..' ]
	[ "${lines[2]}" = 'Registering ACME account..' ]
	[[ ${lines[3]} == "Registration successful, account URL: 'https://"* ]]
	[ "${lines[4]}" = 'Task OK' ]
	[ "$(stat -c %a "$dir/default" "$dir")" = "$(printf '600\n700')" ]
	[ "$(jq -c keys_unsorted "$dir/default")" = '["account","directory","key","location","tos"]' ]
	[ "$(member default .directory)" = "$url" ]
	[ "$(member default '.account.contact[0]')" = mailto:mail@example.test ]
	[ "$(member default .account.status)" = valid ]
	member default .key | openssl pkey -noout -text | grep -q '2048 bit'
	[ "$(acme account list -H -o name,status,contact)" = "$(printf 'default\tvalid\tmailto:mail@example.test')" ]
	acme account info | grep -q '│ status     │ valid'
	run acme account info --json
	[[ $output != *PRIVATE* ]]
}

# on_terminal ANSWERS WORD...: the command on a pseudo-terminal, whose output it is.
on_terminal() {
	local answers=$1
	shift
	printf '%b\n' "$answers" | script -qefc "build/bin/pve-acme --root $root $*" /dev/null | tr -d '\r'
	return "${PIPESTATUS[1]}"
}

@test "the guide's: the menu and the question of register, on a terminal" {
	on_terminal "7\n2\n$url\ny" account register default mail@example.test \
		--ca-bundle "$pb/ca.pem" > "$BATS_TEST_TMPDIR/out"
	cat "$BATS_TEST_TMPDIR/out"
	grep -qx 'Directory endpoints:' "$BATS_TEST_TMPDIR/out"
	grep -qxF "0) Let's Encrypt V2 (https://acme-v02.api.letsencrypt.org/directory)" "$BATS_TEST_TMPDIR/out"
	grep -qxF "1) Let's Encrypt V2 Staging (https://acme-staging-v02.api.letsencrypt.org/directory)" "$BATS_TEST_TMPDIR/out"
	grep -qxF '2) Custom' "$BATS_TEST_TMPDIR/out"
	grep -q 'Enter selection: Invalid selection.' "$BATS_TEST_TMPDIR/out"
	grep -q '^Terms of Service: ' "$BATS_TEST_TMPDIR/out"
	grep -qF 'Do you agree to the above terms? [y|N]' "$BATS_TEST_TMPDIR/out"
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/out")" = 'Task OK' ]
	[ "$(member default .directory)" = "$url" ]
}

@test "without agreement nothing is registered and no file stays" {
	run on_terminal n account register default mail@example.test --directory "$url" --ca-bundle "$pb/ca.pem"
	[ "$status" = 77 ]
	ends 77 "--accept-tos says that you agree" register default mail@example.test --directory "$url"
	[ ! -e "$dir/default" ]
}

@test "without a terminal nothing is asked" {
	ends 64 "needs --directory URL" register default mail@example.test
	ends 64 "needs a contact" register default --directory "$url"
	ends 64 "cannot be the name of an account" register 1x mail@example.test --directory "$url"
	ends 64 "neither a mail address nor a URL" register default nobody --directory "$url"
}

@test "names, contacts and kinds of keys" {
	register second 'a@example.test,mailto:b@example.test' --directory "$url" --accept-tos --key-type ec256
	[ "$(member second '.account.contact|length')" = 2 ]
	member second .key | openssl pkey -noout -text | grep -q 'NIST CURVE: P-256'
	ends 0 'takes RSA keys only, so it cannot use this account' register x@example.test --directory "$url" --accept-tos --key-type ec384
	[ -s "$dir/default" ]
	ends 1 "there is an account 'second' already" register second a@example.test --directory "$url" --accept-tos
	[ "$(acme account list -H -o name | xargs)" = 'default second' ]
}

@test "a server that knows its customers: --eab-kid" {
	echo zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W > "$BATS_TEST_TMPDIR/hmac"
	ends 64 "--eab-kid" register default a@example.test --directory "$bound" --accept-tos
	[ ! -e "$dir/default" ]
	ends 64 "belong together" register default a@example.test --directory "$bound" --accept-tos --eab-kid kid-1
	ends 1 "" register default a@example.test --directory "$bound" --accept-tos --eab-kid kid-2 --eab-hmac-file "$BATS_TEST_TMPDIR/hmac"
	[ ! -e "$dir/default" ]
	register default a@example.test --directory "$bound" --accept-tos --eab-kid kid-1 --eab-hmac-file "$BATS_TEST_TMPDIR/hmac"
	[ "$(member default .eabKid)" = kid-1 ]
	run cat "$dir/default"
	[[ $output != *zWNDZM6eQGHW* ]]
	acme account info | grep -q '│ external account │ kid-1'
}

# typed WORD...: the command on a terminal of whose echo nothing is lost; $typed is typed, a word behind each question: a
# line, or ^C or ^D.  The last line says whether the terminal echoes in the end.
typed() {
	timeout 20 python3 - "$typed" build/bin/pve-acme --root "$root" "$@" <<- 'END'
		import os, pty, sys, termios
		keys = {"^C": b"\x03", "^D": b"\x04"}
		answers = [a.split("=", 1) for a in sys.argv[1].split(";")]
		pid, fd = pty.fork()
		if pid == 0:
		    os.execv(sys.argv[2], sys.argv[2:])
		seen = b""
		while True:
		    try:
		        part = os.read(fd, 4096)
		    except OSError:
		        break
		    if not part:
		        break
		    seen += part
		    if answers and seen.rstrip().endswith(answers[0][0].encode()):
		        word = answers.pop(0)[1]
		        os.write(fd, keys.get(word) or word.encode() + b"\n")
		sys.stdout.write(seen.decode().replace("\r", ""))
		print("\necho" if termios.tcgetattr(fd)[3] & termios.ECHO else "\nno echo")
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	END
}

@test "a server that knows its customers, on a terminal: it is asked for, and the key is not echoed" {
	typed='key id:=kid-1;EAB key:=zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W'
	ends 0 'wants an external account binding' typed account register default a@example.test --directory "$bound" \
		--accept-tos --ca-bundle "$pb/ca.pem"
	[[ $output == *'Enter EAB key id: kid-1'* && $output != *zWNDZM6eQGHW* && $output == *'Task OK'* ]] || { echo "$output"; false; }
	[ "$(member default .eabKid)" = kid-1 ]
	rm "$dir/default"
	typed='key id:=kid-1;EAB key:=not*base64'
	ends 65 'the EAB key: is not in base64url' typed account register default a@example.test --directory "$bound" \
		--accept-tos --ca-bundle "$pb/ca.pem"
	typed='key id:='
	ends 64 'nothing was registered' typed account register default a@example.test --directory "$bound" \
		--accept-tos --ca-bundle "$pb/ca.pem"
	[ ! -e "$dir/default" ]
}

@test "a question that is answered by ^C or ^D: the run is over, and the terminal echoes as before" {
	stop() {
		typed=$1
		ends "$2" "$3" typed account register default a@example.test --accept-tos --ca-bundle "$pb/ca.pem"
		[ "${lines[-1]}" = echo ] && [ ! -e "$dir/default" ]
	}
	# 254: ended by signal 2
	stop 'selection:=^C' 254 ''
	stop "selection:=2;custom URL:=$bound;key id:=^C" 254 ''
	stop "selection:=2;custom URL:=$bound;key id:=kid-1;EAB key:=^C" 254 ''
	stop 'selection:=^D' 64 'no directory was chosen'
	stop 'selection:=2;custom URL:=^D' 64 'no directory was chosen'
	stop "selection:=2;custom URL:=$bound;key id:=kid-1;EAB key:=^D" 64 'no key was given'
}

@test "servers that cannot be trusted: the reason, and nothing changed" {
	ends 77 "" acme account register default a@example.test --directory "$url" --accept-tos
	[[ $output == *certificate* ]]
	ends 77 "" acme account register default a@example.test --directory "$url" --accept-tos --ca-bundle "$pb/another.pem"
	ends 77 "expired" register default a@example.test --directory "$expired" --accept-tos
	ends 77 "" register default a@example.test --directory "$foreign" --accept-tos
	[[ $output == *localhost* ]]
	ends 1 "" register default a@example.test --directory "${url%/dir}/nothing" --accept-tos
	ends 69 "" register default a@example.test --directory https://127.0.0.1:1/dir --accept-tos
	ends 69 "" register default a@example.test --directory https://nobody.invalid/dir --accept-tos
	run register default a@example.test --directory http://acme.example.org/dir --accept-tos
	[ "$status" != 0 ]
	[[ $output == *http://acme.example.org/dir* ]]
	run register default a@example.test --directory file:///etc/passwd --accept-tos
	[ "$status" != 0 ]
	[ ! -e "$dir/default" ]
	[ -z "$(find "$root" -type f)" ]
}

@test "a clock that is off by a day, either way" {
	command -v faketime > /dev/null || skip 'faketime is not installed'
	off() {
		faketime -f "$1" build/bin/pve-acme --root "$root" account register default a@example.test \
			--directory "$url" --accept-tos --ca-bundle "$pb/ca.pem" < /dev/null
	}
	ends 77 "localhost:" off -1d
	[[ $output == *'not yet valid; is the clock of this host right?'* ]] || { echo "$output"; false; }
	ends 77 "localhost:" off +31d
	[[ $output == *'expired; is the clock of this host right?'* ]] || { echo "$output"; false; }
	[ ! -e "$dir/default" ]
}

@test "killed at any instant: run again, it is the same account, and no key is lost" {
	for delay in 0.01 0.02 0.03 0.05 0.07 0.1 0.15 0.2; do
		timeout -s KILL "$delay" build/bin/pve-acme --root "$root" account register default a@example.test \
			--directory "$url" --accept-tos --ca-bundle "$pb/ca.pem" < /dev/null > /dev/null 2>&1 || :
		[ ! -e "$dir/default" ] || jq -e .key "$dir/default" > /dev/null
	done
	[ -e "$dir/default" ] && [ "$(member default .location)" != null ] ||
		register default a@example.test --directory "$url" --accept-tos
	acme account update --ca-bundle "$pb/ca.pem"
	[ "$(acme account list -H -o status)" = valid ]
	[ "$(find "$root" -name '*.tmp' -o -name '*.journal' | wc -l)" = 0 ]
}

@test "a refused contact leaves no file" {
	ends 1 "" register default tel:123 --directory "$url" --accept-tos
	[ ! -e "$dir/default" ]
}

@test "a registration through a network that fails: one account" {
	for fault in drop-request drop-reply 503 429 cut no-nonce; do
		port=$(free_port)
		: > "$BATS_TEST_TMPDIR/count"
		# the third request is the one for the account
		tests/net/acme-proxy --listen "127.0.0.1:$port" --to "127.0.0.1:$(echo "$url" | tr -dc 0-9)" \
			--cert "$pb/good.pem" --key "$pb/good.key" --ca "$pb/ca.pem" --every 3 "$fault" \
			--count "$BATS_TEST_TMPDIR/count" > "$BATS_TEST_TMPDIR/ready.$fault" 3>&- &
		proxy=$!
		until grep -qs ready "$BATS_TEST_TMPDIR/ready.$fault"; do sleep 0.05; done
		run register "n-$fault" a@example.test --directory "https://localhost:$port/dir" --accept-tos
		kill "$proxy"
		echo "$fault: $status: $output"
		cat "$BATS_TEST_TMPDIR/count"
		[ "$status" = 0 ]
		[ "$(grep -c '^POST /sign-me-up 201' "$BATS_TEST_TMPDIR/count")" = 1 ]
		[ "$(member "n-$fault" .location)" != null ]
	done
}

@test "an answer that is lost: the key stays, and the same account is found again" {
	port=$(free_port)
	tests/net/acme-proxy --listen "127.0.0.1:$port" --to "127.0.0.1:$(echo "$url" | tr -dc 0-9)" \
		--cert "$pb/good.pem" --key "$pb/good.key" --ca "$pb/ca.pem" --every 1 drop-reply > "$BATS_TEST_TMPDIR/ready" 3>&- &
	proxy=$!
	until grep -qs ready "$BATS_TEST_TMPDIR/ready"; do sleep 0.05; done
	# The directory is never seen through it: no file yet.
	run register default a@example.test --directory "https://localhost:$port/dir" --accept-tos --timeout 2
	kill "$proxy"
	[ "$status" != 0 ]
	[ ! -e "$dir/default" ]
	# As a run leaves it that died between the request and the answer.
	register default a@example.test --directory "$url" --accept-tos
	location=$(member default .location)
	jq 'del(.location, .tos) | .account = {contact: ["mailto:a@example.test"], status: "unregistered"}' "$dir/default" > "$BATS_TEST_TMPDIR/pending"
	cat "$BATS_TEST_TMPDIR/pending" > "$dir/default"
	[ "$(acme account list -H -o status)" = unregistered ]
	ends 64 "to try another server" register default --directory https://localhost:1/dir --accept-tos
	register default --accept-tos
	[ "$(member default .location)" = "$location" ]
}

@test "update: contacts, and what the server says without any; unknown members stay" {
	register default a@example.test --directory "$url" --accept-tos
	jq '.note = "ours"' "$dir/default" > "$BATS_TEST_TMPDIR/x" && cat "$BATS_TEST_TMPDIR/x" > "$dir/default"
	acme account update default new@example.test --ca-bundle "$pb/ca.pem"
	[ "$(member default '.account.contact|join(" ")')" = mailto:new@example.test ]
	acme account update --contact x@example.test --ca-bundle "$pb/ca.pem"
	[ "$(member default '.account.contact|join(" ")')" = mailto:x@example.test ]
	acme account update --ca-bundle "$pb/ca.pem"
	[ "$(member default .note)" = ours ]
	[ "$(member default '.account.contact|join(" ")')" = mailto:x@example.test ]
	ends 69 "there is no account 'nope'" acme account update nope
}

@test "an account as Proxmox Backup Server writes it: directoryUrl" {
	register default a@example.test --directory "$url" --accept-tos
	jq '.directoryUrl = .directory | del(.directory)' "$dir/default" > "$BATS_TEST_TMPDIR/x"
	cat "$BATS_TEST_TMPDIR/x" > "$dir/default"
	[ "$(acme account list -H -o directory)" = "$url" ]
	acme account update --ca-bundle "$pb/ca.pem"
	[ "$(member default .directory)" = "$url" ]
}

# What Proxmox VE's own client does with the file: it reads the key by this module, and writes it so.
perl_client() {
	perl -MJSON::PP -MCrypt::OpenSSL::RSA -e '
		local $/; open my $in, "<", $ARGV[0] or die; my $a = decode_json(<$in>);
		my $key = Crypt::OpenSSL::RSA->new_private_key($a->{key});
		$key->use_pkcs1_padding(); $key->use_sha256_hash(); $key->sign("x") or die;
		my %o = map { ($_ => $a->{$_}) } grep { defined $a->{$_} } qw(location account tos debug directory);
		$o{key} = $key->get_private_key_string();
		print JSON::PP->new->utf8->pretty->canonical->encode(\%o);' "$1"
}

@test "Proxmox VE's client and we work on one account in turn: its keys are RSA, and its file stays as it is" {
	perl -MCrypt::OpenSSL::RSA -e 1 2> /dev/null || skip 'libcrypt-openssl-rsa-perl is not installed'
	register default a@example.test --directory "$url" --accept-tos
	perl_client "$dir/default" > "$BATS_TEST_TMPDIR/theirs"
	grep -q 'BEGIN RSA PRIVATE KEY' "$BATS_TEST_TMPDIR/theirs"
	cat "$BATS_TEST_TMPDIR/theirs" > "$dir/default"
	acme account info | grep -q '│ key        │ RSA 2048'
	cmp "$BATS_TEST_TMPDIR/theirs" "$dir/default"
	acme account update default b@example.test --ca-bundle "$pb/ca.pem"
	[ "$(member default .key)" = "$(jq -r .key "$BATS_TEST_TMPDIR/theirs")" ]
	[ "$(member default '.account.contact[0]')" = mailto:b@example.test ]
	perl_client "$dir/default" > "$BATS_TEST_TMPDIR/again"
	acme account list -H -o status | grep -qx valid
	# what it makes itself: 4096 bits, and no answer yet
	openssl genrsa -traditional 4096 2> /dev/null |
		jq -Rs --arg u "$url" '{account: {contact: ["mailto:p@example.test"], status: "unregistered"}, directory: $u, key: .}' > "$dir/pve"
	chmod 600 "$dir/pve"
	key=$(member pve .key)
	register pve --accept-tos
	[ "$(member pve .key)" = "$key" ]
	perl_client "$dir/pve" > "$BATS_TEST_TMPDIR/theirs"
	# of another kind it can make nothing
	register other a@example.test --directory "$url" --accept-tos --key-type ec256
	run perl_client "$dir/other"
	[ "$status" != 0 ]
}

@test "SIGTERM in the middle of an account command: nothing is half done, and no process stays" {
	register default a@example.test --directory "$url" --accept-tos
	cp "$dir/default" "$BATS_TEST_TMPDIR/old"
	for command in 'update default n@example.test' 'rollover' 'deactivate' 'register new n@example.test --accept-tos'; do
		for delay in 0.01 0.03 0.06; do
			# shellcheck disable=SC2086
			build/bin/pve-acme --root "$root" account $command --directory "$url" --ca-bundle "$pb/ca.pem" > /dev/null 2>&1 3>&- &
			pid=$!
			sleep $delay
			children=$(pgrep -P $pid || :)
			kill $pid 2> /dev/null || :
			wait $pid || :
			for child in $children; do
				[ ! -d "/proc/$child" ] || { sleep 0.2 && [ ! -d "/proc/$child" ]; }
			done
			for file in "$dir"/*; do
				case $file in *.rollover) openssl pkey -in "$file" -noout ;; *) jq -e .key "$file" > /dev/null ;; esac
			done
			[ -z "$(find "$root" -name '*.tmp' -o -name '*.journal')" ]
			[ -e "$dir/default" ] || register default a@example.test --directory "$url" --accept-tos
		done
	done
	[ ! -e "$dir/default.rollover" ] || acme account rollover --ca-bundle "$pb/ca.pem"
	acme account update --ca-bundle "$pb/ca.pem"
}

@test "--timeout: a server that accepts and says nothing" {
	port=$(free_port)
	python3 -c 'import socket, sys, time; s = socket.create_server(("127.0.0.1", int(sys.argv[1]))); time.sleep(30)' "$port" 3>&- &
	server=$!
	until ss -Hltn "sport = :$port" | grep -q .; do sleep 0.05; done
	begin=$(date +%s)
	run register default a@example.test --directory "https://127.0.0.1:$port/dir" --accept-tos --timeout 1
	kill $server
	[ "$status" = 75 ] || { echo "$status: $output"; false; }
	[ $(($(date +%s) - begin)) -lt 10 ]
	[ ! -e "$dir/default" ]
}

@test "the guide's: deactivate renames the file" {
	mkdir -p "$dir"
	for i in 0 1 2 3; do : > "$dir/_deactivated_default_$i"; done
	register default a@example.test --directory "$url" --accept-tos
	run acme account deactivate default --ca-bundle "$pb/ca.pem"
	[ "$status" = 0 ]
	[ "${lines[0]}" = "Renaming account file from '/etc/pve/priv/acme/default' to '/etc/pve/priv/acme/_deactivated_default_4'" ]
	[ "${lines[1]}" = 'Task OK' ]
	[ ! -e "$dir/default" ]
	[ "$(member _deactivated_default_4 .account.status)" = deactivated ]
	[ "$(stat -c %a "$dir/_deactivated_default_4")" = 600 ]
	[ -z "$(acme account list -H)" ]
	# The name is free again.
	register default b@example.test --directory "$url" --accept-tos
}

@test "deactivate once more, as after a run that died before the renaming" {
	register default a@example.test --directory "$url" --accept-tos
	cp "$dir/default" "$BATS_TEST_TMPDIR/old"
	acme account deactivate --ca-bundle "$pb/ca.pem"
	cp "$BATS_TEST_TMPDIR/old" "$dir/default"
	acme account deactivate --ca-bundle "$pb/ca.pem"
	[ "$(member _deactivated_default_1 .account.status)" = deactivated ]
}

@test "rollover: a new key, and the account works with it alone" {
	register default a@example.test --directory "$url" --accept-tos
	cp "$dir/default" "$BATS_TEST_TMPDIR/old"
	run acme account rollover --ca-bundle "$pb/ca.pem" --key-type rsa2048
	[ "$status" = 0 ]
	[ ! -e "$dir/default.rollover" ]
	[ "$(member default .location)" = "$(jq -r .location "$BATS_TEST_TMPDIR/old")" ]
	member default .key | openssl pkey -noout -text | grep -q '2048 bit'
	acme account update --ca-bundle "$pb/ca.pem"
	cp "$dir/default" "$BATS_TEST_TMPDIR/new"
	cp "$BATS_TEST_TMPDIR/old" "$dir/default"
	run acme account update --ca-bundle "$pb/ca.pem"
	[ "$status" != 0 ]
}

@test "rollover is gone on with, whether the server heard of the key or not" {
	register default a@example.test --directory "$url" --accept-tos
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$dir/default.rollover" 2> /dev/null
	thumb=$(openssl pkey -in "$dir/default.rollover" -pubout)
	cp "$dir/default" "$BATS_TEST_TMPDIR/old"
	cp "$dir/default.rollover" "$BATS_TEST_TMPDIR/next"
	acme account rollover --ca-bundle "$pb/ca.pem"
	[ "$(member default .key | openssl pkey -pubout)" = "$thumb" ]
	# The server has it, the files do not say so yet.
	cp "$BATS_TEST_TMPDIR/old" "$dir/default"
	cp "$BATS_TEST_TMPDIR/next" "$dir/default.rollover"
	acme account rollover --ca-bundle "$pb/ca.pem"
	[ "$(member default .key | openssl pkey -pubout)" = "$thumb" ]
	[ ! -e "$dir/default.rollover" ]
	acme account update --ca-bundle "$pb/ca.pem"
}

@test "files that cannot be accounts: which, and why" {
	register default a@example.test --directory "$url" --accept-tos
	chmod 640 "$dir/default"
	ends 77 "chmod 600 $dir/default" acme account info
	chmod 600 "$dir/default"
	cp "$dir/default" "$BATS_TEST_TMPDIR/good"
	head -c 100 "$BATS_TEST_TMPDIR/good" > "$dir/default"
	ends 65 "$dir/default: line " acme account info
	echo '[]' > "$dir/default"
	ends 65 "is JSON, but no object" acme account info
	echo '{"key":"x"}' > "$dir/default"
	ends 65 "has no member 'directory'" acme account info
	jq '.key = "nonsense"' "$BATS_TEST_TMPDIR/good" > "$dir/default"
	ends 65 "no private key in PEM form" acme account update --ca-bundle "$pb/ca.pem"
	run acme account list -H -o name,status
	[[ $output == *"$(printf 'default\t')"* ]]
}

@test "no secret in the arguments of any process, nor in what is said" {
	run register default a@example.test --directory "$url" --accept-tos -vv
	[[ $output != *PRIVATE* ]]
	strace -f -qq -e trace=execve -o "$BATS_TEST_TMPDIR/trace" build/bin/pve-acme --root "$root" \
		account update --ca-bundle "$pb/ca.pem"
	[ "$(grep -c execve "$BATS_TEST_TMPDIR/trace")" = 1 ]
}
