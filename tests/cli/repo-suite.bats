#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-repo suite: the move of a host from release to release, and what it mends within one.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	repo=build/bin/pve-repo
	root=$BATS_TEST_TMPDIR/root
	apt=$root/etc/apt
	mkdir -p "$apt/sources.list.d"
}

on() {
	rm -rf "$root"
	cp -r "tests/hosts/$1" "$root"
}

host() {
	rm -rf "$root"
	mkdir -p "$apt/sources.list.d"
	echo "VERSION_CODENAME=$1" > "$root/etc/os-release"
}

ok() {
	run "$repo" --root "$root" "$@"
	[ "$status" = 0 ] || { echo "$*: $status: $output"; false; }
}

# becomes RELEASE LINE WANTED [OPTION]: this is what the move makes of the line.
becomes() {
	printf '%s\n' "$2" > "$apt/sources.list.d/x.list"
	ok -q suite "$1" ${4:+"$4"}
	[ "$(cat "$apt/sources.list.d/x.list")" = "$3" ] || { diff "$apt/sources.list.d/x.list" - <<< "$3"; false; }
}

@test "suite: the guide's host from 6 to 9, each step clean and taken back" {
	on pve6-ceph
	for step in bullseye:11 bookworm:12; do
		cp -r "$apt" "$BATS_TEST_TMPDIR/was"
		ok suite "${step%:*}"
		ok undo
		diff -r "$apt" "$BATS_TEST_TMPDIR/was"
		ok undo
		rm -r "$BATS_TEST_TMPDIR/was"
		sed -i "s/^VERSION_CODENAME=.*/VERSION_CODENAME=${step%:*}/" "$root/etc/os-release"
		[ "${step%:*}" = bookworm ] ||
			sed -i 's/ceph-octopus bullseye main/ceph-quincy bullseye main/' "$apt/sources.list.d/ceph.list"
	done
	diff - "$apt/sources.list" << 'EOT'
deb http://ftp.debian.org/debian bookworm main contrib
deb http://ftp.debian.org/debian bookworm-updates main contrib

# PVE pve-no-subscription repository provided by proxmox.com,
# NOT recommended for production use
deb http://download.proxmox.com/debian/pve bookworm pve-no-subscription

# security updates
deb http://security.debian.org/debian-security bookworm-security main contrib
EOT
	[ "$(cat "$apt/sources.list.d/ceph.list")" = 'deb http://download.proxmox.com/debian/ceph-quincy bookworm no-subscription' ]
	[ "$(cat "$apt/sources.list.d/pve-enterprise.list")" = '# deb https://enterprise.proxmox.com/debian/pve bookworm pve-enterprise' ]
	# Quincy is not made for trixie.
	run "$repo" --root "$root" suite trixie
	[ "$status" = 65 ]
	[[ $output == *'ceph.list:1: there is no Ceph quincy for trixie: upgrade Ceph first'* ]]
	sed -i s/quincy/squid/ "$apt/sources.list.d/ceph.list"
	ok suite trixie
	# The files of Proxmox become those that its packages have from now on.
	[ ! -e "$apt/sources.list.d/ceph.list" ] && [ ! -e "$apt/sources.list.d/pve-enterprise.list" ]
	diff - "$apt/sources.list.d/ceph.sources" << 'EOT'
Types: deb
URIs: http://download.proxmox.com/debian/ceph-squid
Suites: trixie
Components: no-subscription
Signed-By: /usr/share/keyrings/proxmox-archive-keyring.gpg
EOT
	diff - "$apt/sources.list.d/pve-enterprise.sources" << 'EOT'
Types: deb
URIs: https://enterprise.proxmox.com/debian/pve
Suites: trixie
Components: pve-enterprise
Signed-By: /usr/share/keyrings/proxmox-archive-keyring.gpg
Enabled: no
EOT
	ok undo
	[ -e "$apt/sources.list.d/ceph.list" ] && [ ! -e "$apt/sources.list.d/ceph.sources" ]
}

@test "suite: the rule of each kind of entry" {
	host buster
	s=deb; p=http://download.proxmox.com/debian
	becomes bullseye "$s http://security.debian.org/debian-security buster/updates main" "$s http://security.debian.org/debian-security bullseye-security main"
	becomes bullseye "$s http://mirror.example.org/debian-security  buster/updates	main # x" "$s http://mirror.example.org/debian-security  bullseye-security	main # x"
	becomes bullseye "$s http://deb.debian.org/debian buster-backports main" "$s http://deb.debian.org/debian bullseye-backports main"
	becomes bullseye "$s http://archive.debian.org/debian buster main" "$s http://ftp.debian.org/debian bullseye main"
	becomes bullseye "$s http://archive.debian.org/debian-security buster/updates main" "$s http://security.debian.org/debian-security bullseye-security main"
	becomes bullseye "$s http://archive.proxmox.com/debian/pve buster pve-no-subscription" "$s $p/pve bullseye pve-no-subscription"
	becomes bullseye "$s $p/pve buster pvetest" "$s $p/pve bullseye pvetest"
	becomes bullseye "# $s $p/ceph-nautilus buster main" "# $s $p/ceph-nautilus bullseye main"
	becomes bullseye "$s $p/ceph-octopus buster test" "$s $p/ceph-octopus bullseye test"
	becomes buster "$s $p/pve buster pve-no-subscription" "$s http://archive.proxmox.com/debian/pve buster pve-no-subscription" --archive
	becomes buster "$s https://enterprise.proxmox.com/debian/pve buster pve-enterprise" "$s http://archive.proxmox.com/debian/pve buster pve-enterprise" --archive
	becomes buster "$s http://deb.debian.org/debian buster main" "$s http://archive.debian.org/debian buster main" --archive
	host bullseye
	becomes bookworm "$s http://deb.debian.org/debian bullseye main non-free" "$s http://deb.debian.org/debian bookworm main non-free non-free-firmware"
	becomes bookworm "$s http://deb.debian.org/debian stable main" "$s http://deb.debian.org/debian bookworm main"
	becomes bookworm "$s $p/ceph-quincy bullseye main" "$s $p/ceph-quincy bookworm no-subscription"
	becomes bullseye "$s http://security.debian.org bullseye/updates main" "$s http://security.debian.org bullseye-security main"
	host bookworm
	k='[signed-by=/usr/share/keyrings/proxmox-archive-keyring.gpg]'
	becomes trixie "$s $p/pve bookworm pvetest" "$s $k $p/pve trixie pve-test"
	becomes trixie "$s [signed-by=/my/key] $p/pve bookworm pve-no-subscription" "$s [signed-by=/my/key] $p/pve trixie pve-no-subscription"
	becomes trixie "$s [] $p/pve bookworm pve-no-subscription" "$s $k $p/pve trixie pve-no-subscription"
	becomes trixie "$s http://vendor.example.org/x bookworm main" "$s http://vendor.example.org/x bookworm main"
	host trixie
	becomes trixie "$s http://deb.debian.org/debian trixie main" "$s http://deb.debian.org/debian trixie main"
	becomes forky "$s $p/pve trixie pve-test" "$s $p/pve forky pve-test"
}

@test "suite: stanzas, of which only the words change" {
	host bookworm
	printf 'Types: deb\r\n# mirror\r\nURIs: http://deb.debian.org/debian\r\nSuites: bookworm\r\n bookworm-updates\r\nComponents: main\r\nX-Own: bookworm\r\n\r\nTypes: deb\r\nURIs: http://vendor.example.org/\r\nSuites: ./' \
		> "$apt/sources.list.d/x.sources"
	ok suite trixie
	printf 'Types: deb\r\n# mirror\r\nURIs: http://deb.debian.org/debian\r\nSuites: trixie\r\n trixie-updates\r\nComponents: main\r\nX-Own: bookworm\r\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\r\n\r\nTypes: deb\r\nURIs: http://vendor.example.org/\r\nSuites: ./' |
		cmp - "$apt/sources.list.d/x.sources"
}

@test "suite: what is of somebody else is told and stays" {
	host bookworm
	echo 'deb http://vendor.example.org/x bookworm main' > "$apt/sources.list.d/x.list"
	run "$repo" --root "$root" suite trixie
	[ "$status" = 0 ]
	[[ $output == *'x.list:1: bookworm of http://vendor.example.org/x is not ours to move: ask who makes it'* ]]
}

@test "suite: one release at a time, and only forward" {
	host buster
	run "$repo" --root "$root" suite bookworm
	[ "$status" = 64 ]
	[[ $output == *'the way to bookworm leads over bullseye'* ]]
	run "$repo" --root "$root" suite stretch
	[ "$status" = 64 ]
	ok suite --force bookworm
	run "$repo" --root "$root" suite nosuch
	[ "$status" = 64 ]
}

@test "README: what the upgrade of the sample host would do" {
	cp -r tests/hosts/pve8-no-subscription/. "$root"
	run "$repo" --root "$root" suite trixie -n
	[ "$status" = 0 ]
	sed -n 's/^    \([-+]deb .*\)/\1/p' README > "$BATS_TEST_TMPDIR/shown"
	[ "$(cut -c 1 "$BATS_TEST_TMPDIR/shown")" = $'-\n+' ]
	while read -r line; do
		[[ $output == *"$line"* ]]
	done < "$BATS_TEST_TMPDIR/shown"
	diff -r tests/hosts/pve8-no-subscription "$root"
}
