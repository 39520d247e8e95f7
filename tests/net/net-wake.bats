#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-net wake: two cables to a second network namespace, in which somebody listens.

load own-network.sh

setup() {
	own_network
	cd "$BATS_TEST_DIRNAME/../.." || return
	net=build/bin/pve-net
	unshare --net sleep 300 3>&- &
	other=$!
	# The namespace is there when it is not ours any more.
	while [ "$(readlink "/proc/$other/ns/net")" = "$(readlink /proc/self/ns/net)" ]; do
		sleep 0.05
	done
	for i in 0 1; do
		ip link add "wan$i" type veth peer name "far$i"
		ip link set "far$i" netns "$other"
		ip addr add "10.9.$i.1/24" broadcast + dev "wan$i"
		ip link set "wan$i" up
		there ip addr add "10.9.$i.2/24" broadcast + dev "far$i"
		there ip link set "far$i" up
	done
	listen
}

teardown() {
	kill "$other" "$listener"
	wait "$other" "$listener" || :
	# The cables are gone with the other namespace when nobody is left in it.
	ip link del wan0 || :
	ip link del wan1 || :
} 2> /dev/null

there() {
	nsenter "--net=/proc/$other/ns/net" "$@"
}

# Writes "SENDER HEX" for each packet to port 9 into $heard.
listen() {
	heard=$BATS_TEST_TMPDIR/heard
	mkfifo "$BATS_TEST_TMPDIR/ready"
	# Not through `there`: what is killed at the end must be perl itself, no shell above it.
	# shellcheck disable=SC2016 # for perl
	nsenter "--net=/proc/$other/ns/net" perl -MIO::Socket::INET -e '
		my $s = IO::Socket::INET->new(LocalPort => 9, Proto => "udp") or die $!;
		open(my $f, ">", $ARGV[0]) or die $!;
		$f->autoflush(1);
		print "ready\n";
		close(STDOUT);
		while ($s->recv(my $p, 2000)) {
			print $f $s->peerhost(), " ", unpack("H*", $p), "\n";
		}' "$heard" > "$BATS_TEST_TMPDIR/ready" 3>&- &
	listener=$!
	read -r _ < "$BATS_TEST_TMPDIR/ready"
}

# packet HEXMAC: the magic packet.
packet() {
	printf 'ffffffffffff'
	printf "%.0s$1" $(seq 16)
}

# arrived N: waits until N packets are there, and sees that there are no more.
arrived() {
	for _ in $(seq 40); do
		[ "$(wc -l < "$heard")" -lt "$1" ] || break
		sleep 0.05
	done
	sleep 0.1
	[ "$(wc -l < "$heard")" = "$1" ]
}

@test "wake: three packets on each interface that is up" {
	run $net wake -H 52:54:00:12:34:56
	[ "$status" = 0 ]
	[ "$output" = '	52:54:00:12:34:56	wan0	255.255.255.255	3
	52:54:00:12:34:56	wan1	255.255.255.255	3' ]
	arrived 6
	[ "$(sort "$heard" | uniq -c | sed 's/^ *//')" = "3 10.9.0.1 $(packet 525400123456)
3 10.9.1.1 $(packet 525400123456)" ]
}

@test "wake: one interface, one packet, a directed broadcast; several MACs" {
	run $net wake -H -i wan1 -b 10.9.1.255 -c 1 52:54:00:12:34:56 52:54:00:12:34:57
	[ "$status" = 0 ]
	arrived 2
	[ "$(cat "$heard")" = "10.9.1.1 $(packet 525400123456)
10.9.1.1 $(packet 525400123457)" ]
}

@test "wake: an interface without an address works when it is named" {
	ip addr flush dev wan0
	run $net wake -H -c 1 -i wan0 52:54:00:12:34:56
	[ "$status" = 0 ] || { echo "$output"; false; }
	run $net wake -H -c 1 52:54:00:12:34:56
	[ "$output" = '	52:54:00:12:34:56	wan1	255.255.255.255	1' ]
}

@test "wake: a node of the cluster, by the property of its configuration" {
	etc=$BATS_TEST_TMPDIR/etc
	mkdir -p "$etc/pve/nodes/sleeper" "$etc/pve/nodes/$(hostname)"
	echo 'wakeonlan: 52:54:00:12:34:58' > "$etc/pve/nodes/sleeper/config"
	echo 'wakeonlan: 52:54:00:00:00:01,bind-interface=wan1' > "$etc/pve/nodes/$(hostname)/config"
	# shellcheck disable=SC2016 # for the inner shell
	run unshare --mount sh -c 'mount --bind "$0" /etc && exec "$@"' "$etc" "$net" wake -H -c 2 sleeper
	[ "$status" = 0 ] || { echo "$output"; false; }
	[ "$output" = 'sleeper	52:54:00:12:34:58	wan1	255.255.255.255	2' ]
	arrived 2
	[ "$(uniq "$heard")" = "10.9.1.1 $(packet 525400123458)" ]
}

@test "wake: no such interface, none up" {
	run $net wake -i nothere0 52:54:00:12:34:56
	[ "$status" = 69 ]
	ip link set wan0 down
	ip link set wan1 down
	run $net wake 52:54:00:12:34:56
	[ "$status" = 69 ]
	run $net wake -H -i wan0 52:54:00:12:34:56
	[ "$status" != 0 ]
}
