#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Wake-on-LAN of a NIC that has it
# vm: nic 1 model=vmxnet3
# shellcheck source=/dev/null
. "${VM_LIB:?}"

# nic_there: leaves its name in $nic.
nic_there() {
	for dir in /sys/class/net/*/device; do
		[ -e "$dir" ] || continue
		nic=${dir#/sys/class/net/}
		nic=${nic%/device}
		return 0
	done
	return 1
}

load vmxnet3
wait_for 10 nic_there
modes() {
	pve-net wol -H -o modes "$nic"
}

ok 'it can be woken by magic packets' sh -c "pve-net wol -H -o supported $nic | grep -q g"
ok 'off' pve-net wol "$nic" off
is 'it is off' "$(modes)" d
is 'what would be done' "$(pve-net -n wol "$nic" on)" \
	"$nic: Wake-on-LAN g instead of d, until the next boot"
pve-net wol "$nic" on 2>/run/said
is 'on, and how to keep it' "$(cat /run/said)" \
	"pve-net: $nic: on until the next boot; 'pve-net set $nic ethernet-wol=g' keeps it, with the package ethtool"
is 'it is on' "$(modes)" g
is 'nothing more to do' "$(pve-net -n wol "$nic" on)" ''
fails 'the loopback device cannot' 69 pve-net wol lo on
mkdir -p /etc/network
printf 'iface %s inet manual\n' "$nic" >/etc/network/interfaces
ok 'kept' sh -c "pve-net set $nic ethernet-wol=g && pve-net apply --yes"
is 'then it is not said' "$(pve-net wol "$nic" on 2>&1)" ''
