#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# scripts/setup in a tree made up for the test, with a dpkg-query, apt and sudo made up as well.
# shellcheck disable=SC2016 # the programs expand these

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -p scripts/packages bin/pve-x lib/pveio fake
	cp "$BATS_TEST_DIRNAME"/../../scripts/lib.sh "$BATS_TEST_DIRNAME"/../../scripts/setup scripts
	printf 'gcc\n# a comment\nmake # another\n' > scripts/packages/build
	printf '@scripts/packages/build\nrt-14 | rt-19\n' > scripts/packages/test
	printf 'libnl-3.0 libnl-3-dev\nuuid uuid-dev\n' > scripts/packages/pkgconfig
	echo libnl-3.0 > bin/pve-x/deps
	fake dpkg-query 'cat installed'
	fake id 'echo ${FAKE_UID-0}'
	fake apt-get 'echo "apt-get $*" >> log; case $* in *fail*) exit 100; esac'
	fake apt-cache 'shift; for p; do printf "%s:\n  Candidate: " $p; grep -qx $p candidates && echo 1.0 || echo "(none)"; done'
	fake sudo 'echo "sudo $*"'
	PATH=$PWD/fake:/usr/bin:/bin
	installed dpkg gcc make libnl-3-dev
	: > log
}

fake() {
	printf '#!/bin/sh\n%s\n' "$2" > "fake/$1"
	chmod +x "fake/$1"
}

installed() {
	printf '%s amd64 installed\n' "$@" > installed
}

@test "everything is there: silence, exit code 0, no apt" {
	run scripts/setup
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ ! -s log ]
	run scripts/setup --check
	[ "$status" -eq 0 ]
	[ "$output" = "setup: nothing is missing" ]
}

@test "--check names what is missing, and only reports" {
	installed dpkg make
	run scripts/setup --check
	[ "$status" -eq 1 ]
	[ "$output" = "setup: missing: libnl-3-dev, gcc" ]
	[ ! -s log ]
}

@test "one of the alternatives will do" {
	run scripts/setup --check test
	[ "$status" -eq 1 ]
	[ "$output" = "setup: missing: rt-14 | rt-19" ]
	installed dpkg gcc make libnl-3-dev rt-19
	run scripts/setup --check test
	[ "$status" -eq 0 ]
}

@test "a package that was removed, or is of another architecture, is missing" {
	printf 'gcc amd64 config-files\nmake i386 installed\n' >> installed
	sed -i '/^gcc amd64 installed/d; /^make amd64/d' installed
	run scripts/setup --check
	[ "$output" = "setup: missing: gcc, make" ]
}

@test "packages without architecture and those with pending triggers count" {
	printf 'dpkg amd64 installed\ngcc amd64 triggers-pending\nmake all installed\nlibnl-3-dev amd64 installed\n' > installed
	run scripts/setup --check
	[ "$status" -eq 0 ]
}

@test "a pkg-config name that the table does not know is an error" {
	printf 'uuid\nlibwhat\n' > lib/pveio/deps
	run scripts/setup --check
	[ "$status" -eq 78 ]
	[ "$output" = "setup: error: lib/pveio/deps: pkg-config name libwhat has no line in scripts/packages/pkgconfig" ]
}

@test "a line that names no package is an error" {
	echo 'Foo; rm' >> scripts/packages/build
	run scripts/setup --check
	[ "$status" -eq 78 ]
	[ "$output" = "setup: error: scripts/packages/build: no package name: Foo; rm" ]
}

@test "an unknown group or option is wrong usage" {
	run scripts/setup tset
	[ "$status" -eq 64 ]
	[ "$output" = "setup: error: there is no group tset" ]
	run scripts/setup --chekc
	[ "$status" -eq 64 ]
}

@test "without root it calls sudo, after saying for what" {
	installed dpkg gcc libnl-3-dev
	FAKE_UID=1000 run scripts/setup build
	[ "$status" -eq 0 ]
	[ "$output" = "setup: calling sudo to install: make
sudo -- $PWD/scripts/setup build" ]
	[ ! -s log ]
}

@test "the first alternative that apt knows is installed, without recommends and removals" {
	[ "$(command id -u)" = 0 ] || skip "needs root: writes policy-rc.d"
	echo rt-19 > candidates
	run scripts/setup test
	[ "$status" -eq 0 ]
	[[ $output = *"setup: will install: rt-14 | rt-19"* ]]
	grep -q 'apt-get .*update' log
	tail -n 1 log | grep -q -- '--no-install-recommends --no-remove .*DPkg::Lock::Timeout=600.* install rt-19$'
	run ! grep -q 'made by scripts/setup' /usr/sbin/policy-rc.d
}

@test "what apt does not know is named" {
	: > candidates
	run scripts/setup test
	[ "$status" -eq 69 ]
	[[ $output = *"setup: error: apt knows no package rt-14 | rt-19" ]]
}

@test "ifupdown never comes in, not even as a dependency" {
	echo rt-14 > candidates
	fake apt-get 'echo "apt-get $*" >> log; case $* in -s*) echo "Inst ifupdown2 (3.0)"; esac'
	run scripts/setup test
	[ "$status" -eq 1 ]
	[[ $output = *"refused, since this would install ifupdown"* ]]
	run ! grep -v -e '^apt-get -s' -e update log
}

@test "the tree's own lists never name an ifupdown, and map every name in deps" {
	run ! grep -rn '^ifupdown' "$BATS_TEST_DIRNAME"/../../scripts/packages "$BATS_TEST_DIRNAME"/../vm/packages
	run "$BATS_TEST_DIRNAME"/../../scripts/setup --check build test vm bench
	[ "$status" -le 1 ]
}
