# shellcheck shell=sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the scripts share; each starts with  . "$(dirname "$0")/lib.sh"
# It sets $tree, the top of the source tree, and $me, the name for messages.

unset CDPATH
tree=$(cd "$(dirname "$0")/.." && pwd -P)
me=${0##*/}

say() {
	printf '%s: %s\n' "$me" "$*" >&2
}

# die CODE MESSAGE: the codes are those of the tools (64 usage, 69 not there, 77 not root, 78 bad
# configuration, 1 everything else).
die() {
	code=$1
	shift
	say "error: $*"
	exit "$code"
}

# usage: the comment at the head of the script is its help.
usage() {
	sed -n '4,/^$/s/^# \{0,1\}//p' "$tree/scripts/$me"
}

cores() {
	nproc 2>/dev/null || echo 1
}

# apt_update: refresh apt's lists.  A mirror that fails once is asked again; one that keeps
# failing is no reason to stop, because the package may well be in the lists of another.
apt_update() {
	for pause in 2 10 0; do
		apt-get -q -o DPkg::Lock::Timeout=600 update && return
		sleep "$pause"
	done
	say "warning: apt-get update failed; going on with the lists that are there"
}
