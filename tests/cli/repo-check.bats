#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-repo check.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	# shellcheck source=tests/cli/repo-subscription.sh
	. tests/cli/repo-subscription.sh
	repo=$PWD/build/bin/pve-repo
	root=$BATS_TEST_TMPDIR/root
	apt=$root/etc/apt
	mkdir -p "$root"
}

# on HOST: a copy of that sample host.
on() {
	rm -rf "$root"
	cp -r "tests/hosts/$1" "$root"
}

# list LINE...: an additional file x.list.
list() {
	printf '%s\n' "$@" > "$apt/sources.list.d/x.list"
}

sources() {
	printf '%s\n' "$@" > "$apt/sources.list.d/x.sources"
}

findings() {
	"$repo" --root "$root" check -H -o severity,code,object,fix || :
}

# finds CODE [OBJECT [FIX]]: there is exactly this finding above info.
finds() {
	got=$(findings | grep -v '^info' | cut -f 2- | sed 's|/etc/apt/sources.list.d/||g')
	want=$1
	[ $# -lt 2 ] || want=$want$'\t'$2
	[ $# -lt 3 ] || want=$want$'\t'${3//\/etc\/apt\/sources.list.d\//}
	case $got in
	"$want"*) [ "$(printf '%s\n' "$got" | wc -l)" = 1 ] ;;
	*) false ;;
	esac || { printf 'got:\n%s\nwanted:\n%s\n' "$got" "$want"; return 1; }
}

# fixed: the fix of the first finding above info is a command that mends it.
fixed() {
	fix=$(findings | grep -v '^info' | head -n 1 | cut -f 4)
	case $fix in
	'pve-repo '*) ;;
	*) echo "no fix: $fix"; return 1 ;;
	esac
	# shellcheck disable=SC2086 # words
	set -- $fix
	shift
	"$repo" --root "$root" "$@" || return
	[ "$(findings | grep -cv '^info')" = 0 ] || { findings; return 1; }
}

@test "check: a host in order, of each release" {
	for release in bullseye bookworm trixie forky; do
		bare $release
		[ "$(findings)" = "" ] || { findings; false; }
		run "$repo" --root "$root" check
		[ "$status" = 0 ]
	done
}

@test "check: the sample hosts" {
	for host in pve7-ceph pve8-no-subscription; do
		run "$repo" --root "tests/hosts/$host" check -H -o severity
		[ "$status" = 0 ]
	done
	on pve6-ceph
	[ "$(findings | grep -v ^info | cut -f 2 | sort -u)" = REPO-ARCHIVE ]
	fixed
	on pve9-enterprise
	[ "$(findings | grep -v ^info | cut -f 2 | sort -u)" = REPO-ENTERPRISE ]
	fixed
	on pve8-cluster-node
	[ "$(findings | grep -v ^info | cut -f 2 | sort -u)" = REPO-ENTERPRISE ]
	fixed
	grep -qx 'deb http://download.proxmox.com/debian/ceph-reef bookworm no-subscription' "$apt/sources.list.d/ceph.list"
	for host in tests/hosts/pve6-*; do
		on "${host##*/}"
		"$repo" --root "$root" suite buster --archive
		[ "$(findings | grep -v ^info | grep -v REPO-ENTERPRISE)" = "" ] || { findings; false; }
	done
}

@test "check: REPO-ENTERPRISE, REPO-AUTH: subscription, login and repository fit together" {
	bare bookworm
	for state in invalid expired suspended notfound; do
		subscription $state "$(date +%s)" > "$root/etc/subscription"
		finds REPO-ENTERPRISE pve-enterprise.list:1 'pve-repo add --only no-subscription'
	done
	subscription active "$(($(date +%s) - 21 * 86400))" > "$root/etc/subscription"
	finds REPO-ENTERPRISE
	subscription active "$(($(date +%s) + 7200))" > "$root/etc/subscription"
	finds REPO-ENTERPRISE
	subscription active "$(date +%s)" | sed 2s/./x/ > "$root/etc/subscription"
	finds REPO-ENTERPRISE
	echo pve2c-0123456789 > "$root/etc/subscription"
	finds REPO-ENTERPRISE
	fixed
	bare bookworm
	sed -i 's/pve2c-0123456789/pve2c-9999999999/' "$apt/auth.conf.d/pve.conf"
	finds REPO-AUTH /etc/apt/auth.conf.d/pve.conf:1 'pve-repo subscription --login'
	fixed
	rm -r "$apt/auth.conf.d"
	finds REPO-AUTH pve-enterprise.list:1 'pve-repo subscription --login'
	fixed
	rm -r "$apt/auth.conf.d"
	"$repo" --root "$root" add ceph-reef-enterprise
	[ "$(findings | grep -c REPO-AUTH)" = 2 ]
}

@test "check: REPO-NONE, REPO-SECURITY-MISSING, REPO-TEST, REPO-NO-SUBSCRIPTION, REPO-COMPONENT" {
	bare bookworm
	"$repo" --root "$root" disable enterprise
	finds REPO-NONE /etc/apt/sources.list 'pve-repo add enterprise'
	fixed
	rm "$root/etc/subscription"
	"$repo" --root "$root" disable enterprise
	finds REPO-NONE /etc/apt/sources.list 'pve-repo add no-subscription'
	fixed
	findings | grep -q $'^info\tREPO-NO-SUBSCRIPTION\t'
	bare bookworm
	"$repo" --root "$root" disable debian-security
	finds REPO-SECURITY-MISSING /etc/apt/sources.list 'pve-repo add debian-security'
	fixed
	"$repo" --root "$root" add test
	finds REPO-TEST
	fixed
	list 'deb http://download.proxmox.com/debian/pve bookworm pve-test'
	findings | grep -q $'^critical\tREPO-COMPONENT\t/etc/apt/sources.list.d/x.list:1\tpve-repo suite bookworm'
	"$repo" --root "$root" suite bookworm
	grep -qx 'deb http://download.proxmox.com/debian/pve bookworm pvetest' "$apt/sources.list.d/x.list"
}

@test "check: suites: REPO-SUITE-OLD, -NEW, -ALIAS, -UNSTABLE, REPO-SECURITY-SUITE, REPO-ARCHIVE" {
	bare bookworm
	list 'deb http://mirror.example.org/debian bullseye-backports main'
	finds REPO-SUITE-OLD x.list:1 'pve-repo suite bookworm'
	fixed
	list 'deb http://vendor.example.org/packages bullseye main'
	finds REPO-SUITE-OLD x.list:1 'pve-repo disable /etc/apt/sources.list.d/x.list:1'
	fixed
	sources 'Types: deb' 'URIs: http://vendor.example.org/packages' 'Suites: bookworm trixie' 'Components: main'
	rm -f "$apt/sources.list.d/x.list"
	finds REPO-SUITE-NEW x.sources:1 'pve-repo disable /etc/apt/sources.list.d/x.sources:1 --suite trixie'
	fixed
	rm "$apt/sources.list.d/x.sources"
	list 'deb http://mirror.example.org/debian stable-backports main'
	finds REPO-SUITE-ALIAS x.list:1 'pve-repo suite bookworm'
	fixed
	list 'deb http://mirror.example.org/debian unstable main'
	finds REPO-SUITE-UNSTABLE
	fixed
	rm "$apt/sources.list.d/x.list"
	for suite in bookworm/updates bookworm-updates bookworm; do
		for host in security.debian.org deb.debian.org mirror.example.org; do
			bare bookworm
			sed -i "s|^deb http://security.debian.org/debian-security .*|deb http://$host/debian-security $suite main|" "$apt/sources.list"
			finds REPO-SECURITY-SUITE
			fixed
		done
	done
	bare buster
	rm "$root/etc/subscription"
	"$repo" --root "$root" disable enterprise
	[ "$(findings | grep -c REPO-ARCHIVE)" = 3 ]
}

@test "check: Ceph: REPO-CEPH-RELEASE, -TWICE, -INSTALLED, -EOL" {
	bare bookworm
	list 'deb http://download.proxmox.com/debian/ceph-tentacle bookworm no-subscription'
	finds REPO-CEPH-RELEASE x.list:1 'pve-repo disable /etc/apt/sources.list.d/x.list:1'
	fixed
	list 'deb http://download.proxmox.com/debian/ceph-squid bookworm main'
	finds REPO-CEPH-RELEASE
	list 'deb http://download.proxmox.com/debian/ceph-nosuch bookworm main'
	finds REPO-CEPH-RELEASE
	list 'deb http://download.proxmox.com/debian/ceph-reef bookworm no-subscription' \
		'deb http://download.proxmox.com/debian/ceph-squid bookworm no-subscription'
	finds REPO-CEPH-TWICE x.list:2
	mkdir -p "$root/var/lib/dpkg"
	printf 'Package: ceph-common\nStatus: install ok installed\nVersion: 19.2.1-pve3\n\n' > "$root/var/lib/dpkg/status"
	findings | grep -q $'REPO-CEPH-TWICE\t/etc/apt/sources.list.d/x.list:1'
	list 'deb http://download.proxmox.com/debian/ceph-reef bookworm no-subscription'
	finds REPO-CEPH-INSTALLED x.list:1
	findings | grep -q $'^info\tREPO-CEPH-EOL'
	list 'deb http://download.proxmox.com/debian/ceph-squid bookworm no-subscription'
	[ "$(findings | grep -v ^info)" = "" ]
}

@test "check: REPO-DUPLICATE in any spelling, also across files and formats" {
	bare bookworm
	while read -r line; do
		list "$line"
		finds REPO-DUPLICATE x.list:1 'pve-repo remove /etc/apt/sources.list.d/x.list:1'
		fixed
	done << 'EOT'
deb http://ftp.debian.org/debian bookworm main
deb http://FTP.debian.org/debian/ bookworm main
deb https://ftp.debian.org//debian bookworm main
deb [lang=en] http://ftp.debian.org/debian bookworm main
deb http://enterprise.proxmox.com/debian bookworm pve-enterprise
EOT
	list 'deb http://ftp.debian.org/debian bookworm main sid'
	finds REPO-DUPLICATE x.list:1 'pve-repo remove /etc/apt/sources.list.d/x.list:1 --component main'
	fixed
	rm "$apt/sources.list.d/x.list"
	sources 'Types: deb' 'URIs: http://ftp.debian.org/debian' 'Suites: bookworm other' 'Components: main'
	finds REPO-DUPLICATE x.sources:1 'pve-repo remove /etc/apt/sources.list.d/x.sources:1 --suite bookworm'
	fixed
	# Within one entry, in one spelling or two.
	sources 'Types: deb' 'URIs: http://h/d http://h/e http://H/d/' 'Suites: s s' 'Components: a' ' b' ' a'
	"$repo" --root "$root" check -H -o fix | sort -u | grep -qx 'pve-repo remove /etc/apt/sources.list.d/x.sources:1 --uri http://H/d/'
	"$repo" --root "$root" remove x.sources:1 --uri http://H/d/
	fixed
	[ "$(cat "$apt/sources.list.d/x.sources")" = $'Types: deb\nURIs: http://h/d http://h/e\nSuites: s\nComponents: a\n b' ]
	# What differs is no duplicate: a type, an architecture.
	sources 'Types: deb-src' 'URIs: http://ftp.debian.org/debian' 'Suites: bookworm' 'Components: main'
	[ "$(findings)" = "" ]
	# The standard file keeps its entry.
	bare trixie
	printf 'deb [signed-by=/usr/share/keyrings/proxmox-archive-keyring.gpg] https://enterprise.proxmox.com/debian/pve trixie pve-enterprise\n' \
		> "$apt/sources.list.d/pve-enterprise.list"
	finds REPO-DUPLICATE pve-enterprise.list:1
	fixed
}

@test "check: REPO-SYNTAX and REPO-CONFLICT with file and line of both" {
	bare bookworm
	list 'deb http://a/ s'
	finds REPO-SYNTAX x.list:1 'pve-repo disable /etc/apt/sources.list.d/x.list:1'
	fixed
	list 'deb [signed-by=/a] http://h/d s c' 'deb [signed-by=/b] http://h/d s d'
	finds REPO-CONFLICT x.list:2 'pve-repo disable /etc/apt/sources.list.d/x.list:2'
	run "$repo" --root "$root" check -H -o message
	[[ $output == *'Signed-By is not the same as at /etc/apt/sources.list.d/x.list:1'* ]]
	fixed
}

@test "check: as the apt of the host's release has it, and nothing is written that it would refuse" {
	bare trixie
	list 'deb [signed-by=/a] http://h/d s c' 'deb http://h/d s d'
	! findings | grep -q REPO-CONFLICT || return 1
	bare bookworm
	list 'deb [signed-by=/a] http://h/d s c' 'deb http://h/d s d'
	finds REPO-CONFLICT x.list:2
	signed=$(printf '%s\n' 'Signed-By:' ' -----BEGIN PGP PUBLIC KEY BLOCK-----' ' .' ' mQ' ' -----END PGP PUBLIC KEY BLOCK-----')
	bare bookworm
	sources 'Types: deb' 'URIs: http://h/d' 'Suites: s' 'Components: c' "$signed"
	! findings | grep -q REPO-SYNTAX || return 1
	bare bullseye
	sources 'Types: deb' 'URIs: http://h/d' 'Suites: s' 'Components: c' 'Enabled: no' "$signed"
	[ "$(findings | grep -v '^info')" = '' ]
	run "$repo" --root "$root" enable x.sources:1
	[ "$status" = 65 ]
	[[ $output == *'Signed-By has a key in it, which the apt of this release does not read'* ]]
	grep -qx 'Enabled: no' "$apt/sources.list.d/x.sources"
}

@test "check: REPO-UNVERIFIED, REPO-LOGIN, REPO-APT-UNVERIFIED" {
	bare bookworm
	for option in trusted=yes allow-insecure=yes allow-weak=1 allow-downgrade-to-insecure=on \
		check-valid-until=no check-date=0; do
		list "deb [$option] http://h/d s c"
		finds REPO-UNVERIFIED x.list:1 'pve-repo repair /etc/apt/sources.list.d/x.list:1'
		fixed
		[ "$(cat "$apt/sources.list.d/x.list")" = 'deb http://h/d s c' ]
	done
	sources 'Types: deb' 'URIs: http://h/e' 'Trusted: yes' 'Suites: s' 'Components: c' 'X-Ours: y'
	finds REPO-UNVERIFIED x.sources:3 'pve-repo repair /etc/apt/sources.list.d/x.sources:3'
	fixed
	rm "$apt/sources.list.d/x.sources"
	list 'deb [trusted=no check-date=yes] http://h/d s c'
	[ "$(findings)" = "" ]
	list 'deb http://user:secret@h/d s c'
	finds REPO-LOGIN x.list:1
	run "$repo" --root "$root" check
	[[ $output != *secret* ]]
	rm "$apt/sources.list.d/x.list"
	mkdir "$apt/apt.conf.d"
	while read -r line; do
		printf '// %s\n%s\n' comment "$line" > "$apt/apt.conf.d/90x"
		finds REPO-APT-UNVERIFIED /etc/apt/apt.conf.d/90x:2 'pve-repo repair /etc/apt/apt.conf.d/90x:2'
		cp "$apt/apt.conf.d/90x" "$BATS_TEST_TMPDIR/90x"
		fixed
		# nothing but the value
		[ "$(sed 's/"[a-z0-9]*"/""/' "$BATS_TEST_TMPDIR/90x")" = "$(sed 's/"[a-z0-9]*"/""/' "$apt/apt.conf.d/90x")" ]
		"$repo" --root "$root" undo
		cmp "$BATS_TEST_TMPDIR/90x" "$apt/apt.conf.d/90x"
	done << 'EOT'
Acquire::Check-Date "false";
Acquire { Check-Valid-Until "no"; };
acquire::allowinsecurerepositories "1";
Acquire::AllowWeakRepositories "true";
Acquire::AllowDowngradeToInsecureRepositories "yes";
APT::Get::AllowUnauthenticated "true";
Acquire::https::Verify-Peer "false";
Acquire::https { Verify-Host "false"; };
EOT
	printf '%s\n' 'Acquire::Check-Date "no";' 'Acquire::Check-Valid-Until "no";' > "$apt/apt.conf.d/90x"
	run "$repo" --root "$root" repair /etc/apt/apt.conf.d/90x:1 /etc/apt/apt.conf.d/90x:2
	[ "$status" = 64 ]
	grep -q 'Check-Date "no"' "$apt/apt.conf.d/90x"
	echo 'Acquire::Check-Date "true";' > "$apt/apt.conf.d/90x"
	[ "$(findings)" = "" ]
}

# mended CODE PLACE TEXT...: it is found there, its fix makes this of the file, and all is well then.
mended() {
	findings | grep -q "	$1	/etc/apt/sources.list.d/$2	pve-repo repair /etc/apt/sources.list.d/$2$" || { findings; return 1; }
	fixed
	printf '%s\n' "${@:3}" | diff - "$apt/sources.list.d/${2%:*}"
}

@test "check: what is not what it looks like, and repair" {
	bare bookworm
	sources 'Types: deb' 'URIs: http://h/a' 'Suites: s' 'Components: c' ' 	' '# b' ' ' 'Types: deb' 'URIs: http://h/b' 'Suites: s' 'Components: c'
	findings | grep -q $'REPO-STANZAS-JOINED\t/etc/apt/sources.list.d/x.sources:1\t'
	[ "$("$repo" --root "$root" list -H -o uris x.sources)" = http://h/b ]
	mended REPO-STANZAS-JOINED x.sources:1 'Types: deb' 'URIs: http://h/a' 'Suites: s' 'Components: c' '' '# b' '' 'Types: deb' 'URIs: http://h/b' 'Suites: s' 'Components: c'
	[ "$("$repo" --root "$root" list -H -o uris x.sources)" = $'http://h/a\nhttp://h/b' ]
	sources 'Types: deb' 'URIs: http://h/a' 'Suites: s' 'Components: c # d e' '  f' '  #g h' 'X-Ours: # y'
	mended REPO-VALUE-COMMENT x.sources:4 'Types: deb' 'URIs: http://h/a' 'Suites: s' '# d e' 'Components: c' '  f' '#g h' 'X-Ours: # y'
	sources 'Types: deb' 'URIs: http://h/a' 'Suites: s' 'Components: c' 'Enabled: false # not now'
	[ "$(findings | cut -f 2,3)" = "$(printf 'REPO-VALUE-COMMENT\t/etc/apt/sources.list.d/x.sources:5\nREPO-ENABLED-VALUE\t/etc/apt/sources.list.d/x.sources:5')" ]
	mended REPO-VALUE-COMMENT x.sources:5 'Types: deb' 'URIs: http://h/a' 'Suites: s' 'Components: c' '# not now' 'Enabled: false'
	sources 'Types: deb' 'URIs: http://h/a' 'Suites: s' 'Components: c' 'Enabled: nope'
	finds REPO-ENABLED-VALUE x.sources:5 'pve-repo disable /etc/apt/sources.list.d/x.sources:1'
	fixed
	sources 'Types: deb' 'URIs: http://h/a' 'Suites: s' 'Components: c' 'Allow-Insecure: yes' 'X-Ours: y'
	finds REPO-OPTION-IGNORED x.sources:5 'editor +5'
	run "$repo" --root "$root" repair x.sources:5
	[ "$status" = 69 ]
	[[ $output == *'without knowing what was meant'* ]]
	sources 'Types: deb' 'URIs: http://h/a' 'Suites: s' 'Components: c' 'arch: amd64'
	mended REPO-OPTION-IGNORED x.sources:5 'Types: deb' 'URIs: http://h/a' 'Suites: s' 'Components: c' 'Architectures: amd64'
	sources 'Types: deb' 'URIs: http://h/a' 'Suites: s' 'Suites: t' 'Components: c' 'Trusted: no' 'Trusted: no'
	mended REPO-FIELD-TWICE x.sources:3 'Types: deb' 'URIs: http://h/a' 'Suites: t' 'Components: c' 'Trusted: no'
	rm "$apt/sources.list.d/x.sources"
	list 'deb [Signed-By=/k] http://h/a s c'
	mended REPO-OPTION-IGNORED x.list:1 'deb [signed-by=/k] http://h/a s c'
	list 'deb [archs=amd64] http://h/a s c'
	finds REPO-OPTION-IGNORED x.list:1 'editor +1'
	list 'deb [arch=amd64][signed-by=/k] http://h/a s c'
	mended REPO-OPTION-BRACKETS x.list:1 'deb [arch=amd64 signed-by=/k] http://h/a s c'
	list 'deb [arch=amd64 arch=i386] http://h/a s c # d'
	mended REPO-FIELD-TWICE x.list:1 'deb [arch=i386] http://h/a s c # d'
	list 'deb [arch=amd64	trusted=yes ]  http://h/a s c'
	mended REPO-UNVERIFIED x.list:1 'deb [arch=amd64]  http://h/a s c'
	list 'deb http://h/a s  "main contrib"	x'
	mended REPO-COMPONENT-QUOTED x.list:1 'deb http://h/a s  main contrib	x'
	list "deb http://h/a s main \\"
	mended REPO-BACKSLASH x.list:1 'deb http://h/a s main'
	list 'deb http://h/a s main "contrib non-free'
	mended REPO-LINE-CUT x.list:1 'deb http://h/a s main contrib non-free'
	list 'deb http://h/a s main [contrib'
	finds REPO-LINE-CUT x.list:1 'editor +1'
	list 'deb http://h/a s main'
	run "$repo" --root "$root" repair x.list:1
	[ "$status" = 69 ]
	run "$repo" --root "$root" repair x.list
	[ "$status" = 69 ]
	rm "$apt/sources.list.d/x.list"
	touch "$apt/sources.list.d/my+own.list" "$apt/sources.list.d/A.LIST" "$apt/sources.list.d/x.list.dpkg-old"
	[ "$(findings | cut -f 2,3)" = "$(printf 'REPO-FILE-IGNORED\t/etc/apt/sources.list.d/A.LIST\nREPO-FILE-IGNORED\t/etc/apt/sources.list.d/my+own.list')" ]
}

@test "check --suite: whether the host can move on, or why not" {
	on pve8-no-subscription
	run "$repo" --root "$root" check -H -o code,object,fix --suite trixie
	[ "$status" = 0 ]
	[[ $output == *$'REPO-UPGRADE-READY\ttrixie\tpve-repo suite trixie -n'* ]]
	sed -i 's/8.4.9/8.3.0/' "$root/var/lib/dpkg/status"
	run "$repo" --root "$root" check -H -o code,message --suite trixie
	[ "$status" = 2 ]
	[[ $output == *$'REPO-UPGRADE-BLOCKED\tpve-manager 8.3.0 is older than 8.4.0'* ]]
	on pve8-no-subscription
	echo 'deb http://vendor.example.org/p bookworm main' > "$apt/sources.list.d/v.list"
	run "$repo" --root "$root" check -H -o code,object --suite trixie
	[ "$status" = 1 ]
	[[ $output == *$'REPO-UPGRADE-ASK\t/etc/apt/sources.list.d/v.list:1'* ]]
	on pve7-ceph
	run "$repo" --root "$root" check -H -o code,message --suite trixie
	[ "$status" = 2 ]
	[[ $output == *'is more than one release'* && $output == *'there is no Ceph quincy for trixie'* ]]
	on pve8-cluster-node
	run "$repo" --root "$root" check -H -o code,object --suite trixie
	[ "$status" = 2 ]
	[[ $output == *$'REPO-UPGRADE-BLOCKED\t/etc/apt/sources.list.d/ceph.list:1'* ]]
	run "$repo" --root "$root" check --suite nosuch
	[ "$status" = 64 ]
}

@test "pve-check runs it with the others, on every sample host" {
	for host in tests/hosts/pve*; do
		[ -d "$host/etc/apt" ] || continue
		run build/bin/pve-check --root "$host" -H
		# 3: what another tool looks at is not in this host.
		[ "$status" -le 3 ] && [[ $output != *'pve-repo: '* ]] || { echo "$host: $status: $output"; false; }
	done
	run build/bin/pve-check --root tests/hosts/pve9-enterprise -H
	[[ $output == *REPO-ENTERPRISE* ]]
}

@test "every fix is a command that the table knows" {
	for host in tests/hosts/*; do
		findings=$("$repo" --root "$host" check -H -o fix --suite trixie 2> /dev/null || :)
		printf '%s\n' "$findings" | sort -u | while read -r word command rest; do
			[ "$word" = pve-repo ] || continue
			"$repo" help --table | cut -f 1,3 | grep -qx "command	$command" || { echo "$word $command $rest"; exit 1; }
		done
	done
}
