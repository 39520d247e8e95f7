#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# pve-net list and graph agree with the kernel about a bond, VLANs and VLAN-aware bridges.
# vm: nic 2
# shellcheck source=/dev/null
. "${VM_LIB:?}"

ok 'the modules load' load bonding 8021q bridge dummy virtio_net

# The guide's "VLAN 5 with bond0 for the management IP", its bridge made VLAN-aware.
mkdir -p /etc/network
cat > /etc/network/interfaces << 'EOT'
auto lo
iface lo inet loopback

iface eno1 inet manual

iface eno2 inet manual

auto bond0
iface bond0 inet manual
      bond-slaves eno1 eno2
      bond-miimon 100
      bond-mode 802.3ad
      bond-xmit-hash-policy layer2+3

iface bond0.5 inet manual

auto vmbr0v5
iface vmbr0v5 inet static
        address  10.10.10.2
        netmask  255.255.255.0
        gateway  10.10.10.1
        bridge-ports bond0.5
        bridge-stp off
        bridge-fd 0

auto vmbr0
iface vmbr0 inet manual
        bridge-ports bond0
        bridge-stp off
        bridge-fd 0
        bridge-vlan-aware yes
EOT

# The same with iproute2, and a port as a guest would have one.
n=0
for device in /sys/class/net/*/device; do
    n=$((n + 1))
    nic=${device%/device}
    ip link set "${nic##*/}" down
    ip link set "${nic##*/}" name "eno$n"
done
cat > /run/batch << 'EOT'
link add bond0 type bond mode 802.3ad miimon 100 xmit_hash_policy layer2+3
link set eno1 master bond0
link set eno2 master bond0
link set bond0 up
link add link bond0 name bond0.5 type vlan id 5
link add vmbr0v5 type bridge
link set bond0.5 up master vmbr0v5
link add vmbr0 type bridge vlan_filtering 1
link set bond0 master vmbr0
link add dummy0 type dummy
link set dummy0 up mtu 1400 master vmbr0
link set vmbr0v5 up
link set vmbr0 up
addr add 10.10.10.2/24 dev vmbr0v5
route add default via 10.10.10.1
EOT
ok 'iproute2 builds it' ip -batch /run/batch || give_up 'nothing to look at'

tab=$(printf '\t')
# listed COLUMNS IFACE: the fields of one interface, with "|" between them.
listed() { pve-net list -H -o "$1" "$2" | tr "$tab" '|'; }

for root in files kernel; do
    [ $root = files ] || mv /etc/network/interfaces /etc/network/interfaces.away
    is "$root: the NIC" "$(listed name,type,active eno1)" 'eno1|eth|1'
    is "$root: the bond" "$(listed type,active,ports bond0)" 'bond|1|eno1,eno2'
    is "$root: the VLAN" "$(listed type,active,vlan bond0.5)" 'vlan|1|5'
    is "$root: its bridge" "$(listed type,address,gateway,ports vmbr0v5)" \
        'bridge|10.10.10.2/24|10.10.10.1|bond0.5'
    is "$root: the VLAN-aware bridge" "$(listed type,active,vlan vmbr0)" 'bridge|1|aware'
    is "$root: the dummy" "$(listed type,active,mtu dummy0)" 'dummy|1|1400'

    # Every relation of the kernel, and no other: masters, and "name@lower".
    ip -o link | awk '{
        split($2, name, /[@:]/)
        if ($2 ~ /@/) print name[1], name[2]
        for (i = 3; i < NF; i++) if ($i == "master") print $(i + 1), name[1]
    }' | sort > /run/theirs
    pve-net graph -a -H -o name,lower | awk -F '\t' '$2 != "" { print $1, $2 }' | sort > /run/ours
    ok "$root: graph has the kernel's relations" diff /run/theirs /run/ours
    is "$root: all six of them" "$(wc -l < /run/ours)" 6

    # Every link of the kernel once, with its state and MTU.
    ip -o link | awk '{
        name = $2
        sub(/[@:].*/, "", name)
        print name, $3 ~ /[<,]UP[,>]/ ? 1 : 0, $5
    }' | sort > /run/theirs
    pve-net list -a -H -o name,active,mtu | tr "$tab" ' ' | sort > /run/ours
    ok "$root: list has the kernel's links" diff /run/theirs /run/ours
done
mv /etc/network/interfaces.away /etc/network/interfaces

is 'graph notes the port that is in no file' \
    "$(pve-net graph -H -o name,note | grep ^dummy0)" "dummy0${tab}no stanza"
ip link set bond0 nomaster
ip link del bond0.5
is 'a VLAN that went away is not active' "$(listed name,active bond0.5)" 'bond0.5|0'
is 'graph notes that too' "$(pve-net graph -H -o name,note | grep '^bond0.5')" \
    "bond0.5${tab}not there"
