#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-repo status and subscription.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	# shellcheck source=tests/cli/repo-subscription.sh
	. tests/cli/repo-subscription.sh
	repo=$PWD/build/bin/pve-repo
	root=$BATS_TEST_TMPDIR/root
	apt=$root/etc/apt
	mkdir -p "$root"
}

@test "status: configured, enabled, usable" {
	run "$repo" --root tests/hosts/pve7-ceph status -H enterprise no-subscription ceph-quincy-main ceph-pacific-main
	[ "$status" = 0 ]
	[ "$output" = "$(printf '%s\t%s\t%s\t%s\t%s\t%s\n' \
		enterprise 1 0 0 /etc/apt/sources.list.d/pve-enterprise.list:1 'the subscription is none' \
		no-subscription 1 1 1 /etc/apt/sources.list:6 '' \
		ceph-quincy-main 1 1 1 /etc/apt/sources.list.d/ceph.list:1 '' \
		ceph-pacific-main 0 0 1 /etc/apt/sources.list.d/ceph.list '')" ]
	bare trixie
	run "$repo" --root "$root" status -H -o usable,reason enterprise
	[[ $output == 0*'the key /usr/share/keyrings/proxmox-archive-keyring.gpg is missing' ]]
	mkdir -p "$root/usr/share/keyrings"
	touch "$root/usr/share/keyrings/proxmox-archive-keyring.gpg"
	run "$repo" --root "$root" status -H -o usable,reason enterprise
	[ "$output" = $'1\t' ]
	rm "$apt/auth.conf.d/pve.conf"
	run "$repo" --root "$root" status -H -o reason enterprise
	[ "$output" = 'no login in /etc/apt/auth.conf.d' ]
	# One row for each, of each release of the table.
	for release in jessie:6 stretch:8 buster:11 bullseye:12 bookworm:15 trixie:12 forky:6; do
		run "$repo" --root "$root" status -H --suite "${release%:*}" -o handle
		[ "${#lines[@]}" = "${release#*:}" ] || { echo "$release: ${#lines[@]} $output"; false; }
	done
	run "$repo" --root "$root" status nosuch
	[ "$status" = 64 ]
}

@test "subscription --login: the login from the host's own file, shown to nobody" {
	bare bookworm
	rm -r "$apt/auth.conf.d"
	run "$repo" --root "$root" subscription --login -n
	[ "$status" = 0 ]
	[[ $output == *'/etc/apt/auth.conf.d/pve.conf'* && $output != *0123456789* ]]
	[ ! -e "$apt/auth.conf.d" ]
	run "$repo" --root "$root" -v subscription --login
	[ "$status" = 0 ]
	[[ $output != *0123456789* ]]
	for product in pve ceph; do
		[ "$(cat "$apt/auth.conf.d/$product.conf")" = "machine enterprise.proxmox.com/debian/$product login pve2c-0123456789 password 0123456789ABCDEF0123456789ABCDEF" ]
		[ "$(stat -c %a "$apt/auth.conf.d/$product.conf")" = 600 ]
	done
	run "$repo" --root "$root" subscription -H -o item,state
	[[ $output == *$'login\tok'* ]]
	run "$repo" --root "$root" subscription --login -n
	[ "$output" = '' ] || [[ $output == *nothing* ]]
	# A wrong one is replaced where it stands, and nothing else.
	printf '# ours\nmachine h.example login a password b\nmachine enterprise.proxmox.com\n login x\n password y # z' > "$apt/auth.conf.d/a.conf"
	chmod 640 "$apt/auth.conf.d/a.conf"
	"$repo" --root "$root" subscription --login
	[ "$(cat "$apt/auth.conf.d/a.conf")" = $'# ours\nmachine h.example login a password b\nmachine enterprise.proxmox.com\n login pve2c-0123456789\n password 0123456789ABCDEF0123456789ABCDEF # z' ]
	[ "$(stat -c %a "$apt/auth.conf.d/a.conf")" = 640 ]
	echo 'machine enterprise.proxmox.com login x' > "$apt/auth.conf.d/a.conf"
	run "$repo" --root "$root" subscription --login
	[ "$status" = 65 ]
	[[ $output == *'/etc/apt/auth.conf.d/a.conf:1: there is no login and password'* ]]
	subscription expired "$(date +%s)" > "$root/etc/subscription"
	run "$repo" --root "$root" subscription --login
	[[ $status = 65 && $output == *'the subscription is expired; "pvesubscription update --force" asks for it anew'* ]]
	rm "$root/etc/subscription"
	run "$repo" --root "$root" subscription --login
	[[ $status = 65 && $output == *'the subscription is none; "pvesubscription set KEY" enters one'* ]]
}

@test "subscription: state and what must fit, without the secret" {
	bare bookworm
	run "$repo" --root "$root" subscription -H
	[ "$status" = 0 ]
	[[ $output != *0123456789* ]]
	[ "$(printf '%s\n' "$output" | cut -f 1,2 | grep -v ^checked)" = "$(printf '%s\t%s\n' status active key 'pve2c-******' \
		sockets 2 due 2027-11-01 entry ok login ok)" ]
	rm "$root/etc/subscription"
	run "$repo" --root "$root" subscription -H -o item,state
	[ "$output" = "$(printf '%s\t%s\n' status none entry wrong login wrong)" ]
	# The old form: the text wrapped, in the checksum as it stands, the checksum unpadded.
	json=$(printf '{"status":"Active","checktime":%s,"key":"pve1b-0123456789","validdirectory":"X"}' "$(date +%s)")
	time=$(printf '%s' "$json" | sed 's/.*"checktime":\([0-9]*\).*/\1/')
	text=$(printf '%s' "$json" | base64 -w 60)
	sum=$(printf '%s%s\nkjfdlskfhiuewhfk947368' "$time" "$text" | md5sum | cut -c 1-32 | perl -ne 'chomp; print pack "H*", $_' | base64 | tr -d =)
	printf 'pve1b-0123456789\n%s\n%s\n' "$sum" "$text" > "$root/etc/subscription"
	run "$repo" --root "$root" subscription -H -o item,state,detail
	[[ $output == $'status\tactive\t\nkey\tpve1b-******\tbasic'* ]]
	printf 'pve2c-0123456789\nx\n!!!\n' > "$root/etc/subscription"
	run "$repo" --root "$root" subscription -H
	[[ ${lines[0]} == $'status\tinvalid\t'*'file cannot be read' ]]
	: > "$root/etc/subscription"
	run "$repo" --root "$root" subscription -H -o state
	[ "${lines[0]}" = none ]
}
