#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# scripts/pve-check with tools made up for the test.
# shellcheck disable=SC2016 # the tools expand these

setup() {
	bin=$BATS_TEST_TMPDIR/bin
	mkdir "$bin"
	cp "$BATS_TEST_DIRNAME/../../scripts/pve-check" "$bin"
	PATH=/usr/bin:/bin
	tab=$(printf '\t')
}

# tool NAME EXIT [ROW...]: a tool whose check prints the rows, with "|" for each tab, then exits.
# It keeps the arguments of its check in the file NAME.args.
tool() {
	local name=$1 status=$2
	shift 2
	{
		echo '#!/bin/sh'
		echo '[ "$1 $2" != "help check" ] || exit 0'
		printf 'echo "$*" > "$0.args"\n'
		printf "echo '%s'\n" "${@//|/$tab}"
		echo "exit $status"
	} > "$bin/$name"
	[ $# -gt 0 ] || sed -i "/^echo ''/d" "$bin/$name"
	chmod +x "$bin/$name"
}

# stdout and stderr apart: bats 1.8 joins them in $output unless told.
check() {
	run --separate-stderr "$bin/pve-check" "$@"
}

bats_require_minimum_version 1.5.0

@test "rows of all tools are merged worst first, then by tool and code" {
	tool pve-zfs 1 'info|ZFS-SCRUB|rpool|scrubbed long ago|zpool scrub rpool' \
		'warning|ZFS-B|rpool|b|' 'warning|ZFS-A|tank|a|'
	tool pve-net 2 'warning|NET-MTU|vmbr0|MTU above the port'"'\\''"'s|' \
		'critical|NET-GATEWAY-TWICE|vmbr1|second gateway|remove it'
	check -H
	[ "$status" -eq 2 ]
	[ "$(cut -f 1-3 <<< "$output")" = "pve-net${tab}critical${tab}NET-GATEWAY-TWICE
pve-net${tab}warning${tab}NET-MTU
pve-zfs${tab}warning${tab}ZFS-A
pve-zfs${tab}warning${tab}ZFS-B
pve-zfs${tab}info${tab}ZFS-SCRUB" ]
	[ "${lines[0]}" = "pve-net${tab}critical${tab}NET-GATEWAY-TWICE${tab}vmbr1${tab}second gateway${tab}remove it" ]
	[ -z "$stderr" ]
}

@test "the table has a header and aligned columns" {
	tool pve-net 1 'warning|NET-MTU|vmbr0|MTU differs|'
	tool pve-boot 0 'info|BOOT-OLD|esp0|old|run refresh'
	check
	[ "$status" -eq 1 ]
	[ "$output" = 'tool     severity code     object message     fix
pve-net  warning  NET-MTU  vmbr0  MTU differs -
pve-boot info     BOOT-OLD esp0   old         run refresh' ]
}

@test "--json is an array of objects, with null for what is empty" {
	tool pve-net 1 'warning|NET-X|vmbr0|a "quoted" back\\slash|' 'info|NET-Y|ü|y|fix'
	check --json
	[ "$status" -eq 1 ]
	[ "$(jq -c '.[0]' <<< "$output")" = \
		'{"tool":"pve-net","severity":"warning","code":"NET-X","object":"vmbr0","message":"a \"quoted\" back\\slash","fix":null}' ]
	[ "$(jq -r '.[1] | .object + .fix' <<< "$output")" = üfix ]
}

@test "nothing found: empty output, empty array, exit code 0" {
	tool pve-net 0
	check
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$stderr" = "pve-check: nothing found by 1 tool(s)" ]
	check --json
	[ "$(jq -c . <<< "$output")" = '[]' ]
}

@test "the exit code is the worst: 2, then 3, then 1, then 0" {
	local case a b want
	for case in 0,0,0 0,1,1 1,3,3 3,0,3 2,3,2 3,2,2 1,2,2 70,1,3 70,2,2; do
		IFS=, read -r a b want <<< "$case"
		tool pve-a "$a"
		tool pve-b "$b"
		check -H
		[ "$status" -eq "$want" ] || { echo "$case: $status"; return 1; }
	done
}

@test "a critical row counts even when its tool says 0" {
	tool pve-net 0 'critical|NET-X|a|b|'
	check -H
	[ "$status" -eq 2 ]
}

@test "a tool that fails is named with its exit code; the others still report" {
	tool pve-boot 70
	tool pve-net 1 'warning|NET-MTU|vmbr0|MTU differs|'
	check -H
	[ "$status" -eq 3 ]
	[ "$stderr" = "pve-check: error: pve-boot check failed with exit code 70" ]
	[ "$output" = "pve-net${tab}warning${tab}NET-MTU${tab}vmbr0${tab}MTU differs${tab}" ]
}

@test "a tool that is killed is named" {
	tool pve-boot 0
	sed -i '3i kill -SEGV $$' "$bin/pve-boot"
	check
	[ "$status" -eq 3 ]
	[[ $stderr = *"pve-boot check failed with exit code 139"* ]]
}

@test "garbage is reported by the tool's name; its good rows are kept" {
	tool pve-boot 0 'Segmentation fault' 'info|BOOT-OLD|esp0|old|'
	check -H
	[ "$status" -eq 3 ]
	[[ $stderr = "pve-check: error: pve-boot check printed something else than findings"* ]]
	[ "$(cut -f 3 <<< "$output")" = BOOT-OLD ]
}

@test "what a tool says on stderr is passed on" {
	tool pve-net 3
	sed -i '3i echo "pve-net: error: no netlink" >&2' "$bin/pve-net"
	check
	[ "$status" -eq 3 ]
	[ "$stderr" = "pve-net: error: no netlink" ]
}

@test "--root is passed on, and only then" {
	tool pve-net 0
	check --root "$BATS_TEST_TMPDIR"
	[[ $(< "$bin/pve-net.args") = "--root $BATS_TEST_TMPDIR -H "*" check" ]]
	check --root="$BATS_TEST_TMPDIR"
	[[ $(< "$bin/pve-net.args") = "--root $BATS_TEST_TMPDIR -H "*" check" ]]
	check
	[[ $(< "$bin/pve-net.args") != *--root* ]]
}

@test "strangers called pve-* are left out, and a name counts once" {
	local path=$BATS_TEST_TMPDIR/path
	mkdir "$path"
	printf '#!/bin/sh\necho usage; exit 255\n' > "$path/pve-firewall"
	printf '#!/bin/sh\n[ "$1" = help ] || echo second\n' > "$path/pve-net"
	chmod +x "$path"/*
	tool pve-net 1 'warning|NET-MTU|vmbr0|MTU differs|'
	PATH=$path:$PATH check -H
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 1 ]
	[ -z "$stderr" ]
}

@test "the tools run side by side" {
	local name start=${EPOCHREALTIME/./}
	for name in a b c d; do
		tool pve-$name 0
		sed -i '3i sleep 0.5' "$bin/pve-$name"
	done
	check
	[ "$status" -eq 0 ]
	[ $((${EPOCHREALTIME/./} - start)) -lt 1500000 ]
}

@test "no tool at all: exit code 3" {
	check
	[ "$status" -eq 3 ]
	[[ $stderr = *"no pve tool was found"* ]]
}

@test "wrong usage: 64 and one line" {
	check --rot
	[ "$status" -eq 64 ]
	[ "$stderr" = "pve-check: unknown argument --rot; see pve-check --help" ]
	check --root /nonexistent
	[ "$status" -eq 64 ]
	check --root
	[ "$status" -eq 64 ]
}

@test "--help tells the options" {
	check --help
	[ "$status" -eq 0 ]
	[[ $output = *"--root DIR"*"Exit codes"* ]]
}
