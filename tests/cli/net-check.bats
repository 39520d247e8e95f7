#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	net=build/bin/pve-net
	hosts=tests/hosts
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/etc/network"
	interfaces=$root/etc/network/interfaces
}

# findings HOST [OPTION...]: what is found, and the exit code as the last line.
findings() {
	code=0
	$net check -H --root "$hosts/$1" "${@:2}" || code=$?
	echo "exit $code"
}

@test "check: the broken host has exactly the faults that were planted" {
	findings broken -o severity,code,object,fix > "$BATS_TEST_TMPDIR/found"
	{ cat "$hosts/broken"/FINDINGS && echo 'exit 2'; } | diff -u - "$BATS_TEST_TMPDIR/found"
}

@test "check: each planted fault has a file and line that exist, and a fix" {
	while IFS=$(printf '\t') read -r _ code object fix; do
		file=${object%:*} line=${object##*:}
		[ "$fix" ] || { echo "$code: no fix" && return 1; }
		[ "$line" -ge 1 ] && [ "$line" -le "$(grep -c '' "$hosts/broken$file")" ] ||
			{ echo "$code: $object" && return 1; }
	done < "$hosts/broken"/FINDINGS
}

@test "check: the comment above each planted fault names it" {
	cut -f 2 "$hosts/broken"/FINDINGS | sort > "$BATS_TEST_TMPDIR/found"
	# What is said about the main file is announced there and in 94-live.
	{
		awk '{ sub(/\r$/, ""); print }' "$hosts/broken"/etc/network/interfaces.d/[0-9]* |
			grep -oE '^# NET-[A-Z0-9-]+|: NET-[A-Z0-9-]+$' | grep -oE 'NET-[A-Z0-9-]+'
		printf '%s\n' NET-FILE-SDN NET-FILE-MODE NET-STAGED-STALE NET-ENGINE-OLD NET-ENGINE-STOCK
	} | sort > "$BATS_TEST_TMPDIR/named"
	diff -u "$BATS_TEST_TMPDIR/named" "$BATS_TEST_TMPDIR/found"
}

@test "check: the guide's examples and the cluster node have nothing above info" {
	for host in "$hosts"/pve[68]-*; do
		# Some hosts are for other tools.
		[ -e "$host/etc/network/interfaces" ] || continue
		run findings "${host##*/}" -o severity
		[ "${lines[-1]}" = 'exit 0' ] || { echo "$host: $output" && return 1; }
		! grep -E 'warning|critical' <<< "$output"
	done
}

@test "check: worst first, then by place" {
	run $net check -H -o severity --root "$hosts/broken"
	[ "$(uniq <<< "$output" | tr '\n' ' ')" = 'critical warning info ' ]
	run $net check -H -o severity,object --root "$hosts/broken"
	grep '^critical' <<< "$output" | sort -c -s -t : -k 1,1
}

@test "check: exit 0 when there is nothing or info only" {
	printf 'auto lo\niface lo inet loopback\n' > "$interfaces"
	run $net check -H --root "$root"
	[ "$status" = 0 ]
	[ -z "$output" ]
	printf 'iface eno1 inet manual' > "$interfaces"
	run $net check -H -o code --root "$root"
	[ "$status" = 0 ]
	[ "$output" = NET-FILE-NEWLINE ]
}

@test "check: exit 1 for warnings, 2 when one is critical" {
	printf 'auto eno1\n' > "$interfaces"
	run $net check -H -o severity,code --root "$root"
	[ "$status" = 1 ]
	[ "$output" = 'warning	NET-AUTO-UNDEFINED' ]
	printf 'auto eno1\niface eno2 inet static\n\taddress 10.0.0.1\n' > "$interfaces"
	run $net check -H -o code --root "$root"
	[ "$status" = 2 ]
	[ "${lines[0]}" = NET-PREFIX-MISSING ]
}

@test "check: exit 3 when there is no configuration, or it cannot be read" {
	run $net check --root "$root"
	[ "$status" = 3 ]
	[[ $output == *"there is no $interfaces"* ]]
	mkdir "$interfaces"
	run $net check --root "$root"
	[ "$status" = 3 ]
	[[ $output == *"$interfaces"* ]]
}

@test "check: exit 3 when a file that matters cannot be read, but what was found is said" {
	mkdir -p "$root/etc/pve/corosync.conf"
	printf 'auto eno1\n' > "$interfaces"
	run bash -c "$net check -H -o code --root $root 2> $BATS_TEST_TMPDIR/err"
	[ "$status" = 3 ]
	[ "$output" = NET-AUTO-UNDEFINED ]
	grep -q corosync.conf "$BATS_TEST_TMPDIR/err"
}

@test "check: the sourced file is named, not the main one" {
	printf 'source interfaces.d/*\n' > "$interfaces"
	mkdir "$interfaces.d"
	printf '\niface eno1 inet static\n\taddress 10.0.0.300/24\n' > "$interfaces.d/a"
	run $net check -H -o object --root "$root"
	[ "$output" = /etc/network/interfaces.d/a:3 ]
}

@test "check: JSON has one object for each finding" {
	run $net check --json --root "$hosts/broken"
	[ "$status" = 2 ]
	[ "$(jq length <<< "$output")" = "$(wc -l < "$hosts/broken"/FINDINGS)" ]
	[ "$(jq -r '.[0] | keys | join(" ")' <<< "$output")" = 'code fix message object severity' ]
}

@test "check: changes nothing" {
	cp -a "$hosts/broken" "$BATS_TEST_TMPDIR/copy"
	$net check --root "$BATS_TEST_TMPDIR/copy" > /dev/null || [ $? = 2 ]
	diff -r "$hosts/broken" "$BATS_TEST_TMPDIR/copy"
}

@test "check: the IPv6 setting that counts at boot" {
	printf 'auto a\niface a inet6 static\n\taddress fd00::7/64\n' > "$interfaces"
	mkdir -p "$root/etc/sysctl.d" "$root/usr/lib/sysctl.d"
	echo 'net.ipv6.conf.all.disable_ipv6 = 1' > "$root/etc/sysctl.d/50-off.conf"
	run $net check -H -o code,fix --root "$root"
	[ "$output" = 'NET-INET6-DISABLED	pve-net ipv6 on' ]
	echo 'net.ipv6.conf.all.disable_ipv6 = 0' > "$root/usr/lib/sysctl.d/60-on.conf"
	run $net check -H --root "$root"
	[ "$status" = 0 ]
}

@test "check: names in a file cannot drive the terminal" {
	printf 'auto a\033cb\n' > "$interfaces"
	run $net check --root "$root"
	[ "$status" = 1 ]
	[[ $output != *$'\033'* ]]
}

@test "check: 4,094 bridges within 16 MiB" {
	awk 'BEGIN { for (i = 1; i <= 4094; i++) printf("auto eno1.%d\niface eno1.%d inet manual\n\n" \
		"auto vmbr%d\niface vmbr%d inet static\n\taddress 10.%d.%d.1/24\n\tbridge-ports eno1.%d\n" \
		"\tbridge-stp off\n\tbridge-fd 0\n\n", i, i, i, i, i / 256, i % 256, i) }' > "$interfaces"
	run bash -c "ulimit -v 65536; $net check -H --root $root"
	[ "$status" = 0 ]
	[ -z "$output" ]
}
