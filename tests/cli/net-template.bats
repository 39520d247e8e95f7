#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-net template: each set-up of the guide from an empty file, held against the guide's example.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	net=build/bin/pve-net
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/etc/network"
}

# same HOST KIND OPTION...: from nothing, staged, it means what the sample host HOST has, passes
# the checks, and neither adds anything nor fails when it is read by Debian's grammar.
same() {
	host=tests/hosts/$1
	shift
	run "$net" --root "$root" template "$@"
	[ "$status" = 0 ] || { echo "$output"; false; }
	run "$net" --root "$root" check --staged -H -o severity,code,message
	[ "$status" = 0 ] || { echo "$output"; false; }
	# The guide's file as the live one, ours as the staged one: no difference in meaning.
	cp "$host/etc/network/interfaces" "$root/etc/network/interfaces"
	run "$net" -q --root "$root" diff -H
	[ "$output" = "${besides-}" ] || { echo "$output"; false; }
}

@test "bridged" {
	same pve6-bridge bridged --nic eno1 --address 192.168.10.2/24 --gateway 192.168.10.1
}

@test "routed" {
	same pve6-routed routed --nic eno1 --address 198.51.100.5/24 --gateway 198.51.100.1 \
		--guests 203.0.113.17/29
}

@test "masquerade" {
	same pve6-nat masquerade --nic eno1 --address 198.51.100.5/24 --gateway 198.51.100.1 \
		--guests 10.10.10.1/24
}

@test "bond" {
	same pve6-bond bond --nic eno1 --nic eno2 --bond-address 192.168.1.2/24 --bridge-nic eno3 \
		--address 10.10.10.2/24 --gateway 10.10.10.1
}

@test "bond-bridge" {
	same pve6-bond-bridge bond-bridge --nic eno1 --nic eno2 --address 10.10.10.2/24 --gateway 10.10.10.1
}

@test "vlan" {
	same pve6-vlan vlan --nic eno1 --vlan 5 --address 10.10.10.2/24 --gateway 10.10.10.1
}

@test "vlan-aware" {
	# What Proxmox VE means without saying it, and every other engine must be told.
	besides=$(printf 'vmbr0\tbridge-vids\t\t2-4094')
	same pve6-vlan-aware vlan-aware --nic eno1 --vlan 5 --address 10.10.10.2/24 --gateway 10.10.10.1
}

@test "vlan-bond" {
	same pve6-vlan-bond vlan-bond --nic eno1 --nic eno2 --vlan 5 --address 10.10.10.2/24 \
		--gateway 10.10.10.1
}

@test "beside what is there: empty NICs are taken, all else must be new" {
	printf 'auto lo\niface lo inet loopback\n\niface eno1 inet manual\n' > "$root/etc/network/interfaces"
	run "$net" --root "$root" template bridged --nic eno1 --address 192.0.2.2/24
	[ "$status" = 0 ]
	[ "$(grep -c '^iface eno1' "$root/etc/network/interfaces.new")" = 1 ]
	run "$net" --root "$root" template bridged --nic eno2 --address 192.0.2.3/24
	[ "$status" = 65 ]
	[[ $output == *'vmbr0 exists already'* ]]
	run "$net" --root "$root" template bridged --nic eno2 --bridge vmbr1 --address 198.51.100.3/24
	[ "$status" = 0 ]
	run "$net" --root "$root" template routed --nic eno1 --bridge vmbr2 --address 203.0.113.1/28 \
		--guests 203.0.113.17/28
	[ "$status" = 65 ]
	[[ $output == *'eno1 exists already'* ]]
}

@test "what is missing, wrong or of no use: a line each" {
	run "$net" --root "$root" template nothing
	[ "$status" = 64 ]
	[[ $output == *'bridged routed'* ]]
	run "$net" --root "$root" template bond-bridge --nic eno1 --guests 10.0.0.1/8 --gateway 1.2.3.4/5
	[ "$status" = 64 ]
	[[ $output == *'needs --nic twice'* ]]
	[[ $output == *'needs --address'* ]]
	[[ $output == *'no use for --guests'* ]]
	[[ $output == *'--gateway 1.2.3.4/5: '* ]]
	[ ! -e "$root/etc/network/interfaces.new" ]
	run "$net" --root "$root" template vlan --nic eno1 --vlan 4095 --address 192.0.2.1/24
	[ "$status" = 64 ]
}

@test "indentation is that of the file" {
	printf 'iface eno9 inet manual\n    mtu 1500\n' > "$root/etc/network/interfaces"
	run "$net" --root "$root" template bridged --nic eno1 --address 192.0.2.2/24
	[ "$status" = 0 ]
	grep -qx '    bridge-ports eno1' "$root/etc/network/interfaces.new"
}
