#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What the stock tool does wrong has numbers, B1 to B22; how it selects kernels has cases, S1 to S18.
# Each is the name of a test: here that is held.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
}

# names: of all checks of pve-boot: tests here, and those in virtual machines.
names() {
	grep -hE '^@test ' tests/cli/boot-*.bats
	grep -hE "^[[:space:]]*(ok|is|fails|pass) ['\"]" tests/vm/boot-*
}

@test "each defect of the stock tool is in a test's name" {
	names > "$BATS_TEST_TMPDIR/names"
	missing=
	for n in $(seq 22); do
		grep -qw "B$n" "$BATS_TEST_TMPDIR/names" || missing="$missing B$n"
	done
	[ -z "$missing" ] || { echo "no test is named by$missing"; false; }
}

@test "each case of the selection is in the table of its unit test" {
	missing=
	for n in $(seq 18); do
		grep -qE "\{\"[^\"]*\bS$n\b" tests/unit/pve-boot/select.c || missing="$missing S$n"
	done
	[ -z "$missing" ] || { echo "the table lacks$missing"; false; }
}
