#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154 # live-host.sh sets some
#
# What README and the section EXAMPLES of pve-net(8) say, as it stands there: every line is run, in
# their order.  A line that is added there, or taken out, needs its step here.

load live-host.sh

setup() {
	live_host readme
	$IP link set lo up
	# The changes of the examples follow on generation 11.
	mkdir -p "$host/var/pve-net/generations"
	printf '%s\n' 'pve-net generation 1' 'time 1780000001' 'user root' 'login ' 'from ' 'via apply' 'why ' \
		'plan 0' '' 'file 21 0644 /etc/network/interfaces' 'iface a inet manual' ' ' 'end' \
		> "$host/var/pve-net/generations/10"
	bridge_files > "$live"
	on "$net" apply --live --yes -m 'as installed'
	# awk is a link into it.
	cp -a /etc/alternatives "$host/etc/"
	echo 'root:x:0:0::/root:/bin/sh' > "$host/etc/passwd"
	mkdir "$BATS_TEST_TMPDIR/work"
	server=
}

teardown() {
	[ -z "$server" ] || kill "$server"
	live_host_done
}

# step CODE [PATTERN]: the next of the lines, run by a shell on the host with the tools in its PATH,
# ends with CODE and says PATTERN.
step() {
	line=$(head -n 1 "$BATS_TEST_TMPDIR/lines")
	sed -i 1d "$BATS_TEST_TMPDIR/lines"
	# shellcheck disable=SC2016 # for the inner shell
	run on bash -c 'mount --bind "$0/mnt" /mnt && cd "$1" && PATH=$2:$PATH && eval "$3"' \
		"$BATS_TEST_TMPDIR" "${cwd:-$PWD}" "$PWD/build/bin" "$line"
	[ "$status" = "$1" ] || { echo "$line: exit code $status, not $1: $output"; false; }
	# shellcheck disable=SC2053 # a pattern
	[[ $output == *${2-}* ]] || { echo "$line: $output"; false; }
}

# no_more: all lines were run.
no_more() { [ ! -s "$BATS_TEST_TMPDIR/lines" ] || { echo "no step for: $(cat "$BATS_TEST_TMPDIR/lines")"; false; }; }


@test "README: the tour" {
	awk '/^Tour$/ { on = 1 } /^Piping:$/ { exit } on' README |
		sed -e ':a' -e '/\\$/N' -e 's/\\\n *//' -e 'ta' |
		sed -n 's/^    \(\(build\/bin\/\)\{0,1\}pve-net [a-z-].*\|cp -r tests\/hosts\/pve6-bridge .*\|mkdir .*\)/\1/p' |
		sed "s|/tmp/|$BATS_TEST_TMPDIR/work/|g" > "$BATS_TEST_TMPDIR/lines"
	mkdir "$BATS_TEST_TMPDIR/mnt"
	step 0 vmbr0 # list
	step 0 eno1  # graph
	step 2 NET-GATEWAY-TWICE
	step 0 'PCI bus 3, slot 0, function 1'
	step 0
	step 65 'vmbr0 has the MTU 9000, but eno1 below it has 1500'
	step 0
	step 0
	step 1 '+        address 2001:db8::2/64'
	step 1 'vmbr0     address -   2001:db8::2/64'
	step 0
	grep -q 'bridge-ports nic0' "$BATS_TEST_TMPDIR/work/host/etc/network/interfaces.new"
	step 0
	step 0
	grep -q 'bond-slaves eno1 eno2' "$BATS_TEST_TMPDIR/work/new/etc/network/interfaces.new"
	step 0
	# From here on it is this host.
	bridge_files 192.0.2.10/24 > "$live.new"
	step 0 'add address 192.0.2.10/24'
	step 0 'applied, for 60 seconds'
	[ "$(address)" = 192.0.2.10/24 ]
	step 0
	step 0
	step 0 'new uplink'
	[ "$(address)" = 192.0.2.9/24 ]
	step 0 'create /etc/sysctl.d/disable-ipv6.conf'
	[ ! -e "$host/etc/sysctl.d" ]
	mkdir -p "$host/etc/systemd"
	printf '[Time]\nNTP=127.0.0.1\n' > "$host/etc/systemd/timesyncd.conf"
	mkfifo "$BATS_TEST_TMPDIR/ready"
	ip netns exec "$ns" tests/net/ntp-faulty 127.0.0.1 none > "$BATS_TEST_TMPDIR/ready" 3>&- &
	server=$!
	read -r _ < "$BATS_TEST_TMPDIR/ready"
	step 0 NTP-GOOD
	no_more
}

@test "README: the pipelines" {
	# Each is the lines below a comment, up to an empty one; they are run as one.
	awk '/^Piping:$/ { on = 1 } /^Inside$/ { exit } on' README | awk -v RS= '/\n    pve-net / {
		sub(/^ *#[^\n]*\n/, ""); gsub(/\n */, " "); sub(/^ */, ""); print }' > "$BATS_TEST_TMPDIR/lines"
	mkdir "$BATS_TEST_TMPDIR/mnt" "$host/etc/network/interfaces.d"
	printf 'source interfaces.d/*\n' >> "$live"
	printf 'auto vmbr1\niface vmbr1 inet static\n\taddress 198.51.100.1\n\tbridge-ports none\n' \
		> "$host/etc/network/interfaces.d/more"
	$IP link set eno1 mtu 1800
	cwd=$BATS_TEST_TMPDIR/work
	step 0
	[ "$(grep -v '^lo' <<< "$output")" = $'eno1\t1800\nvmbr0\t1800' ]
	step 0
	[ "$(tr -s ' ' <<< "${lines[1]}" | sed 's/ $//')" = 'vmbr1 bridge /etc/network/interfaces.d/more 2' ]
	step 0
	[[ ${#lines[@]} = 1 && $output == '/etc/network/interfaces.d/more:3: '*198.51.100.1* ]]
	step 0
	[[ ${#lines[@]} = 1 && $output == *198.51.100.1* ]]
	step 0
	[ "$(cat "$live.new" "$host/var/pve-net/staged/"*more.new | grep -c 'mtu 1400')" = 2 ]
	command -v dot > /dev/null || skip 'graphviz is not installed'
	step 0
	grep -q 'vmbr0' "$cwd/net.svg"
	no_more
}

@test "pve-net(8): EXAMPLES" {
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/s/^\.Dl [$#] //p' man/pve-net.8 |
		sed 's/\\(dq/"/g; s/\\(aq/'\''/g; s/\\e/\\/g' > "$BATS_TEST_TMPDIR/lines"
	cp -r tests/hosts/pve6-bond "$BATS_TEST_TMPDIR/mnt"
	cwd=$BATS_TEST_TMPDIR/work
	printf 'iface bad inet static\n' > "$live.new"
	cat "$live" >> "$live.new"
	mv "$live.new" "$live"
	$IP link add loose type veth peer name ends
	step 0 loose
	step 0 $'critical\t/etc/network/interfaces:1\t'
	bridge_files > "$live"
	{ bridge_files; printf '\nauto vmbr1\niface vmbr1 inet manual\n\tbridge-ports eno1.1\n' | sed 's/eno1.1/none/'; } > "$live.new"
	# None of it hurts.
	step 1
	step 0
	$IP link show vmbr1
	{ cat "$live"; printf '\tmtu 1400\n'; } | sed 's/192.0.2.9/192.0.2.10/' > "$live.new"
	step 0 'applied, for 60 seconds'
	step 0
	sed 's/192.0.2.10/192.0.2.11/' "$live" > "$live.new"
	on "$net" apply --confirm 60
	[ "$(address)" = 192.0.2.11/24 ]
	step 0
	[ "$(address)" = 192.0.2.10/24 ]
	step 0 'uplink to the new switch'
	step 0 'generation 12'
	on "$net" revert
	step 0
	[ "$(address)" = 192.0.2.9/24 ]
	on "$net" confirm
	step 0 $'\troot\t\tuplink to the new switch'
	command -v dot > /dev/null || skip 'graphviz is not installed'
	step 0
	step 0 bond0
	mv "$live" "$BATS_TEST_TMPDIR/live"
	step 0
	step 1 '+	bridge-ports eno1'
	on "$net" revert
	# What the rest is about: two bonds, a bridge on each.
	cat > "$live" <<- 'end'
		iface eno1 inet manual
		iface eno2 inet manual
		iface enp3s0f1 inet manual
		iface enp4s0 inet manual
		auto bond1
		iface bond1 inet manual
			bond-slaves enp4s0
			bond-miimon 100
		iface enp4s0 inet manual
			mtu 9000
		auto bond0
		iface bond0 inet manual
			bond-slaves enp3s0f1
			bond-miimon 100
		auto vmbr1
		iface vmbr1 inet manual
			bridge-ports bond1
		iface bond0.5 inet manual
		auto vmbr0
		iface vmbr0 inet static
			address 192.0.2.2/24
			bridge-ports eno1
			post-up echo done
	end
	step 0
	step 0
	step 0
	step 0
	step 0
	step 0
	step 0 $'9000'
	step 0 $'vmbr0.address'
	step 0 'bond0.5 goes, too'
	# No NIC gets into a namespace of a test; tests/vm/net-pin.sh has one.
	step 69 '--mac says which one is meant'
	no_more
}
