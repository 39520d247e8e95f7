#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Each set-up of the guide from an empty file: staged, checked, applied, carries traffic, and again after a reboot.
# vm: boots 2
# vm: timeout 900
# shellcheck source=/dev/null
. "${VM_LIB:?}"

ok 'the modules load' load bonding 8021q bridge dummy veth
mkdir -p /etc/network /run/lock
file=/etc/network/interfaces

# The other end of the wires: a switch in a namespace of its own, with the gateway on it.

# wires N: NICs eno1 to enoN of this host, plugged into ports p1 to pN of the switch.
wires() {
    ip netns add lan
    ip -n lan link add sw type bridge
    ip -n lan link set lo up
    ip -n lan link set sw up
    for n in $(seq "$1"); do
        ip link add "eno$n" type veth peer name "p$n" netns lan
        ip -n lan link set "p$n" up
        case $2 in
            *"$n"*) ;;
            *) ip -n lan link set "p$n" master sw ;;
        esac
    done
}

# lacp PORT...: these ports of the switch are one link aggregate, the port of sw.
lacp() {
    ip -n lan link add agg type bond mode 802.3ad miimon 100 lacp_rate fast
    for n; do
        ip -n lan link set "p$n" down
        ip -n lan link set "p$n" master agg
    done
    ip -n lan link set agg up
    ip -n lan link set agg master "${lacp_master:-sw}"
}

lan_address() { ip -n lan addr add "$1" dev "${2:-sw}"; }

# In VLAN 5 behind the uplink of the switch.
lan_vlan() {
    ip -n lan link add link sw name sw5 type vlan id 5
    ip -n lan link set sw5 up
    lan_address "$1" sw5
}

# guest BRIDGE ADDRESS [GATEWAY]: a guest whose port is on the bridge, as Proxmox VE plugs it.
guest() {
    ip netns add guest
    ip link add tap100i0 type veth peer name eth0 netns guest
    ip link set tap100i0 up master "$1"
    ip -n guest addr add "$2" dev eth0
    ip -n guest link set eth0 up
    [ -z "${3-}" ] || ip -n guest route add default via "$3"
}

host_reaches() { ping -q -c 1 -W 2 "$1"; }
guest_reaches() { ip netns exec guest ping -q -c 1 -W 2 "$1"; }

# reached TEXT WHO ADDRESS: at most 30 tries of up to 2 s, for LACP and bridges take their time.
reached() {
    if wait_for 3 "${2}_reaches" "$3"; then pass "$1"; else fail "$1"; fi
}

wires_gone() { ! ip -br link | grep -qE '^(eno|tap)'; }
clean() {
    ip netns del guest 2>/dev/null
    ip netns del lan 2>/dev/null
    # The ends of their wires go with the namespaces, soon after.
    wait_for 5 wires_gone
    for link in $(ip -j link | jq -r '.[].ifname' | grep -vx lo); do
        ip link del "${link%@*}" 2>/dev/null
    done
    echo 0 >/proc/sys/net/ipv4/ip_forward
    rm -rf /etc/network/* /var/lib/pve-net /var/lib/pve-tools
}

# ifupdown2 ARG...: its ifup, with nothing known of an earlier one.
ifupdown2=$VM_TREE/build/peers/ifupdown2
ifupdown2() {
    [ -e /usr/share/ifupdown2 ] || ln -s "$ifupdown2/usr/share/ifupdown2" /usr/share/
    ln -sf /usr/share/ifupdown2/__main__.py /run/ifup
    rm -rf /run/network /var/tmp/network
    mkdir -p /run/network /etc/iproute2/rt_tables.d /etc/network/ifupdown2
    cp -a "$ifupdown2/etc/network/ifupdown2/." /etc/network/ifupdown2
    python3 /run/ifup "$@"
    code=$?
    rm -r /etc/network/ifupdown2
    return $code
}

# up KIND OPTION...: in the first boot made by the template, in the second as the first left it.
up() {
    kind=$1
    shift
    if [ "$VM_BOOT" = 1 ]; then
        ok "$kind: staged from an empty file" pve-net template "$kind" "$@"
        ok "$kind: nothing above info" pve-net check --staged
        ok "$kind: applied" pve-net -y apply
        is "$kind: nothing is staged any more" "$(ls /etc/network)" interfaces
        cp "$file" "$VM_SHARE/$kind"
    elif [ -d "$ifupdown2" ]; then
        # All that is left is the file, and what a Proxmox VE host brings it up with.
        cp "$VM_SHARE/$kind" "$file"
        ok "$kind: brought up after a reboot by ifupdown2" ifupdown2 -a
    else
        # As a new one, so that its hooks run as they do at a boot.
        cp "$VM_SHARE/$kind" "$file.new"
        ok "$kind: brought up after a reboot" pve-net -y apply
    fi
    ok "$kind: the kernel is as the file says" pve-net status
}

# Whatever this machine has of its own, such as the hooks of bind9.
rm -rf /etc/network/*
# --- bridged ----------------------------------------------------------------------------------
wires 1 ''
lan_address 192.168.10.1/24
up bridged --nic eno1 --address 192.168.10.2/24 --gateway 192.168.10.1
guest vmbr0 192.168.10.9/24
reached 'bridged: the host reaches its gateway' host 192.168.10.1
reached 'bridged: a guest does, too' guest 192.168.10.1
reached 'bridged: and the host' guest 192.168.10.2
clean

# --- routed -----------------------------------------------------------------------------------
wires 1 ''
lan_address 198.51.100.1/24
# The provider takes the guests for neighbours: proxy ARP answers for them.
ip -n lan route add 203.0.113.16/29 dev sw
up routed --nic eno1 --address 198.51.100.5/24 --gateway 198.51.100.1 --guests 203.0.113.17/29
guest vmbr0 203.0.113.18/29 203.0.113.17
reached 'routed: the host reaches its gateway' host 198.51.100.1
reached 'routed: a guest does, by way of the host' guest 198.51.100.1
clean

# --- masquerade -------------------------------------------------------------------------------
# The package is unpacked only, so its alternatives are not set up.
nft=$(command -v xtables-nft-multi)
[ -z "$nft" ] || ln -sf "$nft" /usr/sbin/iptables
if ok 'masquerade: iptables is there' load nf_tables nft_compat nft_chain_nat xt_MASQUERADE &&
    iptables -t nat -L -n >/run/iptables 2>&1; then
    wires 1 ''
    lan_address 198.51.100.1/24
    up masquerade --nic eno1 --address 198.51.100.5/24 --gateway 198.51.100.1 --guests 10.10.10.1/24
    guest vmbr0 10.10.10.9/24 10.10.10.1
    reached 'masquerade: the host reaches its gateway' host 198.51.100.1
    # The gateway has no route to 10.10.10.0/24: an answer proves the translation.
    reached 'masquerade: a guest does, under the address of the host' guest 198.51.100.1
    iptables -t nat -F
    clean
else
    fail 'masquerade: iptables works'
    diag "$(cat /run/iptables)"
fi

# --- bond -------------------------------------------------------------------------------------
wires 3 '1 2'
ip -n lan link add sw2 type bridge
ip -n lan link set sw2 up
lacp_master=sw2 lacp 1 2
lan_address 192.168.1.1/24 sw2
lan_address 10.10.10.1/24
up bond --nic eno1 --nic eno2 --bond-address 192.168.1.2/24 --bridge-nic eno3 \
    --address 10.10.10.2/24 --gateway 10.10.10.1
guest vmbr0 10.10.10.9/24
reached 'bond: the host reaches storage over the bond' host 192.168.1.1
reached 'bond: and its gateway over the bridge' host 10.10.10.1
reached 'bond: a guest reaches the gateway' guest 10.10.10.1
clean

# --- bond-bridge ------------------------------------------------------------------------------
wires 2 '1 2'
lacp 1 2
lan_address 10.10.10.1/24
up bond-bridge --nic eno1 --nic eno2 --address 10.10.10.2/24 --gateway 10.10.10.1
guest vmbr0 10.10.10.9/24
reached 'bond-bridge: the host reaches its gateway' host 10.10.10.1
reached 'bond-bridge: a guest does, too' guest 10.10.10.1
ip -n lan link set p1 down
reached 'bond-bridge: also when a link is gone' guest 10.10.10.1
clean

# --- vlan -------------------------------------------------------------------------------------
wires 1 ''
lan_vlan 10.10.10.1/24
lan_address 172.16.0.1/24
up vlan --nic eno1 --vlan 5 --address 10.10.10.2/24 --gateway 10.10.10.1
guest vmbr0 172.16.0.9/24
reached 'vlan: the host reaches its gateway in VLAN 5' host 10.10.10.1
reached 'vlan: a guest reaches what is outside of it' guest 172.16.0.1
clean

# --- vlan-aware -------------------------------------------------------------------------------
wires 1 ''
lan_vlan 10.10.10.1/24
lan_address 172.16.0.1/24
up vlan-aware --nic eno1 --vlan 5 --address 10.10.10.2/24 --gateway 10.10.10.1
guest vmbr0 172.16.0.9/24
reached 'vlan-aware: the host reaches its gateway in VLAN 5' host 10.10.10.1
reached 'vlan-aware: a guest reaches what is outside of it' guest 172.16.0.1
clean

# --- vlan-bond --------------------------------------------------------------------------------
wires 2 '1 2'
lacp 1 2
lan_vlan 10.10.10.1/24
lan_address 172.16.0.1/24
up vlan-bond --nic eno1 --nic eno2 --vlan 5 --address 10.10.10.2/24 --gateway 10.10.10.1
guest vmbr0 172.16.0.9/24
reached 'vlan-bond: the host reaches its gateway in VLAN 5' host 10.10.10.1
reached 'vlan-bond: a guest reaches what is outside of it' guest 172.16.0.1
clean

# --- the engine reboot ------------------------------------------------------------------------
# wired ADDRESS
wired() { printf 'auto lo\niface lo inet loopback\n\nauto eno1\niface eno1 inet static\n\taddress %s/24\n' "$1"; }
address() { ip -o -4 addr show dev eno1 | awk '{ print $4 }'; }
kept='/etc/network /var/lib/pve-net'
wires 1 ''
lan_address 192.0.2.1/24
if [ "$VM_BOOT" = 1 ]; then
    wired 192.0.2.9 >$file
    ok 'reboot: the old configuration' pve-net -y apply --live
    wired 192.0.2.77 >$file.new
    ok 'reboot: applied at the next boot' pve-net -y apply --engine reboot
    is 'reboot: until then the kernel stays as it is' "$(address)" 192.0.2.9/24
    is 'reboot: the files are ready' "$(ls /etc/network) $(grep -c 192.0.2.77 $file)" 'interfaces 1'
    # shellcheck disable=SC2086 # two paths
    tar -C / -cf "$VM_SHARE/kept" $kept 2>/dev/null
elif [ -x "$VM_TREE/build/peers/ifupdown/sbin/ifup" ]; then
    tar -C / -xf "$VM_SHARE/kept"
    # What the package brings along.
    mkdir -p /run/network /etc/network/if-pre-up.d /etc/network/if-up.d
    ok 'reboot: ifup -a at the boot' "$VM_TREE/build/peers/ifupdown/sbin/ifup" -a
    is 'reboot: what was applied is in effect' "$(address)" 192.0.2.77/24
    reached 'reboot: with its traffic' host 192.0.2.1
    ok 'reboot: the kernel is as the file says' pve-net status
    ok 'reboot: and the way back' pve-net -y rollback 1
    is 'reboot: is open' "$(address)" 192.0.2.9/24
else
    skip 'reboot: the boot' 'scripts/fetch-peer ifupdown build/peers/ifupdown has not run'
fi
clean
