#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# scripts/report in a tree made up for the test.
# shellcheck disable=SC2016 # the tool expands these

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -p scripts build/bin tests/hosts/pve8-cluster-node tests/hosts/broken
	cp "$BATS_TEST_DIRNAME"/../../scripts/lib.sh "$BATS_TEST_DIRNAME"/../../scripts/report scripts
}

tool() {
	printf '#!/bin/sh\necho "did $*"\n%s\n' "$1" > build/bin/pve-net
	chmod +x build/bin/pve-net
}

@test "sample hosts and this machine, under headings" {
	tool ''
	run scripts/report
	[ "$status" -eq 0 ]
	[[ $output = *"Sample host pve8-cluster-node (tests/hosts/pve8-cluster-node)"* ]]
	[[ $output = *$'$ pve-net --root tests/hosts/broken check\ndid --root tests/hosts/broken check'* ]]
	[[ $output = *"This machine, $(uname -n) (only read)"*"did list"*"did graph"*"did check"* ]]
}

@test "findings are no failure of the report" {
	tool 'case $* in *broken*) exit 2 ;; *check) exit 1 ;; esac'
	run scripts/report
	[ "$status" -eq 0 ]
}

@test "a tool that fails is one, and the rest is still reported" {
	tool 'case $* in list) exit 1 ;; esac'
	run scripts/report
	[ "$status" -eq 1 ]
	[[ $output = *"report: error: pve-net list: exit code 1"*"did graph"* ]]
	tool 'case $* in *broken*check) exit 3 ;; esac'
	run scripts/report
	[ "$status" -eq 1 ]
}

@test "a machine without what is checked is no failure" {
	tool 'case $* in check) exit 3 ;; esac'
	run scripts/report
	[ "$status" -eq 0 ]
}

@test "nothing built" {
	run scripts/report
	[ "$status" -eq 69 ]
}
