#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-net list and graph beside ip(8): veth pairs and bridges in a network namespace of the test's
# own, with files of its own.  What needs other kinds of links is in tests/vm/net.sh.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	net=$PWD/build/bin/pve-net
	ns=pve-net-live-$$-$BATS_TEST_NUMBER
	etc=$BATS_TEST_TMPDIR/etc
	mkdir -p "$etc/network"
	ip netns add "$ns" 2> /dev/null || skip 'needs root and network namespaces'
	IP="ip -n $ns"
	$IP link set lo up
	# A NIC of the host, a bridge on it, and a guest's piece on that.
	$IP link add eno1 type veth peer name wire
	$IP link add vmbr0 type bridge || skip 'the kernel has no bridges'
	$IP link add tap100i0 type veth peer name guest
	$IP link set eno1 up mtu 1400 master vmbr0
	$IP link set tap100i0 master vmbr0
	$IP link set wire up
	$IP link set vmbr0 up
	$IP addr add 192.0.2.9/24 dev vmbr0
	$IP addr add 2001:db8::9/64 dev vmbr0 nodad
	$IP route add default via 192.0.2.1
}

teardown() {
	ip netns del "$ns" 2> /dev/null || :
}

# live COMMAND...: in the namespace, with /etc of the test.  ip-netns(8) makes a mount namespace.
live() {
	# shellcheck disable=SC2016 # for the inner shell
	ip netns exec "$ns" sh -c 'mount --bind "$0" /etc && exec "$@"' "$etc" "$@"
}

@test "list: links without files, as ip says" {
	live "$net" list -a -H -o name,active,mtu | sort > "$BATS_TEST_TMPDIR/ours"
	$IP -o link | awk '{
		name = $2
		sub(/[@:].*/, "", name)
		print name "\t" ($3 ~ /[<,]UP[,>]/ ? 1 : 0) "\t" $5
	}' | sort > "$BATS_TEST_TMPDIR/theirs"
	diff "$BATS_TEST_TMPDIR/theirs" "$BATS_TEST_TMPDIR/ours"
	[ "$(wc -l < "$BATS_TEST_TMPDIR/ours")" -ge 6 ]
}

@test "list: addresses, gateway and ports of a bridge that is in no file" {
	run live "$net" list -H -o name,type,address,gateway,ports,file vmbr0
	[ "$output" = "$(printf 'vmbr0\tbridge\t192.0.2.9/24,2001:db8::9/64\t192.0.2.1\teno1,tap100i0\t')" ]
	run live "$net" list -H -o name
	[[ $output != *tap100i0* ]]
}

@test "list: files and kernel together" {
	cat > "$etc/network/interfaces" << 'EOT'
auto vmbr0
iface vmbr0 inet dhcp
	bridge-ports eno1
iface eno2 inet manual
EOT
	run live "$net" list -H -o name,active,method,address,gateway,line vmbr0 eno2 eno1
	[ "$status" = 0 ]
	[ "${lines[0]}" = "$(printf 'vmbr0\t1\tdhcp\t192.0.2.9/24,2001:db8::9/64\t192.0.2.1\t2')" ]
	[ "${lines[1]}" = "$(printf 'eno2\t0\tmanual\t\t\t4')" ]
	[ "${lines[2]}" = "$(printf 'eno1\t1\t\t\t\t')" ]
}

@test "list: an alternative name" {
	$IP link property add dev eno1 altname enp7s0 || skip 'the kernel has no altnames'
	echo 'iface enp7s0 inet manual' > "$etc/network/interfaces"
	run live "$net" list -H -o name,active,mtu
	[ "${lines[0]}" = "$(printf 'enp7s0\t1\t1400')" ]
	[[ $output != *eno1* ]]
}

@test "graph: the kernel's masters" {
	live "$net" graph -a -H -o lower,name,relation | awk -F '\t' '$3 == "port" { print $1, $2 }' |
		sort > "$BATS_TEST_TMPDIR/ours"
	$IP -o link | sed -n 's/^[0-9]*: \([^@:]*\).* master \([^ ]*\) .*/\1 \2/p' |
		sort > "$BATS_TEST_TMPDIR/theirs"
	diff "$BATS_TEST_TMPDIR/theirs" "$BATS_TEST_TMPDIR/ours"
	[ "$(wc -l < "$BATS_TEST_TMPDIR/ours")" = 2 ]
}

@test "graph: what is not there, and what the files do not say" {
	cat > "$etc/network/interfaces" << 'EOT'
iface eno1 inet manual
iface vmbr0 inet static
	address 192.0.2.9/24
	bridge-ports eno3
EOT
	run live "$net" graph -H -o name,lower,note
	[ "$status" = 0 ]
	[[ $output == *"$(printf 'eno3\t\tnot there, no stanza')"* ]]
	[[ $output == *"$(printf 'vmbr0\teno1\tnot so in the files')"* ]]
}

@test "list and graph need no privilege" {
	run live setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "$net" list -H -o name vmbr0
	[ "$output" = vmbr0 ]
	run live setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "$net" graph -H -o name
	[ "$status" = 0 ]
}

@test "list: 600 links" {
	for n in $(seq 300); do
		echo "link add v$n type veth peer name w$n"
	done | ip -n "$ns" -batch -
	run live "$net" list -H -o name
	[ "${#lines[@]}" -ge 600 ]
}
