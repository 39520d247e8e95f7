#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# .ci/run in a tree made up for the test: the stages are small scripts.
# shellcheck disable=SC2016 # the scripts expand these

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export CI_CACHE=$PWD/cache
	mkdir -p tree/.ci tree/scripts tree/fake cache
	cd tree || return
	cp "$BATS_TEST_DIRNAME/../../.ci/run" .ci
	program scripts/setup ''
	program scripts/test 'echo 5 passed, 0 failed, 2 skipped'
	program scripts/test-bare 'echo 4 passed, 0 failed'
	program fake/make 'case $1 in lint) echo ok lint/x; echo 3 passed, 0 failed ;;
		test-vm) echo 2 passed, 0 failed ;; esac'
	printf 'build/\n' > .gitignore
	git init -q .
	git add .
	git -c user.name=a -c user.email=a@b commit -qm all
	PATH=$PWD/fake:$PATH
	[ "$(id -u)" = 0 ] || skip "the stage bare needs root"
}

program() {
	printf '#!/bin/sh\n%s\n' "$2" > "$1"
	chmod +x "$1"
}

last() {
	echo "${lines[${#lines[@]} - 1]}"
}

@test "the stages are added up in one closing line" {
	run .ci/run
	[ "$status" -eq 0 ]
	[ "$(last)" = "14 passed, 0 failed, 2 skipped" ]
	[ "$(grep -cE '^[0-9]+ passed' <<< "$output")" -eq 1 ]
	grep -q 'ok lint/x' build/ci/lint.log
	[[ $output = *"### vm: 2 passed, 0 failed, 0 skipped in "* ]]
}

@test "bare is skipped, with the reason, until what it tests changes" {
	.ci/run
	run .ci/run
	[ "$status" -eq 0 ]
	[[ $output = *"### bare: skipped, since setup, Makefile, CI and deps are as they were"* ]]
	[ "$(last)" = "10 passed, 0 failed, 3 skipped" ]
	echo '# changed' >> scripts/setup
	run .ci/run
	[ "$(last)" = "14 passed, 0 failed, 2 skipped" ]
}

@test "bare that failed is not skipped the next time" {
	program scripts/test-bare 'echo 3 passed, 1 failed; exit 1'
	run .ci/run
	[ "$status" -ne 0 ]
	run .ci/run
	[ "$status" -ne 0 ]
	[ "$(last)" = "13 passed, 1 failed, 2 skipped" ]
}

@test "a failing stage does not keep the others from running" {
	program scripts/test 'echo not ok x; echo 4 passed, 1 failed; exit 1'
	run .ci/run
	[ "$status" -ne 0 ]
	[[ $output = *"not ok x"* ]]
	[ "$(last)" = "13 passed, 1 failed" ]
	# and once more at the end
	[ "${lines[${#lines[@]} - 3]}" = 'in test: not ok x' ]
}

@test "a stage that dies without its closing line, or after it, is a failure" {
	program scripts/test 'kill -KILL $$'
	run .ci/run
	[ "$status" -ne 0 ]
	[[ $output = *"ci: test ended without its closing line, exit code 137"* ]]
	[ "$(last)" = "9 passed, 1 failed" ]
	program scripts/test 'echo 5 passed, 0 failed; exit 2'
	run .ci/run
	[ "$status" -ne 0 ]
	[[ $output = *"ci: test failed, exit code 2"* ]]
}

@test "a stage in which nothing ran is a failure" {
	program scripts/test 'echo 0 passed, 0 failed'
	run .ci/run
	[ "$status" -ne 0 ]
	[[ $output = *"ci: test ran nothing"* ]]
}

@test "files left where git sees them are a failure, those in build/ are not" {
	program scripts/test 'echo > build/fine; echo > left; echo 5 passed, 0 failed'
	git -c user.name=a -c user.email=a@b commit -qam other
	run .ci/run
	[ "$status" -ne 0 ]
	[[ $output = *$'git sees them:\n?? left'* ]]
	[ "$(last)" = "14 passed, 1 failed" ]
}

@test "a set-up that fails is a failure, and its end is shown" {
	program scripts/setup 'echo E: no such package; exit 1'
	run .ci/run
	[ "$status" -ne 0 ]
	[[ $output = *"E: no such package"* ]]
	[ "$(last)" = "0 passed, 1 failed" ]
}
