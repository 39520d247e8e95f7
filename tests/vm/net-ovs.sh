#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Open vSwitch: Debian's daemons and the kernel's datapath; one transaction an apply, undone as one.
# vm: timeout 300
# shellcheck source=/dev/null
. "${VM_LIB:?}"

# Unpacked as it is, the alternatives of the package are not set.
PATH=/usr/lib/openvswitch-switch:$PATH
command -v ovs-vswitchd >/dev/null || give_up 'openvswitch-switch is not there'
ok 'the modules load' load openvswitch veth 8021q
mkdir -p /run/openvswitch /run/lock /var/lib/openvswitch /etc/openvswitch /etc/network
rm -rf /etc/network/if-*.d
db=/etc/openvswitch/conf.db
ok 'a database' ovsdb-tool create $db /usr/share/openvswitch/vswitch.ovsschema
ok 'its server' ovsdb-server $db --remote=punix:/run/openvswitch/db.sock --pidfile --detach --no-chdir --log-file=/run/ovsdb.log
ok 'which is empty' ovs-vsctl --no-wait init
# It counts the processors for the first time when the system has been up for ten seconds (lib/ovs-thread.c
# of 3.1: the last time was at 0), and until then has no thread for what comes in.
while [ "$(cut -d . -f 1 /proc/uptime)" -lt 11 ]; do sleep 0.2; done
ok 'the switch' ovs-vswitchd --pidfile --detach --no-chdir --log-file=/run/vswitchd.log

# Two NICs, whose cables end in a namespace; on the first one, VLAN 5 too.
ip netns add far
for n in 1 2; do
    ip link add eno$n type veth peer name wire$n netns far
    ip -n far link set wire$n up
done
ip -n far addr add 192.0.2.1/24 dev wire1
ip -n far link add link wire1 name wire1.5 type vlan id 5
ip -n far addr add 10.0.5.1/24 dev wire1.5
ip -n far link set wire1.5 up

live=/etc/network/interfaces
# config TAG [MORE]: the guide's bridge by Open vSwitch, and the host in a VLAN of it.
config() {
    cat <<EOT
auto eno1
iface eno1 inet manual
	ovs_type OVSPort
	ovs_bridge vmbr0

auto mgmt
iface mgmt inet static
	address 10.0.5.2/24
	ovs_type OVSIntPort
	ovs_bridge vmbr0
	$1

auto vmbr0
iface vmbr0 inet static
	address 192.0.2.2/24
	ovs_type OVSBridge
	ovs_ports eno1 mgmt
EOT
}
port() { ovs-vsctl --bare get Port "$1" "$2" 2>/dev/null; }
transactions() { ovsdb-tool show-log $db | grep -c '^record'; }

config 'ovs_options tag=5' >$live
cp $live /run/old
before=$(transactions)
ok 'from nothing' pve-net apply --yes
is 'its ports' "$(ovs-vsctl list-ports vmbr0 | sort | paste -sd ' ')" 'eno1 mgmt'
is 'the tag' "$(port mgmt tag)" 5
ok 'traffic through the bridge' ping -q -c 2 -W 3 192.0.2.1
ok 'and in the VLAN' ping -q -c 2 -W 3 10.0.5.1
ok 'no drift' pve-net status
ovs-vsctl --format=csv --data=bare --no-heading --columns=_uuid,name,tag list Port >/run/ports.old
before=$(transactions)
ok 'once more' pve-net apply --yes
is 'is no transaction' "$(transactions)" "$before"

# A guest's port, as Proxmox VE plugs it.
ip link add tap100i0 type dummy 2>/dev/null || ip link add tap100i0 type veth peer name guest
ip link set tap100i0 up
ok 'a guest' ovs-vsctl add-port vmbr0 tap100i0 tag=7

config 'ovs_options tag=6 vlan_mode=native-untagged' >$live.new
ok 'the tag changes' pve-net apply --yes
is 'in the database' "$(port mgmt tag) $(port mgmt vlan_mode)" '6 native-untagged'
fails 'VLAN 5 is out of reach' 1 ping -q -c 1 -W 1 10.0.5.1
config 'mtu 1400' >$live.new
ok 'the tag goes' pve-net apply --yes
is 'it is gone' "$(port mgmt tag) $(port mgmt vlan_mode)" '[] []'
is 'the MTU is there' "$(cat /sys/class/net/mgmt/mtu)" 1400
is 'the guest was left alone' "$(port tap100i0 tag)" 7

# What awaits confirmation goes back as one.
cp /run/old $live.new
ok 'the old one, to be confirmed' pve-net apply --confirm 60
is 'it is there' "$(port mgmt tag)" 5
ok 'and undone' pve-net rollback
is 'the tag is gone' "$(port mgmt tag)" '[]'
ok 'the staged one goes' pve-net revert

# A refusal of the kernel behind the transaction.
{
    cat /run/old
    printf 'auto bad\niface bad inet manual\n\tbridge-ports none\n\tmtu 70000\n'
} >$live.new
load bridge
is 'the guest is still there' "$(port tap100i0 tag)" 7
fails 'a refusal later on' 1 pve-net apply --yes
is 'takes the transaction back' "$(port mgmt tag)" '[]'
rm $live.new

# The database refuses: nothing of the transaction stays, nothing else is changed.
config 'ovs_options tag=99999' >$live.new
is 'the guest is there, too' "$(port tap100i0 tag)" 7
mtu=$(cat /sys/class/net/vmbr0/mtu)
ok 'an MTU' pve-net set --force vmbr0 mtu=1300
pve-net apply --yes 2>/run/said
is 'a tag that there is not' $? 1
ok 'named by the database' grep -q 99999 /run/said
is 'nothing of it is there' "$(port mgmt tag) $(cat /sys/class/net/vmbr0/mtu)" "[] $mtu"
ok 'dropped' pve-net revert

# Two bridges, and a port that moves from the one to the other and back, a guest's beside it.
# two BRIDGE: eno2 is a port of that one.
two() {
    case $1 in vmbr0) first='eno1 mgmt eno2' ;; *) first='eno1 mgmt' ;; esac
    config 'ovs_options tag=5' | sed "s/ovs_ports .*/ovs_ports $first/"
    printf '\nauto eno2\niface eno2 inet manual\n\tovs_type OVSPort\n\tovs_bridge %s\n' "$1"
    printf '\nauto vmbr1\niface vmbr1 inet static\n\taddress 198.51.100.2/24\n\tovs_type OVSBridge\n'
    [ "$1" = vmbr0 ] || printf '\tovs_ports eno2\n'
}
bridge_of() { ovs-vsctl port-to-br "$1"; }
ip -n far addr add 198.51.100.1/24 dev wire2
two vmbr1 >$live.new
ok 'a second bridge' pve-net apply --yes
is 'with a port of its own' "$(bridge_of eno1) $(bridge_of eno2)" 'vmbr0 vmbr1'
ok 'traffic through the second' ping -q -c 1 -W 3 198.51.100.1
two vmbr0 >$live.new
ok 'the port moves' pve-net apply --confirm 60
is 'to the other bridge' "$(bridge_of eno2)" vmbr0
fails 'the bridge it left is cut off' 1 ping -q -c 1 -W 1 198.51.100.1
ok 'the other one is not' ping -q -c 1 -W 3 192.0.2.1
ok 'undone' pve-net rollback
is 'it is back' "$(bridge_of eno2)" vmbr1
ok 'with its traffic' ping -q -c 1 -W 3 198.51.100.1
is 'the guest has not moved' "$(bridge_of tap100i0) $(port tap100i0 tag)" 'vmbr0 7'
ok 'the move, for good' pve-net apply --yes
ok 'no drift' pve-net status
is 'it has moved' "$(bridge_of eno2)" vmbr0

# An internal port would come up without its addresses; ovs-vsctl would not move it either.
two vmbr0 | sed '/^iface mgmt/,/^$/s/ovs_bridge .*/ovs_bridge vmbr1/; s/eno1 mgmt/eno1/' >$live.new
before=$(transactions)
pve-net apply --yes 2>/run/said
is 'an internal port does not move' $? 77
ok 'it says why, and what to do' grep -q '^pve-net: error: mgmt: .* from vmbr0 to vmbr1: add one of another name' /run/said
is 'nothing has changed' "$(bridge_of mgmt) $(transactions)" "vmbr0 $before"
ok 'the way it said: out first' pve-net revert
two vmbr0 | sed '/^auto mgmt/,/^$/d; s/eno1 mgmt/eno1/' >$live.new
ok 'applied' pve-net apply --yes
two vmbr0 | sed '/^iface mgmt/,/^$/s/ovs_bridge .*/ovs_bridge vmbr1/; s/eno1 mgmt/eno1/' >$live.new
ok 'then in' pve-net apply --yes
is 'with its address' "$(bridge_of mgmt) $(ip -o -4 addr show dev mgmt | awk '{ print $4 }')" 'vmbr1 10.0.5.2/24'
