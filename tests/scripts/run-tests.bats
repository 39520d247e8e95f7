#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# scripts/run-tests in a tree made up for the test, with suites that fail in every way.

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -p scripts tests/unit/lib build/san/tests/unit/lib tests/fuzz/lib \
		build/fuzz/targets/lib tests/cli tests/net
	cp "$BATS_TEST_DIRNAME"/../../scripts/lib.sh "$BATS_TEST_DIRNAME"/../../scripts/run-tests scripts
}

# suites NAME...: without what this bats leaves in the environment for its children.
suites() {
	run env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		${FUZZ_SECONDS:+FUZZ_SECONDS="$FUZZ_SECONDS"} scripts/run-tests "$@"
}

# unit NAME SCRIPT: a "cmocka program" which is that shell script.
unit() {
	: > "tests/unit/lib/$1.c"
	printf '#!/bin/sh\n%s\n' "$2" > "build/san/tests/unit/lib/$1"
	chmod +x "build/san/tests/unit/lib/$1"
}

fuzz() {
	: > "tests/fuzz/lib/$1.c"
	printf '#!/bin/sh\n%s\n' "$2" > "build/fuzz/targets/lib/$1"
	chmod +x "build/fuzz/targets/lib/$1"
}

last() {
	echo "${lines[${#lines[@]} - 1]}"
}

@test "all pass: a line for each file, then the sum" {
	unit a 'echo 1..2; echo ok 1 - x; echo ok 2 - y'
	unit b 'echo 1..1; echo ok 1 - x; echo 1..1; echo ok 1 - second group'
	suites unit
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 3 ]
	[[ $output = *"ok tests/unit/lib/a (2 passed, 0 failed, 0 skipped; "* ]]
	[ "$(last)" = "4 passed, 0 failed" ]
}

@test "a failing test is shown in full, passing ones are not" {
	unit a 'echo 1..2; echo ok 1 - quiet; echo not ok 2 - loud; echo "# 1 != 2"; exit 1'
	suites unit
	[ "$status" -ne 0 ]
	[[ $output = *"not ok tests/unit/lib/a"*"not ok 2 - loud"*"# 1 != 2"* ]]
	[[ $output != *quiet* ]]
	[ "$(last)" = "1 passed, 1 failed" ]
}

@test "a program that dies halfway is a failure" {
	unit a 'echo 1..3; echo ok 1 - x; kill -SEGV $$'
	suites unit
	[ "$status" -ne 0 ]
	[[ $output = *"tests/unit/lib/a: ended after 1 of 3 tests with exit code 139"* ]]
	[ "$(last)" = "1 passed, 1 failed" ]
}

@test "a program that passes and then exits with an error (a leak) is a failure" {
	unit a 'echo 1..1; echo ok 1 - x; echo "LeakSanitizer: 3 bytes" >&2; exit 23'
	suites unit
	[ "$status" -ne 0 ]
	[[ $output = *"LeakSanitizer: 3 bytes"*"all tests passed, then exit code 23"* ]]
	[ "$(last)" = "1 passed, 1 failed" ]
}

@test "a program that says nothing, or was not built, is a failure" {
	unit a 'exit 0'
	: > tests/unit/lib/b.c
	suites unit
	[ "$status" -ne 0 ]
	[[ $output = *"tests/unit/lib/a: ran no test, exit code 0"* ]]
	[[ $output = *"tests/unit/lib/b: ran no test, exit code 127"* ]]
	[ "$(last)" = "0 passed, 2 failed" ]
}

@test "skips are counted with their reasons" {
	printf '@test "%s" {\n%s\n}\n' a 'skip "no loop device"' b true > tests/cli/one.bats
	printf '@test "%s" {\n%s\n}\n' c 'skip "no loop device"' > tests/cli/two.bats
	unit a 'echo 1..1; echo "not ok 1 # SKIP test_x"'
	suites unit cli
	[ "$status" -eq 0 ]
	[[ $output = *"skipped 2: no loop device"*"skipped 1: test_x"* ]]
	[ "$(last)" = "1 passed, 0 failed, 3 skipped" ]
}

@test "nothing ran: no suite, or all skipped" {
	suites
	[ "$status" -ne 0 ]
	[ "$(last)" = "0 passed, 0 failed" ]
	unit a 'echo 1..1; echo "not ok 1 # SKIP test_x"'
	suites
	[ "$status" -ne 0 ]
	[[ $output = *"no test ran"* ]]
}

@test "a bats file with a failing test and one with none" {
	printf '@test "a" {\nfalse\n}\n' > tests/cli/one.bats
	: > tests/cli/two.bats
	suites cli
	[ "$status" -ne 0 ]
	[[ $output = *"not ok 1 a"*'`false'"' failed"* ]]
	[[ $output = *"tests/cli/two: ran no test"* ]]
	[ "$(last)" = "0 passed, 2 failed" ]
}

@test "net tests see a network of their own, or are skipped" {
	# shellcheck disable=SC2016 # a script
	printf '@test "a" {\n[ "$(ip -br link | cut -d " " -f 1)" = lo ]\n}\n' > tests/net/a.bats
	suites net
	if unshare --net true; then
		[ "$(last)" = "1 passed, 0 failed" ]
	else
		[ "$(last)" = "0 passed, 0 failed, 1 skipped" ]
	fi
}

@test "fuzz targets get a time, a place for findings and their corpus" {
	mkdir -p tests/fuzz/corpus/lib/good
	# shellcheck disable=SC2016 # a script
	fuzz good 'case "$*" in *-max_total_time=7*build/fuzz/corpus/lib/good*tests/fuzz/corpus/lib/good*) exit 0; esac; exit 1'
	fuzz bad 'echo "ERROR: AddressSanitizer: heap-buffer-overflow"; exit 77'
	FUZZ_SECONDS=7 suites fuzz
	[ "$status" -ne 0 ]
	[[ $output = *"ok tests/fuzz/lib/good"* ]]
	[[ $output = *"heap-buffer-overflow"*"not ok 1 - lib/bad"* ]]
	[ "$(last)" = "1 passed, 1 failed" ]
}

@test "an unknown suite is wrong usage" {
	suites units
	[ "$status" -eq 64 ]
}
