#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-repo upgrade by the real apt and dpkg, of packages that are made here and have their files in /opt,
# which is not the machine's.

# shellcheck disable=SC2030,SC2031,SC2154,SC2016 # each test is a process of its own; the variables of
# repo-host.sh; dpkg-query expands

load ../repo-host.sh

# stanza NAME VERSION [FIELD...]
stanza() {
	printf 'Package: %s\nVersion: %s\nArchitecture: %s\nMaintainer: m\nDescription: d\n' "$1" "$2" "$arch"
	[ $# = 2 ] || printf '%s\n' "${@:3}"
}

@test "upgrade: never takes proxmox-ve or the running kernel away" {
	kernel=proxmox-kernel-$(uname -r)
	{
		stanza proxmox-ve 8 'Status: install ok installed'
		echo
		stanza "$kernel" 1 'Status: install ok installed'
		echo
	} >> "$host/lib/dpkg/status"
	site good good
	{ stanza x 2 'Conflicts: proxmox-ve' 'Size: 5' 'Filename: x.deb' 'Priority: required' 'Essential: yes'; echo; } > "$packages"
	make_dist "$www/good" s Origin=O-good
	sign "$www/good" s good
	serve
	again
	run on_host "$repo" upgrade -y
	[ "$status" = 77 ] || { echo "$output"; false; }
	[[ $output == *'refused: this would remove proxmox-ve'* ]]
	sed -i "s/^Conflicts: .*/Conflicts: $kernel/" "$packages"
	make_dist "$www/good" s Origin=O-good
	sign "$www/good" s good
	again
	run on_host "$repo" upgrade -y
	[ "$status" = 77 ]
	[[ $output == *"refused: this would remove $kernel, the kernel that runs now"* ]]
	sed -i '/^Conflicts/d' "$packages"
	make_dist "$www/good" s Origin=O-good
	sign "$www/good" s good
	again
	run on_host "$repo" upgrade -n -H -o package,action,installed,candidate
	[ "$status" = 0 ]
	[ "$output" = $'x\tupgrade\t1\t2' ]
	run on_host "$repo" upgrade
	[ "$status" = 77 ]
	[[ $output == *'--yes'* ]]
	# agreed: apt-get is really run, and what stops it (there is no such .deb) is told
	run on_host "$repo" upgrade -y
	[ "$status" = 1 ]
	[[ $output == *'x.deb'* ]]
}

# deb NAME VERSION [FIELD...]: that package, with one file that holds its version and a configuration file,
# and $postinst.
deb() {
	tree=$BATS_TEST_TMPDIR/deb/$1_$2
	mkdir -p "$tree/DEBIAN" "$tree/opt/pve-test"
	{ stanza "$@"; } > "$tree/DEBIAN/control"
	echo "$2" > "$tree/opt/pve-test/$1"
	echo "as $2 has it" > "$tree/opt/pve-test/$1.conf"
	echo "/opt/pve-test/$1.conf" > "$tree/DEBIAN/conffiles"
	if [ "${postinst-}" ]; then
		printf '#!/bin/sh\n%s\n' "$postinst" > "$tree/DEBIAN/postinst"
		chmod 755 "$tree/DEBIAN/postinst"
	fi
	dpkg-deb --root-owner-group -b "$tree" "$BATS_TEST_TMPDIR/deb/$1_$2.deb" > /dev/null
}

# installed PACKAGE_VERSION...: these are what is on the host at the beginning.
installed() {
	: > "$host/lib/dpkg/status"
	on_host dpkg -i "${@/#/$BATS_TEST_TMPDIR/deb/}" > "$BATS_TEST_TMPDIR/dpkg" 2>&1 || { cat "$BATS_TEST_TMPDIR/dpkg"; return 1; }
}

# offered PACKAGE_VERSION...: the repository has these, and the host has fetched its lists.
offered() {
	rm -rf "$www/good/pool"
	mkdir -p "$www/good/pool"
	cp "${@/#/$BATS_TEST_TMPDIR/deb/}" "$www/good/pool"
	(cd "$www/good" && apt-ftparchive packages pool) > "$packages"
	make_dist "$www/good" s Origin=O-good
	sign "$www/good" s good
	chmod -R a+rX "$www"
	[ "$nginx" ] || serve
	again
}

# versions: what dpkg has, and in which state.
versions() {
	on_host dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Version}\n' | sort
}

@test "upgrade: new versions, new and removed packages, what is held, configuration that was changed" {
	site good good
	for name in x plain held; do
		deb $name 1
		deb $name 2
	done
	deb x 2 'Depends: added' 'Conflicts: gone'
	deb added 5
	deb gone 1
	deb foreign 7
	deb proxmox-kernel-9.9.9-1-pve 1
	deb proxmox-kernel-9.9.9-1-pve 2
	installed x_1.deb plain_1.deb held_1.deb gone_1.deb foreign_7.deb proxmox-kernel-9.9.9-1-pve_1.deb
	on_host apt-mark hold held
	echo 'as the administrator has it' > "$host/opt/pve-test/x.conf"
	offered x_2.deb plain_2.deb held_2.deb added_5.deb proxmox-kernel-9.9.9-1-pve_2.deb
	run on_host "$repo" updates -H -o package,candidate,held
	[ "$output" = $'held\t2\t1\nplain\t2\t0\nproxmox-kernel-9.9.9-1-pve\t2\t0\nx\t2\t0' ]
	run on_host "$repo" updates --new -H -o package,installed,candidate
	[ "$(sort <<< "$output")" = $'added\t\t5\nheld\t1\t2\nplain\t1\t2\nproxmox-kernel-9.9.9-1-pve\t1\t2\nx\t1\t2' ] || { echo "$output"; false; }
	before=$(versions)
	run on_host "$repo" upgrade -n -H -o action,package,installed,candidate
	[ "$status" = 0 ]
	[ "$(sort <<< "$output")" = $'install\tadded\t\t5\nremove\tgone\t1\t\nupgrade\tplain\t1\t2\nupgrade\tproxmox-kernel-9.9.9-1-pve\t1\t2\nupgrade\tx\t1\t2' ] || { echo "$output"; false; }
	[ "$(versions)" = "$before" ]
	run on_host "$repo" upgrade -y
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'a new kernel was installed'* ]]
	versions > "$BATS_TEST_TMPDIR/after"
	diff "$BATS_TEST_TMPDIR/after" - <<- EOT
		hi  held 1
		ii  added 5
		ii  foreign 7
		ii  plain 2
		ii  proxmox-kernel-9.9.9-1-pve 2
		ii  x 2
		rc  gone 1
	EOT
	[ "$(cat "$host/opt/pve-test/x")" = 2 ]
	[ "$(cat "$host/opt/pve-test/x.conf")" = 'as the administrator has it' ]
	[ "$(cat "$host/opt/pve-test/plain.conf")" = 'as 2 has it' ]
	[ ! -e "$host/opt/pve-test/gone" ]
	run on_host "$repo" upgrade -y
	[ "$status" = 0 ]
	[[ $output == *'nothing to upgrade'* ]]
}

@test "upgrade: what would take proxmox-ve or the running kernel away leaves all as it is" {
	site good good
	deb proxmox-ve 8
	deb x 1
	deb x 2 'Conflicts: proxmox-ve' 'Essential: yes' 'Priority: required'
	deb x 3 "Conflicts: proxmox-kernel-$(uname -r)" 'Essential: yes' 'Priority: required'
	deb "proxmox-kernel-$(uname -r)" 1
	installed proxmox-ve_8.deb x_1.deb "proxmox-kernel-$(uname -r)_1.deb"
	before=$(versions)
	for n in 2 3; do
		offered x_$n.deb
		run on_host "$repo" upgrade -y
		[ "$status" = 77 ]
		[[ $output == *'refused: this would remove'* ]]
		[ "$(versions)" = "$before" ]
		[ "$(cat "$host/opt/pve-test/x")" = 1 ]
	done
}

@test "upgrade: a package that cannot be configured is told, and finished by the next upgrade" {
	site good good
	deb x 1
	deb y 1
	deb y 2
	postinst="[ ! -e /opt/fail ] || { echo 'postinst of x failed' >&2; exit 3; }" deb x 2
	installed x_1.deb y_1.deb
	offered x_2.deb y_2.deb
	touch "$host/opt/fail"
	run on_host "$repo" upgrade -y
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *'postinst of x failed'* ]]
	[[ $output == *'apt-get ended with status 100'*'dpkg --audit'* ]]
	[ "$(versions)" = $'iF  x 2\nii  y 2' ]
	# nothing is newer, but not all is well
	run on_host "$repo" upgrade -n -H -o action,package,installed,candidate
	[ "$output" = $'configure\tx\t2\t2' ] || { echo "$output"; false; }
	run on_host "$repo" upgrade -y
	[ "$status" = 1 ]
	rm "$host/opt/fail"
	run on_host "$repo" upgrade -y
	echo "$output"
	[ "$status" = 0 ]
	[ "$(versions)" = $'ii  x 2\nii  y 2' ]
}
