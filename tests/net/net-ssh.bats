#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154 # live-host.sh sets some
#
# pve-net over ssh: OpenSSH's own server on the host, its client on the other end of the cable, and
# changes that touch the way between them.  The server hangs up a session that has been mute for three
# seconds.  Debian's openssh-server is unpacked, not installed.

load live-host.sh

setup() {
	live_host ssh
	sshd=$PWD/build/peers/openssh-server/usr/sbin/sshd
	staged=$live.new
	scripts/fetch-peer openssh-server build/peers/openssh-server > "$BATS_TEST_TMPDIR/fetch" 2>&1 ||
		skip 'openssh-server could not be had'
	bridge_files > "$live"
	on "$net" apply --live --yes -q
	begin_server
	far=$ns-far
	ip netns add "$far"
	$IP link set wire netns "$far"
	ip -n "$far" addr add 192.0.2.1/24 dev wire
	ip -n "$far" link set wire up
	eventually 10 admin true
}

teardown() {
	for pid in $(ip netns pids "$far" 2> /dev/null); do kill -9 "$pid"; done
	ip netns del "$far" 2> /dev/null || :
	live_host_done
}

begin_server() {
	ssh-keygen -q -t ed25519 -N '' -f "$BATS_TEST_TMPDIR/host_key"
	ssh-keygen -q -t ed25519 -N '' -f "$BATS_TEST_TMPDIR/key"
	mkdir "$host/run/sshd"
	printf '%s\n' 'root:x:0:0::/:/bin/sh' 'sshd:x:100:65534::/run/sshd:/usr/sbin/nologin' > "$host/etc/passwd"
	cat > "$BATS_TEST_TMPDIR/sshd_config" << EOT
ListenAddress 0.0.0.0
HostKey $BATS_TEST_TMPDIR/host_key
AuthorizedKeysFile $BATS_TEST_TMPDIR/key.pub
StrictModes no
PermitRootLogin yes
PidFile none
ClientAliveInterval 1
ClientAliveCountMax 2
EOT
	on "$sshd" -D -e -f "$BATS_TEST_TMPDIR/sshd_config" > "$BATS_TEST_TMPDIR/sshd.log" 2>&1 3>&- &
}

# admin COMMAND...: a new login on the host, as it is reached by its old address.
admin() {
	ip netns exec "$far" ssh -F none -i "$BATS_TEST_TMPDIR/key" -o BatchMode=yes -o ConnectTimeout=2 \
		-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR ${tty-} \
		"root@${at-192.0.2.9}" "$@"
}

has_address() { [ "$(address)" = "$1" ]; }

# sessions: the servers of logins; the one that listens is no such.
no_session() { [ "$(ip netns pids "$ns" | xargs -I{} cat /proc/{}/comm 2> /dev/null | grep -c sshd)" = 1 ]; }

@test "a change of the way that ssh comes by is refused without --confirm, and names the session" {
	bridge_files 192.0.2.10/24 > "$staged"
	run admin "$net" apply
	echo "$output"
	[ "$status" = 77 ]
	[[ $output == *'192.0.2.1'* ]]
	[[ $output == *'--confirm'* ]]
	has_address 192.0.2.9/24
}

@test "the session is lost: hung up by the server, undone in time, and the next login finds all as it was" {
	bridge_files 192.0.2.10/24 > "$staged"
	tty=-tt admin "$net apply --confirm 10; sleep 100" > "$BATS_TEST_TMPDIR/session" 2>&1 < /dev/null 3>&- &
	eventually 10 has_address 192.0.2.10/24
	# Nothing is heard of it any more; its server ends it, and with it all that the terminal has.
	eventually 10 no_session
	has_address 192.0.2.10/24
	eventually 60 has_address 192.0.2.9/24
	run admin "$net" confirm
	[ "$status" = 69 ]
	[[ $output == *'/etc/network/interfaces.new says is not in effect: it was not applied, or not confirmed in time and undone; '*' shows it' ]]
	run admin "$net" status
	[ "$status" = 0 ] || { echo "$output"; false; }
	cmp "$live" <(bridge_files)
}

@test "a login by the new address confirms" {
	bridge_files 192.0.2.10/24 > "$staged"
	tty=-tt admin "$net apply --confirm 30; sleep 100" > "$BATS_TEST_TMPDIR/session" 2>&1 < /dev/null 3>&- &
	eventually 10 has_address 192.0.2.10/24
	at=192.0.2.10 eventually 10 admin "$net" confirm
	cmp "$live" <(bridge_files 192.0.2.10/24)
	eventually 10 no_session
	has_address 192.0.2.10/24
}
