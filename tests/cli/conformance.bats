#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What every tool in build/bin has.  The tables that a tool is made of (`help --table`: kind,
# command, name, letter, arg, help) are held against its help, its completions and its manual, so
# a new tool or command needs no test here.
#
# In the manual a command is `.It Cm NAME` (an alias: another Cm on that line), a column `.It Li
# NAME`, and an option whatever stands behind Fl with a dash: `.It Fl n , -dry-run`.  What all tools
# have in common may be in pve-tools(7) instead, if the manual refers to it.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	tools=
	for tool in build/bin/*; do
		case $tool in
		*/pve-check) ;;
		*) [ ! -x "$tool" ] || tools="$tools ${tool##*/}" ;;
		esac
	done
	[ "$tools" ] || skip 'no tool is built'
}

# each FUNCTION: runs it with every tool's name, all the way through; says which failed.
each() {
	bad=0
	for tool in $tools; do
		bin=build/bin/$tool
		"$1" || { echo "# in $tool" && bad=1; }
	done
	[ "$bad" = 0 ]
}

# table KIND [COMMAND]: names of that kind.
table() {
	"$bin" help --table | awk -F '\t' -v kind="$1" -v cmd="${2-}" \
		'$1 ~ "^(" kind ")$" && (cmd == "" || $2 == cmd) { print $3 }'
}

commands() {
	table 'command|alias'
}

# missing FILE NAME...: is false, and says so, when a name is not in the file as a word.
missing() {
	file=$1
	shift
	for name; do
		grep -qwFe "$name" "$file" || { echo "no '$name' in ${file##*/}" && return 1; }
	done
}

# wrong WORD...: the tool ends with 64 and one line, kept in $line.
wrong() {
	code=0
	"$bin" "$@" > "$BATS_TEST_TMPDIR/out" 2> "$BATS_TEST_TMPDIR/err" || code=$?
	line=$(cat "$BATS_TEST_TMPDIR/err")
	[ "$code" = 64 ] || { echo "$*: exit code $code" && return 1; }
	[ ! -s "$BATS_TEST_TMPDIR/out" ] || { echo "$*: writes to stdout" && return 1; }
	[ "$(wc -l < "$BATS_TEST_TMPDIR/err")" = 1 ] || { echo "$*: $line" && return 1; }
	case $line in
	"$tool: error: "*) ;;
	*) echo "$*: $line" && return 1 ;;
	esac
}

tables_are_sound() {
	"$bin" help --table | awk -F '\t' '
		function fail(why) { print why ": " $0; bad = 1 }
		NF != 6 { fail("six fields") }
		$6 == "" { fail("no help") }
		$6 ~ /\.$/ { fail("a full stop") }
		$1 == "global" { name[$3] = letter[$4] = 1 }
		$1 == "option" && ($3 in name || ($4 != "" && $4 in letter)) { fail("is a global option") }
		$1 ~ /^(command|alias)$/ && cmd[$3]++ { fail("twice") }
		$1 ~ /^(option|column)$/ && seen[$1, $2, $3]++ { fail("twice") }
		$1 == "option" && $4 != "" && letters[$2, $4]++ { fail("letter twice") }
		$1 ~ /^(option|column|command)$/ && $3 !~ /^[a-z][a-z0-9_-]*$/ { fail("odd name") }
		END { exit bad }'
}

@test "tables: every row explained, no name twice, none hides a global option" {
	each tables_are_sound
}

has_the_common_commands() {
	commands > "$BATS_TEST_TMPDIR/commands"
	missing "$BATS_TEST_TMPDIR/commands" check help completion &&
		grep -qxE 'list|show' "$BATS_TEST_TMPDIR/commands"
}

@test "every tool has list or show, check, help and completion" {
	each has_the_common_commands
}

help_is_whole() {
	out=$BATS_TEST_TMPDIR/help
	"$bin" help > "$out" && "$bin" --help | cmp - "$out" || return
	# shellcheck disable=SC2046 # names are words
	missing "$out" $(commands) $(table global) || return
	for cmd in $(commands); do
		"$bin" help "$cmd" > "$out.$cmd" && "$bin" "$cmd" --help | cmp - "$out.$cmd" || return
	done
	for cmd in $(table command); do
		# shellcheck disable=SC2046
		missing "$out.$cmd" "$cmd" $(table 'option|column' "$cmd") || return
	done
	awk 'length($0) > 80 { print FILENAME ": " $0; bad = 1 } END { exit bad }' "$out" "$out".*
}

@test "help names every command, option and column, in 80 columns" {
	each help_is_whole
}

version_is_one_line() {
	"$bin" --version | grep -qxE "$tool [0-9]+(\.[0-9]+)+" && [ "$("$bin" --version | wc -l)" = 1 ]
}

@test "--version" {
	each version_is_one_line
}

no_command() {
	code=0
	"$bin" > "$BATS_TEST_TMPDIR/out" 2> "$BATS_TEST_TMPDIR/err" || code=$?
	[ "$code" = 64 ] && [ ! -s "$BATS_TEST_TMPDIR/out" ] && grep -q '^Usage: ' "$BATS_TEST_TMPDIR/err"
}

@test "no command: usage on stderr, 64" {
	each no_command
}

unknown_names() {
	for cmd in $(commands); do
		[ "${#cmd}" -ge 3 ] || continue
		wrong "${cmd}q" && case $line in
		*"unknown command '${cmd}q'; did you mean '"*"'?") ;;
		*) echo "$line" && return 1 ;;
		esac || return
	done
	wrong xyzzyplugh && wrong help xyzzyplugh && wrong --xyzzyplugh && wrong -@ &&
		wrong help --xyzzyplugh && wrong completion && wrong completion tcsh || return
	for cmd in $(table command); do
		for opt in $(table option "$cmd") dry-run; do
			[ "${#opt}" -ge 3 ] || continue
			wrong "$cmd" "--${opt}q" && case $line in
			*": $cmd: unknown option '--${opt}q'; did you mean '--"*"'?") ;;
			*) echo "$line" && return 1 ;;
			esac || return
		done
	done
}

@test "unknown commands and options: one line with the nearest, 64" {
	each unknown_names
}

wrong_uses() {
	wrong help -H --json && wrong --dry-run=yes help && wrong help --wait && wrong --wait=x help &&
		wrong --color=pink help && wrong help help help
}

@test "wrong uses of options: one line, 64" {
	each wrong_uses
}

# accepted WORD...: any code but 64; nothing is touched, below an empty root.
accepted() {
	mkdir -p "$BATS_TEST_TMPDIR/root"
	code=0
	"$bin" --root "$BATS_TEST_TMPDIR/root" "$@" > "$BATS_TEST_TMPDIR/out" 2> "$BATS_TEST_TMPDIR/err" \
		< /dev/null || code=$?
	[ "$code" != 64 ] || { echo "$*: $(cat "$BATS_TEST_TMPDIR/err")" && return 1; }
}

globals_anywhere() {
	cmd=$(commands | grep -xE 'list|show' | head -n 1)
	col=$("$bin" help --table | awk -F '\t' '$1 == "column" && $2 == "check" { print $3; exit }')
	for flag in -n --dry-run -y --yes -H --no-header -q --quiet -v --verbose -vv --json -nyHqv \
		--color=never --wait=1; do
		accepted "$flag" "$cmd" && accepted "$cmd" "$flag" || return
	done
	for flag in "-o$col" "--output=$col" "-o+$col" "-Ho$col"; do
		accepted "$flag" check && accepted check "$flag" || return
	done
	accepted -o "$col" check && accepted check --output "$col" && wrong check -o xyzzyplugh &&
		[ ! "$(find "$BATS_TEST_TMPDIR/root" -mindepth 1)" ]
}

@test "global options before and behind the command" {
	each globals_anywhere
}

shows_a_write_error() {
	for words in help '--version' 'help help' 'help --table' 'completion bash' 'help --table --json'; do
		code=0
		# shellcheck disable=SC2086 # words
		"$bin" $words > /dev/full 2> "$BATS_TEST_TMPDIR/err" || code=$?
		[ "$code" = 1 ] || { echo "$words: exit code $code" && return 1; }
		grep -qE "^$tool: error: .*No space left on device" "$BATS_TEST_TMPDIR/err" || return
		[ "$(wc -l < "$BATS_TEST_TMPDIR/err")" = 1 ] || return
		code=0
		# shellcheck disable=SC2086
		"$bin" $words >&- 2> "$BATS_TEST_TMPDIR/err" || code=$?
		[ "$code" = 1 ] || { echo "$words, stdout closed: exit code $code" && return 1; }
	done
}

@test "an error in writing to stdout is an error" {
	each shows_a_write_error
}

is_json() {
	"$bin" help --table --json | jq -e 'type == "array" and all(.[]; has("kind"))' > /dev/null &&
		accepted check --json && jq -e 'type == "array"' < "$BATS_TEST_TMPDIR/out" > /dev/null
}

@test "--json is an array" {
	command -v jq > /dev/null || skip 'jq is not installed'
	each is_json
}

# --- completion ---------------------------------------------------------------------------------

completion_is_whole() {
	script=$BATS_TEST_TMPDIR/$tool.$shell
	"$bin" completion "$shell" > "$script" || return
	# shellcheck disable=SC2046
	missing "$script" $(commands) $(table 'global|option|column')
}

syntax_is_right() {
	completion_is_whole && "$shell" -n "$script"
}

@test "completion names every command, option and column" {
	for shell in bash zsh fish; do
		each completion_is_whole
	done
}

@test "completion for bash is valid" {
	shell=bash
	each syntax_is_right
}

@test "completion for zsh is valid" {
	shell=zsh
	command -v "$shell" > /dev/null || skip "$shell is not installed"
	each syntax_is_right
}

@test "completion for fish is valid" {
	shell=fish
	command -v "$shell" > /dev/null || skip "$shell is not installed"
	each syntax_is_right
}

# Bash itself, asked to complete an empty first word, offers exactly the commands.
bash_offers_commands() {
	"$bin" completion bash > "$BATS_TEST_TMPDIR/script"
	# shellcheck disable=SC2016 # for the inner shell
	bash --norc -c '. "$1"; COMP_WORDS=("$2" ""); COMP_CWORD=1
		"$(complete -p "$2" | sed "s/.*-F \([^ ]*\) .*/\1/")" "$2"; printf "%s\n" "${COMPREPLY[@]}"' \
		bash "$BATS_TEST_TMPDIR/script" "$tool" | sort > "$BATS_TEST_TMPDIR/offered"
	commands | sort | diff - "$BATS_TEST_TMPDIR/offered"
}

@test "completion in bash offers the commands" {
	each bash_offers_commands
}

# --- manual ----------------------------------------------------------------------------------------

# Each reads a manual and prints names, one a line.
manual_commands() {
	awk '/^\.It Cm / { for (i = 3; i <= NF; i++) if ($(i - 1) == "Cm") print $i }' "$@"
}

manual_columns() {
	awk '/^\.It Li / { print $3 }' "$@"
}

manual_options() {
	awk '/^\.(.* )?Fl / { for (i = 2; i <= NF; i++) if ($i ~ /^-[a-z]/) print substr($i, 2) }' "$@"
}

# only_in_first WHAT A B: prints and fails when the list A has names that B has not.
only_in_first() {
	sort -u "$2" > "$BATS_TEST_TMPDIR/a"
	sort -u "$3" > "$BATS_TEST_TMPDIR/b"
	more=$(comm -23 "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b")
	[ ! "$more" ] || { echo "$1: $more" && return 1; }
}

manual_is_whole() {
	page=man/$tool.8
	[ -f "$page" ] || { echo "$page is missing" && return 1; }
	pages=$page
	if grep -q '^\.Xr pve-tools 7' "$page"; then
		pages="$page man/pve-tools.7"
	fi
	for what in commands options columns; do
		case $what in
		commands) commands ;;
		options) table 'global|option' ;;
		columns) table column ;;
		esac > "$BATS_TEST_TMPDIR/table"
		# shellcheck disable=SC2086 # one or two files
		"manual_$what" $pages > "$BATS_TEST_TMPDIR/documented"
		"manual_$what" "$page" > "$BATS_TEST_TMPDIR/own"
		only_in_first "$what not in $page" "$BATS_TEST_TMPDIR/table" "$BATS_TEST_TMPDIR/documented" &&
			only_in_first "$what in $page that do not exist" "$BATS_TEST_TMPDIR/own" \
				"$BATS_TEST_TMPDIR/table" || return
	done
}

# A finding's code is a word of capitals that begins with the tool's name: NET-MTU-BOND.
codes_are_told() {
	prefix=${tool#pve-}
	grep -ohE "\"${prefix^^}-[A-Z0-9-]+\"" "bin/$tool"/*.c | tr -d '"' | sort -u > "$BATS_TEST_TMPDIR/codes"
	while read -r code; do
		alone="(^|[^A-Z0-9-])$code($|[^A-Z0-9-])"
		grep -qE -- "$alone" "man/$tool.8" || { echo "$code is not in the manual" && return 1; }
		grep -rqE -- "$alone" tests/cli tests/net tests/unit tests/hosts/broken/FINDINGS ||
			{ echo "$code is in no test" && return 1; }
	done < "$BATS_TEST_TMPDIR/codes"
	# That a tool with findings has no code would be a fault of this test.
	[ -s "$BATS_TEST_TMPDIR/codes" ] || ! grep -qs findings.h "bin/$tool"/*.[ch] ||
		{ echo "no code of $tool was found" && return 1; }
}

@test "every code of a finding is in the manual and in a test" {
	each codes_are_told
}

@test "the manual has every command, option and column, and no other" {
	each manual_is_whole
}

manual_is_valid() {
	mandoc -Tlint -Wwarning "man/$tool.8"
}

@test "the manual is valid mdoc" {
	command -v mandoc > /dev/null || skip 'mandoc is not installed'
	each manual_is_valid
}
