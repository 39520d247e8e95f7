#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The tour of README, and every example of the guide's chapters "Certificate Management" to "ACME Examples
# with pvenode", against Pebble and bind9, with the shape of what it prints; `pvenode acme` and `pvenode` are
# pve-acme here.  What cannot stand here as it is printed: Let's Encrypt is Pebble ("Custom" in the menu),
# OVH's API is a script that sets the records in bind9, and the names are of dns.test.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a process of its own; tests/acme-server.sh sets variables

bats_require_minimum_version 1.5.0
load ../acme-server.sh

setup_file() {
	begin_ca
	start_ca
}

setup() {
	host=$BATS_TEST_TMPDIR/host
	node=$host/etc/pve/nodes/node1
	mkdir -p "$node"
	ln -s nodes/node1 "$host/etc/pve/local"
	echo 'nameserver 127.0.0.1' > "$host/etc/resolv.conf"
	export LC_ALL=C.UTF-8
}

# on_terminal ANSWERS WORD...: on a terminal, whose output it is.
on_terminal() {
	local answers=$1
	shift
	printf '%b\n' "$answers" | script -qefc "$acme --root $host $*" /dev/null | tr -d '\r'
	return "${PIPESTATUS[1]}"
}

# shape FILE: it has the lines that standard input lists as regular expressions, in that order; "..." is any number of
# lines, as in the guide.
shape() {
	awk -v file="$1" '
		{ want[++n] = $0 }
		END {
			i = 1
			any = 0
			while ((getline line < file) > 0) {
				if (want[i] == "...") { any = 1; i++ }
				if (i <= n && line ~ ("^" want[i] "$")) { i++; any = 0 }
				else if (!any) { print "line: " line "\nnot:  " want[i]; exit 1 }
			}
			if (want[i] == "...") i++
			if (i <= n) { print "not there: " want[i]; exit 1 }
		}'
}

register() {
	on_host account register default mail@example.test --accept-tos --directory https://localhost:14000/dir --ca-bundle "$ca/ca.pem" -q
}

@test "ACME Account: pvenode acme account register account-name mail@example.com" {
	on_terminal '2\nhttps://localhost:14000/dir\ny' account register account-name mail@example.com --ca-bundle "$ca/ca.pem"
	[ "$(on_host account list -H -o name,status,contact)" = "$(printf 'account-name\tvalid\tmailto:mail@example.com')" ]
}

@test "Sample pvenode invocation: the menu, the terms, config set, cert order" {
	on_terminal '2\nhttps://localhost:14000/dir\ny' account register default mail@example.invalid --ca-bundle "$ca/ca.pem" \
		> "$BATS_TEST_TMPDIR/out"
	shape "$BATS_TEST_TMPDIR/out" <<- 'END'
		...
		Directory endpoints:
		0\) Let's Encrypt V2 \(https://acme-v02.api.letsencrypt.org/directory\)
		1\) Let's Encrypt V2 Staging \(https://acme-staging-v02.api.letsencrypt.org/directory\)
		2\) Custom
		Enter selection: .*
		...
		Terms of Service: .*
		Do you agree to the above terms\? \[y\|N\].*
		...
		Task OK
	END
	on_host config set --acme domains=example.dns.test > "$BATS_TEST_TMPDIR/out"
	[ ! -s "$BATS_TEST_TMPDIR/out" ]
	order > "$BATS_TEST_TMPDIR/out"
	shape "$BATS_TEST_TMPDIR/out" <<- 'END'
		Loading ACME account details
		Placing ACME order
		...
		.*Status is 'valid'!
		...
		All domains validated!
		...
		Downloading certificate
		Setting pveproxy certificate and key
		Restarting pveproxy
		Task OK
	END
	[ "$(seen "$node/pveproxy-ssl.pem")" = 'example.dns.test ' ]
}

# The script that acme.sh has for OVH, as far as the guide shows what it says.
ovh() {
	chmod 755 "$BATS_TEST_TMPDIR"
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_SUITE_TMPDIR"
	install -m 444 "$ca/key.conf" "$BATS_TEST_TMPDIR/key"
	mkdir -p "$host/usr/share/proxmox-acme/dnsapi"
	cat > "$host/usr/share/proxmox-acme/dnsapi/dns_ovh.sh" <<- END
		#!/usr/bin/env sh
		_ovh_check() {
			OVH_CK="\${OVH_CK:-\$(_readaccountconf_mutable OVH_CK)}"
			_info "Using OVH endpoint: ovh-eu"
			_info "Checking authentication"
			[ "\$OVH_CK" = ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ ] || { _err "The consumer key is invalid"; return 1; }
			_info "Consumer key is ok."
		}
		dns_ovh_add() {
			_ovh_check || return 1
			_info "Adding record"
			printf 'server 127.0.0.1\nzone dns.test\nupdate add %s 60 TXT %s\nsend\n' "\$1" "\$2" | nsupdate -k $BATS_TEST_TMPDIR/key
		}
		dns_ovh_rm() {
			_ovh_check || return 1
			printf 'server 127.0.0.1\nzone dns.test\nupdate delete %s TXT %s\nsend\n' "\$1" "\$2" | nsupdate -k $BATS_TEST_TMPDIR/key
		}
	END
}

@test "Setting up the OVH API: the token, the plugin and its box, the domain, the order" {
	ovh
	register
	token=$BATS_TEST_TMPDIR/api_token
	printf 'OVH_AK=XXXXXXXXXXXXXXXX\nOVH_AS=YYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYY\n' > "$token"
	echo OVH_CK=ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ >> "$token"
	on_host plugin add dns example_plugin --api ovh --data "$token"
	on_host plugin config example_plugin --show-secrets > "$BATS_TEST_TMPDIR/out"
	shape "$BATS_TEST_TMPDIR/out" <<- 'END'
		┌.*┬.*┐
		│ key    │ value +│
		╞.*╪.*╡
		│ api    │ ovh +│
		├.*┼.*┤
		│ data   │ OVH_AK=XXXXXXXXXXXXXXXX +│
		│        │ OVH_AS=YYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYY +│
		│        │ OVH_CK=ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ +│
		├.*┼.*┤
		│ digest │ [0-9a-f]+ │
		├.*┼.*┤
		│ plugin │ example_plugin +│
		├.*┼.*┤
		│ type   │ dns +│
		└.*┴.*┘
	END
	on_host config set -acmedomain0 example.dns.test,plugin=example_plugin
	order > "$BATS_TEST_TMPDIR/out" 2> "$BATS_TEST_TMPDIR/err"
	shape "$BATS_TEST_TMPDIR/out" <<- 'END'
		Loading ACME account details
		Placing ACME order
		Order URL: https://localhost:14000/my-order/.*
		...
		Getting authorization details from 'https://localhost:14000/authZ/.*'
		The validation for example.dns.test is pending!
		Using OVH endpoint: ovh-eu
		Checking authentication
		Consumer key is ok.
		Adding record
		Add TXT record: _acme-challenge.example.dns.test
		...
		Triggering validation
		...
		.*Status is 'valid'!
		...
		All domains validated!
		...
		Using OVH endpoint: ovh-eu
		Checking authentication
		Consumer key is ok.
		Remove TXT record: _acme-challenge.example.dns.test
		...
		Task OK
	END
	[ "$(seen "$node/pveproxy-ssl.pem")" = 'example.dns.test ' ]
	[ -z "$(dig +short TXT _acme-challenge.example.dns.test @127.0.0.1)" ]
}

@test "DNS Validation through CNAME Alias: the CNAME is there, and alias names its domain" {
	ovh
	register
	on_host plugin add dns example_plugin --api ovh --data <(echo OVH_CK=ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ)
	on_host config set -acmedomain0 aliased.dns.test,plugin=example_plugin,alias=target.dns.test
	order > "$BATS_TEST_TMPDIR/out"
	grep -qx 'Add TXT record: _acme-challenge.target.dns.test' "$BATS_TEST_TMPDIR/out"
	[ "$(seen "$node/pveproxy-ssl.pem")" = 'aliased.dns.test ' ]
}

@test "Combination of Plugins: http-01 and dns-01, two instances of one API" {
	ovh
	register
	on_host plugin add dns one --api ovh --data <(echo OVH_CK=ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ)
	on_host plugin add dns two --api ovh --data <(echo OVH_CK=ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ)
	on_host config set -acme domains=a.dns.test -acmedomain0 b.dns.test,plugin=one -acmedomain1 c.dns.test,plugin=two
	order -q
	[ "$(seen "$node/pveproxy-ssl.pem")" = 'a.dns.test b.dns.test c.dns.test ' ]
}

@test "README: a certificate for the web interface, from nothing" {
	ovh
	pve-acme() {
		case "$1 $2" in
		'account register') on_terminal '2\nhttps://localhost:14000/dir\ny' "$@" --ca-bundle "$ca/ca.pem" ;;
		'cert order') on_host "$@" --ca-bundle "$ca/ca.pem" ;;
		*) on_host "$@" ;;
		esac
	}
	sed -n '/^A certificate for the web interface/,/^What the upgrade/s/^    pve-acme/pve-acme/p' README |
		sed 's/example\.org$/dns.test/; s/lab\.example\.org/dns.test/' > "$BATS_TEST_TMPDIR/tour"
	[ "$(wc -l < "$BATS_TEST_TMPDIR/tour")" -ge 7 ]
	cd "$BATS_TEST_TMPDIR"
	echo OVH_CK=ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ > zone1.conf
	while read -r line <&4; do
		eval "$line" > out 2>&1 || { echo "$line"; cat out; false; }
	done 4< tour
	[ "$(seen "$node/pveproxy-ssl.pem")" = '*.dns.test pve1.dns.test ' ]
	grep -q '│ state .*│ good ' out || { cat out; false; }
}

@test "Automatic renewal: attempted if it has expired, or will in the next 30 days" {
	command -v faketime > /dev/null || skip 'faketime is not installed'
	register
	on_host config set -acme domains=a.dns.test
	order -q
	due() {
		faketime -f "$1" "$acme" --root "$host" cert status -H --days 30 | sed -n 's/^state\t//p'
	}
	[ "$(due +59d)" = good ] && [ "$(due +61d)" = due ] && [ "$(due +91d)" = expired ]
}

@test "Upload Custom Certificate, info, and back to the cluster's own" {
	new_ca commercial
	new_cert bought commercial DNS:node1.example.org 300
	cp "$certs/srv.pem" "$node/pve-ssl.pem"
	on_host cert set "$certs/bought.pem" "$certs/bought.key"
	on_host cert info > "$BATS_TEST_TMPDIR/out"
	shape "$BATS_TEST_TMPDIR/out" <<- 'END'
		...
		│ filename        │ pve-ssl.pem +│
		...
		│ filename        │ pveproxy-ssl.pem +│
		...
		│ san             │ node1.example.org +│
		...
	END
	on_host cert delete
	[ "$(on_host cert info -H -o filename)" = pve-ssl.pem ]
	# which must have no password
	openssl pkcs8 -topk8 -in "$certs/bought.key" -passout pass:secret -out "$certs/locked.key"
	run on_host cert set "$certs/bought.pem" "$certs/locked.key"
	[ "$status" = 65 ]
}

@test "deactivate: as over the web interface" {
	register
	run on_host account deactivate default --ca-bundle "$ca/ca.pem"
	[ "${lines[-1]}" = 'Task OK' ]
	[ -e "$host/etc/pve/priv/acme/_deactivated_default_0" ]
}
