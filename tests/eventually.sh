# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later

# eventually SECONDS COMMAND...: until it succeeds; a busy machine makes the seconds longer.
eventually() {
	local tries=$(($1 * 20))
	shift
	until "$@" > /dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || { echo "in vain: $*"; return 1; }
		sleep 0.05
	done
}
