#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-net confirm, rollback and history on a tree; what they do to a live network is in
# tests/net/net-confirm.bats.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	net=build/bin/pve-net
	root=$BATS_TEST_TMPDIR/root
	store=$root/var/lib/pve-net/generations
	mkdir -p "$root/etc/network" "$store"
	printf 'iface a inet manual\n' > "$root/etc/network/interfaces"
	generation 1 alice apply 'first\tone' "$(printf 'iface b inet manual\n\tmtu 1400')"
	generation 2 root 'rollback 9' '' 'iface a inet manual'
}

# generation N USER VIA WHY TEXT
generation() {
	text="$5
"
	cat > "$store/$1" << EOT
pve-net generation 1
time 178000000$1
user $2
login
from 192.0.2.7
via $3
why $4
plan 5
step

file ${#text} 0644 /etc/network/interfaces
$text
end
EOT
	# The empty values have their blank.
	sed -i 's/^\(login\|why\)$/\1 /' "$store/$1"
}

@test "history: rows, the current one, files that changed" {
	run $net --root "$root" history -H
	[ "$status" = 0 ]
	[ "${lines[0]}" = "$(printf '1\t2026-05-28T20:26:41Z\talice\tapply\tfirst\\tone\t/etc/network/interfaces\t0')" ]
	[ "${lines[1]}" = "$(printf '2\t2026-05-28T20:26:42Z\troot\trollback 9\t\t/etc/network/interfaces\t1')" ]
	[ "${#lines[@]}" = 2 ]
	run $net --root "$root" history --json -o +from
	[ "$(jq -r '.[1] | "\(.generation) \(.current) \(.why) \(.from)"' <<< "$output")" = '2 true null 192.0.2.7' ]
}

@test "history: edited by hand since" {
	echo '# more' >> "$root/etc/network/interfaces"
	mkdir "$root/etc/network/interfaces.d"
	echo 'source interfaces.d/*' >> "$root/etc/network/interfaces"
	echo 'iface c inet manual' > "$root/etc/network/interfaces.d/c"
	run $net --root "$root" history -H -o generation,via,files,current
	[ "${lines[1]}" = "$(printf '2\trollback 9\t/etc/network/interfaces\t0')" ]
	[ "${lines[2]}" = "$(printf '\thand\t/etc/network/interfaces,/etc/network/interfaces.d/c\t1')" ]
}

@test "history N: who and why, the plan, the difference" {
	run $net --root "$root" history 2
	[ "$status" = 0 ]
	[ "$output" = 'generation 2
time       2026-05-28T20:26:42Z
user       root
from       192.0.2.7
via        rollback 9

step

--- /etc/network/interfaces
+++ /etc/network/interfaces
@@ -1,2 +1 @@
-iface b inet manual
-	mtu 1400
+iface a inet manual' ]
	run $net --root "$root" history 3
	[ "$status" = 69 ]
	run $net --root "$root" history 0
	[ "$status" = 64 ]
	run $net --root "$root" history 2 -H
	[ "$status" = 64 ]
}

@test "history: controls of a file reach no terminal" {
	generation 3 root apply 'a\x1b[2J' "$(printf 'iface a inet manual # \033[2J')"
	run $net --root "$root" history 3
	[[ $output == *'# \x1b[2J'* ]]
	[[ $output != *$'\033'* ]]
}

@test "history: none yet; a damaged one is named" {
	rm "$store"/*
	run $net --root "$root" history
	[ "$status" = 0 ]
	[ -z "$output" ]
	echo junk > "$store/4"
	run $net --root "$root" history
	[ "$status" = 65 ]
	[[ $output == *"/var/lib/pve-net/generations/4: not a generation of pve-net"* ]]
}

@test "confirm and rollback: nothing awaits, nothing to go back to" {
	run $net --root "$root" confirm
	[ "$status" = 69 ]
	[ "$output" = 'pve-net: error: there is no change that awaits confirmation' ]
	run $net --root "$root" -n confirm
	[ "$status" = 69 ]
	run $net --root "$root" rollback --at-deadline
	[ "$status" = 0 ]
	[ -z "$output" ]
	rm "$store"/*
	run $net --root "$root" -n rollback
	[ "$status" = 69 ]
	[[ $output == *'nothing was applied yet'* ]]
	run $net --root "$root" -n rollback 7
	[ "$status" = 69 ]
	[[ $output == *'there is no generation 7'* ]]
}

@test "rollback: not with --root, wrong use is 64, a dry run changes nothing" {
	before=$(find "$root" -type f -print0 | sort -z | xargs -0 sha256sum)
	run $net --root "$root" rollback 1
	[ "$status" = 64 ]
	run $net --root "$root" rollback x
	[ "$status" = 64 ]
	run $net --root "$root" rollback 1 --at-deadline
	[ "$status" = 64 ]
	run $net --root "$root" rollback --confirm 0
	[ "$status" = 64 ]
	run $net --root "$root" apply --confirm 100000
	[ "$status" = 64 ]
	run $net --root "$root" apply -n --confirm 10 --engine reboot
	[ "$status" = 64 ]
	run $net --root "$root" apply --engine other
	[ "$status" = 64 ]
	run $net --root "$root" -n rollback 1
	[ "$status" = 0 ]
	[[ $output == *'/etc/network/interfaces'*'as it was in that generation'* ]]
	[ "$(find "$root" -type f -print0 | sort -z | xargs -0 sha256sum)" = "$before" ]
}
