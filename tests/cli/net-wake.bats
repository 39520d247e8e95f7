#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	net=build/bin/pve-net
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root"/etc/pve/nodes/{node1,node2,node3}
	echo node1.example.org > "$root/etc/hostname"
	printf '#a node\nwakeonlan: 52:54:00:12:34:56,bind-interface=wrong0\n' \
		> "$root/etc/pve/nodes/node2/config"
}

@test "wake: the MAC of a node, and what would be sent" {
	run $net --root "$root" -n wake -H --interface eno1 -o +hex node2 52-54-00-12-34-57
	[ "$status" = 0 ]
	[[ ${lines[0]} == "node2	52:54:00:12:34:56	eno1	255.255.255.255	0	ffffffffffff52540012345652540"* ]]
	[ "$(cut -f6 <<< "${lines[0]}" | tr -d '\n' | wc -c)" = 204 ]
	[[ ${lines[1]} == "	52:54:00:12:34:57	eno1	"* ]]
}

@test "wake: interface and broadcast address are those of this node" {
	echo 'wakeonlan: 52:54:00:00:00:01,bind-interface=vmbr0,broadcast-address=192.0.2.255' \
		> "$root/etc/pve/nodes/node1/config"
	run $net --root "$root" -n wake -H node2
	[ "$output" = "node2	52:54:00:12:34:56	vmbr0	192.0.2.255	0" ]
	run $net --root "$root" -n wake -H -i eno2 -b 198.51.100.255 node2
	[ "$output" = "node2	52:54:00:12:34:56	eno2	198.51.100.255	0" ]
}

@test "wake refuses this node, unknown and wrong ones" {
	expect() {
		code=$1
		shift
		run $net --root "$root" -n wake -i eno1 "$@"
		[ "$status" = "$code" ] && [ "${#lines[@]}" = 1 ]
	}
	expect 64 node1
	[[ $output == *'this node'* ]]
	expect 64 localhost
	expect 69 node9
	expect 78 node3
	expect 64 ../node2
	expect 64 01:00:5e:00:00:01
	expect 64 52:54:00:12:34
	expect 64 -b 300.1.1.1 node2
	expect 64 -c 0 node2
	echo 'wakeonlan: 53:54:00:12:34:56' > "$root/etc/pve/nodes/node3/config"
	expect 65 node3
	[[ $output == *"/etc/pve/nodes/node3/config:1: "* ]]
	run $net --root "$root" wake -i eno1 node2
	[ "$status" = 64 ]
}

@test "wol with --root: what the files set, and what is staged" {
	mkdir -p "$root/etc/network"
	printf 'iface eno1 inet manual\n\tmtu 1500\niface eno2 inet manual\n\tethernet-wol x\n' > "$root/etc/network/interfaces"
	run $net --root "$root" wol -H eno1
	[ "$status" = 0 ]
	[ "$output" = $'eno1\t\t\t' ]
	run $net --root "$root" wol eno1 on
	[ "$status" = 0 ] || { echo "$output"; false; }
	grep -qx '	ethernet-wol g' "$root/etc/network/interfaces.new"
	[ "$(grep -c 'ethernet-wol' "$root/etc/network/interfaces")" = 1 ]
	run $net --root "$root" wol --json eno1
	[ "$(jq -c '.[0] | [.interface, .magic, .modes, .supported]' <<< "$output")" = '["eno1",true,"g",null]' ]
	run $net --root "$root" wol eno1 off
	run $net --root "$root" wol -H eno1
	[ "$output" = $'eno1\t0\td\t' ]
	run $net --root "$root" -n wol eno1 on
	[ "$status" = 0 ]
	grep -qx '	ethernet-wol d' "$root/etc/network/interfaces.new"
	run $net --root "$root" wol eno2
	[ "$status" = 65 ]
	[[ $output == *'/etc/network/interfaces'*':5: ethernet-wol x: '* ]]
	run $net --root "$root" wol eno9 on
	[ "$status" = 65 ]
	[[ $output == *'eno9: no such interface'* ]]
	run $net --root "$root" wol eno1 yes
	[ "$status" = 64 ]
}
