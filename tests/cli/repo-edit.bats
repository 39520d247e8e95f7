#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-repo add, enable, disable, remove and undo, above all the examples of the guide.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	repo=build/bin/pve-repo
	root=$BATS_TEST_TMPDIR/root
	apt=$root/etc/apt
	mkdir -p "$root"
}

# guide_host: a host as the guide's installer leaves it.
guide_host() {
	cp -r tests/hosts/pve6-bridge/. "$root"
}

# host CODENAME: a host of a release without any sources.
host() {
	mkdir -p "$apt/sources.list.d"
	echo "VERSION_CODENAME=$1" > "$root/etc/os-release"
}

# ok WORD...: pve-repo does it.
ok() {
	run "$repo" --root "$root" "$@"
	[ "$status" = 0 ] || { echo "$*: $status: $output"; false; }
}

# holds FILE TEXT: the file below etc/apt has these lines.
holds() {
	printf '%s\n' "$2" | diff - "$apt/$1"
}

# tree: all files of apt with their digests and modes.
tree() {
	find "$apt" -type f -print0 | sort -z | xargs -0 sha256sum
	find "$apt" -printf '%M %p %l\n' | sort
}

base='deb http://ftp.debian.org/debian buster main contrib
deb http://ftp.debian.org/debian buster-updates main contrib
'
security='# security updates
deb http://security.debian.org/debian-security buster/updates main contrib'
enterprise='deb https://enterprise.proxmox.com/debian/pve buster pve-enterprise'

@test "guide: the file sources.list of Debian, from nothing" {
	host buster
	ok add debian debian-updates debian-security
	holds sources.list "$base
$security"
}

@test "guide: enterprise is the default; it is disabled by a # in front" {
	guide_host
	holds sources.list.d/pve-enterprise.list "$enterprise"
	ok disable enterprise
	holds sources.list.d/pve-enterprise.list "# $enterprise"
	ok enable enterprise
	holds sources.list.d/pve-enterprise.list "$enterprise"
	rm "$apt/sources.list.d/pve-enterprise.list"
	ok add enterprise
	holds sources.list.d/pve-enterprise.list "$enterprise"
}

@test "guide: no-subscription in sources.list, to the letter" {
	guide_host
	ok add no-subscription
	holds sources.list "$base
# PVE pve-no-subscription repository provided by proxmox.com,
# NOT recommended for production use
deb http://download.proxmox.com/debian/pve buster pve-no-subscription

$security"
	ok add no-subscription
	[ "$(grep -c no-subscription "$apt/sources.list")" = 2 ]
}

@test "guide: pvetest" {
	guide_host
	ok add test
	grep -qx 'deb http://download.proxmox.com/debian/pve buster pvetest' "$apt/sources.list"
	ok remove pvetest
	run cat "$apt/sources.list"
	[[ $output != *pvetest* ]]
}

@test "guide: the Ceph repositories" {
	guide_host
	while read -r handle line; do
		rm -f "$apt/sources.list.d/ceph.list"
		ok add "$handle"
		holds sources.list.d/ceph.list "deb http://download.proxmox.com/debian/$line"
	done << 'EOT'
ceph-octopus-main ceph-octopus buster main
ceph-octopus-test ceph-octopus buster test
ceph-nautilus-main ceph-nautilus buster main
ceph-nautilus-test ceph-nautilus buster test
ceph-luminous-main ceph-luminous buster main
ceph-octopus-no-subscription ceph-octopus buster main
ceph-octopus ceph-octopus buster main
EOT
	run "$repo" --root "$root" add ceph-luminous-test
	[ "$status" = 64 ]
	[[ $output == *"buster has no repository 'ceph-luminous-test'; there are debian, "* ]]
	run "$repo" --root "$root" add ceph-octopus-enterprise
	[ "$status" = 64 ]
}

@test "from enterprise to no-subscription, Ceph too, shown as a difference before" {
	guide_host
	printf '%s\n' '# Ceph' 'deb http://download.proxmox.com/debian/ceph-nautilus buster main' \
		> "$apt/sources.list.d/ceph.list"
	before=$(tree)
	ok -n add --only no-subscription ceph-octopus-main
	[ "$(tree)" = "$before" ]
	[[ $output == *"
+deb http://download.proxmox.com/debian/pve buster pve-no-subscription
"* && $output == *"
-deb http://download.proxmox.com/debian/ceph-nautilus buster main
+# deb http://download.proxmox.com/debian/ceph-nautilus buster main
+deb http://download.proxmox.com/debian/ceph-octopus buster main
"* && $output == *"
-$enterprise
+# $enterprise"* ]]
	# The difference is one that patch(1) takes.
	"$repo" --root "$root" -n add --only no-subscription ceph-octopus-main |
		patch -s -p0 -d "$root" --dry-run
	ok add --only no-subscription ceph-octopus-main
	run "$repo" --root "$root" list -H -e -o uris,components
	[ "${#lines[@]}" = 5 ]
	ok undo
	[ "$(tree)" = "$before" ]
	ok undo
	run "$repo" --root "$root" list -H -e -o uris,components
	[ "${#lines[@]}" = 5 ]
}

@test "README: from enterprise to no-subscription, as it stands there" {
	rm -rf "$root"
	cp -r tests/hosts/pve8-cluster-node "$root"
	before=$(tree)
	awk '/^    pve-repo check$/ { on = 1 } on && NF == 0 { exit } on { sub(/^    /, ""); print }' README \
		> "$BATS_TEST_TMPDIR/steps"
	[ "$(wc -l < "$BATS_TEST_TMPDIR/steps")" = 4 ]
	step() {
		# shellcheck disable=SC2046 # words
		run "$repo" --root "$root" $(sed -n "$1s/^pve-repo //p" "$BATS_TEST_TMPDIR/steps")
	}
	step 1
	[ "$status" = 1 ]
	[[ $output == *REPO-ENTERPRISE* ]]
	step 2
	[[ $status = 0 && $output == *'+deb http://download.proxmox.com/debian/pve bookworm pve-no-subscription'* ]]
	[[ $output == *'+deb http://download.proxmox.com/debian/ceph-reef bookworm no-subscription'* ]]
	[ "$(tree)" = "$before" ]
	step 3
	[ "$status" = 0 ]
	run "$repo" --root "$root" list -H -e -o handle
	[[ $output == *no-subscription*ceph-reef-no-subscription* || $output == *ceph-reef-no-subscription*no-subscription* ]]
	[[ $output != *enterprise* ]]
	step 4
	[ "$status" = 0 ]
	[ "$(tree)" = "$before" ]
}

@test "trixie: stanzas with Signed-By" {
	host trixie
	ok add enterprise no-subscription ceph-squid-no-subscription debian debian-updates debian-security
	key='Signed-By: /usr/share/keyrings/proxmox-archive-keyring.gpg'
	holds sources.list.d/pve-enterprise.sources "Types: deb
URIs: https://enterprise.proxmox.com/debian/pve
Suites: trixie
Components: pve-enterprise
$key"
	holds sources.list.d/proxmox.sources "Types: deb
URIs: http://download.proxmox.com/debian/pve
Suites: trixie
Components: pve-no-subscription
$key"
	holds sources.list.d/ceph.sources "Types: deb
URIs: http://download.proxmox.com/debian/ceph-squid
Suites: trixie
Components: no-subscription
$key"
	grep -qx 'Suites: trixie-security' "$apt/sources.list.d/debian.sources"
	ok add test
	grep -qx 'Components: pve-test' "$apt/sources.list.d/proxmox.sources"
	ok disable enterprise
	grep -qx 'Enabled: no' "$apt/sources.list.d/pve-enterprise.sources"
	ok add --only enterprise
	run "$repo" --root "$root" list -H -o components,enabled pve-enterprise.sources proxmox.sources
	[ "$output" = 'pve-no-subscription	0
pve-test	0
pve-enterprise	1' ]
}

@test "retired releases at the archive host" {
	host buster
	ok add --archive no-subscription debian-security
	grep -qx 'deb http://archive.proxmox.com/debian/pve buster pve-no-subscription' "$apt/sources.list"
	grep -qx 'deb http://archive.debian.org/debian-security buster/updates main contrib' "$apt/sources.list"
	host bookworm
	ok add --archive ceph-reef-enterprise
	holds sources.list.d/ceph.list 'deb https://enterprise.proxmox.com/debian/ceph-reef bookworm enterprise'
}

@test "an unknown release needs --suite" {
	host nosuch
	run "$repo" --root "$root" add enterprise
	[ "$status" = 65 ]
	[[ $output == *'(nosuch); say which with --suite'* ]]
	ok add --suite bullseye enterprise
	holds sources.list.d/pve-enterprise.list 'deb https://enterprise.proxmox.com/debian/pve bullseye pve-enterprise'
}

@test "one component, suite, URI or type of an entry" {
	host bookworm
	printf '%s\n' '# c' 'deb [arch=amd64]  http://h/d	s  a b   c # tail' > "$apt/sources.list"
	ok disable sources.list:2 -c b
	holds sources.list '# c
deb [arch=amd64]  http://h/d	s  a   c # tail
# deb [arch=amd64]  http://h/d	s b # tail'
	ok enable sources.list:3
	ok remove sources.list:3
	ok remove sources.list:2 --component a --component c
	holds sources.list '# c'
	printf '%s\n' 'Types: deb deb-src' '# hosts' 'URIs: http://h/d' ' http://i/d' 'Suites: s t' \
		'Components:' ' a' '# about b' ' b' 'X-Y: z' > "$apt/sources.list.d/x.sources"
	before=$(tree)
	ok disable x.sources:4 -u http://i/d
	holds sources.list.d/x.sources 'Types: deb deb-src
# hosts
URIs: http://h/d
Suites: s t
Components:
 a
# about b
 b
X-Y: z

Types: deb deb-src
# hosts
URIs:
 http://i/d
Suites: s t
Components:
 a
# about b
 b
X-Y: z
Enabled: no'
	ok undo
	[ "$(tree)" = "$before" ]
	ok remove x.sources:1 -s s
	grep -qx 'Suites: t' "$apt/sources.list.d/x.sources"
	ok remove x.sources:1 -t deb-src
	grep -qx 'Types: deb' "$apt/sources.list.d/x.sources"
	ok remove x.sources:1 -c a
	holds sources.list.d/x.sources 'Types: deb
# hosts
URIs: http://h/d
 http://i/d
Suites: t
Components:
# about b
 b
X-Y: z'
	run "$repo" --root "$root" disable x.sources:1 -c nosuch
	[ "$status" = 69 ]
	run "$repo" --root "$root" disable x.sources:1 -c b -u http://h/d
	[ "$status" = 64 ]
}

@test "not a byte outside the span: CRLF, tabs, keys, odd bytes, no end of line, links, modes" {
	host trixie
	printf 'Types: deb\r\nURIs: http://h/d\r\nSuites: s\r\nComponents: c\r\nSigned-By:\r\n -----BEGIN PGP PUBLIC KEY BLOCK-----\r\n .\r\n \xff\xfe\r\n -----END PGP PUBLIC KEY BLOCK-----\r\n# end\r\n\r\ntypes:\tdeb\nuris: http://i/\nsuites: ./' \
		> "$root/real"
	chmod 640 "$root/real"
	ln -s ../../../real "$apt/sources.list.d/x.sources"
	cp "$root/real" "$BATS_TEST_TMPDIR/was"
	ok disable x.sources:2
	[ -L "$apt/sources.list.d/x.sources" ]
	[ "$(stat -c %a "$root/real")" = 640 ]
	run diff "$BATS_TEST_TMPDIR/was" "$root/real"
	[ "$output" = $'9a10\n> Enabled: no\r' ]
	ok enable x.sources:2
	cmp "$BATS_TEST_TMPDIR/was" "$root/real"
	ok disable x.sources:13
	[ "$(tail -n 2 "$root/real")" = $'suites: ./\r\nEnabled: no\r' ]
	printf 'deb http://h/d s c\r\n\t##deb  http://h/d\ts d \xff' > "$apt/sources.list"
	ok disable sources.list:1
	ok enable sources.list:2
	[ "$(cat "$apt/sources.list")" = $'# deb http://h/d s c\r\n\tdeb  http://h/d\ts d \xff' ]
}

@test "what apt would refuse is not written" {
	host bookworm
	printf '%s\n' 'deb [signed-by=/a] http://h/d s c' '#deb [signed-by=/b] http://h/d s d' \
		> "$apt/sources.list"
	before=$(tree)
	run "$repo" --root "$root" enable sources.list:2
	[ "$status" = 65 ]
	[[ $output == *'apt would refuse the result'*'/etc/apt/sources.list:2: Signed-By is not the same as at /etc/apt/sources.list:1'* ]]
	[ "$(tree)" = "$before" ]
	# A fault that was there before does not forbid mending another one.
	echo 'bad line' > "$apt/sources.list.d/bad.list"
	ok disable sources.list:1
}

# by_apt: the URIs that the real apt reads; it says what it refuses.
by_apt() {
	mkdir -p "$BATS_TEST_TMPDIR/lists" "$BATS_TEST_TMPDIR/cache"
	: > "$BATS_TEST_TMPDIR/status"
	: > "$BATS_TEST_TMPDIR/conf"
	APT_CONFIG=$BATS_TEST_TMPDIR/conf apt-get indextargets --no-release-info -o Dir::Etc="$apt/" -o Dir::State="$BATS_TEST_TMPDIR" -o Dir::State::lists="$BATS_TEST_TMPDIR/lists/" \
		-o Dir::State::status="$BATS_TEST_TMPDIR/status" -o Dir::Cache="$BATS_TEST_TMPDIR/cache/" \
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= --format "\$(REPO_URI)" | sort -u
}

@test "disable: what apt refuses becomes a comment, and apt reads the rest" {
	host bookworm
	printf 'deb http://a/ s c\n\tdeb http://b/ s\r\ndeb http://c/ s c\n' > "$apt/sources.list"
	printf 'Types: deb\r\nURIs: http://d/\r\nSuites: s\r\n# x\r\nComponents: c\r\n\r\nTypes: deb\r\n# y\r\nURIs: http://e/\r\nX: \xff\r\n\r\nTypes: deb\r\nURIs: http://f/\r\nSuites: ./' \
		> "$apt/sources.list.d/x.sources"
	cp "$apt/sources.list" "$apt/sources.list.d/x.sources" "$BATS_TEST_TMPDIR"
	run by_apt
	[[ $output == *Malformed* ]]
	run "$repo" --root "$root" check -H -o code,object,fix
	[[ $output == *$'REPO-SYNTAX\t/etc/apt/sources.list:2\tpve-repo disable /etc/apt/sources.list:2'* ]]
	[[ $output == *$'REPO-SYNTAX\t/etc/apt/sources.list.d/x.sources:7\tpve-repo disable /etc/apt/sources.list.d/x.sources:7'* ]]
	ok disable sources.list:2 x.sources:10
	run diff "$BATS_TEST_TMPDIR/sources.list" "$apt/sources.list"
	[ "$output" = $'2c2\n< \tdeb http://b/ s\r\n---\n> \t# deb http://b/ s\r' ]
	[ "$(diff "$BATS_TEST_TMPDIR/x.sources" "$apt/sources.list.d/x.sources" | grep -a '^>')" = $'> # Types: deb\r\n> # URIs: http://e/\r\n> # X: \xff\r' ]
	run by_apt
	[ "$output" = $'http://a/\nhttp://c/\nhttp://d/\nhttp://f/' ]
	ok undo
	cmp "$BATS_TEST_TMPDIR/x.sources" "$apt/sources.list.d/x.sources"
	# Only whole, and only so: what it was meant to be is not known.
	for command in enable remove 'disable --component c'; do
		# shellcheck disable=SC2086 # words
		run "$repo" --root "$root" $command x.sources:10
		[ "$status" = 65 ]
		[[ $output == *'pve-repo disable /etc/apt/sources.list.d/x.sources:10'* ]]
	done
	printf 'Types: deb\nURIs: http://d/\0' > "$apt/sources.list.d/x.sources"
	run "$repo" --root "$root" disable x.sources:2
	[ "$status" = 65 ]
	[[ $output == *'NUL byte'* ]]
}

@test "undo: nothing to take back, a file changed since" {
	guide_host
	run "$repo" --root "$root" undo
	[ "$status" = 69 ]
	ok disable enterprise
	echo >> "$apt/sources.list.d/pve-enterprise.list"
	before=$(tree)
	run "$repo" --root "$root" undo
	[ "$status" = 75 ]
	[ "$(tree)" = "$before" ]
	echo x > "$root/var/lib/pve-repo/undo"
	run "$repo" --root "$root" undo
	[ "$status" = 65 ]
}

@test "operands that mean nothing" {
	guide_host
	for x in nosuch nosuch.list:1 sources.list:99 no-subscription ceph-reef-test; do
		run "$repo" --root "$root" disable "$x"
		[ "$status" = 69 ]
	done
	run "$repo" --root "$root" disable sources.list:x
	[ "$status" = 64 ]
	ok enable enterprise
	[ "$output" = "" ]
}
