#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Under the name of the stock tool: its arguments, and its exit codes.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	tool=$BATS_TEST_TMPDIR/proxmox-boot-tool
	ln -s "$PWD/build/bin/pve-boot" "$tool"
}

@test "proxmox-boot-tool: without arguments usage on stderr and 0; help on stdout and 0" {
	run -0 --separate-stderr "$tool"
	# shellcheck disable=SC2154 # run sets it
	[ -z "$output" ] && [[ $stderr == usage:* ]]
	run -0 --separate-stderr "$tool" help
	[[ $output == usage:* ]] && [ -z "$stderr" ]
}

@test "proxmox-boot-tool: wrong usage is 1" {
	for words in mend 'format' 'format /dev/x /dev/y' 'init' 'init a b c' 'refresh --hook' \
		'kernel' 'kernel add' 'kernel pin' 'kernel remove' 'kernel list all' 'reinit now' \
		'status --json' 'clean --force'; do
		# shellcheck disable=SC2086 # several words
		run -1 --separate-stderr "$tool" $words
		[[ $stderr == *'usage: proxmox-boot-tool'* ]] || { echo "$words: $stderr"; return 1; }
	done
}

@test "proxmox-boot-tool: a partition that is not there is 1, also for the old name" {
	run -1 "$tool" format /nowhere --force
	[[ $output == *'/nowhere'* ]]
	ln -s "$PWD/build/bin/pve-boot" "$BATS_TEST_TMPDIR/pve-efiboot-tool"
	run -1 "$BATS_TEST_TMPDIR/pve-efiboot-tool" init /nowhere grub
}

@test "proxmox-boot-tool: status and clean are 2 where no ESP is kept in sync" {
	[ ! -e /etc/kernel/proxmox-boot-uuids ] || skip 'this machine keeps ESPs in sync'
	run -2 "$tool" status --quiet
	[ -z "$output" ]
	run -2 "$tool" status
	run -2 "$tool" clean --dry-run
}

@test "make install: the names lie in a directory of their own" {
	make -s install DESTDIR="$BATS_TEST_TMPDIR/dest" PREFIX=/usr
	aliases=$BATS_TEST_TMPDIR/dest/usr/lib/pve-tools/aliases
	[ "$(readlink "$aliases/proxmox-boot-tool")" = /usr/sbin/pve-boot ]
	[ -L "$aliases/pve-efiboot-tool" ]
	[ ! -e "$BATS_TEST_TMPDIR/dest/usr/sbin/proxmox-boot-tool" ]
}
