#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Helpers for the scripts that run inside a guest. A script begins with
#
#   #!/bin/sh
#   # SPDX-License-Identifier: GPL-3.0-or-later
#   # One line that says what it tests.
#   # vm: disk nvme 256M
#   # shellcheck source=/dev/null
#   . "${VM_LIB:?}"
#
# and then makes checks, each of which prints one line, "ok - TEXT" or
# "not ok - TEXT". The script goes on after a check that failed; at its end it
# exits with 1 when any did.

vm_failed=0
trap 'vm_code=$?; [ "$vm_failed" = 0 ] || vm_code=1; exit "$vm_code"' EXIT

# The kernel's log gets the same lines, to tell which of its messages belong to
# which check.
vm_say() {
    printf '%s\n' "$1"
    [ "$VM_BOOT" = after ] || printf '<5>%s\n' "$1" >/dev/kmsg
}
pass() { vm_say "ok - $1"; }
fail() {
    vm_failed=$((vm_failed + 1))
    vm_say "not ok - $1"
}

# diag TEXT: a remark for the reader of the output.
diag() { printf '%s\n' "$*" | sed 's/^/# /'; }

# ok TEXT COMMAND...: the command must succeed. Its output is shown when not.
ok() {
    vm_text=$1
    shift
    if "$@" >/run/vm-output 2>&1; then
        pass "$vm_text"
    else
        vm_code=$?
        fail "$vm_text"
        diag "exit $vm_code: $*"
        sed 's/^/# /' /run/vm-output
        return 1
    fi
}

# fails TEXT CODE COMMAND...: the command must exit with exactly CODE.
fails() {
    vm_text=$1 vm_want=$2
    shift 2
    "$@" >/run/vm-output 2>&1
    vm_code=$?
    if [ "$vm_code" = "$vm_want" ]; then
        pass "$vm_text"
    else
        fail "$vm_text"
        diag "exit $vm_code, not $vm_want: $*"
        sed 's/^/# /' /run/vm-output
        return 1
    fi
}

# is TEXT ACTUAL EXPECTED: two strings must be equal.
is() {
    if [ "$2" = "$3" ]; then
        pass "$1"
    else
        fail "$1"
        diag "got:      $2"
        diag "expected: $3"
        return 1
    fi
}

# skip TEXT REASON: a check that cannot be made here.
skip() { vm_say "ok - $1 # skip $2"; }

# give_up TEXT: the rest of the script makes no sense.
give_up() {
    fail "$*"
    exit 1
}

# wait_for SECONDS COMMAND...: try until it succeeds or the time is over.
wait_for() {
    vm_tries=$(($1 * 10))
    shift
    until "$@" >/dev/null 2>&1; do
        vm_tries=$((vm_tries - 1))
        [ "$vm_tries" -gt 0 ] || return 1
        sleep 0.1
    done
}

# start_udev: start systemd-udevd and wait until it has seen the disks, the
# network interfaces and the buses they are on (the modules of these are loaded
# on the way). All other devices would take several seconds more.
start_udev() {
    /lib/systemd/systemd-udevd --daemon >/run/udevd.log 2>&1 || return
    set --
    for vm_subsystem in pci virtio ata_port scsi nvme block net; do
        set -- "$@" --subsystem-match="$vm_subsystem"
    done
    udevadm trigger --type=devices --action=add "$@" && udevadm settle --timeout=60
}

# disk_by_serial SERIAL: print /dev/NAME of the disk. It needs no udev. Programs
# are slow to start in an emulated machine, so it starts hardly any.
disk_by_serial() {
    for vm_block in /sys/block/*; do
        vm_serial=
        case ${vm_block##*/} in
            nvme*) read -r vm_serial <"$vm_block/device/serial" ;;
            vd*) read -r vm_serial <"$vm_block/serial" || : ;;
            # The page has a header of four bytes, and is padded with blanks.
            sd*) vm_serial=$(tail -c +5 "$vm_block/device/vpd_pg80" | tr -d ' \000') ;;
        esac
        # The paths of a multipath NVMe disk have a serial but no device file.
        if [ "${vm_serial%% *}" = "$1" ] && [ -b "/dev/${vm_block##*/}" ]; then
            echo "/dev/${vm_block##*/}"
            return
        fi
    done 2>/dev/null
    return 1
}

# load MODULE...: load kernel modules.
load() { modprobe -a "$@"; }

# power_cut: end this boot as a cut of the power would. What the guest has not
# flushed is lost; with "# vm: boots 2" the next boot finds the disks so.
power_cut() {
    echo "$([ "$vm_failed" = 0 ]; echo $?)" >/run/vm/status
    # "b" resets at once, and the runner lets no guest reboot by itself.
    echo b >/proc/sysrq-trigger
    sleep 600
}
