#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Under systemd: the watchdog is a transient service, the boot unit runs at its start, timesyncd is restarted.
# vm: timeout 300
# shellcheck source=/dev/null
. "${VM_LIB:?}"

[ -x /lib/systemd/systemd ] || { skip 'systemd' 'it is not installed'; exit 0; }
ok 'the modules load' load bridge veth
mkdir -p /etc/network /run/lock /run/units
mount -t cgroup2 none /sys/fs/cgroup || give_up 'no control groups'
ip link add vmbr0 type bridge
live=/etc/network/interfaces
config() { printf 'auto vmbr0\niface vmbr0 inet static\n\taddress %s/24\n\tbridge-ports none\n' "$1"; }
config 192.0.2.9 >$live
ok 'the old configuration' pve-net apply --live --yes
address() { ip -o -4 addr show dev vmbr0 | awk '{ print $4 }'; }
is_old() { [ "$(address)" = 192.0.2.9/24 ] && grep -q 192.0.2.9 $live; }
is_new() { [ "$(address)" = 192.0.2.10/24 ] && grep -q 192.0.2.10 $live; }
stage() { config 192.0.2.10 >$live.new; }

# A systemd that knows no unit but ours and the targets that every unit hangs on, as process 1 of
# a PID namespace with the guest's network.
for target in sysinit basic local-fs network-pre shutdown test; do
    printf '[Unit]\nDefaultDependencies=no\n' >/run/units/$target.target
done
sed "s|@SBINDIR@|$VM_TREE/build/bin|" "$VM_TREE/scripts/systemd/pve-net-rollback.service" \
    >/run/units/pve-net-rollback.service
want=$(sed -n 's/^WantedBy=//p' "$VM_TREE/scripts/systemd/pve-net-rollback.service")
mkdir "/run/units/$want.wants"
ln -s ../pve-net-rollback.service "/run/units/$want.wants/"
printf 'Requires=sysinit.target\nAfter=sysinit.target\n' >>/run/units/test.target

# The program of Debian, without the sandbox of its unit, and a time server that has the time.
cat >/run/units/systemd-timesyncd.service <<EOT
[Service]
Type=notify
ExecStart=/lib/systemd/systemd-timesyncd
EOT
printf 'Wants=systemd-timesyncd.service\n' >>/run/units/test.target
ip link set lo up
"$VM_TREE/tests/net/ntp-faulty" 127.0.3.1 none >/run/ntp.ready &
server=$!
wait_for 10 grep -q ready /run/ntp.ready

start_systemd() {
    env -i container=vm PATH="$PATH" SYSTEMD_UNIT_PATH=/run/units SYSTEMD_LOG_TARGET=console \
        unshare --pid --fork --kill-child --mount-proc --mount --propagation unchanged \
        sh -c '[ ! -e /run/boot_id ] || mount --bind /run/boot_id /proc/sys/kernel/random/boot_id
            exec /lib/systemd/systemd --system --unit=test.target --show-status=no' </dev/null \
        >>/run/systemd.log 2>&1 &
    outer=$!
    wait_for 20 systemd_pid || { cat /run/systemd.log; give_up 'systemd does not start'; }
    wait_for 30 inside systemctl is-active -q test.target ||
        { cat /run/systemd.log; give_up 'systemd does not come up'; }
}
systemd_pid() { init=$(cat "/proc/$outer/task/$outer/children") && [ "$init" ]; }
# inside COMMAND...: beside that process 1.
inside() {
    # shellcheck disable=SC2086 # the list of children has a blank at its end
    nsenter -t $init -m -p -n -- "$@"
}
units() { inside systemctl list-units --plain --no-legend 'pve-net-watchdog-*' | awk '{ print $1, $3 }'; }

start_systemd
pass 'systemd runs'

mkdir -p /etc/systemd/system/sysinit.target.wants
ln -sf /lib/systemd/system/systemd-timesyncd.service /etc/systemd/system/sysinit.target.wants/
timesyncd() { inside systemctl show -P "$1" systemd-timesyncd.service; }
ok 'timesyncd runs' inside systemctl is-active -q systemd-timesyncd.service
pid=$(timesyncd MainPID)
ok 'ntp set' inside pve-net ntp set 127.0.3.1
ok 'it was restarted' [ "$(timesyncd MainPID)" != "$pid" ]
follows() { timesyncd StatusText | grep -q '127\.0\.3\.1'; }
ok 'and follows that server' wait_for 20 follows
diag "$(timesyncd StatusText)"
kill "$server"

stage
ok 'apply --confirm' inside pve-net apply --confirm 8
ok 'it is new' is_new
units >/run/units.now
ok 'a transient service watches' grep -qE '^pve-net-watchdog-[0-9]+\.service active' /run/units.now
pid=$(inside systemctl show -P MainPID "$(cut -d ' ' -f 1 /run/units.now)")
is 'it is not to be killed for memory' "$(inside cat "/proc/$pid/oom_score_adj")" -1000
inside kill -9 "$pid"
ok 'killed, it comes back' wait_for 5 inside systemctl is-active -q "$(cut -d ' ' -f 1 /run/units.now)"
ok 'and undoes the change in time' wait_for 30 is_old
gone() { [ -z "$(units)" ]; }
ok 'then the service is gone' wait_for 10 gone

stage
ok 'apply --confirm once more' inside pve-net apply --confirm 600
kill -9 "$outer"
wait "$outer" 2>/dev/null
# Another boot, as far as systemd and pve-net can tell.
cat /proc/sys/kernel/random/uuid >/run/boot_id
ok 'unconfirmed' grep -q 192.0.2.10 $live
start_systemd
ok 'at its next start the boot unit has run' grep -q 192.0.2.9 $live
is 'and well' "$(inside systemctl show -P Result pve-net-rollback.service)" success
ok 'no journal is left' [ ! -e /var/lib/pve-tools/pve-net-apply.journal ]
kill -9 "$outer"
