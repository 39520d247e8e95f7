#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-repo list on host trees.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	repo=build/bin/pve-repo
	root=$BATS_TEST_TMPDIR/root
	apt=$root/etc/apt
	mkdir -p "$apt/sources.list.d"
}

# is TEXT: what the last command wrote, all of it; "|" stands for a tab.
is() {
	want=$(printf '%s\n' "$1" | tr '|' '\t')
	[ "$output" = "$want" ] || { printf 'got:\n%s\nwanted:\n%s\n' "$output" "$want"; false; }
}

@test "list: the guide's host" {
	run "$repo" --root tests/hosts/pve6-bridge list
	[ "$status" = 0 ]
	is "$(cat << 'EOT'
file                                        line enabled types uris                                       suites         components
/etc/apt/sources.list                          1 yes     deb   http://ftp.debian.org/debian               buster         main contrib
/etc/apt/sources.list                          2 yes     deb   http://ftp.debian.org/debian               buster-updates main contrib
/etc/apt/sources.list                          5 yes     deb   http://security.debian.org/debian-security buster/updates main contrib
/etc/apt/sources.list.d/pve-enterprise.list    1 yes     deb   https://enterprise.proxmox.com/debian/pve  buster         pve-enterprise
EOT
	)"
}

@test "list: both formats, disabled entries, options, the order of apt" {
	printf '%s\n' '# deb is the type of packages' '#deb [arch=amd64 signed-by=/k] http://a/ s c' \
		'deb-src http://b/ ./' > "$apt/sources.list"
	printf '%s\n' '# a comment' 'Types: deb deb-src' 'URIs: http://c/' 'Suites: s t' 'Components:' \
		' main' '# contrib' ' non-free' 'Enabled: off' 'Architectures: amd64 i386' \
		> "$apt/sources.list.d/b.sources"
	printf 'deb http://d/ s c' > "$apt/sources.list.d/B.list"
	run "$repo" --root "$root" list -H -o file,line,enabled,format,types,uris,suites,components,options
	[ "$status" = 0 ]
	is "$(cat << 'EOT'
/etc/apt/sources.list|2|0|list|deb|http://a/|s|c|arch=amd64 signed-by=/k
/etc/apt/sources.list|3|1|list|deb-src|http://b/|./||
/etc/apt/sources.list.d/B.list|1|1|list|deb|http://d/|s|c|
/etc/apt/sources.list.d/b.sources|2|0|sources|deb deb-src|http://c/|s t|main non-free|arch=amd64,i386
EOT
	)"
	run "$repo" --root "$root" list -H -e -o line b.sources sources.list
	is 3
}

@test "list: what apt refuses is told with file and line, the rest is shown" {
	printf '%s\n' 'deb http://a/ s c' 'deb http://b/ s' > "$apt/sources.list"
	"$repo" --root "$root" list -H -o uris > "$BATS_TEST_TMPDIR/out" 2> "$BATS_TEST_TMPDIR/err"
	[ "$(cat "$BATS_TEST_TMPDIR/out")" = http://a/ ]
	[[ $(cat "$BATS_TEST_TMPDIR/err") == *'/etc/apt/sources.list:2: there is no component'* ]]
	run "$repo" --root "$root" check -H -o severity,object
	[ "$status" = 2 ]
	is 'critical|/etc/apt/sources.list:2'
}

@test "list: no sources at all" {
	run "$repo" --root "$root" list
	[ "$status" = 0 ]
	[ "$output" = "" ]
}

@test "list: where apt.conf says" {
	mkdir -p "$apt/apt.conf.d" "$root/srv/parts"
	echo 'deb http://a/ s c' > "$apt/sources.list"
	echo 'deb http://b/ s c' > "$root/srv/main.list"
	echo 'deb http://c/ s c' > "$root/srv/parts/x.list"
	printf 'Dir::Etc::SourceList "/srv/main.list";\nDir::Etc { sourceparts "/srv/parts"; };\n' > "$apt/apt.conf.d/10x"
	run "$repo" --root "$root" list -H -o file,uris
	[ "$status" = 0 ]
	is "$(printf '%s\n' '/srv/main.list|http://b/' '/srv/parts/x.list|http://c/')"
	echo 'Dir::Etc::sourcelist "other.list";' > "$apt/apt.conf"
	echo 'deb http://d/ s c' > "$apt/other.list"
	run "$repo" --root "$root" list -H -o uris
	is "$(printf '%s\n' http://d/ http://c/)"
}

@test "list: origin and handle" {
	run "$repo" --root tests/hosts/pve9-enterprise list -H -o origin,handle
	is "$(printf '%s\n' 'Proxmox|ceph-squid-enterprise' 'Debian|debian debian-updates' 'Debian|debian-security' 'Proxmox|enterprise')"
	echo 'deb http://h.example.org/x s c' > "$apt/sources.list"
	mkdir -p "$root/var/lib/apt/lists"
	printf -- '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: Some Vendor\nSuite: s\n' \
		> "$root/var/lib/apt/lists/h.example.org_x_dists_s_InRelease"
	run "$repo" --root "$root" list -H -o origin,handle
	is 'Some Vendor|'
}

# The sample hosts have what their releases have, and are not written to.
@test "--root: every command on a sample host of each release from 6 to 9" {
	seen=
	for host in tests/hosts/pve*; do
		[ -d "$host/etc/apt" ] || continue
		seen="$seen ${host##*/}"
		was=$(find "$host" -type f -print0 | sort -z | xargs -0 sha256sum)
		name=$(sed -n 's/^VERSION_CODENAME=//p' "$host/etc/os-release")
		lists=0
		[ -e "$host/var/lib/dpkg/status" ] || lists=1 # which it says
		next=$(case $name in buster) echo bullseye ;; bullseye) echo bookworm ;; bookworm) echo trixie ;; *) echo forky ;; esac)
		while read -r want command; do
			# shellcheck disable=SC2086 # words
			run "$repo" --root "$host" $command
			[[ " ${want//,/ } " == *" $status "* ]] || { echo "$host: $command: $status: $output"; false; }
		done <<- EOT
			0 list
			0 list --enabled
			0 status
			0 subscription
			$lists updates
			1 verify
			0 key
			0,2 key verify
			0,1,2 check
			0,1,2 check --suite $next
			$lists notify --print
			0 add -n no-subscription
			0 add -n --only no-subscription
			0 disable -n debian
			0 convert -n --to sources
			0,65 suite -n $next
			0 suite -n $name
			69 undo
			77 refresh
			77 upgrade
			77 notify
		EOT
		[ "$("$repo" --root "$host" list -H -o handle | grep -cE '^(debian|enterprise|no-subscription)' )" -ge 3 ]
		[ "$(find "$host" -type f -print0 | sort -z | xargs -0 sha256sum)" = "$was" ]
	done
	for release in 6 7 8 9; do
		[[ $seen == *" pve$release-"* ]]
	done
}
