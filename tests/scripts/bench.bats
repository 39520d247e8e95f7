#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The program that measures for the benches, and the rows that are made of what it prints.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	make -s build/bench/measure
	measure=build/bench/measure
}

@test "measure: a line for each command, findings of a check are no failure" {
	run $measure 2 -- true -- sh -c 'exit 3'
	[ "$status" = 0 ]
	[ "$(cut -d ' ' -f 3 <<< "$output")" = $'0\n3' ]
}

@test "measure: what does its work in one run only, or is killed, is not measured" {
	run $measure 2 -- true -- sh -c "[ -e '$BATS_TEST_TMPDIR/again' ] && exit 69; touch '$BATS_TEST_TMPDIR/again'"
	[ "$status" = 69 ]
	[ "$output" = 'measure: sh ended with status 69' ]
	# shellcheck disable=SC2016 # for the inner shell
	run $measure 1 -- sh -c 'kill -9 $$'
	[ "$status" = 69 ]
	[ "$output" = 'measure: sh ended with status 137' ]
}

@test "rows: met, missed, and none of a command that fails" {
	export tree=$PWD work=$BATS_TEST_TMPDIR
	# shellcheck disable=SC2016 # for the inner shell
	rows() { sh -euc '. tests/bench/lib.sh && "$@"' rows "$@"; }
	run rows within quick 100 1 -- true -- sleep 0.05
	[[ $output == quick*' met' ]]
	run rows within slow 2 1 -- sleep 0.05 -- true
	[[ $output == slow*' MISSED' ]]
	run rows within failing 100 1 -- sh -c 'exit 77' -- sleep 0.05
	[ "$status" != 0 ]
	[ "$output" = 'measure: sh ended with status 77' ]
	run rows private small 200000 echo here
	[[ $output == small*' met' ]]
	# shellcheck disable=SC2016 # for the inner shell
	run rows private large 2000 sh -c 'x=$(head -c 3000000 /dev/zero | tr "\0" x) && echo ${#x}'
	[[ $output == large*' MISSED' ]]
	kib=${output#large}
	[ "${kib%%KiB*}" -ge 3000 ]
	run rows private failing 200000 sh -c 'exit 77'
	[ "$status" = 77 ] && [ -z "$output" ]
}
