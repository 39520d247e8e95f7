#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The guide's chapters SecureApt and System Software Updates, command by command, by the tools that it
# names and by ours: wget from a web server that has the addresses of Proxmox, apt-get and dpkg.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a process of its own; the variables of repo-host.sh

load ../repo-host.sh

key=proxmox-ve-release-6.x.gpg
sha512=acca6f416917e8e11490a08a1e2842d500b3a5d9f322c6319db0927b2901c3eae23cfb5cd5df6facf2b57399d3cfa52ad7769ebdd75d9b204549ca147da52626
md5=f3f6c5a3a67baf38ad178e5ff1ee270c

@test "guide: the key is fetched, verified and put in place" {
	published $key 353479F83781D7F8ED5F5AC57BF2812E8A6E88E0
	mkdir -p "$www/debian"
	cp "$file" "$www/debian/$key"
	serve
	# as the guide has it, straight into its place
	on_host wget -q http://download.proxmox.com/debian/$key -O /etc/apt/trusted.gpg.d/$key
	[ "$(on_host sha512sum /etc/apt/trusted.gpg.d/$key)" = "$sha512  /etc/apt/trusted.gpg.d/$key" ]
	[ "$(on_host md5sum /etc/apt/trusted.gpg.d/$key)" = "$md5  /etc/apt/trusted.gpg.d/$key" ]
	run on_host "$repo" key verify -H -o key,state,published /etc/apt/trusted.gpg.d/$key
	[ "$status" = 0 ]
	[ "$output" = "353479F83781D7F8ED5F5AC57BF2812E8A6E88E0	good	$key" ]
	# as the manual has it, and what was changed on the way is noticed
	rm "$host/apt/trusted.gpg.d/$key"
	on_host wget -q http://download.proxmox.com/debian/$key -O "$BATS_TEST_TMPDIR/$key"
	on_host "$repo" key add "$BATS_TEST_TMPDIR/$key"
	cmp "$www/debian/$key" "$host/apt/trusted.gpg.d/$key"
	rm "$host/apt/trusted.gpg.d/$key"
	printf x >> "$BATS_TEST_TMPDIR/$key"
	run on_host "$repo" key add "$BATS_TEST_TMPDIR/$key"
	[ "$status" = 65 ]
	[[ $output == *"is damaged or cut"* ]]
	[ ! -e "$host/apt/trusted.gpg.d/$key" ]
}

@test "guide: apt-get update and dist-upgrade, and what we make of them" {
	site good good
	serve
	on_host apt-get -q update
	run on_host "$repo" verify -H -o state
	[ "$output" = $'good\ngood' ]
	on_host apt-get -qs dist-upgrade > "$BATS_TEST_TMPDIR/apt"
	run on_host "$repo" upgrade -n -H -o package,installed,candidate
	[ "$status" = 0 ]
	[ "$output" = $'x\t1\t2' ]
	grep -q '^Inst x \[1\] (2 ' "$BATS_TEST_TMPDIR/apt"
	again
	run on_host "$repo" updates -H -o package,installed,candidate
	[ "$output" = $'x\t1\t2' ]
}
