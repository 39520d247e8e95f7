#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Refresh as hooks of dpkg and apt call it.

bats_require_minimum_version 1.5.0
# shellcheck source=tests/cli/boot-refresh-lib.sh
. "$BATS_TEST_DIRNAME/boot-refresh-lib.sh"

@test "hooks: unknown names are refused, and maintainer scripts that change nothing do nothing" {
	esps systemd 0A1B-2C3D
	run boot refresh --hook no-such
	[ "$status" = 64 ]
	DEB_MAINT_PARAMS="'upgrade' '6.8'" run -0 boot refresh --hook kernel-postinst --kernel $A
	[ -z "$(on "$esp")" ]
	DEB_MAINT_PARAMS="'configure' '6.8'" run -0 boot refresh --hook kernel-postinst --kernel $C
	[ "$(on "$esp")" = "$A
$B
$C" ]
}

@test "hooks: a kernel that only the hook wants is brought, and it is said that it will not stay" {
	esps systemd 0A1B-2C3D
	run boot refresh --hook kernel-postinst --kernel $C
	[[ $output == *"$C: the next refresh removes it again"*"(pve-boot kernel add $C)"* ]] || { echo "$output"; false; }
	[[ $(on "$esp") == *$C* ]]
	run -0 boot refresh
	[[ $(on "$esp") != *$C* ]]
	run -0 boot kernel add $C
	run -0 boot refresh --hook kernel-postinst --kernel $C
	[[ $output != *'the next refresh'* ]] && [[ $(on "$esp") == *$C* ]]
	run -0 boot refresh --hook kernel-postinst --kernel $A
	[[ $output != *'the next refresh'* ]]
}

@test "hooks: without a list, and in a container, there is nothing to do" {
	run -0 boot refresh --hook initramfs
	[ ! -e "$root/etc/apt/apt.conf.d/76pveconf" ]
	esps systemd 0A1B-2C3D
	mkdir -p "$root/run/systemd"
	echo lxc > "$root/run/systemd/container"
	run -0 boot refresh --hook initramfs
	[ -z "$(on "$esp")" ]
}

@test "hooks: a dead disk is told, but leaves no package half configured while another boots" {
	esps systemd 0A1B-2C3D
	echo 9999-9999 >> "$list"
	run boot refresh --hook kernel-postinst --kernel $C
	[ "$status" = 0 ]
	[[ $output == *'9999-9999: '*'No such file or directory'* ]]
	[ "$(on "$esp")" = "$A
$B
$C" ]
	echo 9999-9999 > "$list"
	run boot refresh --hook kernel-postinst --kernel $C
	[ "$status" = 1 ]
}

@test "hooks: the stock tool's names do what its hooks do" {
	esps systemd 0A1B-2C3D
	run -0 boot refresh --hook proxmox-auto-removal
	[ -e "$root/etc/apt/apt.conf.d/76pveconf" ]
	[ -z "$(on "$esp")" ]
	rm "$root/etc/apt/apt.conf.d/76pveconf"
	run -0 boot refresh --hook zz-proxmox-boot
	[ ! -e "$root/etc/apt/apt.conf.d/76pveconf" ]
	[ "$(on "$esp")" = "$A
$B" ]
}

@test "B16: what hooks ask for inside one run of apt is done once, at its end" {
	esps systemd 0A1B-2C3D
	mkdir -p "$root/run"
	touch "$root/var/lib/dpkg/lock-frontend"
	# As apt: holds the lock, runs its hooks and dpkg's.
	cat > "$BATS_TEST_TMPDIR/apt" << 'END'
use Fcntl qw(:DEFAULT :seek);
open(my $f, '+<', shift) or die;
my $lock = pack('s s x4 q q i x4', F_WRLCK, SEEK_SET, 0, 0, 0);
fcntl($f, F_SETLK, $lock) or die "lock: $!";
for my $command (@ARGV) { system($command) == 0 or exit 1; }
END
	boot="build/bin/pve-boot --root $root refresh --hook"
	run perl "$BATS_TEST_TMPDIR/apt" "$root/var/lib/dpkg/lock-frontend" \
		"$boot apt-pre" "$boot initramfs" "$boot kernel-postinst --kernel $C" "$boot initramfs" \
		"test ! -e $esp/EFI/proxmox" "$boot apt-post"
	echo "$output"
	[ "$status" = 0 ]
	[ "$(on "$esp")" = "$A
$B
$C" ]
	[ ! -e "$root/run/pve-boot/pending" ]
	[ "$(grep -c ' done, ' "$root/var/log/pve-boot.log")" = 1 ]
	# That apt is gone: a hook that dpkg calls alone does it at once.
	run -0 boot refresh --hook kernel-postrm
	[ "$(on "$esp")" = "$A
$B" ]
	[ ! -e "$root/run/pve-boot/apt" ]
}
