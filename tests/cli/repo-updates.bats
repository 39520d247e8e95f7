#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-repo updates beside the real apt: on made-up trees, and on this machine's own lists with
# altered copies of its dpkg status.

# shellcheck disable=SC2030,SC2031,SC2086 # each test is a process of its own; names are words

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	repo=build/bin/pve-repo
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root"/etc/apt/{apt.conf.d,preferences.d,sources.list.d,trusted.gpg.d} \
		"$root"/var/{lib/apt/lists/partial,lib/dpkg,cache/apt/archives/partial}
	: > "$root/var/lib/dpkg/status"
	# for apt, which reads the rest of its configuration below that Dir then
	printf 'Dir "%s";\nDir::State::status "%s/var/lib/dpkg/status";\n' "$root" "$root" \
		> "$BATS_TEST_TMPDIR/apt.conf"
}

# The rows "PACKAGE INSTALLED CANDIDATE", as apt has them.  Its architecture is printed for all.
apt_rows() {
	LC_ALL=C APT_CONFIG=$BATS_TEST_TMPDIR/apt.conf apt "$@" \
		list --upgradable 2> "$BATS_TEST_TMPDIR/apt.err" | sed -n \
		's|^\([^/]*\)/[^ ]* \([^ ]*\) \([^ ]*\) \[upgradable from: \(.*\)\]|\1 \3 \4 \2|p' |
		awk -v native="$(dpkg --print-architecture)" \
			'{ print $1 ($2 == native || $2 == "all" ? "" : ":" $2), $3, $4 }' | sort
}

our_rows() {
	"$repo" --root "$root" updates -H -o package,installed,candidate | tr '\t' ' ' | sort
}

# agree: both have the same rows; how many is left in $count.
agree() {
	apt_rows "$@" > "$BATS_TEST_TMPDIR/apt"
	our_rows > "$BATS_TEST_TMPDIR/ours"
	diff "$BATS_TEST_TMPDIR/apt" "$BATS_TEST_TMPDIR/ours"
	count=$(wc -l < "$BATS_TEST_TMPDIR/ours")
}

# --- made-up trees -------------------------------------------------------------------------------

# dist NAME FIELD...: a repository http://h.example/NAME, suite "s", component "main", in the lists.
dist() {
	dist=$root/var/lib/apt/lists/h.example_$1_dists_s
	printf 'deb [trusted=yes] http://h.example/%s s main\n' "$1" >> "$root/etc/apt/sources.list"
	shift
	printf '%s\n' "$@" 'Components: main' > "${dist}_Release"
	list=${dist}_main_binary-$(dpkg --print-architecture)_Packages
	: > "$list"
}

# stanza NAME VERSION [FIELD...]
stanza() {
	printf 'Package: %s\nVersion: %s\nArchitecture: %s\nInstalled-Size: 7\n' "$1" "$2" \
		"${arch:-$(dpkg --print-architecture)}"
	[ $# = 2 ] || printf '%s\n' "${@:3}"
}

offer() {
	{ stanza "$@"; printf 'Filename: x.deb\nSize: %s\nSHA256: %064d\n\n' "${size:-5}" 0; } >> "$list"
}

have() {
	{ stanza "$@"; printf 'Status: %s\nMaintainer: x\nDescription: x\n\n' "${state:-install ok installed}"; } \
		>> "$root/var/lib/dpkg/status"
}

@test "updates: newer, equal, older, unknown, removed" {
	dist a 'Origin: A' 'Suite: stable'
	for p in newer equal older gone; do offer $p 2; done
	offer another 3
	have newer 1
	have equal 2
	have older 3
	state='deinstall ok config-files' have gone 1
	have local 1
	agree
	[ "$(cat "$BATS_TEST_TMPDIR/ours")" = 'newer 1 2' ]
}

@test "updates: half of a package is one, its selection may be anything" {
	dist a 'Origin: A'
	for p in half unpacked triggers hold; do offer $p 2; done
	state='install ok half-installed' have half 1
	state='install reinstreq unpacked' have unpacked 1
	state='install ok triggers-pending' have triggers 1
	state='hold ok installed' have hold 1
	agree
	[ "$count" = 4 ]
	run "$repo" --root "$root" updates -H -o package,held,reason
	[[ $output == *$'hold\t1\ton hold'* ]]
}

@test "updates: NotAutomatic and ButAutomaticUpgrades" {
	dist never 'Origin: N' 'NotAutomatic: yes'
	offer x 5
	offer y 5
	dist backports 'Origin: B' 'NotAutomatic: yes' 'ButAutomaticUpgrades: yes'
	offer y 4
	offer z 4
	dist stable 'Origin: S'
	offer z 2
	have x 1
	have y 1
	have z 1
	agree
	[ "$(cat "$BATS_TEST_TMPDIR/ours")" = $'y 1 4\nz 1 2' ]
}

@test "updates: pins of every kind" {
	dist a 'Origin: A' 'Label: LA' 'Suite: stable' 'Codename: ca' 'Version: 12.1'
	for p in p1 p2 p3 p4 p5 p6 p7 p8 p9 lib1 lib2; do offer $p 2 'Source: src1'; done
	dist b 'Origin: B' 'Label: LB' 'Suite: testing' 'Codename: cb' 'Version: 13.0'
	for p in p1 p2 p3 p4 p5 p6 p7 p8 p9 lib1 lib2; do offer $p 3 'Source: src2 (3.3)'; done
	for p in p1 p2 p3 p4 p5 p6 p7 p8 p9 lib1 lib2; do have $p 1; done
	n=0
	for pin in 'p1|version 2|990' 'p2|version 2*|600' 'p3|release a=stable|990' 'p4|release n=cb|-1' \
		'p5|release o=B,l=LA|-1' 'p6|origin "h.example"|50' '/^p7$/|release v=12*|1001' \
		'src:src2|release c=main|-1' 'lib?|release ca|700' 'p9|release b=*|10' 'p8 p8:any|version 1|1000' \
		'*|release l=LB|400' '*|release testing|never' '*|origin ""|900' '*|release *|77' 'p1:i386|version 3|999' \
		'*|release a=now|800' '*|release stable|-3' '*|release c=m*|450' 'P1|version 2|990'; do
		n=$((n + 1))
		printf 'Explanation: number %s\nPackage: %s\nPin: %s\n# comment\nPin-Priority: %s\n\n' \
			$n "${pin%%|*}" "$(cut -d '|' -f 2 <<< "$pin")" "${pin##*|}" > "$root/etc/apt/preferences"
		agree || { cat "$root/etc/apt/preferences"; false; }
		cp "$root/etc/apt/preferences" "$root/etc/apt/preferences.d/$(printf %02d $n)"
		rm "$root/etc/apt/preferences"
		agree || { cat "$root/etc/apt/preferences.d/"*; false; }
	done
	rm "$root"/etc/apt/preferences.d/*
	printf 'APT::Default-Release "stable";\n' > "$root/etc/apt/apt.conf.d/10x"
	agree
	[ "$(grep -c ' 1 2$' "$BATS_TEST_TMPDIR/ours")" = 11 ]
	run "$repo" --root "$root" updates -H -o package,priority,reason
	[[ ${lines[0]} == lib1$'\t'990$'\tnewer, pinned to 990 by APT::Default-Release' ]]
}

@test "updates: a downgrade that a pin asks for is no update, for apt neither" {
	dist a 'Origin: A'
	offer x 1
	have x 2
	printf 'Package: x\nPin: version 1\nPin-Priority: 1001\n' > "$root/etc/apt/preferences"
	agree
	[ "$count" = 0 ]
}

@test "updates: the same version built anew" {
	dist a 'Origin: A'
	offer same 1 'Depends: libc6 (>= 2), x'
	offer other 1 'Depends: libc6 (>= 3), x'
	offer multi 1 'Multi-Arch: foreign'
	have same 0:1 'Depends:  libc6 (>=2),x'
	have other 1 'Depends: libc6 (>= 2), x'
	have multi 1
	agree
	[ "$count" = 2 ]
	run "$repo" --root "$root" updates -H -o package,reason
	[[ ${lines[1]} == *'the same version, built anew' ]]
}

@test "updates: foreign architectures and all" {
	foreign=i386
	[ "$(dpkg --print-architecture)" != i386 ] || foreign=amd64
	printf '%s\n' "$(dpkg --print-architecture)" $foreign > "$root/var/lib/dpkg/arch"
	dist a 'Origin: A'
	offer native 2
	arch=all offer indep 2
	list=${dist}_main_binary-${foreign}_Packages
	arch=$foreign offer native 3
	arch=$foreign offer alien 2
	have native 1
	arch=$foreign have native 1
	arch=$foreign have alien 1
	have indep 1
	agree -o APT::Architectures::="$(dpkg --print-architecture)" -o APT::Architectures::=$foreign
	[ "$(cat "$BATS_TEST_TMPDIR/ours")" = "alien:$foreign 1 2
indep 1 2
native 1 2
native:$foreign 1 3" ]
}

@test "updates: numbers beyond any limit, lists compressed in every way" {
	dist a 'Origin: A'
	offer big 1.99999999999999999999999999999999999999
	offer small 1:0
	have big 1.99999999999999999999999999999999999998
	have small 999999999999999999999999999
	for tool in cat gzip xz bzip2 lz4 zstd; do
		case $tool in
		cat) continue ;;
		gzip) ext=gz ;;
		bzip2) ext=bz2 ;;
		zstd) ext=zst ;;
		*) ext=$tool ;;
		esac
		$tool -c < "$list" > "$list.$ext"
		mv "$list" "$BATS_TEST_TMPDIR/plain"
		agree
		[ "$count" = 2 ]
		mv "$BATS_TEST_TMPDIR/plain" "$list"
		rm "$list.$ext"
	done
	agree
	[ "$count" = 2 ]
}

@test "updates: phased: kept back for the hosts that apt keeps it back for" {
	dist a 'Origin: A'
	for n in $(seq 60); do
		offer p$n 2 "Phased-Update-Percentage: $((n % 20 * 5))" 'Source: s (2-2)'
		have p$n 1
	done
	for id in 0123456789abcdef0123456789abcdef ffffffffffffffffffffffffffffffff x; do
		printf '%s\n' $id > "$root/etc/machine-id"
		agree
		[ "$count" = 60 ]
		# APT::Get::Phase-Policy makes apt's own choice visible in the candidate
		printf 'APT::Get::Phase-Policy "true";\nDir::Bin::ischroot "/bin/false";\n' > "$root/etc/apt/apt.conf.d/10x"
		agree
		[ "$count" -gt 0 ]
		[ "$count" -lt 60 ]
		rm "$root/etc/apt/apt.conf.d/10x"
		[ "$("$repo" --root "$root" updates -H -o reason | grep -vc 'for now')" = "$count" ]
	done
}

@test "updates: --security counts a fix that a later version carries on" {
	dist main 'Origin: Debian' 'Label: Debian' 'Suite: stable'
	offer fixed 3
	offer plain 3
	dist security 'Origin: Debian' 'Label: Debian-Security' 'Suite: stable-security'
	offer fixed 2
	offer plain 1
	have fixed 1
	have plain 1
	run "$repo" --root "$root" updates --security -H -o package,candidate,security
	[ "$output" = $'fixed\t3\t1' ]
}

@test "updates: what cannot be read is said with its place" {
	dist a 'Origin: A'
	offer x 2
	have x 1
	printf 'Package: x\nPin: release a=stable\nPin-Priority: 0\n' > "$root/etc/apt/preferences"
	run "$repo" --root "$root" updates
	[[ $output == *'/etc/apt/preferences:1: the priority is 0 or missing'* ]]
	rm "$root/etc/apt/preferences"
	printf 'Package: broken\nStatus: what\n' >> "$root/var/lib/dpkg/status"
	run "$repo" --root "$root" updates
	[ "$status" = 65 ]
	[[ $output == *"/var/lib/dpkg/status:9: "* ]]
	: > "$root/var/lib/dpkg/status"
	have x 1
	printf '\037\213\010 no gzip' > "$list.gz"
	rm "$list"
	run "$repo" --root "$root" updates
	[[ $output == *'Packages.gz: cannot be decompressed'* ]]
	printf 'deb http://h.example/a\n' >> "$root/etc/apt/sources.list"
	run "$repo" --root "$root" updates
	[ "$status" = 65 ]
	[[ $output == *'/etc/apt/sources.list:2: '* ]]
}

@test "updates: nothing is written" {
	dist a 'Origin: A'
	offer x 2
	have x 1
	find "$root" -printf '%P %T@ %s\n' | sort > "$BATS_TEST_TMPDIR/before"
	"$repo" --root "$root" updates
	find "$root" -printf '%P %T@ %s\n' | sort | diff "$BATS_TEST_TMPDIR/before" -
}

# --- this machine's lists --------------------------------------------------------------------------

own_lists() {
	compgen -G '/var/lib/apt/lists/*_Packages*' > /dev/null || skip 'this machine has no package lists'
	cp -r /var/lib/apt/lists "$root/var/lib/apt/"
	cp -rL /etc/apt/sources.list* "$root/etc/apt/" 2> /dev/null || :
	printf 'Acquire::Languages "none";\n' > "$root/etc/apt/apt.conf.d/10x"
}

# alter SEED: this machine's dpkg status, with a third of all packages made older, some newer, held,
# half installed, or built otherwise.
alter() {
	awk -v seed="$1" '
		BEGIN { srand(seed) }
		/^Package:/ { r = rand(); hold = rand() < 0.05 }
		/^Status:/ && hold { sub(/install ok/, "hold ok") }
		/^Status:/ && r > 0.98 { sub(/ installed$/, r > 0.99 ? " half-configured" : " config-files") }
		/^Version:/ && r < 0.3 { $2 = "0~" $2 }
		/^Version:/ && r >= 0.3 && r < 0.4 { $2 = $2 "+zz" }
		/^Version:/ && r >= 0.4 && r < 0.45 { sub(/-[^-]*$/, "-0", $2) }
		/^Depends:/ && r > 0.9 && r < 0.93 { $0 = $0 ", zzz" }
		{ print }' /var/lib/dpkg/status > "$root/var/lib/dpkg/status"
}

@test "updates: this machine as it is" {
	own_lists
	cp /var/lib/dpkg/status "$root/var/lib/dpkg/"
	agree
}

@test "updates: this machine with altered packages, and pins" {
	own_lists
	for seed in 1 2 3; do
		alter $seed
		: > "$root/etc/apt/preferences"
		agree
		[ "$count" -gt 50 ]
		printf '%s\n' 'Package: *' 'Pin: release l=Debian-Security' 'Pin-Priority: -5' '' 'Package: lib*' \
			'Pin: release o=Debian' 'Pin-Priority: 1001' > "$root/etc/apt/preferences"
		agree
		printf '%s\n' 'Package: perl* src:systemd' 'Pin: version 5.36*' 'Pin-Priority: 1002' '' \
			'Package: /^g.*/' 'Pin: origin "deb.debian.org"' 'Pin-Priority: 90' '' \
			'Package: bash' 'Pin: release l=Debian' 'Pin-Priority: -1' > "$root/etc/apt/preferences"
		agree
	done
}

@test "updates: --new adds what apt-get would install newly" {
	LC_ALL=C apt-get -s dist-upgrade 2> /dev/null | awk '$1 == "Inst" && $3 !~ /^\[/ { print $2 }' |
		sort > "$BATS_TEST_TMPDIR/apt"
	"$repo" updates --new -H -o package,installed | awk -F '\t' '$2 == "" { print $1 }' | sort |
		diff "$BATS_TEST_TMPDIR/apt" -
	run "$repo" --root "$root" updates --new
	[ "$status" = 77 ]
}
