#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	net=build/bin/pve-net
	root=$BATS_TEST_TMPDIR/root
	snippet=$root/etc/sysctl.d/disable-ipv6.conf
	mkdir -p "$root/etc/sysctl.d" "$root/etc/network" "$root/usr/lib/sysctl.d"
	printf 'auto lo\niface lo inet loopback\niface vmbr0 inet static\n\taddress 192.0.2.1/24\n' \
		> "$root/etc/network/interfaces"
	guide='net.ipv6.conf.all.disable_ipv6 = 1
net.ipv6.conf.default.disable_ipv6 = 1'
}

# tree: all files below the root but the tools' own lock and journal directories.
tree() {
	find "$root" \( -path '*/lock' -o -path '*/pve-tools' \) -prune -o -type f -print0 |
		sort -z | xargs -0 sha256sum
}

@test "ipv6 off writes the snippet of the guide, on removes it" {
	before=$(tree)
	run $net --root "$root" ipv6 off
	[ "$status" = 0 ]
	[ "$(cat "$snippet")" = "$guide" ]
	run $net --root "$root" ipv6 off
	[ "$status" = 0 ]
	[ "$(cat "$snippet")" = "$guide" ]
	run $net --root "$root" ipv6 on
	[ "$status" = 0 ]
	[ "$(tree)" = "$before" ]
	run $net --root "$root" ipv6 on
	[ "$status" = 0 ]
	[ "$(tree)" = "$before" ]
}

@test "ipv6 off and on for some interfaces; what else is in the file stays" {
	printf '# ours\nnet.ipv4.ip_forward = 1\n' > "$snippet"
	before=$(tree)
	run $net --root "$root" ipv6 off vmbr0 eno1.50
	[ "$status" = 0 ]
	[ "$(cat "$snippet")" = '# ours
net.ipv4.ip_forward = 1
net.ipv6.conf.vmbr0.disable_ipv6 = 1
net.ipv6.conf.eno1/50.disable_ipv6 = 1' ]
	run $net --root "$root" ipv6 -H -o iface,boot show vmbr0 eno1.50 lo
	[ "$output" = 'eno1.50	off
lo	on
vmbr0	off' ]
	run $net --root "$root" ipv6 on eno1.50
	[ "$(grep -c disable_ipv6 "$snippet")" = 1 ]
	run $net --root "$root" ipv6 on
	[ "$(tree)" = "$before" ]
}

@test "ipv6 show: the file that decides" {
	echo 'net.ipv6.conf.all.disable_ipv6 = 1' > "$root/usr/lib/sysctl.d/10-a.conf"
	echo 'net.ipv6.conf.all.disable_ipv6 = 0' > "$root/etc/sysctl.d/20-b.conf"
	echo 'net.ipv6.conf.all.disable_ipv6 = 1' > "$root/usr/lib/sysctl.d/20-b.conf"
	run $net --root "$root" ipv6 -H
	[ "$status" = 0 ]
	[ "${lines[0]}" = 'all		on	/etc/sysctl.d/20-b.conf:1' ]
	[[ $output == *'vmbr0		on	/etc/sysctl.d/20-b.conf:1'* ]]
	ln -s /dev/null "$root/etc/sysctl.d/10-a.conf"
	echo 'net.ipv6.conf.vmbr0.disable_ipv6 = 1' > "$root/etc/sysctl.conf"
	ln -s ../sysctl.conf "$root/etc/sysctl.d/99-sysctl.conf"
	run $net --root "$root" ipv6 -H show vmbr0
	[ "$output" = 'vmbr0		off	/etc/sysctl.d/99-sysctl.conf:1' ]
	rm "$root/etc/sysctl.d/20-b.conf" "$root/usr/lib/sysctl.d/20-b.conf"
	run $net --root "$root" ipv6 -H show all
	[ "$output" = 'all		on	' ]
	run $net --root "$root" ipv6 show nothere0
	[ "$status" = 69 ]
}

@test "ipv6 off warns of what needs IPv6, and of files that have the last word" {
	printf 'iface vmbr0 inet6 auto\n' >> "$root/etc/network/interfaces"
	echo node1 > "$root/etc/hostname"
	printf '127.0.0.1 localhost\n2001:db8::1 node1.example.org node1\n' > "$root/etc/hosts"
	mkdir -p "$root/etc/pve"
	printf 'nodelist {\n  ring0_addr: fd00::1\n}\n' > "$root/etc/pve/corosync.conf"
	echo 'net.ipv6.conf.all.disable_ipv6 = 0' > "$root/etc/sysctl.d/zz.conf"
	run $net --root "$root" ipv6 off
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 4 ]
	[[ $output == *'/etc/network/interfaces:5: vmbr0 has an inet6 stanza'* ]]
	[[ $output == *'/etc/hosts:2: '*2001:db8::1* ]]
	[[ $output == *'/etc/pve/corosync.conf:2: '*fd00::1* ]]
	[[ $output == *'/etc/sysctl.d/zz.conf:1: turns IPv6 on for all at boot'* ]]
	rm "$root/etc/sysctl.d/zz.conf"
	echo 'net.ipv6.conf.default.disable_ipv6 = 1' > "$root/etc/sysctl.d/zz.conf"
	run $net --root "$root" ipv6 on
	[[ $output == *'/etc/sysctl.d/zz.conf:1: turns IPv6 off for default at boot'* ]]
}

@test "ipv6: --dry-run changes nothing; wrong names and words are 64" {
	before=$(tree)
	run $net --root "$root" -n ipv6 off
	[ "$status" = 0 ]
	[ "$output" = 'create /etc/sysctl.d/disable-ipv6.conf: IPv6 is off at boot' ]
	for name in ../../x 'a b' '*' 'a=b' abcdefghijklmnop ''; do
		run $net --root "$root" ipv6 off "$name"
		[ "$status" = 64 ]
	done
	run $net --root "$root" ipv6 of
	[ "$status" = 64 ]
	[ "$(tree)" = "$before" ]
}
