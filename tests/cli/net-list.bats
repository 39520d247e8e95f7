#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-net list and graph on host trees.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	net=build/bin/pve-net
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/etc/network/interfaces.d"
}

# interfaces: the main file of the tree, from standard input.
interfaces() {
	cat > "$root/etc/network/interfaces"
}

# is TEXT: what the last command wrote, all of it; "|" stands for a tab.
is() {
	want=$(printf '%s\n' "$1" | tr '|' '\t')
	[ "$output" = "$want" ] || { printf 'got:\n%s\nwanted:\n%s\n' "$output" "$want"; false; }
}

@test "list: the guide's bridge" {
	run "$net" --root tests/hosts/pve6-bridge list
	[ "$status" = 0 ]
	is "$(cat << 'EOT'
name  type     active autostart method   address         gateway      ports
lo    loopback -      yes       loopback -               -            -
eno1  eth      -      no        manual   -               -            -
vmbr0 bridge   -      yes       static   192.168.10.2/24 192.168.10.1 eno1
EOT
	)"
}

@test "list: the guide's other hosts" {
	run "$net" --root tests/hosts/pve6-routed list -H -o name,type,address,gateway vmbr0 eno1
	is "$(printf '%s\n' 'vmbr0|bridge|203.0.113.17/29|' 'eno1|eth|198.51.100.5/24|198.51.100.1')"
	run "$net" --root tests/hosts/pve6-nat list -H -o name,comment eno1
	is 'eno1|real IP address'
	run "$net" --root tests/hosts/pve6-bond list -H -o name,type,ports bond0 vmbr0
	is "$(printf '%s\n' 'bond0|bond|eno1,eno2' 'vmbr0|bridge|eno3')"
	run "$net" --root tests/hosts/pve6-bond-bridge list -H -o name,ports vmbr0
	is 'vmbr0|bond0'
	run "$net" --root tests/hosts/pve6-vlan list -H -o name,type,vlan,ports eno1.5 vmbr0v5
	is "$(printf '%s\n' 'eno1.5|vlan|5|' 'vmbr0v5|bridge||eno1.5')"
	run "$net" --root tests/hosts/pve6-vlan-aware list -H -o name,type,vlan vmbr0.5 vmbr0
	is "$(printf '%s\n' 'vmbr0.5|vlan|5' 'vmbr0|bridge|aware')"
	run "$net" --root tests/hosts/pve6-vlan-bond list -H -o name,vlan bond0.5
	is 'bond0.5|5'
}

@test "list: every column, also as JSON" {
	interfaces << 'EOT'
auto vmbr0
iface vmbr0 inet static
	address 10.0.0.1/24
	bridge_ports eno1 eno2
	bridge_vlan_aware yes
	bridge_vids 2-100
	mtu 9000
#office "A"

iface vmbr0 inet6 auto
EOT
	run "$net" --root "$root" list --json -o +vlan,mtu,file,line,comment vmbr0
	[ "$status" = 0 ]
	is '[
  {"name": "vmbr0", "type": "bridge", "active": null, "autostart": "yes", "method": "static,auto6", "address": "10.0.0.1/24", "gateway": null, "ports": "eno1,eno2", "vlan": "2-100", "mtu": 9000, "file": "/etc/network/interfaces", "line": 2, "comment": "office \"A\""}
]'
}

@test "list: sourced files at their place, each with file and line" {
	interfaces << 'EOT'
iface first inet manual
source interfaces.d/*
iface last inet manual
EOT
	printf '\n\niface b inet manual\n' > "$root/etc/network/interfaces.d/b"
	printf 'iface a inet manual\n' > "$root/etc/network/interfaces.d/a"
	run "$net" --root "$root" list -H -o name,file,line
	is "$(cat << 'EOT'
first|/etc/network/interfaces|1
a|/etc/network/interfaces.d/a|1
b|/etc/network/interfaces.d/b|3
last|/etc/network/interfaces|3
EOT
	)"
}

@test "list: a captured kernel" {
	interfaces << 'EOT'
auto vmbr0
iface vmbr0 inet dhcp
	bridge-ports eno1
iface eno9 inet manual
iface dummylink inet manual
EOT
	mkdir "$root/netlink"
	cat > "$root/netlink/link.json" << 'EOT'
[{"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP"],"mtu":65536,"link_type":"loopback"},
 {"ifindex":2,"ifname":"eno1","flags":["UP"],"mtu":1500,"link_type":"ether","master":"vmbr0"},
 {"ifindex":3,"ifname":"eth1","flags":[],"mtu":1500,"link_type":"ether","altnames":["eno9"]},
 {"ifindex":4,"ifname":"vmbr0","flags":["UP"],"mtu":1400,"link_type":"ether",
  "linkinfo":{"info_kind":"bridge","info_data":{"vlan_filtering":1}}},
 {"ifindex":5,"ifname":"tap100i0","flags":["UP"],"link_type":"ether","master":"vmbr0"},
 {"ifindex":6,"ifname":"dummylink","flags":[],"link_type":"ether","linkinfo":{"info_kind":"dummy"}},
 {"ifindex":7,"ifname":"vmbr1","flags":["UP"],"link_type":"ether","linkinfo":{"info_kind":"bridge"}},
 {"ifindex":8,"ifname":"eno2.5","link":"eno1","flags":["UP"],"mtu":1500,"link_type":"ether","master":"vmbr1",
  "linkinfo":{"info_kind":"vlan","info_data":{"protocol":"802.1Q","id":5}}}]
EOT
	cat > "$root/netlink/addr.json" << 'EOT'
[{"ifindex":4,"ifname":"vmbr0","addr_info":[
  {"family":"inet","local":"192.0.2.9","prefixlen":24,"scope":"global"},
  {"family":"inet6","local":"fe80::1","prefixlen":64,"scope":"link"}]},
 {"ifindex":7,"addr_info":[{"family":"inet6","local":"2001:db8::1","prefixlen":64,"scope":"global"}]}]
EOT
	cat > "$root/netlink/route.json" << 'EOT'
[{"dst":"default","gateway":"192.0.2.1","dev":"vmbr0","protocol":"dhcp","flags":[]},
 {"dst":"192.0.2.0/24","dev":"vmbr0","protocol":"kernel","flags":[]}]
EOT
	run "$net" --root "$root" list -H -o name,type,active,address,gateway,ports,vlan,mtu,line
	[ "$status" = 0 ]
	is "$(cat << 'EOT'
vmbr0|bridge|1|192.0.2.9/24|192.0.2.1|eno1||1400|2
eno9|eth|0|||||1500|4
dummylink|dummy|0||||||5
lo|loopback|1|||||65536|
eno1|eth|1|||||1500|
vmbr1|bridge|1|2001:db8::1/64||eno2.5|||
eno2.5|vlan|1||||5|1500|
EOT
	)"
	run "$net" --root "$root" list -H -a -o name
	[[ $output == *tap100i0* ]]
	run "$net" --root "$root" list -H -o name,type eth1 eno9
	is "$(printf '%s\n' 'eth1|eth' 'eno9|eth')"
}

@test "list: a copied /sys/class/net" {
	echo 'iface eno1 inet manual' | interfaces
	for dev in eno1:2 vmbr0:3; do
		dir=$root/sys/class/net/${dev%:*}
		mkdir -p "$dir"
		echo up > "$dir/operstate"
		echo "${dev#*:}" > "$dir/ifindex"
		echo 1500 > "$dir/mtu"
		echo 1 > "$dir/type"
		echo 0x1003 > "$dir/flags"
	done
	echo 'DEVTYPE=bridge' > "$root/sys/class/net/vmbr0/uevent"
	ln -s ../vmbr0 "$root/sys/class/net/eno1/master"
	: > "$root/sys/class/net/bonding_masters"
	run "$net" --root "$root" list -H -o name,type,active,ports,mtu
	is "$(printf '%s\n' 'eno1|eth|1||1500' 'vmbr0|bridge|1|eno1|1500')"
}

@test "list: no file is no interface; a file that cannot be read is an error" {
	run "$net" --root "$root" list
	[ "$status" = 0 ]
	[ -z "$output" ]
	mkdir "$root/etc/network/interfaces"
	run "$net" --root "$root" list
	[ "$status" = 65 ]
	[[ $output == "pve-net: error: "*"/etc/network/interfaces"* ]]
}

@test "list: an unknown operand, a broken capture" {
	echo 'iface eno1 inet manual' | interfaces
	run "$net" --root "$root" list eno1 eno2
	[ "$status" = 65 ]
	is 'pve-net: error: eno2: no such interface'
	mkdir "$root/netlink"
	echo '{' > "$root/netlink/link.json"
	run "$net" --root "$root" list
	[ "$status" = 65 ]
	[[ $output == *netlink*links,\ line* ]]
}

@test "list: names from a file drive no terminal" {
	printf 'iface a\033[31m inet manual\n\taddress \377\n' | interfaces
	run "$net" --root "$root" list -o name,address
	[[ $output == *'a\x1b[31m \xff'* ]]
}

@test "graph: the guide's bond with VLANs" {
	run "$net" --root tests/hosts/pve6-vlan-bond graph -H -o name,lower,relation,vlan,note
	is "$(cat << 'EOT'
eno1||||
bond0|eno1|slave||
bond0.5|bond0|on|5|
vmbr0v5|bond0.5|port||
vmbr0|bond0|port||
eno2||||
bond0|eno2|slave||shown above
EOT
	)"
}

@test "graph: lines of a tree, in ASCII where the locale has no others" {
	LC_ALL=C.UTF-8 run "$net" --root tests/hosts/pve6-bridge graph -o name
	is "$(printf '%s\n' name eno1 '└─vmbr0')"
	LC_ALL=C run "$net" --root tests/hosts/pve6-bridge graph -o name
	is "$(printf '%s\n' name eno1 "\`-vmbr0")"
}

@test "graph: a circle ends" {
	printf 'iface %s inet manual\n bridge-ports %s\n' a b b a | interfaces
	run "$net" --root "$root" graph -H -o name,note
	[ "$status" = 0 ]
	is "$(printf '%s\n' 'a|' 'b|' 'a|stands on itself')"
}

@test "graph --dot: quoted" {
	printf 'iface a"\\ inet manual\n bridge-ports eno1\n' | interfaces
	run "$net" --root "$root" graph --dot
	[ "$status" = 0 ]
	[[ $output == *'"eno1" -> "a\"\\"'* ]]
}

@test "graph --dot: dot reads it" {
	command -v dot > /dev/null || skip 'graphviz is not installed'
	printf 'iface a"\\ inet manual\n bridge-ports eno1\n' | interfaces
	run bash -o pipefail -c "'$net' --root '$root' graph --dot | dot -Tsvg"
	[ "$status" = 0 ]
	[[ $output == *'>a&quot;'* && $output == *'>eno1<'* ]]
}

@test "graph --dot: a full disk is an error" {
	[ -w /dev/full ] || skip 'no /dev/full'
	run sh -c "$net --root tests/hosts/pve6-bridge graph --dot > /dev/full"
	[ "$status" = 1 ]
	[[ $output == "pve-net: error: "* ]]
}

@test "nothing changes in the tree" {
	cp -a tests/hosts/pve8-cluster-node "$BATS_TEST_TMPDIR/before"
	"$net" --root tests/hosts/pve8-cluster-node list > /dev/null
	"$net" --root tests/hosts/pve8-cluster-node graph > /dev/null
	diff -r "$BATS_TEST_TMPDIR/before" tests/hosts/pve8-cluster-node
}
