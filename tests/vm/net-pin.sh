#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A NIC is pinned, renamed by udev, and the pin rolled back, without an outage at any time.
# vm: nic 1
# shellcheck source=/dev/null
. "${VM_LIB:?}"

ok 'the modules load' load virtio_net bridge
ok 'udev' start_udev

# The name of the NIC; it is the only one.
nic() {
    for dir in /sys/class/net/*/device; do
        [ -e "$dir" ] || return 1
        dir=${dir%/device}
        echo "${dir##*/}"
    done
}
# As a boot does: the kernel finds the NIC anew, and udev names it.
again() {
    rmmod virtio_net
    udevadm control --reload
    modprobe virtio_net
    wait_for 10 nic
    udevadm settle
}
# Its bridge, and whether it is up.
bridge() {
    ip -o link show dev "$(nic)" | sed 's/.*<.*[<,]UP[,>].* master \([^ ]*\) .*/\1 up/'
}

old=$(nic)
live=/etc/network/interfaces
mkdir -p /etc/network /run/lock
# No scripts of this machine's packages.
rm -rf /usr/local/lib/systemd/network /etc/network/if-*.d
cat >$live <<EOT
auto lo
iface lo inet loopback

iface $old inet manual

auto vmbr0
iface vmbr0 inet static
	address 192.0.2.9/24
	bridge-ports $old
	bridge-stp off
	bridge-fd 0
EOT
cp $live /run/old
ok 'a bridge on the NIC' pve-net apply --yes
up=$(bridge)
is 'it is its port' "$up" 'vmbr0 up'

link=/usr/local/lib/systemd/network/50-pmx-nic0.link
ok 'pinned' pve-net pin "$old" nic0
is 'the plan touches no link' "$(pve-net plan -H -o risk | sort -u)" none
is 'nor what is no file' "$(pve-net plan -H -o object | grep -v ^/)" ''
ok 'applied' pve-net apply --yes
is 'the NIC is where it was' "$(bridge)" "$up"
ok 'the link file is there' grep -qx Name=nic0 $link
ok 'the configuration has the new name' grep -q 'bridge-ports nic0' $live
ok 'which is no drift' pve-net status
is 'nothing to do until the restart' "$(pve-net plan)" ''
is 'it belongs to the generation' "$(pve-net history -H -o files | tail -n 1)" "$live,$link"

again
is 'after the restart udev calls it so' "$(nic)" nic0
ok 'and it is configured' pve-net apply --live --yes
is 'as a port' "$(bridge)" "$up"
ok 'no drift then' pve-net status

ok 'rolled back' pve-net rollback 1 --yes
ok 'the files are the old ones' cmp $live /run/old
ok 'without the link file' [ ! -e $link ]
is 'the NIC is where it was, too' "$(bridge) $(nic)" "$up nic0"
ok 'the old name is no drift' pve-net status
is 'nothing to do until the next restart' "$(pve-net plan)" ''
again
is 'then it has its old name' "$(nic)" "$old"
ok 'with which it is configured' pve-net apply --live --yes
is 'as ever' "$(bridge)" "$up"

mkdir -p /etc/pve/local
printf 'IN ACCEPT -i nic0\n' >/etc/pve/local/host.fw
# And forth again, by a rollback.
ok 'back to the pinned one' pve-net rollback 2 --yes
ok 'with its link file' grep -qx Name=nic0 $link
is 'and no outage' "$(bridge)" "$up"
pve-net rollback 1 --yes 2>/run/said
ok 'what still names the NIC so is said' grep -q 'host.fw:1: names nic0 and was not changed' /run/said
ok 'and what makes the name hold' grep -q update-initramfs /run/said
