#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-acme cert info, set and delete on the files of a node.

# shellcheck disable=SC2154 # tests/acme-host.sh sets variables

load ../acme-certs.sh
load ../acme-host.sh

setup_file() {
	export certs=$BATS_FILE_TMPDIR
	new_ca root
	new_ca inter root
	new_cert good inter DNS:node1.example.org,DNS:www.example.org,IP:192.0.2.1
	new_cert other root DNS:elsewhere.example
	new_cert old root DNS:node1.example.org 0
	new_cert own root DNS:node1
	cat "$certs/good.pem" "$certs/inter.pem" > "$certs/chain.pem"
	cat "$certs/good.pem" "$certs/root.pem" > "$certs/gap.pem"
	cat "$certs/inter.pem" "$certs/good.pem" > "$certs/reversed.pem"
	openssl pkcs8 -topk8 -in "$certs/good.key" -passout pass:secret -out "$certs/locked.key"
	openssl ec -aes128 -in "$certs/good.key" -passout pass:secret -out "$certs/legacy.key" 2> /dev/null
	openssl req -x509 -newkey rsa:1024 -nodes -keyout "$certs/weak.key" -out "$certs/weak.pem" -days 9 \
		-subj /CN=weak -addext subjectAltName=DNS:node1.example 2> /dev/null
	openssl req -x509 -key "$certs/good.key" -out "$certs/nameless.pem" -days 9 -subj /CN=node1 \
		-addext basicConstraints=CA:FALSE 2> /dev/null
}

setup() {
	new_root
}

@test "set: a chain and its key; info shows it in the order of Proxmox VE" {
	acme cert set "$certs/chain.pem" "$certs/good.key"
	cmp <(openssl x509 -in "$node/pveproxy-ssl.pem") "$certs/good.pem"
	[ "$(grep -c BEGIN "$node/pveproxy-ssl.pem")" = 2 ]
	cmp <(openssl pkey -in "$node/pveproxy-ssl.key") <(openssl pkey -in "$certs/good.key")
	[ "$(stat -c %a "$node/pveproxy-ssl.key")" = 640 ]
	acme cert info > "$BATS_TEST_TMPDIR/info"
	[ "$(awk -F '│' '/│/ && $2 !~ /^ *(key)? *$/ { gsub(/ /, "", $2); print $2 }' "$BATS_TEST_TMPDIR/info" | xargs)" = \
		"filename fingerprint subject issuer notbefore notafter public-key-type public-key-bits san" ]
	grep -q "│ $(fingerprint "$certs/good.pem") *│" "$BATS_TEST_TMPDIR/info"
	grep -q '│ subject         │ /CN=good ' "$BATS_TEST_TMPDIR/info"
	grep -q '│                 │ 192.0.2.1 ' "$BATS_TEST_TMPDIR/info"
}

@test "info: all certificates of the node, as rows and as JSON with the PEM" {
	cp "$certs/root.pem" "$root/etc/pve/pve-root-ca.pem"
	cp "$certs/own.pem" "$node/pve-ssl.pem"
	echo nonsense > "$node/pveproxy-ssl.pem"
	acme cert info -H -o filename,san 2> "$BATS_TEST_TMPDIR/err" |
		diff - <(printf 'pve-root-ca.pem\t\npve-ssl.pem\tnode1\n')
	grep -q 'pveproxy-ssl.pem: there is no certificate' "$BATS_TEST_TMPDIR/err"
	acme cert info --json -o filename,pem 2> /dev/null | jq -r '.[1].pem' | openssl x509 | cmp - "$certs/own.pem"
}

@test "set says what is wrong with each, and changes nothing" {
	fails 65 "chain.pem: the key (EC P-256) does not belong to the first certificate" cert set "$certs/chain.pem" "$certs/other.key"
	fails 65 "locked.key: " cert set "$certs/chain.pem" "$certs/locked.key"
	[[ $output == *"protected by a password"* ]]
	fails 65 "legacy.key: " cert set "$certs/chain.pem" "$certs/legacy.key"
	[[ $output == *"protected by a password"* ]]
	fails 65 "is not signed by the one behind it" cert set "$certs/gap.pem" "$certs/good.key"
	fails 65 "the first certificate is that of an authority" cert set "$certs/reversed.pem" "$certs/good.key"
	fails 65 "no name of the certificate begins with that of this node, node1" cert set "$certs/other.pem" "$certs/other.key"
	fails 65 "expired at" cert set "$certs/old.pem" "$certs/old.key"
	fails 65 "an RSA key of 1024 bits is too weak" cert set "$certs/weak.pem" "$certs/weak.key"
	fails 65 "no names in subjectAltName" cert set "$certs/nameless.pem" "$certs/good.key"
	fails 65 "there is a block PRIVATE KEY" cert set "$certs/good.key" "$certs/good.key"
	echo nothing > "$BATS_TEST_TMPDIR/nothing"
	fails 65 "there is no certificate in PEM form" cert set "$BATS_TEST_TMPDIR/nothing" "$certs/good.key"
	fails 65 "there is no private key in PEM form" cert set "$certs/chain.pem" "$certs/chain.pem"
	fails 77 "" cert set "$certs" "$certs/good.key" || fails 1 "Is a directory" cert set "$certs" "$certs/good.key"
	fails 1 "No such file" cert set "$certs/nope.pem"
	fails 64 "there is no key yet" cert set "$certs/chain.pem"
	head -c 300 "$certs/good.pem" > "$BATS_TEST_TMPDIR/cut.pem"
	fails 65 "cut.pem: " cert set "$BATS_TEST_TMPDIR/cut.pem" "$certs/good.key"
}

@test "set holds the names against those that are configured" {
	echo 'acme: domains=www.example.org;mail.example.org' > "$node/config"
	fails 65 "the certificate is not for mail.example.org (acme)" cert set "$certs/chain.pem" "$certs/good.key"
	echo 'acme: domains=www.example.org' > "$node/config"
	acme cert set "$certs/chain.pem" "$certs/good.key"
}

@test "set --force: over what is there, and with what is merely odd; never a pair that does not fit" {
	acme cert set "$certs/chain.pem" "$certs/good.key"
	fails 1 "there is a certificate already; --force replaces it" cert set "$certs/other.pem" "$certs/other.key"
	acme cert set -f "$certs/other.pem" "$certs/other.key"
	[ "$(fingerprint "$node/pveproxy-ssl.pem")" = "$(fingerprint "$certs/other.pem")" ]
	fails 65 "does not belong to the first certificate" cert set --force "$certs/chain.pem" "$certs/other.key"
}

@test "set without a key keeps the one that is there" {
	acme cert set "$certs/chain.pem" "$certs/good.key"
	fails 1 "there is a certificate already" cert set "$certs/good.pem"
	acme cert set -force "$certs/good.pem"
	[ "$(grep -c BEGIN "$node/pveproxy-ssl.pem")" = 1 ]
	fails 65 "does not belong" cert set -f "$certs/other.pem"
}

@test "text around the blocks is left out, standard input is read" {
	{ echo 'subject=x'; openssl x509 -in "$certs/good.pem" -text; cat "$certs/inter.pem"; } |
		acme cert set - "$certs/good.key"
	cmp "$node/pveproxy-ssl.pem" "$certs/chain.pem"
}

@test "delete takes both, with RESTART as Proxmox VE has it" {
	acme cert set "$certs/chain.pem" "$certs/good.key"
	fails 64 "'maybe' is neither 1 nor 0" cert delete maybe
	acme cert delete 0
	[ -z "$(ls "$node")" ]
	acme cert delete
}

@test "--dry-run shows the swap" {
	run acme cert set -n "$certs/chain.pem" "$certs/good.key"
	[ "$status" = 0 ]
	[[ $output == *"pveproxy-ssl.key: the key of the certificate"* ]]
	[[ $output == *"pveproxy-ssl.pem: the certificate $(fingerprint "$certs/good.pem")"* ]]
	[ -z "$(ls "$node")" ]
}
