#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154 # live-host.sh sets some
#
# pve-net plan, apply and status in a network namespace of the test's own, with /etc, /var/lib and
# /run of its own.  What needs VLANs, bonds or VXLANs is in tests/vm/net-*.sh.

load live-host.sh

setup() {
	live_host apply
}

teardown() {
	live_host_done
}

# A guest's port, as Proxmox VE makes it.
plug() {
	$IP link add "$1" type veth peer name "p$1"
	$IP link set "p$1" up
	$IP link set "$1" master "$2" up
}

# Is there a line of netlink that changes something?  Reads strace's output.
writes() { grep -cE 'RTM_(NEW|DEL|SET)[A-Z]+, nlmsg_flags=[^,]*NLM_F_ACK' "$1" || :; }

@test "apply: the guide's default from an empty kernel" {
	bridge_files > "$live"
	run on "$net" plan -H -o risk,object,action
	[ "$status" = 0 ]
	[[ $output == *"$(printf 'none\tvmbr0\tcreate bridge, bridge-stp no, bridge-fd 0')"* ]]
	run on "$net" apply --yes
	[ "$status" = 0 ] && [ -z "$output" ]
	[ "$($IP -o -4 addr show dev vmbr0 | awk '{ print $4, $6 }')" = '192.0.2.9/24 192.0.2.255' ]
	[[ $($IP route) == *'default via 192.0.2.1 dev vmbr0'* ]]
	$IP link show master vmbr0 | grep -q eno1
	run on "$net" status
	[ "$status" = 0 ] && [ -z "$output" ]
	run on "$net" plan
	[ "$status" = 0 ] && [ "$output" = "" ]
}

@test "apply: nothing changed is no netlink write" {
	command -v strace > /dev/null || skip 'strace is not installed'
	bridge_files > "$live"
	on strace -f -e trace=sendmsg,sendto -o "$BATS_TEST_TMPDIR/first" "$net" apply --yes
	[ "$(writes "$BATS_TEST_TMPDIR/first")" -ge 5 ]
	on strace -f -o "$BATS_TEST_TMPDIR/again" "$net" apply --yes
	[ "$(writes "$BATS_TEST_TMPDIR/again")" = 0 ]
	# No journal either.
	run grep -c 'journal.*O_CREAT' "$BATS_TEST_TMPDIR/again"
	[ "$output" = 0 ]
}

@test "apply: guests stay on their bridge, and up" {
	bridge_files > "$live"
	on "$net" apply --yes
	# Ports of guests and of strangers; a guest's own bridge between it and ours; and links of others.
	ports='tap100i0 veth102i0 fwpr101p0 anything vnet7'
	for port in $ports; do plug "$port" vmbr0; done
	for bridge in fwbr101i0 vnet1 docker0 wg0; do
		$IP link add "$bridge" type bridge
		$IP link set "$bridge" up
	done
	$IP addr add 172.17.0.1/16 dev docker0
	plug tap101i0 fwbr101i0
	plug fwln101i0 fwbr101i0
	plug veth103i0 vnet1
	plug vethabc docker0
	theirs="$ports fwbr101i0 tap101i0 fwln101i0 vnet1 veth103i0 docker0 vethabc wg0"
	links() {
		for link in $theirs; do
			$IP -j link show "$link" | jq -c '.[0] | [.ifname, .master, .mtu, .address, (.flags | map(select(. == "UP")))]'
		done
	}
	before=$(links)
	{
		bridge_files | sed 's/fd 0/fd 4/; s/eno1/none/; s/stp off/stp on/'
		printf '\tmtu 1400\n'
	} > "$host/etc/network/interfaces.new"
	$IP -t monitor link > "$BATS_TEST_TMPDIR/events" &
	monitor=$!
	run on "$net" apply --yes
	kill "$monitor"
	[ "$status" = 0 ]
	for port in $ports; do
		$IP link show master vmbr0 | grep -q "$port.*[<,]UP[,>]"
	done
	[ "$(links)" = "$before" ] || { diff <(echo "$before") <(links); false; }
	# None left its bridge or went down for a moment, and of what is not on ours nothing was heard.
	run grep -E "(${ports// /|})[@:]" "$BATS_TEST_TMPDIR/events"
	[[ $output != *'master 0'* && $output != *'state DOWN'* && $output != *Deleted* ]]
	run grep -E ' (fwbr101i0|tap101i0|fwln101i0|vnet1|veth103i0|docker0|vethabc|wg0)[@:]' "$BATS_TEST_TMPDIR/events"
	[ -z "$output" ] || { echo "$output"; false; }
	run $IP link show master vmbr0
	[[ $output != *eno1* ]]
}

@test "apply: what was staged is live afterwards, and staged no more" {
	bridge_files > "$live"
	bridge_files | sed 's/192.0.2.9/192.0.2.10/' > "$host/etc/network/interfaces.new"
	cp "$host/etc/network/interfaces.new" "$BATS_TEST_TMPDIR/want"
	on "$net" apply --yes
	cmp "$live" "$BATS_TEST_TMPDIR/want"
	[ ! -e "$host/etc/network/interfaces.new" ]
	$IP addr show dev vmbr0 | grep -q 192.0.2.10/24
}

@test "apply: an address moves to the bridge, the new one first" {
	printf 'auto eno1\niface eno1 inet static\n\taddress 192.0.2.9/24\n\tgateway 192.0.2.1\n' > "$live"
	on "$net" apply --yes
	[[ $($IP route) == *'default via 192.0.2.1 dev eno1'* ]]
	bridge_files > "$host/etc/network/interfaces.new"
	$IP -t monitor route address > "$BATS_TEST_TMPDIR/events" &
	monitor=$!
	on "$net" apply --yes
	kill "$monitor"
	[[ $($IP route) == *'default via 192.0.2.1 dev vmbr0'* ]]
	[ -z "$($IP -4 -o addr show dev eno1)" ]
	run grep -nE 'Deleted.*(default|192.0.2.9/24)|192.0.2.9/24 .*vmbr0' "$BATS_TEST_TMPDIR/events"
	# There never was a moment without a default route.
	[[ $output != *'Deleted default'* ]]
}

@test "apply: the first address of a subnet goes, the others stay" {
	printf 'auto eno1\niface eno1 inet static\n\taddress 192.0.2.9/24\n\tgateway 192.0.2.1\niface eno1 inet static\n\taddress 192.0.2.10/24\n' > "$live"
	on "$net" apply --yes
	on sh -c 'echo 0 > /proc/sys/net/ipv4/conf/eno1/promote_secondaries'
	on sh -c 'echo 0 > /proc/sys/net/ipv4/conf/all/promote_secondaries'
	printf 'auto eno1\niface eno1 inet static\n\taddress 192.0.2.10/24\n\tgateway 192.0.2.1\n' \
		> "$host/etc/network/interfaces.new"
	on "$net" apply --yes
	run $IP -4 -o addr show dev eno1
	[[ $output == *192.0.2.10/24* && $output != *192.0.2.9/24* ]]
	[[ $($IP route) == *'default via 192.0.2.1 dev eno1'* ]]
}

@test "apply: the kernel's refusal, with its words, undoes everything" {
	bridge_files > "$live"
	on "$net" apply --yes
	before=$($IP -br link | awk '{ print $1, $3 }' | sort)
	# Nothing of what came before the refusal stays.
	{
		bridge_files
		printf 'auto vmbr1\niface vmbr1 inet static\n\taddress 10.9.9.9/24\n\tbridge-ports none\n'
		printf 'auto vmbr2\niface vmbr2 inet manual\n\tbridge-ports none\n\tmtu 70000\n'
	} > "$host/etc/network/interfaces.new"
	run on "$net" apply --yes
	[ "$status" = 1 ]
	[[ $output == *'vmbr2: the kernel says "mtu greater than device maximum"'* ]]
	after=$($IP -br link | awk '{ print $1, $3 }' | sort)
	[ "$after" = "$before" ]
	[ -e "$host/etc/network/interfaces.new" ]
}

@test "apply: what the kernel did without a word is noticed, and undone" {
	ipv6() {
		printf 'auto vmbr0\niface vmbr0 inet static\n\taddress 192.0.2.9/24\n\tbridge-ports none\n\tmtu %s\n' "$1"
		printf 'iface vmbr0 inet6 static\n\taddress 2001:db8::9/64\n\tgateway 2001:db8::1\n%b' "${2-}"
	}
	state() { $IP -o -6 addr show dev vmbr0 scope global | awk '{ print $4 }'; $IP -6 route show default; $IP link show dev vmbr0 | grep -o 'mtu [0-9]*'; }
	ipv6 1500 > "$live"
	on "$net" apply --yes
	before=$(state)
	[[ $before == *2001:db8::9/64*'via 2001:db8::1'*'mtu 1500' ]]
	# Below 1280 IPv6 leaves the link.
	ipv6 1000 > "$host/etc/network/interfaces.new"
	run on "$net" apply --yes
	[ "$status" = 1 ]
	[[ $output == *'vmbr0: the kernel took it without a word, but it is not so: add address 2001:db8::9/64'* ]]
	[ "$(state)" = "$before" ] || { state; false; }
	run on "$net" status
	[ "$status" = 0 ]
	# What sysctl had went with it, and is back as well.
	rm "$host/etc/network/interfaces.new"
	ipv6 1500 '\taccept-ra 0\n' > "$live"
	on "$net" apply --yes
	[ "$(on cat /proc/sys/net/ipv6/conf/vmbr0/accept_ra)" = 0 ]
	ipv6 1000 '\taccept-ra 0\n' > "$host/etc/network/interfaces.new"
	run on "$net" apply --yes
	[ "$status" = 1 ]
	[ "$(on cat /proc/sys/net/ipv6/conf/vmbr0/accept_ra)" = 0 ]
	[ "$(state)" = "$before" ] || { state; false; }
}

@test "apply: a bridge with a guest's port is deleted with --force only" {
	{
		bridge_files
		printf 'auto vmbr1\niface vmbr1 inet manual\n\tbridge-ports none\n'
	} > "$live"
	on "$net" apply --yes
	plug tap100i0 vmbr1
	bridge_files > "$host/etc/network/interfaces.new"
	run on "$net" apply --yes
	[ "$status" = 77 ]
	[[ $output == *'vmbr1: '*tap100i0*--force* ]]
	$IP link show master vmbr1 | grep -q tap100i0
	run on "$net" plan --force -H -o risk,object,action
	[[ $output == *"$(printf 'guest loss\tvmbr1\tdelete bridge')"* ]]
	on "$net" apply --yes --force
	run $IP link show vmbr1
	[ "$status" != 0 ]
}

@test "apply: what nobody configured is left alone" {
	bridge_files > "$live"
	on "$net" apply --yes
	$IP link add docker0 type bridge
	$IP link set docker0 up
	$IP addr add 172.17.0.1/16 dev docker0
	$IP addr add 192.0.2.77/24 dev vmbr0
	$IP route add 198.51.100.0/24 via 192.0.2.5
	before=$($IP -o addr; $IP route)
	bridge_files | sed 's/fd 0/fd 3/; s/stp off/stp on/' > "$host/etc/network/interfaces.new"
	on "$net" apply --yes
	[ "$($IP -o addr; $IP route)" = "$before" ]
	run on "$net" status -a vmbr0 -H -o option,have,state
	[[ $output == *"$(printf 'address\t192.0.2.77/24\textra')"* ]]
}

@test "apply: bad values are refused with their place, and nothing changes" {
	bridge_files | sed 's/192.0.2.9.24/192.0.2.999/; s/fd 0/fd never/' > "$live"
	run on "$net" apply --yes
	[ "$status" = 65 ]
	[[ $output == *'/etc/network/interfaces:8: '*192.0.2.999* ]]
	[[ $output == *'/etc/network/interfaces:12: '*never*bridge-fd* ]]
	run $IP link show vmbr0
	[ "$status" != 0 ]
}

@test "apply: without root 77, two at once 75" {
	# The program itself may lie where nobody else may look.
	nobody='--reuid 65534 --clear-groups --inh-caps=+dac_read_search --ambient-caps=+dac_read_search'
	bridge_files > "$live"
	# shellcheck disable=SC2086 # words
	run on setpriv $nobody "$net" apply --yes
	[ "$status" = 77 ]
	on flock "$host/run/lock/pve-net-apply.lock" sleep 5 &
	holder=$!
	while flock -n "$host/run/lock/pve-net-apply.lock" true; do sleep 0.1; done
	run on "$net" --wait 0 apply
	kill "$holder" 2> /dev/null || :
	[ "$status" = 75 ]
	# shellcheck disable=SC2086 # words
	run on setpriv $nobody "$net" plan
	[ "$status" = 0 ]
}

@test "status: drift, option by option" {
	bridge_files > "$live"
	on "$net" apply --yes
	$IP link set vmbr0 down
	$IP addr del 192.0.2.9/24 dev vmbr0
	$IP link set eno1 nomaster
	run on "$net" status -H
	[ "$status" = 1 ]
	[[ $output == *"$(printf 'vmbr0\tup\t%s\t%s\tdrift' yes no)"* ]]
	[[ $output == *"$(printf 'vmbr0\taddress\t192.0.2.9/24\t\tdrift')"* ]]
	[[ $output == *"$(printf 'vmbr0\tgateway\t192.0.2.1\t\tdrift')"* ]]
	[[ $output == *"$(printf 'eno1\tmaster\tvmbr0\tnone\tdrift')"* ]]
	$IP link del vmbr0
	run on "$net" status -H vmbr0
	[ "$status" = 1 ]
	[ "$output" = "$(printf 'vmbr0\tlink\tbridge\t\tmissing')" ]
	on "$net" apply --yes
	run on "$net" status
	[ "$status" = 0 ]
}

# recorder NAME: a program of that name that writes down how it was called, and does COMMAND.
recorder() {
	mkdir -p "$host/sbin"
	{
		printf '#!/bin/sh\nprintf "%%s\\n" "%s $*" >> "%s"\n' "$1" "$host/calls"
		cat
	} > "$host/sbin/$1"
	chmod +x "$host/sbin/$1"
}

with_programs() {
	# shellcheck disable=SC2016 # for the inner shell
	on sh -c 'mount --bind "$0" /usr/local/sbin && PATH=/usr/local/sbin:$PATH exec "$@"' "$host/sbin" "$@"
}

@test "apply: an alias with a tab and a backslash arrives, and goes" {
	{
		bridge_files
		printf '\talias guests\tand a \\ more\n'
	} > "$live"
	on "$net" apply --yes
	[ "$($IP -j link show vmbr0 | jq -r '.[0].ifalias')" = "$(printf 'guests\tand a \\ more')" ]
	run on "$net" status
	[ "$status" = 0 ] || { echo "$output"; false; }
	bridge_files > "$host/etc/network/interfaces.new"
	on "$net" apply --confirm 60
	[ "$($IP -j link show vmbr0 | jq -r '.[0].ifalias // empty')" = '' ]
	# The undo has the old text.
	on "$net" rollback
	[ "$($IP -j link show vmbr0 | jq -r '.[0].ifalias')" = "$(printf 'guests\tand a \\ more')" ]
}

@test "apply: Open vSwitch in one transaction, addresses by netlink, undone as one" {
	cat > "$live" << 'EOT'
auto eno1
iface eno1 inet manual
	ovs_type OVSPort
	ovs_bridge vmbr0
auto vmbr0
iface vmbr0 inet static
	address 192.0.2.9/24
	gateway 192.0.2.1
	ovs_type OVSBridge
	ovs_ports eno1
EOT
	run on "$net" plan
	[[ $output == *'ovs-vsctl is not installed'* ]]
	# What it would make: here a pair stands in for the bridge of the kernel's openvswitch.
	recorder ovs-vsctl <<< 'case $* in *del-br*) ip link del vmbr0 ;; *) ip link add vmbr0 type veth peer name ovs ;; esac'
	with_programs "$net" plan -H -o action,object | grep '^run ovs-vsctl .*Open vSwitch$'
	with_programs "$net" apply --yes || :
	[ "$(cat "$host/calls")" = 'ovs-vsctl --timeout=15 -- --may-exist add-br vmbr0 -- --may-exist add-port vmbr0 eno1' ]
	$IP -4 -o addr show dev vmbr0 | grep -q 192.0.2.9/24
	# Nothing changed: not called again.
	with_programs "$net" apply --yes
	[ "$(wc -l < "$host/calls")" = 1 ]
	# A refusal later on: the transaction is undone.
	$IP link del vmbr0
	printf 'auto bad\niface bad inet manual\n\tbridge-ports none\n\tmtu 70000\n' >> "$live"
	rm "$host/calls"
	run with_programs "$net" apply --yes
	[ "$status" = 1 ]
	[ "$(grep -c . "$host/calls")" = 2 ]
}

@test "apply: dhclient starts once, and stops when the method goes" {
	printf 'auto eno1\niface eno1 inet dhcp\n' > "$live"
	run on "$net" apply --yes
	[[ $output == *'interfaces:2: eno1: dhclient is not installed'* ]]
	sleep 60 &
	client=$!
	recorder dhclient << EOT
case \$* in *-r*) rm /run/dhclient.eno1.pid ;; *) echo $client > /run/dhclient.eno1.pid ;; esac
EOT
	with_programs "$net" apply --yes
	with_programs "$net" apply --yes
	printf 'auto eno1\niface eno1 inet static\n\taddress 192.0.2.9/24\n' > "$host/etc/network/interfaces.new"
	with_programs "$net" apply --yes
	kill "$client"
	files='-pf /run/dhclient.eno1.pid -lf /var/lib/dhcp/dhclient.eno1.leases eno1'
	[ "$(cat "$host/calls")" = "dhclient -4 $files
dhclient -4 -r $files" ]
	$IP -4 -o addr show dev eno1 | grep -q 192.0.2.9/24
}
