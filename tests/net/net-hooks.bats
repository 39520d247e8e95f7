#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Hooks as pve-net apply runs them, beside Debian's ifup and ifdown: the same commands and scripts,
# in the same environment.  In a network namespace of the test's own, with /etc, /var/lib and /run of
# its own.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	net=$PWD/build/bin/pve-net
	ns=pve-net-hooks-$$-$BATS_TEST_NUMBER
	host=$BATS_TEST_TMPDIR/host
	mkdir -p "$host/etc/network" "$host/var" "$host/run/lock" "$host/run/network"
	for dir in pre-up up down post-down; do
		mkdir "$host/etc/network/if-$dir.d"
	done
	ip netns add "$ns" 2> /dev/null || skip 'needs root and network namespaces'
	IP="ip -n $ns"
	$IP link add dm0 type veth peer name wire || skip 'the kernel has no veth'
	$IP link set wire up
	live=$host/etc/network/interfaces
	staged=$live.new
}

teardown() {
	ip netns del "$ns" 2> /dev/null || :
}

on() {
	# shellcheck disable=SC2016 # for the inner shell
	ip netns exec "$ns" sh -c '
		mount --bind "$0/etc" /etc && mount --bind "$0/var" /var/lib &&
		mount --bind "$0/run" /run && exec "$@"' "$host" "$@"
}

# script DIR NAME: one that writes its environment, and one that no run-parts runs.
script() {
	cat > "$host/etc/network/if-$1.d/$2" << 'EOT'
#!/bin/sh
env | sort > "/run/env/script.$PHASE.$ADDRFAM"
echo "script $PHASE $ADDRFAM" >> /run/env/order
EOT
	chmod +x "$host/etc/network/if-$1.d/$2"
	cp "$host/etc/network/if-$1.d/$2" "$host/etc/network/if-$1.d/$2.dpkg-old"
}

# stanza FAMILY METHOD: read the options from standard input, add hooks that write what they get.
stanza() {
	echo "iface dm0 $1 $2"
	cat
	for phase in pre-up up post-up pre-down down post-down; do
		echo "	$phase env | sort > /run/env/$phase.\$ADDRFAM; echo $phase \$ADDRFAM >> /run/env/order"
	done
}

config() {
	echo 'auto dm0'
	stanza inet static << 'EOT'
	address 192.0.2.5/24
	mtu 1400
	hwaddress ether 02:00:00:00:00:01
	bond_odd  two   words
	x.y-z odd value
	dup a
	dup b
EOT
	stanza inet6 static << 'EOT'
	address 2001:db8::5/64
	dad-attempts 0
EOT
}

# collect NAME COMMAND...: run it, keep what the hooks wrote without what belongs to the programs:
# the lock of ifupdown, and what the shell adds.
collect() {
	name=$BATS_TEST_TMPDIR/$1
	shift
	mkdir -p "$host/run/env"
	on "$@" || { echo "failed: $*"; return 1; }
	sed -i '/^IFUPDOWN_/d; /^PWD=/d; /^_=/d; /^SHLVL=/d; /^OLDPWD=/d' "$host"/run/env/*
	mv "$host/run/env" "$name"
}

@test "the environment and the order are those of ifup and ifdown" {
	scripts/fetch-peer ifupdown build/peers/ifupdown > "$BATS_TEST_TMPDIR/fetch" 2>&1 ||
		skip 'ifupdown could not be had'
	for dir in pre-up up down post-down; do script $dir some_Script-1; done
	config > "$live"
	collect up.theirs build/peers/ifupdown/sbin/ifup dm0
	collect down.theirs build/peers/ifupdown/sbin/ifdown dm0
	$IP addr flush dev dm0

	cp "$live" "$staged"
	: > "$live"
	collect up.ours "$net" apply --yes
	: > "$staged"
	collect down.ours "$net" apply --yes
	for way in up down; do
		# ifupdown ends one family before it begins the other, pve-net changes the kernel for
		# both at once: the order is that of each family.
		for family in inet inet6; do
			diff <(grep " $family\$" "$BATS_TEST_TMPDIR/$way.theirs/order") \
				<(grep " $family\$" "$BATS_TEST_TMPDIR/$way.ours/order")
		done
		rm "$BATS_TEST_TMPDIR/$way.ours/order" "$BATS_TEST_TMPDIR/$way.theirs/order"
		diff -r "$BATS_TEST_TMPDIR/$way.theirs" "$BATS_TEST_TMPDIR/$way.ours"
		[ "$(find "$BATS_TEST_TMPDIR/$way.ours" -type f | wc -l)" -ge 8 ]
	done
}

# Appends to a file which hooks ran.
tracing() {
	cat << EOT
auto $1
iface $1 inet manual
	mtu $2
	pre-up echo pre-up $1 >> /run/ran
	up echo up $1 >> /run/ran
	down echo down $1 >> /run/ran
	post-down echo post-down $1 >> /run/ran
EOT
}

ran() { tr '\n' , < "$host/run/ran" 2> /dev/null; rm -f "$host/run/ran"; }

@test "hooks run for changed stanzas only, and for nothing when nothing changed" {
	$IP link add dm2 type veth peer name wire2
	{ tracing dm0 1400; tracing dm2 1400; } > "$staged"
	on "$net" apply --yes
	[ "$(ran)" = 'pre-up dm0,pre-up dm2,up dm0,up dm2,' ]
	on "$net" apply --yes
	[ "$(ran)" = '' ]
	# Drift of the kernel is mended without hooks.
	$IP link set dm0 mtu 1300
	on "$net" apply --yes
	[ "$($IP -j link show dm0 | jq '.[0].mtu')" = 1400 ]
	[ "$(ran)" = '' ]
	# Comments and spelling are no change.
	{ echo '# a comment'; tracing dm0 1400 | sed 's/	up /	post-up /'; tracing dm2 1350; } > "$staged"
	on "$net" apply --yes
	[ "$(ran)" = 'down dm2,post-down dm2,pre-up dm2,up dm2,' ]
	tracing dm0 1400 > "$staged"
	on "$net" apply --yes
	[ "$(ran)" = 'down dm2,post-down dm2,' ]
}

@test "hooks of the way up run for an interface that was down, as after a boot" {
	tracing dm0 1400 > "$staged"
	on "$net" apply --yes
	[ "$(ran)" = 'pre-up dm0,up dm0,' ]
	$IP link set dm0 down
	on "$net" apply --live --yes
	[ "$(ran)" = 'pre-up dm0,up dm0,' ]
	on "$net" apply --live --yes
	[ "$(ran)" = '' ]
}

@test "a hook that fails undoes everything, with the opposite hooks" {
	tracing dm0 1400 > "$staged"
	on "$net" apply --yes
	[ "$(ran)" = 'pre-up dm0,up dm0,' ]
	cp "$live" "$BATS_TEST_TMPDIR/old"
	{ tracing dm0 1350; echo '	up exit 7'; } > "$staged"
	run on "$net" apply --yes
	[ "$status" = 1 ]
	[[ $output == *'exit 7: /bin/sh ended with status 7'* ]]
	[ "$(ran)" = 'down dm0,post-down dm0,pre-up dm0,up dm0,down dm0,post-down dm0,pre-up dm0,up dm0,' ]
	cmp "$live" "$BATS_TEST_TMPDIR/old"
	[ "$($IP -j link show dm0 | jq '.[0].mtu')" = 1400 ]
	# On the way down failures are passed over, as ifdown does.
	{ tracing dm0 1400; echo '	down exit 7'; } > "$staged"
	on "$net" apply --yes
	ran
	tracing dm0 1300 > "$staged"
	on "$net" apply --yes
	[ "$(ran)" = 'down dm0,post-down dm0,pre-up dm0,up dm0,' ]
}

@test "rollback runs the opposite hooks, too; scripts of bridge-utils never run" {
	printf '#!/bin/sh\necho bridge >> /run/ran\n' > "$host/etc/network/if-post-down.d/bridge"
	chmod +x "$host/etc/network/if-post-down.d/bridge"
	tracing dm0 1400 > "$staged"
	on "$net" apply --yes
	ran
	tracing dm0 1350 > "$staged"
	on "$net" apply --confirm 60
	ran
	on "$net" rollback
	[ "$(ran)" = 'down dm0,post-down dm0,pre-up dm0,up dm0,' ]
}
