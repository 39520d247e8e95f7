#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# pve-net apply: 802.1Q and QinQ, ids that change, VLAN-aware bridges with guests that run.
# vm: timeout 600
# shellcheck source=/dev/null
. "${VM_LIB:?}"

ok 'the modules load' load 8021q bridge dummy veth
# Whatever this machine has of its own.
rm -rf /etc/network /var/lib/pve-net /var/lib/pve-tools
mkdir -p /etc/network /run/lock /etc/pve/qemu-server /etc/pve/lxc
file=/etc/network/interfaces new=/etc/network/interfaces.new
# The wire ends in another computer, which has VLANs 5 and 6 and a QinQ.
ip netns add far
ip link add eno1 type veth peer name wire netns far
ip -n far link set wire up
for id in 5 6 7; do
    ip -n far link add link wire name wire.$id type vlan id $id
    ip -n far addr add 10.0.$id.1/24 dev wire.$id
    ip -n far link set wire.$id up
done
ip -n far link add link wire name outer type vlan id 100 protocol 802.1ad
ip -n far link set outer up
ip -n far link add link outer name inner type vlan id 30
ip -n far addr add 10.0.30.1/24 dev inner
ip -n far link set inner up

# guest NAME BRIDGE ADDRESS [ID]: a computer behind a port, as Proxmox VE plugs it.
guest() {
    ip netns add "g$1"
    ip link add "$1" type veth peer name eth0 netns "g$1"
    ip link set "$1" up master "$2"
    if [ -n "${4-}" ]; then
        ip -n "g$1" link add link eth0 name "eth0.$4" type vlan id "$4"
        ip -n "g$1" link set eth0 up
        ip -n "g$1" addr add "$3" dev "eth0.$4"
        ip -n "g$1" link set "eth0.$4" up
    else
        ip -n "g$1" addr add "$3" dev eth0
        ip -n "g$1" link set eth0 up
    fi
}
reaches() { ip netns exec "g$1" ping -q -c 1 -W 3 "$2"; }
vids() { bridge -j -compressvlans vlan show dev "$1" | jq -c '[.[].vlans[] | [.vlan, .vlanEnd, .flags] | map(select(. and . != []))]'; }

settled() {
    ok "$1: no drift" pve-net status
    pve-net plan >/run/plan
    is "$1: nothing more to do" "$(cat /run/plan)" ''
}

# --- VLAN devices -----------------------------------------------------------------------------
cat >$file <<'EOT'
auto eno1.5
iface eno1.5 inet static
	address 10.0.5.2/24
auto mgmt
iface mgmt inet static
	address 10.0.6.2/24
	vlan-raw-device eno1
	vlan-id 6
auto eno1.100
iface eno1.100 inet manual
	vlan-protocol 802.1ad
auto eno1.100.30
iface eno1.100.30 inet static
	address 10.0.30.2/24
auto vmbr5
iface vmbr5 inet static
	address 10.0.7.2/24
	bridge-ports eno1.7
	bridge-stp off
	bridge-fd 0
EOT
ok 'VLANs from an empty kernel' pve-net apply --yes
for id in 5 6 7 30; do
    ok "VLAN $id carries traffic" ping -q -c 1 -W 3 "10.0.$id.1"
done
settled VLANs

# What the kernel is asked for and ignores.  So the link is made anew.
id_of() { ip -d -j link show "$1" | jq '.[].linkinfo.info_data.id'; }
ok 'the kernel says yes to another id of a VLAN' ip link set dev mgmt type vlan id 9
is 'and does nothing' "$(id_of mgmt)" 6
ip link del mgmt
ip link add link eno1 name mgmt type vlan id 9
is 'another id is drift' "$(pve-net status -H -o iface,option,want,have | grep vlan-id)" \
    "$(printf 'mgmt\tvlan-id\t6\t9')"
ok 'which an apply mends' pve-net apply --yes
is 'it is the one of the file' "$(id_of mgmt)" 6
ok 'and carries traffic' ping -q -c 1 -W 3 10.0.6.1

# An id changes.  What stands on it comes along: an address by hand, a VLAN of somebody else, and
# the bridge with its guest.
ip link add link mgmt name foreign type vlan id 77
ip addr add 10.77.0.1/24 dev foreign
ip link set foreign up
ip addr add 10.0.6.99/24 dev mgmt
guest tap100i0 vmbr5 10.0.7.3/24
ok 'the guest reaches out' reaches tap100i0 10.0.7.1
sed 's/vlan-id 6/vlan-id 5/; s/eno1\.5$/eno1.8/; s/iface eno1\.5 /iface eno1.8 /; s/10.0.6.2/10.0.5.2/; s/address 10.0.5.2.24/&/' \
    $file | sed '1,3s/10.0.5.2/10.0.8.2/' >$new
ok 'an id changes, and the one that had it goes' pve-net apply --yes
is 'the new id' "$(ip -d -j link show mgmt | jq '.[].linkinfo.info_data.id')" 5
ok 'it carries traffic' ping -q -c 1 -W 3 10.0.5.1
is 'the address by hand is there' "$(ip -o addr show dev mgmt | grep -c 10.0.6.99/24)" 1
is 'the VLAN of somebody else is there, up and with its address' \
    "$(ip -o addr show dev foreign up | grep -c 10.77.0.1/24)" 1
ok 'the old device is gone' sh -c '! ip link show eno1.5'
settled 'another id'

sed 's/802.1ad/802.1q/' $file >$new
ok 'a protocol changes' pve-net apply --yes
is 'it has' "$(ip -d -j link show eno1.100 | jq -r '.[].linkinfo.info_data.protocol')" 802.1Q
is 'and what stood on it is back' "$(ip -o addr show dev eno1.100.30 | grep -c 10.0.30.2/24)" 1
settled 'another protocol'

sed 's/eno1\.7/eno1.6/; s/10.0.7.2/10.0.6.2/' $file >$new
ok 'the bridge gets another VLAN' pve-net apply --yes
is 'the guest is still on it' "$(ip -o link show master vmbr5 up | grep -c tap100i0)" 1
ip -n gtap100i0 addr add 10.0.6.3/24 dev eth0
ok 'and reaches it' reaches tap100i0 10.0.6.1
ip netns del gtap100i0

# --- VLAN-aware -------------------------------------------------------------------------------
cat >$new <<'EOT'
auto vmbr0
iface vmbr0 inet manual
	bridge-ports eno1
	bridge-stp off
	bridge-fd 0
EOT
fails 'a VLAN that bears one of somebody else is not deleted' 77 pve-net apply --yes
ip link del foreign
ok 'a plain bridge' pve-net apply --yes
# A guest whose frames come with tags of its own, one without a tag, one with trunks; and one that
# Proxmox VE does not know.
guest tap101i0 vmbr0 10.0.5.101/24 5
guest veth102i0 vmbr0 10.0.5.102/24 5
guest fwpr103p0 vmbr0 10.0.6.103/24 6
guest stranger vmbr0 10.0.5.104/24 5
ok 'the guest with tags reaches VLAN 5' reaches tap101i0 10.0.5.1
echo 'net0: virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=0' >/etc/pve/qemu-server/101.conf
echo 'net0: name=eth0,bridge=vmbr0,trunks=5;9-10,type=veth' >/etc/pve/lxc/102.conf
printf 'net0: virtio=BC:24:11:00:00:03,bridge=vmbr0,tag=6\n[old]\nnet0: virtio=BC:24:11:00:00:03,tag=9\n' \
    >/etc/pve/qemu-server/103.conf
cat >$new <<'EOT'
auto vmbr0
iface vmbr0 inet manual
	bridge-ports eno1
	bridge-stp off
	bridge-fd 0
	bridge-vlan-aware yes
	bridge-vids 2-4094
auto vmbr0.7
iface vmbr0.7 inet static
	address 10.0.7.2/24
EOT
pve-net apply --yes >/run/out 2>&1
is 'a port that nobody knows stops it' "$?" 77
ok 'and is named' grep -q 'vmbr0: .*stranger.*--force' /run/out
ip netns del gstranger
wait_for 5 sh -c '! ip link show stranger'
ip netns exec gtap101i0 ping -q -i 0.2 -c 50 -W 1 10.0.5.1 >/run/ping 2>&1 &
pinger=$!
ok 'VLAN filtering on, under traffic' pve-net apply --yes
is 'it filters' "$(cat /sys/class/net/vmbr0/bridge/vlan_filtering)" 1
wait $pinger
is 'no packet of the guest was lost' "$(grep -o '[0-9]*% packet loss' /run/ping)" '0% packet loss'
is 'a guest without tag: all of them' "$(vids tap101i0)" '[[1,["PVID","Egress Untagged"]],[2,4094]]'
is 'a guest with trunks: those' "$(vids veth102i0)" '[[1,["PVID","Egress Untagged"]],[5],[9,10]]'
is 'a guest with a tag: that one' "$(vids fwpr103p0)" '[[6,["PVID","Egress Untagged"]]]'
is 'the uplink' "$(vids eno1)" '[[1,["PVID","Egress Untagged"]],[2,4094]]'
is 'the bridge itself' "$(vids vmbr0)" '[[1,["PVID","Egress Untagged"]],[7]]'
ok 'the host is in VLAN 7' ping -q -c 1 -W 3 10.0.7.1
settled 'VLAN-aware'

# Tables of ports that are ours change, those of guests do not.
before=$(vids tap101i0; vids veth102i0; vids fwpr103p0)
cat >$new <<'EOT'
auto eno1
iface eno1 inet manual
	bridge-pvid 9
	bridge-vids 5-7 20 22
auto vmbr0
iface vmbr0 inet manual
	bridge-ports eno1 access
	bridge-stp off
	bridge-fd 0
	bridge-vlan-aware yes
	bridge-vids 2-4094
auto access
iface access inet manual
	link-type dummy
	bridge-access 6
	bridge-learning off
	bridge-unicast-flood off
	bridge-isolated on
auto vmbr0.5
iface vmbr0.5 inet static
	address 10.0.5.2/24
EOT
ip netns exec gtap101i0 ping -q -i 0.2 -c 30 -W 1 10.0.5.1 >/run/ping 2>&1 &
pinger=$!
ok 'other tables' pve-net apply --yes
wait $pinger
is 'no packet was lost' "$(grep -o '[0-9]*% packet loss' /run/ping)" '0% packet loss'
is 'own ids and PVID of a port' "$(vids eno1)" '[[5,7],[9,["PVID","Egress Untagged"]],[20],[22]]'
is 'an access port' "$(vids access)" '[[6,["PVID","Egress Untagged"]]]'
is 'the bridge: 7 went, 5 came' "$(vids vmbr0)" '[[1,["PVID","Egress Untagged"]],[5]]'
is 'flags of the port' "$(bridge -d -j link show dev access | jq -c '.[] | [.learning, .flood, .isolated]')" \
    '[false,false,true]'
is 'the tables of guests are as before' "$(vids tap101i0; vids veth102i0; vids fwpr103p0)" "$before"
settled 'other tables'

# Off and on again: the kernel keeps the tables.
sed -i '/vlan-aware/d' $file
cp $file $new
sed -i 's/bridge-fd 0/&\n\tbridge-vlan-aware no/' $new
ok 'filtering off' pve-net apply --yes
is 'it does not filter' "$(cat /sys/class/net/vmbr0/bridge/vlan_filtering)" 0
is 'guests are on it' "$(ip -o link show master vmbr0 up | grep -cE 'tap101i0|veth102i0|fwpr103p0')" 3

# What is not in the kernel, and what the kernel says.
cat >$new <<'EOT'
auto vmbr0
iface vmbr0 inet manual
	bridge-ports eno1 eno77
	bridge-stp off
	bridge-fd 0
auto big
iface big inet manual
	vlan-raw-device eno1
	vlan-id 9
	mtu 9000
EOT
pve-net apply --yes >/run/out 2>&1
is 'a VLAN above the MTU of its device' "$?" 1
ok 'is refused by the kernel' grep -q 'big: ' /run/out
ok 'and what is missing is named' grep -q 'eno77: there is no such link' /run/out
ok 'nothing of it stays' sh -c '! ip link show big'
