#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What is looked at before an order is placed at a CA: ports, names, CAA records, plugins, the clock, the modes of
# files; an order that cannot come to a certificate is not spent.

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

@test "a port that is in use is found before an order is placed, and its holder named" {
	on_host config set -acmedomain0 a.dns.test
	orders=$(spent)
	# what an earlier run has left stays as it is
	mkdir -p "$host/var/lib/pve-acme"
	echo 'left txt gone _acme-challenge.a.dns.test T' > "$host/var/lib/pve-acme/order"
	python3 -c 'import socket,time; s = socket.create_server(("127.0.0.1", 80)); time.sleep(30)' 3>&- &
	holder=$!
	eventually 10 bash -c '</dev/tcp/127.0.0.1/80'
	run order
	kill $holder
	[ "$status" = 75 ]
	[[ $output == *"port 80 is in use by python3 (process $holder)"* ]] || { echo "$output"; false; }
	[ "$(spent)" = "$orders" ]
	[ "$(cat "$host/var/lib/pve-acme/order")" = 'left txt gone _acme-challenge.a.dns.test T' ]
}

# refused CODE TEXT [OPTION...]: the order is, with that text, before one is placed; and nothing stays.
refused() {
	local code=$1 text=$2 orders
	shift 2
	orders=$(spent)
	run order "$@"
	[[ $status:$output == "$code:"*"$text"* ]] || { echo "$status: $output"; return 1; }
	[ "$(spent)" = "$orders" ] && [ ! -e "$host/var/lib/pve-acme/order" ]
}

@test "before an order is placed: a name without an address, a folder, a program, a key that is not there" {
	on_host config set -acmedomain0 bare.dns.test
	refused 69 'bare.dns.test has no address in the DNS, so the CA cannot ask it (seen from 127.0.0.1; --resolver'
	on_host config set -acmedomain0 nobody.bare.dns.test
	refused 69 'nobody.bare.dns.test has no address in the DNS'
	on_host plugin add standalone web --api webroot --data <(echo ROOT=/srv/www)
	on_host config set -acmedomain0 a.dns.test,plugin=web
	refused 69 'plugin web: /srv/www: there is no such directory'
	mkdir -p "$host/srv/www"
	: > "$host/srv/www/.well-known" # in the way of the folder
	refused 1 'Not a directory'
	on_host plugin add dns hook --api exec --data <(echo EXEC_PATH=/nowhere/hook)
	on_host config set -acmedomain0 a.dns.test,plugin=hook
	refused 1 'plugin hook: /nowhere/hook: No such file'
	on_host plugin add dns script --api nothing
	on_host config set -acmedomain0 a.dns.test,plugin=script
	refused 69 'plugin script: there is no dns_nothing.sh in'
	use_bind
	on_host config set -acmedomain0 a.dns.test,plugin=bind
	rm "$host/etc/key.conf"
	refused 1 'key.conf: No such file'
}

@test "before an order is placed: an alias to which no CNAME leads, and the record that its zone needs" {
	use_bind
	on_host config set -acmedomain0 x.dns.test,plugin=bind,alias=target.dns.test
	refused 78 'its zone needs: _acme-challenge.x.dns.test. CNAME _acme-challenge.target.dns.test.'
}

@test "names that lead elsewhere are warned of, but not with a forwarder" {
	on_host config set -acmedomain0 away.dns.test -acmedomain1 both.dns.test
	run order
	[[ $output == *'away.dns.test leads to 192.0.2.1, which is no address of this host'* ]] || { echo "$output"; false; }
	[[ $output == *'both.dns.test leads to 2001:db8::1, too, which is no address of this host'* ]] || { echo "$output"; false; }
	run order --http-address 127.0.0.1
	[[ $output != *'no address of this host'* ]] || { echo "$output"; false; }
}

@test "CAA: what forbids this CA is found up the tree, and by the account and the challenge" {
	start_proxy --directory '{"meta": {"caaIdentities": ["ca.test", "www.ca.test"], "profiles": {"short": "six days", "tls": ""}}}'
	through_proxy "$host"
	on_host config set -acmedomain0 sub.closed.dns.test
	refused 77 'sub.closed.dns.test: the CAA records of closed.dns.test forbid it: issue "other.example", and this CA is ca.test www.ca.test'
	on_host config set -acmedomain0 tied.dns.test
	refused 77 'tied.dns.test: the CAA records of tied.dns.test forbid it: issue "ca.test; validationmethods=dns-01"'
	use_bind
	on_host config set -acmedomain0 tied.dns.test,plugin=bind
	run order
	[ "$status" = 0 ] || { echo "$output"; false; }
	[[ $output == *'tied.dns.test: a CAA record of tied.dns.test is critical, tbs, and a CA that does not know it will not issue'* ]] ||
		{ echo "$output"; false; }
	# A profile must be one of the server's; an order of one name takes ten requests at most.
	on_host config set -acmedomain0 a.dns.test
	run order --force --profile long
	[ "$status" = 64 ]
	[[ $output == *'has no profile long; it offers short, tls'* ]] || { echo "$output"; false; }
	: > "$ca/count"
	run order --force --profile short
	stop_last
	[ "$status" = 0 ] || { echo "$output"; false; }
	[ "$(wc -l < "$ca/count")" -le 10 ] || { cat "$ca/count"; false; }
}

@test "a name server that is silent keeps no order of http-01 from being placed" {
	on_host config set -acmedomain0 a.dns.test
	run order --resolver 127.0.0.1:1
	[ "$status" = 0 ] || { echo "$output"; false; }
	[[ $output == *'a.dns.test: whether it leads to this host is not known: '* ]] || { echo "$output"; false; }
	rm "$host/etc/resolv.conf"
	order -q --force
}

@test "a name server behind an interface that is gone is passed over, one with a scope is asked" {
	on_host config set -acmedomain0 a.dns.test
	echo 'nameserver fe80::1%none0' > "$host/etc/resolv.conf"
	order -q
	echo 'nameserver 127.0.0.1' >> "$host/etc/resolv.conf"
	on_host config set -acmedomain0 bare.dns.test
	run order --force
	[[ $status:$output == '69:'*'bare.dns.test has no address in the DNS'*'(seen from 127.0.0.1; '* ]] || { echo "$status: $output"; false; }
	on_host config set -acmedomain0 a.dns.test
	echo 'nameserver fe80::1%lo' > "$host/etc/resolv.conf"
	run order --force
	[ "$status" = 0 ] || { echo "$output"; false; }
	[[ $output == *'a.dns.test: whether it leads to this host is not known: '*'fe80::1%lo'* ]] || { echo "$output"; false; }
}

@test "of several name servers the first that answers is asked: one is silent, one is not there" {
	python3 -c 'import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.9", 53)); time.sleep(60)' 3>&- &
	silent=$!
	eventually 10 bash -c "ss -Hlun 'src 127.0.0.9:53' | grep -q ."
	printf 'nameserver 127.0.0.%s\n' 9 8 1 > "$host/etc/resolv.conf"
	use_bind
	on_host config set -acmedomain0 dns.test,plugin=bind -acmedomain1 a.dns.test
	run order
	kill $silent
	[ "$status" = 0 ] || { echo "$output"; false; }
	[[ $output != *'is not known'* ]] || { echo "$output"; false; }
	on_host config set --delete acmedomain0 -acmedomain1 bare.dns.test
	run order --force
	[[ $status:$output == '69:'*'bare.dns.test has no address in the DNS'*'(seen from 127.0.0.9,127.0.0.8,127.0.0.1; '* ]] || { echo "$status: $output"; false; }
}

@test "a record that is left by a plugin that is gone: which, and the two ways out" {
	on_host config set -acmedomain0 a.dns.test
	mkdir -p "$host/var/lib/pve-acme"
	echo 'left txt gone _acme-challenge.a.dns.test T' > "$host/var/lib/pve-acme/order"
	run order
	[ "$status" = 65 ]
	[[ $output == *'the record _acme-challenge.a.dns.test is left, but the plugin gone that made it is gone; add it again, or remove the record and its line in /var/lib/pve-acme/order'* ]] ||
		{ echo "$output"; false; }
}

@test "a clock that is off: by minutes it is said, by check too; by a day nothing is begun" {
	command -v faketime > /dev/null || skip 'faketime is not installed'
	on_host config set -acmedomain0 a.dns.test
	run faketime -f +20m "$acme" --root "$host" cert order --ca-bundle "$ca/ca.pem"
	[ "$status" = 0 ] || { echo "$output"; false; }
	[[ $output == *'the clock of this host is 20 minutes ahead of that of the CA'* ]] || { echo "$output"; false; }
	run on_host check -H -o code,message
	[[ $output == *"ACME-CLOCK	the clock of this host was 20 minutes ahead of that of the CA when that was asked last"* ]] || { echo "$output"; false; }
	for command in 'cert order --force' 'cert revoke' 'account update'; do
		# shellcheck disable=SC2086
		run faketime -f +3d "$acme" --root "$host" $command --ca-bundle "$ca/ca.pem"
		[ "$status" = 1 ]
		[[ $output == *'https://localhost:14000/dir: the clock of this host is 3 days ahead of that of the server; set it first'* ]] ||
			{ echo "$output"; false; }
	done
	order -q --force
	[[ $(on_host check -H -o code) != *ACME-CLOCK* ]]
}

@test "credentials that others can read are refused, and the command that mends it is said" {
	use_bind
	on_host config set -acmedomain0 a.dns.test -acmedomain1 b.dns.test,plugin=bind
	chmod 644 "$host/etc/pve/priv/acme/plugins.cfg"
	orders=$(spent)
	run order
	[ "$status" = 77 ]
	[[ $output == *"plugins.cfg: holds secrets, and its mode 0644 lets others see it; first: chmod 600 $host/etc/pve/priv/acme/plugins.cfg"* ]] ||
		{ echo "$output"; false; }
	[ "$(spent)" = "$orders" ]
	on_host config set --delete acmedomain1
	order -q
}
