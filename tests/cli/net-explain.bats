#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	net=build/bin/pve-net
}

@test "explain: the names of the guide" {
	run $net explain -H eno1 enp3s0f1 vmbr0 bond0 eno1.50 bond1.30 eth0
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 7 ]
	[ "${lines[1]}" = "enp3s0f1	ethernet	Ethernet device on PCI bus 3, slot 0, function 1 (lspci -s 0000:03:00.1)" ]
	[ "${lines[4]}" = "eno1.50	vlan	VLAN 50 on eno1: Ethernet device on board, number 1 as the firmware counts" ]
}

@test "explain: fields for programs" {
	run $net explain --json -o name,pci,mac,guest,vlan,parent enp65s0f1 enx525400123456 tap100i0 bond0.7
	[ "$status" = 0 ]
	[ "$(jq -r '.[0].pci' <<< "$output")" = 0000:41:00.1 ]
	[ "$(jq -r '.[1].mac' <<< "$output")" = 52:54:00:12:34:56 ]
	[ "$(jq '.[2].guest' <<< "$output")" = 100 ]
	[ "$(jq -c '[.[3].vlan, .[3].parent]' <<< "$output")" = '[7,"bond0"]' ]
	[ "$(jq '.[3].pci' <<< "$output")" = null ]
}

@test "explain: names come from another tool, and a name cannot drive the terminal" {
	run bash -c "printf 'vmbr0\tbridge\neno1\teth\n' | $net explain -H -o name,type -"
	[ "$output" = 'vmbr0	bridge
eno1	ethernet' ]
	run $net explain "$(printf 'a\033[2Jb')"
	[ "$status" = 0 ]
	[[ $output != *$'\033'* ]]
}

@test "explain: without a name, 64" {
	run $net explain
	[ "$status" = 64 ]
}
