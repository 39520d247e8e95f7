# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# For the benches: sourced by tests/bench/run, which sets $tree and $work.

measure=$tree/build/bench/measure

# row TEXT OURS PEER RATIO TARGET MET - one printed line; MET is 1 or 0.
row() {
	[ "$6" = 1 ] && verdict=met || verdict=MISSED
	printf '%-42s %12s %12s %8s  %s %s\n' "$1" "$2" "$3" "$4" "$5" "$verdict"
}

# faster TEXT TIMES RUNS -- OUR COMMAND -- PEER COMMAND: the peer takes at least TIMES as long.
faster() {
	text=$1 times=$2 runs=$3
	shift 3
	"$measure" "$runs" "$@" > "$work/m"
	# shellcheck disable=SC2046
	row "$text" $(awk -v t="$times" '
		NR == 1 { a = $1 } NR == 2 { b = $1 }
		END { printf "%.2fms %.2fms %.1fx >=%sx %d", a / 1000, b / 1000, b / a, t, (b / a >= t) }' "$work/m")
}

# within TEXT TIMES RUNS -- OUR COMMAND -- PEER COMMAND: ours takes at most TIMES as long.
within() {
	text=$1 times=$2 runs=$3
	shift 3
	"$measure" "$runs" "$@" > "$work/m"
	# shellcheck disable=SC2046
	row "$text" $(awk -v t="$times" '
		NR == 1 { a = $1 } NR == 2 { b = $1 }
		END { printf "%.2fms %.2fms %.2fx <=%sx %d", a / 1000, b / 1000, a / b, t, (a / b <= t) }' "$work/m")
}

# under TEXT MS RUNS -- OUR COMMAND: ours takes at most so many milliseconds; no peer.
under() {
	text=$1 limit=$2 runs=$3
	shift 3
	"$measure" "$runs" "$@" > "$work/m"
	# shellcheck disable=SC2046
	row "$text" $(awk -v t="$limit" '{ printf "%.2fms - - <=%sms %d", $1 / 1000, t, ($1 / 1000 <= t) }' "$work/m")
}

# memory TEXT KIB -- OUR COMMAND -- PEER COMMAND: the peak of ours is at most KIB.
memory() {
	text=$1 limit=$2
	shift 2
	"$measure" 1 "$@" > "$work/m"
	# shellcheck disable=SC2046
	row "$text" $(awk -v t="$limit" '
		NR == 1 { a = $2 } NR == 2 { b = $2 }
		END { printf "%dKiB %dKiB %.2fx <=%dKiB %d", a, b, a / b, t, (a <= t) }' "$work/m")
}

# works_in KIB COMMAND...: with no more private memory than that it ends well and prints what it
# prints without a limit ($work/whole).
works_in() {
	${private_before:-:}
	# shellcheck disable=SC3045 # dash and bash have it
	(ulimit -d "$1" && shift && exec "$@") > "$work/limited" 2> /dev/null && cmp -s "$work/limited" "$work/whole"
}

# private TEXT KIB COMMAND...: the least private memory it works with, to 32 KiB, is at most that
# much.  What is counted is RLIMIT_DATA: heap, anonymous mappings and writable data, touched or
# not; what it shares with other programs, libraries above all, is not.  Where the command changes
# something, $private_before undoes it before each try.
private() {
	text=$1 limit=$2 low=0 high=262144
	shift 2
	${private_before:-:}
	"$@" > "$work/whole"
	works_in $high "$@" 2> /dev/null || { echo "$1 does not work with $high KiB" >&2; exit 1; }
	while [ $((high - low)) -gt 32 ]; do
		middle=$(((low + high) / 2))
		if works_in $middle "$@" 2> /dev/null; then high=$middle; else low=$middle; fi
	done
	row "$text" "${high}KiB" - - "<=${limit}KiB" "$((high <= limit))"
}
