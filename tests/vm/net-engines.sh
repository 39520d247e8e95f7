#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The engine ifupdown2, refused and real, beside a running guest.
# vm: disk virtio 64M
# vm: timeout 400
# shellcheck source=/dev/null
. "${VM_LIB:?}"

ok 'the modules load' load virtio_blk ext4 bridge veth
wait_for 10 disk_by_serial VMDISK1
disk=$(disk_by_serial VMDISK1)
mkdir -p /mnt/a /run/lock /run/network
ok 'a file system for what must outlive a boot' mkfs.ext4 -q "$disk"
ok 'it is mounted' mount "$disk" /mnt/a || give_up 'nowhere to keep the files'
for dir in /etc/network /var/lib/pve-net /var/lib/pve-tools; do
    mkdir -p "$dir" "/mnt/a$dir"
    mount --bind "/mnt/a$dir" "$dir"
done
live=/etc/network/interfaces
peers=$VM_TREE/build/peers
ip link add eno1 type veth peer name wire
ip link set wire up

# config ADDRESS [LINE]
config() {
    printf 'auto lo\niface lo inet loopback\n\niface eno1 inet manual\n\nauto vmbr0\n'
    printf 'iface vmbr0 inet static\n\taddress %s\n\tbridge-ports eno1\n\tbridge-stp off\n\tbridge-fd 0\n' "$1"
    [ $# = 1 ] || printf '\t%s\n' "$2"
}
address() { ip -o -4 addr show dev vmbr0 | awk '{ print $4 }'; }
# installed [VERSION]: what dpkg says of ifupdown2.
installed() {
    : >/var/lib/dpkg/status
    [ $# = 0 ] || printf 'Package: ifupdown2\nStatus: install ok installed\nVersion: %s\n\n' "$1" >/var/lib/dpkg/status
}
untouched() {
    is "$1: nothing has changed" "$(address) $(grep -c 192.0.2.9/24 $live) $(cat /sys/class/net/tap100i0/master/ifindex)" \
        "192.0.2.9/24 1 $(cat /sys/class/net/vmbr0/ifindex)"
}

config 192.0.2.9/24 >$live
ok 'the old configuration' pve-net apply --live --yes
ip link add tap100i0 type veth peer name guest
ip link set tap100i0 up master vmbr0

config 192.0.2.10/24 >$live.new
installed
fails 'no ifupdown2' 69 pve-net apply --engine ifupdown2 --yes
untouched 'no ifupdown2'
installed 3.0.0-1.1
pve-net apply --engine ifupdown2 --yes 2>/run/said
is 'a stock one is refused' $? 77
ok 'with the reason' grep -q 'version 3.0.0-1.1 would take running guests off vmbr0' /run/said
untouched 'a stock one'

if [ -d "$peers/ifupdown2" ]; then
    # As its package installs it.
    cp -a "$peers/ifupdown2/usr/share/ifupdown2" /usr/share/
    cp -a "$peers/ifupdown2/etc/network/ifupdown2" /etc/network/
    printf '#!/bin/sh\nexec /usr/bin/python3 /run/ifreload "$@"\n' >/usr/local/sbin/ifreload
    chmod +x /usr/local/sbin/ifreload
    ln -s /usr/share/ifupdown2/__main__.py /run/ifreload
    PATH=/usr/local/sbin:$PATH
    mkdir -p /etc/iproute2/rt_tables.d
    spare='bridge-ports-condone-regex ^(tap|veth|fwpr)[0-9]'
    config 192.0.2.9/24 "$spare" >$live
    config 192.0.2.10/24 "$spare" >$live.new
    ok 'where guests are spared it runs' pve-net apply --engine ifupdown2 --yes
    is 'the address is new' "$(address)" 192.0.2.10/24
    is 'the guest is on its bridge' "$(cat /sys/class/net/tap100i0/master/ifindex)" "$(cat /sys/class/net/vmbr0/ifindex)"
    ok 'back again' pve-net rollback 1 --yes
    is 'the address is old' "$(address)" 192.0.2.9/24
else
    skip 'a real ifupdown2' 'scripts/fetch-peer ifupdown2 build/peers/ifupdown2 has not run'
fi

printf 'auto lo\niface lo inet loopback\n\nauto eno1\niface eno1 inet static\n\taddress 192.0.2.77/24\n' >$live.new
fails 'a confirmation does not wait for a restart' 64 pve-net apply --engine reboot --confirm 60
