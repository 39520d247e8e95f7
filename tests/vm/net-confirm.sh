#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# apply --confirm: killed at random, a full ext4, power cut and reboot while it awaits confirmation.
# vm: disk virtio 128M
# vm: boots 4
# vm: timeout 600
# shellcheck source=/dev/null
. "${VM_LIB:?}"

ok 'the modules load' load virtio_blk ext4 bridge veth
wait_for 10 disk_by_serial VMDISK1
disk=$(disk_by_serial VMDISK1)
mkdir -p /mnt/a /run/lock
[ "$VM_BOOT" != 1 ] || ok 'a file system for what must outlive a boot' mkfs.ext4 -q "$disk"
ok 'it is mounted' mount "$disk" /mnt/a || give_up 'nowhere to keep the files'
for dir in /etc/network /var/lib/pve-net /var/lib/pve-tools; do
    mkdir -p "$dir" "/mnt/a$dir"
    mount --bind "/mnt/a$dir" "$dir"
done

live=/etc/network/interfaces
ip link add eno1 type veth peer name wire
ip link set wire up

# config ADDRESS MTU
config() {
    cat <<EOT
auto lo
iface lo inet loopback

iface eno1 inet manual

auto vmbr0
iface vmbr0 inet static
	address $1/24
	gateway 192.0.2.1
	mtu $2
	bridge-ports eno1
	bridge-stp off
	bridge-fd 0
EOT
}
config 192.0.2.9 1500 >/run/old
config 192.0.2.10 1400 >/run/new

kernel() {
    echo "$(ip -o -4 addr show dev vmbr0 | awk '{ print $4 }') $(cat /sys/class/net/vmbr0/mtu) $(
        ip route show default | awk '{ print $3, $5 }')"
}
old_kernel() { [ "$(kernel)" = '192.0.2.9/24 1500 192.0.2.1 vmbr0' ]; }
new_kernel() { [ "$(kernel)" = '192.0.2.10/24 1400 192.0.2.1 vmbr0' ]; }
old_files() { cmp -s $live /run/old && cmp -s $live.new /run/new; }
new_files() { cmp -s $live /run/new && [ ! -e $live.new ]; }
is_old() { old_kernel && old_files; }
is_new() { new_kernel && new_files; }
# Nothing lies beside the files, no journal is left.
tidy() { [ -z "$(find /etc/network /var/lib/pve-net /var/lib/pve-tools -name '.*.*' -o -name '*.journal')" ]; }
state() { kernel; ls -la /etc/network /var/lib/pve-tools; cat $live; }

# What the boot unit runs, out of the unit itself.
at_boot() {
    unit=$VM_TREE/scripts/systemd/pve-net-rollback.service
    [ -e "$(sed -n 's/^ConditionPathExists=//p' "$unit")" ] || return 0
    command=$(sed -n 's|^ExecStart=@SBINDIR@/||p' "$unit")
    # shellcheck disable=SC2086 # words of a command
    $command
}

stage() { cp /run/new $live.new; }
# A number from 0 to 999.
random() { od -An -N2 -tu2 /dev/urandom | awk '{ print $1 % 1000 }'; }
holder() { cat /run/lock/pve-net-apply.lock; }

case $VM_BOOT in
    1)
        cp /run/old $live
        ok 'the old configuration' pve-net apply --live --yes
        ok 'is there' old_kernel

        # How long an apply takes, so that the kills fall into it.
        stage
        from=$(awk '{ print int($1 * 1000) }' /proc/uptime)
        ok 'the new one' pve-net apply --confirm 60
        took=$(($(awk '{ print int($1 * 1000) }' /proc/uptime) - from))
        ok 'is there, too' is_new
        ok 'and goes' pve-net rollback
        ok 'as if it had not been' is_old
        diag "an apply takes $took ms"

        old=0 new=0 bad=0 i=0
        while [ $i -lt 20 ]; do
            i=$((i + 1))
            stage
            # Every other one is not to be confirmed, and the next command mends what it left.
            confirm=--confirm=60
            [ $((i % 2)) = 0 ] || confirm=--yes
            pve-net apply $confirm >/dev/null 2>&1 &
            sleep "$(awk "BEGIN { print $(random) * $took / 1000000 }")"
            kill -9 $! 2>/dev/null
            wait $! 2>/dev/null
            if [ $((i % 2)) = 0 ]; then
                # It was done already, and waits; or it was killed, and the watchdog undoes it.
                pve-net confirm -n >/dev/null 2>&1 && pve-net rollback >/dev/null 2>&1
                wait_for 20 is_old
            else
                pve-net confirm >/dev/null 2>&1
            fi
            if is_old; then
                old=$((old + 1))
            elif is_new && [ $((i % 2)) = 1 ]; then
                new=$((new + 1))
                pve-net rollback --yes >/dev/null 2>&1
                stage
            else
                bad=$((bad + 1))
                diag "kill $i:"
                diag "$(state)"
                break
            fi
            tidy || { bad=$((bad + 1)); diag "$(state)"; break; }
        done
        diag "20 kills: $old left the old state, $new the new one"
        is 'killed at random: kernel and files are old or new, never half' "$bad" 0

        stage
        ok 'held on a disk that fills up' pve-net apply --confirm 5
        cat /dev/zero >/mnt/a/fill 2>/dev/null
        cat /dev/zero >>/mnt/a/fill 2>/dev/null
        is 'it is full' "$(df --output=avail /mnt/a | tail -n 1 | tr -d ' ')" 0
        ok 'undone in time nevertheless' wait_for 20 is_old
        ok 'and nothing is left over' wait_for 5 tidy
        rm /mnt/a/fill

        ok 'applied, and it awaits confirmation' pve-net apply --confirm 600
        ok 'it is new' is_new
        pass 'the power is cut'
        power_cut
        ;;
    2)
        ok 'on the disk it is new, and unconfirmed' new_files
        ok 'the boot unit' at_boot
        ok 'the files are old again' old_files
        ok 'nothing is left over' tidy
        ok 'as the system starts with them' pve-net apply --live --yes
        ok 'the kernel is old' old_kernel
        ok 'once more, and it awaits confirmation' pve-net apply --confirm 600
        ok 'it is new again' is_new
        # The end of a system: whoever is left is killed.
        for pid in /proc/[0-9]*; do
            case $(readlink "$pid/exe") in */pve-net) kill -9 "${pid#/proc/}" ;; esac
        done
        sync
        ;;
    3)
        ok 'after a restart it is new, and unconfirmed' new_files
        ok 'the boot unit' at_boot
        ok 'the files are old again' old_files
        ok 'nothing is left over' tidy
        ok 'as the system starts with them' pve-net apply --live --yes
        ok 'applied once more' pve-net apply --confirm 600
        ok 'and confirmed' pve-net confirm
        ok 'it is new' is_new
        pass 'the power is cut'
        power_cut
        ;;
    4)
        ok 'the boot unit' at_boot
        ok 'what was confirmed stays' new_files
        ok 'nothing is left over' tidy
        is 'history has it' "$(pve-net history -H -o via,current | tail -n 1)" "$(printf 'apply\t1')"
        ;;
esac
