#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-net plan and status against the kernel of a captured host (tests/net has the live one).

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	net=build/bin/pve-net
	root=$BATS_TEST_TMPDIR/root
	cp -r tests/hosts/pve8-cluster-node "$root"
	live=$root/etc/network/interfaces
	link=$root/netlink/link.json
}

# change FILTER: the captured links through jq.
change() {
	jq -c "$1" "$link" > "$link.new"
	mv "$link.new" "$link"
}

@test "status: a captured host that is as configured has no drift" {
	run "$net" --root "$root" status
	[ "$status" = 0 ] && [ -z "$output" ] || { echo "$output"; false; }
	# What was captured is compared: kind, state, MTU, master, alias, mode, filter, addresses.
	run "$net" --root "$root" status -a -H -o iface,option,state
	for row in vmbr0:mtu bond0:bond-mode bond0:bond-miimon vmbr0:bridge-vlan-aware app1:alias \
		vmbr0.10:vlan-id vmbr0.10:address vmbr0.10:gateway bond0:master; do
		grep -qx "$(printf '%s\t%s\tok' "${row%:*}" "${row#*:}")" <<< "$output" || { echo "$row"; false; }
	done
	# What was not (VLAN tables, remotes of VXLANs) is not said to be missing.
	[[ $output != *remoteip* && $output != *bridge-vids* ]]
}

@test "status: a captured host that is not as configured" {
	change 'map(if .ifname == "app1" then del(.ifalias) else . end)
		| map(if .ifname == "bond0" then .linkinfo.info_data.miimon = 50 else . end)
		| map(if .ifname == "vmbr0" then .linkinfo.info_data.vlan_filtering = 0 else . end)
		| map(select(.ifname != "vmbr2"))'
	run "$net" --root "$root" status -H -o iface,option,want,have,state
	[ "$status" = 1 ]
	[ "$(sort <<< "$output")" = "$(printf '%s\t%s\t%s\t%s\t%s\n' app1 alias 'application tier' none drift \
		bond0 bond-miimon 100 50 drift vmbr0 bridge-vlan-aware yes no drift vmbr2 link bridge '' missing)" ]
}

@test "plan: of a captured host only what is staged" {
	run "$net" --root "$root" plan
	[ "$status" = 0 ] && [ -z "$output" ] || { echo "$output"; false; }
	"$net" --root "$root" set vmbr2 mtu=1400
	run "$net" --root "$root" plan -H -o object,action
	[ "$status" = 0 ]
	[ "${lines[0]}" = "$(printf 'vmbr2\tmtu 1500 > 1400')" ]
	[[ ${lines[1]} == 'verify the network'* ]]
	[ ! -e "$root/var/lib/pve-net/generations" ]
}

@test "plan: a bridge that begins to filter needs to know its guests" {
	change 'map(if .ifname == "vmbr0" then .linkinfo.info_data.vlan_filtering = 0 else . end)'
	run "$net" --root "$root" plan
	[ "$status" = 77 ]
	[[ $output == *'vmbr0: VLAN filtering would leave tap'*'no guest'*'configuration says'* ]]
}

@test "plan: without any state of a kernel everything is to be made" {
	rm -r "$root/netlink"
	run "$net" --root "$root" status
	[ "$status" = 69 ]
	[[ $output == *'there is no state of a kernel to compare with'* ]]
	run "$net" --root "$root" plan -H -o object,action
	[ "$status" = 0 ]
	[[ $output == *"$(printf 'vmbr0\tcreate bridge')"* ]]
	[[ $output == *"$(printf 'vmbr0.10\tadd address 192.0.2.11/24')"* ]] || { echo "$output"; false; }
}

@test "plan: a copied /sys/class/net" {
	rm -r "$root/netlink"
	printf 'auto eno1\niface eno1 inet static\n\taddress 192.0.2.9/24\n\tmtu 1400\n\talias uplink\n' > "$live"
	rm -r "$root/etc/network/interfaces.d"
	eno1=$root/sys/class/net/eno1
	mkdir -p "$eno1"
	for pair in operstate=up ifindex=2 mtu=1500 type=1 flags=0x1003 ifalias=uplink address=02:00:00:00:00:01; do
		echo "${pair#*=}" > "$eno1/${pair%%=*}"
	done
	run "$net" --root "$root" status -H -o iface,option,want,have,state
	[ "$output" = "$(printf 'eno1\tmtu\t1400\t1500\tdrift')" ] || { echo "$output"; false; }
}

@test "plan: tunnels and PPP are left alone, and named" {
	cat >> "$live" <<- 'EOT'

		auto tun6
		iface tun6 inet6 v4tunnel
			address 2001:db8:1::2/64
			endpoint 192.0.2.200

		auto dsl
		iface dsl inet ppp
			provider isp
	EOT
	run "$net" --root "$root" plan
	[ "$status" = 0 ]
	[[ $output == *': tun6: a tunnel is left alone by this engine; use --engine ifupdown2 or reboot'* ]] || { echo "$output"; false; }
	[[ $output == *': dsl: a ppp is left alone by this engine'* ]]
	[[ $output != *'change the network'* ]]
}
