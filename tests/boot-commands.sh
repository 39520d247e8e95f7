# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# Every command of pve-boot, for tests that go through all of them with --dry-run: here on images
# (tests/cli/boot-dry-run.bats), and on block devices (tests/vm/boot-read.sh).

# boot_commands: EXIT-CODE|TEXT|COMMAND, where its output has that text.  There are an empty disk
# $BOOT_DISK, an empty partition $BOOT_PART, one with a vfat $BOOT_VFAT, an ESP with systemd-boot that
# lacks something, another one $BOOT_OLD in the list which is gone, and a kernel $BOOT_KERNEL.
boot_commands() {
	cat <<END
69|${BOOT_OLD:?}|status
0|${BOOT_KERNEL:?}|list
0|systemd-boot|loader
69|vmlinuz|verify
69|vmlinuz|verify --all
${BOOT_CHECK:-1}|BOOT-ESP-ABSENT|check
0|$BOOT_DISK|partition ${BOOT_DISK:?}
0|mkfs.vfat|format ${BOOT_PART:?}
0|install systemd-boot on $BOOT_VFAT|init ${BOOT_VFAT:?} systemd-boot
0|install systemd-boot on |reinit
0|mkfs.vfat|replace $BOOT_OLD $BOOT_PART
0|bytes|refresh
0|bytes|refresh --verify
0|bytes|refresh --evict --kernel $BOOT_KERNEL
0|proxmox-boot-uuids|clean
0|$BOOT_KERNEL|kernel list
0|proxmox-boot-manual-kernels|kernel add ${BOOT_ADD:-$BOOT_KERNEL}
0|proxmox-boot-manual-kernels|kernel remove ${BOOT_LISTED:-6.8.8-1-pve}
0|proxmox-boot-pin|kernel pin $BOOT_KERNEL
0|next-boot-pin|kernel pin $BOOT_KERNEL --next-boot
0||kernel unpin
0|root=|cmdline show
0|cmdline|cmdline set 'root=ZFS=a/b quiet'
0|cmdline|cmdline add quiet
0|cmdline|cmdline remove ${BOOT_WORD:-boot=zfs}
END
}

# boot_commands_missing TOOL FILE: fails, with their names, when the tool has commands, or these
# actions, that are not in the file.
boot_commands_missing() {
	boot_missing=
	for boot_command in $("$1" help --table | awk -F '\t' '$1 == "command" { print $3 }'); do
		case $boot_command in
		help | completion) continue ;;
		kernel) boot_command='kernel list|kernel add|kernel remove|kernel pin|kernel unpin' ;;
		cmdline) boot_command='cmdline show|cmdline set|cmdline add|cmdline remove' ;;
		esac
		boot_ifs=$IFS
		IFS='|'
		for boot_words in $boot_command; do
			grep -qE "^$boot_words( |\$)" "$2" || boot_missing="$boot_missing, $boot_words"
		done
		IFS=$boot_ifs
	done
	[ -z "$boot_missing" ] || { echo "not gone through: ${boot_missing#, }" && return 1; }
}
