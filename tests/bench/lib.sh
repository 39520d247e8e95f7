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

# private TEXT KIB COMMAND...: it works with no more private memory than that (RLIMIT_DATA); what it
# shares with other programs, libraries above all, is not counted.
private() {
	text=$1 limit=$2
	shift 2
	# shellcheck disable=SC3045 # dash and bash have it
	if (ulimit -d "$limit" && exec "$@") > /dev/null 2>&1; then met=1; else met=0; fi
	row "$text" - - - "<=${limit}KiB" $met
}
