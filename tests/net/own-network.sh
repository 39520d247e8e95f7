# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# For tests that change the network namespace they run in.

# own_network: fails where anything but the loopback device is up: that is no namespace made for a
# test, as scripts/run-tests makes it.
own_network() {
	[ -z "$(ip -o link show up | grep -v '^[0-9]*: lo:'; ip route show default)" ] && return
	echo 'this changes the network it runs in: unshare --net bats FILE, or scripts/run-tests net'
	return 1
}
