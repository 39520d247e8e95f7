#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# pve-net apply: VXLAN with several remotes, VRF, dummy and veth; a change that does nothing.
# vm: timeout 300
# shellcheck source=/dev/null
. "${VM_LIB:?}"

ok 'the modules load' load vxlan bridge dummy veth vrf
# Whatever this machine has of its own.
rm -rf /etc/network /var/lib/pve-net /var/lib/pve-tools
mkdir -p /etc/network /run/lock
file=/etc/network/interfaces new=/etc/network/interfaces.new
ip netns add far
ip link add eno1 type veth peer name wire netns far
ip -n far addr add 192.0.2.2/24 dev wire
ip -n far link set wire up
ip -n far link add vx type vxlan id 100 dstport 4789 local 192.0.2.2 remote 192.0.2.1
ip -n far addr add 10.100.0.2/24 dev vx
ip -n far link set vx up

cat >$file <<'EOT'
auto lo
iface lo inet loopback
auto eno1
iface eno1 inet static
	address 192.0.2.1/24
auto vxlan100
iface vxlan100 inet manual
	vxlan-id 100
	vxlan-local-tunnelip 192.0.2.1
	vxlan-remoteip 192.0.2.2 192.0.2.3
	mtu 1450
auto vmbr100
iface vmbr100 inet static
	address 10.100.0.1/24
	bridge-ports vxlan100
	bridge-stp off
	bridge-fd 0
auto red
iface red inet manual
	vrf-table 1001
auto d0
iface d0 inet static
	link-type dummy
	address 10.5.0.1/24
	gateway 10.5.0.254
	vrf red
auto pair
iface pair inet manual
	link-type veth
	veth-peer-name riap
EOT
ok 'from an empty kernel' pve-net apply --yes
ok 'traffic through the VXLAN and its bridge' ping -q -c 2 -W 3 10.100.0.2
is 'both remotes' "$(bridge fdb show dev vxlan100 | grep '^00:00:00:00:00:00' | grep -oE '192.0.2.[23]' | sort | tr '\n' ' ')" \
    '192.0.2.2 192.0.2.3 '
is 'the gateway in the table of the VRF' "$(ip route show table 1001 default | grep -c 10.5.0.254)" 1
ok 'the pair' ip link show riap
ok 'no drift' pve-net status
pve-net plan >/run/plan
is 'nothing more to do' "$(cat /run/plan)" ''

# Nothing changed: the kernel tells of no changed link, address or route, and the forwarding table
# has what it had.  (Neighbours are not asked: the kernel ages them by itself.)  What the apply
# before set going, as the end of duplicate address detection, must have come to rest first.
at_rest() { a=$(stat -c %s /run/events); sleep 2; [ "$(stat -c %s /run/events)" = "$a" ]; }
ip -ts monitor link address route >/run/events 2>&1 &
monitor=$!
sleep 1
wait_for 30 at_rest
before=$(wc -l </run/events)
bridge fdb show | sort >/run/fdb.before
ok 'apply once more' pve-net apply --yes
sleep 1
kill $monitor
bridge fdb show | sort >/run/fdb.after
is 'the kernel tells of no change' "$(tail -n +$((before + 1)) /run/events)" ''
is 'nor is the forwarding table another' "$(diff /run/fdb.before /run/fdb.after)" ''

sed 's/vxlan-id 100/vxlan-id 101/; s/ 192.0.2.3$//' $file >$new
ok 'the id changes' pve-net apply --yes
is 'it has' "$(ip -d -j link show vxlan100 | jq '.[].linkinfo.info_data.id')" 101
is 'it is the port of its bridge again' "$(ip -o link show master vmbr100 | grep -c vxlan100)" 1
is 'one remote' "$(bridge fdb show dev vxlan100 | grep -c '^00:00:00:00:00:00')" 1
ip -n far link del vx
ip -n far link add vx type vxlan id 101 dstport 4789 local 192.0.2.2 remote 192.0.2.1
ip -n far addr add 10.100.0.2/24 dev vx
ip -n far link set vx up
ok 'traffic with the new id' ping -q -c 2 -W 3 10.100.0.2
ok 'no drift then' pve-net status

sed 's/192.0.2.2$/192.0.2.7/' $file >$new
ok 'another remote' pve-net apply --yes
is 'the old one is gone' "$(bridge fdb show dev vxlan100 | grep '^00:00:00:00:00:00' | grep -oE 'dst [0-9.]*')" 'dst 192.0.2.7'

printf 'auto lo\niface lo inet loopback\nauto eno1\niface eno1 inet static\n\taddress 192.0.2.1/24\n' >$new
ok 'everything goes' pve-net apply --yes
is 'only NICs are left' "$(ip -br link | awk '{ print $1 }' | grep -cE 'vxlan100|vmbr100|red|d0|pair|riap')" 0
