#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# pve-net apply: bonds in all seven modes and hash policies, changes of both, MTU, refusals.
# vm: timeout 600
# shellcheck source=/dev/null
. "${VM_LIB:?}"

ok 'the modules load' load bonding 8021q bridge dummy veth
# Whatever this machine has of its own.
rm -rf /etc/network /var/lib/pve-net /var/lib/pve-tools
mkdir -p /etc/network /run/lock
file=/etc/network/interfaces
n=1
while [ $n -le 4 ]; do
    ip link add "eno$n" type veth peer name "wire$n"
    ip link set "wire$n" up
    n=$((n + 1))
done

# bond LINES...: the configuration with these options of bond0.
bond() {
    printf 'auto lo\niface lo inet loopback\n'
    printf 'auto bond0\niface bond0 inet static\n\taddress 192.0.2.9/24\n\taddress 2001:db8::9/64\n'
    printf '\tbond-slaves eno1 eno2\n'
    printf '\t%s\n' "$@"
}

# shows WORD...: does ip -d say each of them about bond0?
shows() {
    ip -d link show bond0 >/run/shown
    for word; do
        grep -qE -e "(^| )$word( |$)" /run/shown || { echo "no '$word' in:"; cat /run/shown; return 1; }
    done
}

slaves() { ip -o link show master bond0 | sed 's/^[0-9]*: \([^@:]*\).*/\1/' | sort | tr '\n' ' '; }

# What must be true after each apply.
settled() {
    is "$1: slaves" "$(slaves)" 'eno1 eno2 '
    is "$1: addresses" "$(ip -o addr show dev bond0 scope global | awk '{ print $4 }' | tr '\n' ' ')" \
        '192.0.2.9/24 2001:db8::9/64 '
    ok "$1: no drift" pve-net status
    pve-net plan >/run/plan
    is "$1: nothing more to do" "$(cat /run/plan)" ''
}

# Every mode after every other one: on a bond that is there, with slaves, up and with addresses.
for mode in balance-rr active-backup balance-xor broadcast 802.3ad balance-tlb balance-alb; do
    bond "bond-mode $mode" 'bond-miimon 100' >$file
    ok "$mode: apply" pve-net apply --yes
    ok "$mode: the kernel has it" shows "mode $mode" 'miimon 100'
    settled "$mode"
done

bond 'bond-mode 802.3ad' 'bond-miimon 100' 'bond-lacp-rate slow' >$file
ok '802.3ad again' pve-net apply --yes
for policy in layer2 layer3+4 layer2+3 encap2+3 encap3+4 vlan+srcmac; do
    bond 'bond-mode 802.3ad' 'bond-miimon 100' "bond-xmit-hash-policy $policy" >$file
    pve-net plan -H -o risk,action >/run/plan
    is "$policy: live" "$(cut -f 1 /run/plan | sort -u | grep -v none)" ''
    ok "$policy: apply" pve-net apply --yes
    ok "$policy: the kernel has it" shows "xmit_hash_policy $(echo "$policy" | sed 's/+/[+]/g')"
done

bond 'bond-mode 802.3ad' 'bond-miimon 100' 'bond-lacp-rate fast' 'bond-min-links 1' \
    'bond-ad-select bandwidth' 'bond-ad-actor-sys-prio 1000' 'bond-ad-actor-system 02:00:00:00:00:77' \
    'bond-updelay 200' 'bond-downdelay 300' >$file
ok 'options of 802.3ad' pve-net apply --yes
ok 'the kernel has them' shows 'lacp_rate fast' 'min_links 1' 'ad_select bandwidth' \
    'ad_actor_sys_prio 1000' 'ad_actor_system 02:00:00:00:00:77' 'updelay 200' 'downdelay 300'
settled 'options of 802.3ad'

# Those mean nothing in another mode: they are left out, with a warning, and the mode changes.
bond 'bond-mode active-backup' 'bond-miimon 50' 'bond-lacp-rate fast' 'bond-primary eno2' \
    'bond-primary-reselect better' 'bond-fail-over-mac none' >$file
ok 'to active-backup' pve-net apply --yes
ok 'the kernel has it' shows 'mode active-backup' 'miimon 50' 'primary eno2' 'primary_reselect better'
settled 'active-backup'

# An option that goes: back to what a new bond has.
bond 'bond-mode active-backup' 'bond-miimon 50' >/etc/network/interfaces.new
ok 'options go' pve-net apply --yes
ok 'the kernel has its own again' shows 'primary_reselect always' 'miimon 50'
settled 'without options'

bond 'bond-mode active-backup' 'bond-miimon 100' 'bond-updelay 250' >/etc/network/interfaces.new
ok 'a delay that is no multiple of miimon' pve-net apply --yes
ok 'is rounded as the kernel does' shows 'updelay 200'
settled 'rounded'

bond 'bond-mode active-backup' 'bond-arp-interval 500' 'bond-arp-ip-target 192.0.2.1 192.0.2.2' \
    'bond-arp-validate all' >/etc/network/interfaces.new
ok 'ARP monitoring in place of MII' pve-net apply --yes
ok 'the kernel has it' shows 'arp_interval 500' 'arp_ip_target 192.0.2.1,192.0.2.2' \
    'arp_validate all'
settled 'ARP monitoring'

# MTU: on the bond, which gives it to its slaves; up and down again, with a VLAN and a bridge on it.
chain() {
    cat <<EOT
auto eno1
iface eno1 inet manual
	mtu $1
auto eno2
iface eno2 inet manual
	mtu $1
auto bond0
iface bond0 inet manual
	bond-slaves eno1 eno2
	bond-mode active-backup
	bond-miimon 100
	mtu $1
auto bond0.7
iface bond0.7 inet manual
	mtu $2
auto vmbr0
iface vmbr0 inet manual
	bridge-ports bond0.7
	bridge-stp off
	bridge-fd 0
	mtu $3
EOT
}
mtus() {
    for link in eno1 eno2 bond0 bond0.7 vmbr0; do
        printf '%s ' "$(cat /sys/class/net/$link/mtu)"
    done
}
rm -f /etc/network/interfaces.new
for mtu in '1500 1500 1500' '9000 9000 9000' '9000 1500 1400' '2000 1900 1800' '9000 8000 7000' \
    '1500 1500 1500'; do
    # shellcheck disable=SC2086
    set -- $mtu
    chain "$@" >/etc/network/interfaces.new
    ok "MTU $mtu: apply" pve-net apply --yes
    is "MTU $mtu" "$(mtus)" "$1 $1 $1 $2 $3 "
done

# A slave changes its bond; a bond goes.
cat >/etc/network/interfaces.new <<'EOT'
auto bond1
iface bond1 inet manual
	bond-slaves eno1 eno2 eno3
	bond-mode balance-xor
	bond-miimon 100
EOT
ok 'slaves move to another bond' pve-net apply --yes
is 'the old bond and what stood on it are gone' \
    "$(ip -br link | awk '{ print $1 }' | grep -E '^(bond0|vmbr0|bond0.7)' | tr '\n' ' ')" ''
is 'all three are slaves of the new one' \
    "$(ip -o link show master bond1 | sed 's/^[0-9]*: \([^@:]*\).*/\1/' | tr '\n' ' ')" 'eno1 eno2 eno3 '

# The kernel's own words, and everything as it was.
ip -br link | awk '{ print $1, $2 }' | sort >/run/before
cat >/etc/network/interfaces.new <<'EOT'
auto bond1
iface bond1 inet manual
	bond-slaves eno1 eno2 eno3
	bond-mode balance-xor
	bond-miimon 100
auto bond2
iface bond2 inet manual
	bond-slaves eno4
	bond-mode 802.3ad
	mtu 70000
EOT
pve-net apply --yes >/run/out 2>&1
is 'a refusal is an error' "$?" 1
ok 'it has the words of the kernel' grep -q 'bond2: the kernel says "mtu greater than device maximum"' /run/out
ip -br link | awk '{ print $1, $2 }' | sort >/run/after
ok 'nothing of it stays' diff /run/before /run/after
