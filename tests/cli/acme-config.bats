#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-acme config, plugin, list and check on the files of a node, which stay what they are but for
# what was asked for.

# shellcheck disable=SC2154 # tests/acme-host.sh sets variables

load ../acme-host.sh

setup() {
	new_root
	config=$node/config
	plugins=$root/etc/pve/priv/acme/plugins.cfg
}

@test "the guide's: config set --acme domains=example.invalid" {
	acme config set --acme domains=example.invalid
	[ "$(cat "$config")" = 'acme: domains=example.invalid' ]
	[ "$(acme list -H -o domain,challenge,plugin,account)" = "$(printf 'example.invalid\thttp-01\tstandalone\tdefault')" ]
}

@test "the guide's: config set -wakeonlan" {
	acme config set -wakeonlan 52:54:00:12:34:56
	[ "$(cat "$config")" = 'wakeonlan: 52:54:00:12:34:56' ]
}

@test "the guide's: a DNS plugin, its box, and a domain that uses it" {
	printf 'OVH_AK=XXXXXXXXXXXXXXXX\nOVH_AS=YYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYY\n' > "$BATS_TEST_TMPDIR/api_token"
	echo "OVH_CK=ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ" >> "$BATS_TEST_TMPDIR/api_token"
	acme plugin add dns example_plugin --api ovh --data "$BATS_TEST_TMPDIR/api_token"
	[ "$(stat -c %a "$plugins")" = 600 ]
	acme plugin config example_plugin --show-secrets > "$BATS_TEST_TMPDIR/box"
	diff - "$BATS_TEST_TMPDIR/box" << END
┌────────┬──────────────────────────────────────────┐
│ key    │ value                                    │
╞════════╪══════════════════════════════════════════╡
│ api    │ ovh                                      │
├────────┼──────────────────────────────────────────┤
│ data   │ OVH_AK=XXXXXXXXXXXXXXXX                  │
│        │ OVH_AS=YYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYY  │
│        │ OVH_CK=ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ  │
├────────┼──────────────────────────────────────────┤
│ digest │ $(sha1sum < "$plugins" | cut -c 1-40) │
├────────┼──────────────────────────────────────────┤
│ plugin │ example_plugin                           │
├────────┼──────────────────────────────────────────┤
│ type   │ dns                                      │
└────────┴──────────────────────────────────────────┘
END
	acme config set -acmedomain0 example.proxmox.com,plugin=example_plugin
	[ "$(cat "$config")" = 'acmedomain0: example.proxmox.com,plugin=example_plugin' ]
	[ "$(acme list -H -o challenge,api)" = "$(printf 'dns-01\tovh')" ]
}

@test "secrets are shown when asked for only, and in no message" {
	printf 'KEY=hunter2\n\n# note\nOTHER="a=b"\n' | acme plugin add dns p1 --api x --data -
	run acme plugin config p1
	[[ $output == *'KEY=(hidden)'* && $output == *'OTHER=(hidden)'* && $output != *hunter2* ]]
	run acme plugin config p1 -H
	[[ $output != *hunter2* ]]
	run acme plugin config p1 --json --show-secrets
	[[ $output == *hunter2* ]]
	printf 'hunter2 without a key\n' > "$BATS_TEST_TMPDIR/data"
	run acme plugin set p1 --data "$BATS_TEST_TMPDIR/data"
	[ "$status" = 65 ]
	[[ $output == *"data:1: is not of the form KEY=VALUE"* && $output != *hunter2* ]]
	sed -i 's/data .*/data aHVudGVyMg/' "$plugins"
	run acme check
	[[ $output == *ACME-SYNTAX* && $output != *hunter2* ]]
}

@test "data from a pipe that is slow to write, and from standard input" {
	acme plugin add dns slow --api ovh --data <(sleep 0.3; echo A=1)
	echo B=2 | acme plugin set slow --data -
	run acme plugin config slow --show-secrets
	[[ $output == *B=2* ]]
}

@test "in a locale without UTF-8 the box is of ASCII" {
	acme plugin add dns p1 --api x
	LC_ALL=C run acme plugin config p1
	[ "${lines[0]}" = "+--------+------------------------------------------+" ]
	[ "${lines[3]}" = "| api    | x                                        |" ]
}

@test "config set keeps every other byte, comments and unknown keys too" {
	printf '#note%%3A one\nacme: account=default,domains=a.example\nstrange: x\n\n# a line that nobody knows\nwakeonlan: 52:54:00:12:34:56' > "$config"
	cp "$config" "$BATS_TEST_TMPDIR/old"
	acme config set -acmedomain3 b.example,plugin=standalone
	diff "$BATS_TEST_TMPDIR/old" "$config" > "$BATS_TEST_TMPDIR/diff" || :
	[ "$(grep -c '^[<>]' "$BATS_TEST_TMPDIR/diff")" = 1 ]
	grep -qx '> acmedomain3: b.example,plugin=standalone' "$BATS_TEST_TMPDIR/diff"
	acme config set --delete acmedomain3
	cmp "$config" "$BATS_TEST_TMPDIR/old"
}

@test "config get prints the file's shape, rows and one property" {
	printf 'acmedomain0: b.example\nacme: domains=a.example\n#two%%3A\n#lines\n' > "$config"
	[ "$(acme config get)" = "$(printf '#two%%3A\n#lines\nacme: domains=a.example\nacmedomain0: b.example')" ]
	[ "$(acme config get -property acme)" = 'acme: domains=a.example' ]
	[ "$(acme config get -H --property description)" = "$(printf 'description\ttwo:\\nlines')" ]
	[ "$(acme config get --property digest)" = "digest: $(sha1sum < "$config" | cut -c 1-40)" ]
	acme config get --json | jq -e '.[0] == {key: "acme", value: "domains=a.example"}'
}

@test "config set refuses what Proxmox VE would lose, and says why" {
	acme config set -acme domains='a.example;b.example' -acmedomain0 c.example
	fails 64 "'b.example' is named twice, by acme and by acmedomain4" config set -acmedomain4 B.example
	fails 64 "'c.example' is named twice, by acme and by acmedomain0" config set --acme domains=c.example
	fails 64 "one label only" config set -acmedomain1 localhost
	fails 64 "must be written in its ASCII form" config set -acmedomain1 bücher.example
	fails 64 "ends with a dot" config set -acmedomain1 a.example.
	fails 64 "is no domain name" config set -acmedomain1 'a b.example'
	fails 64 "there is no property 'plug'" config set -acmedomain1 x.example,plug=standalone
	fails 64 "alias 'x' is no domain name" config set -acmedomain1 x.example,alias=x
	fails 78 "x.example: there is no plugin 'nope'" config set -acmedomain1 x.example,plugin=nope
	fails 64 "wakeonlan: 'x' is not a MAC address" config set -wakeonlan x
	fails 64 "of no single device" config set -wakeonlan 01:00:5e:00:00:01
	fails 64 "ballooning-target: '101' is not a number from 0 to 100" config set -ballooning-target 101
	fails 64 "startall-onboot-delay" config set -startall-onboot-delay 301
	fails 64 "there is no property 'wakonlan'; did you mean 'wakeonlan'?" config set --delete wakonlan
	fails 64 "needs a property to set" config set
	fails 64 "takes no option '--property'" config set --property acme
	fails 64 "unknown option '--nonsense'" config set --nonsense 1
	fails 75 "detected modified configuration" config set -acmedomain1 x.example --digest 0123
	acme config set -acmedomain1 x.example --digest "$(sha1sum < "$config" | cut -c 1-40)"
}

@test "a faulty line of another property is no hindrance to mend one" {
	printf 'acmedomain0: a..b\nacmedomain1: c.example,plugin=gone\n' > "$config"
	acme config set -acmedomain1 c.example
	[ "$(cat "$config")" = "$(printf 'acmedomain0: a..b\nacmedomain1: c.example')" ]
	run acme check -H -o code,object
	[[ $output == *"$(printf 'ACME-SYNTAX\t/etc/pve/nodes/node1/config:1')"* ]]
}

@test "wildcards and addresses: taken with the plugin that can validate them, with a warning" {
	acme plugin add dns p1 --api x
	fails 78 "a wildcard is validated by dns-01 only" config set -acmedomain0 '*.a.example'
	fails 78 "an address cannot be validated by dns-01" config set -acmedomain0 192.0.2.1,plugin=p1
	run acme config set -acmedomain0 '*.a.example,plugin=p1' -acmedomain1 2001:db8::1
	[ "$status" = 0 ]
	[[ $output == *"acmedomain0: Proxmox VE's own tools pass over '*.a.example'"* ]]
	[ "$(acme list -H -o domain)" = "$(printf '2001:db8::1')" ] || acme list -H -o domain |
		diff - <(printf '*.a.example\n2001:db8::1\n')
}

@test "plugin set, remove, nodes and disable" {
	acme plugin add dns p1 --api x --nodes node2,node3 --validation-delay 0
	diff - "$plugins" << END
dns: p1
	api x
	nodes node2,node3
	validation-delay 0

END
	fails 78 "the plugin 'p1' is for the nodes node2,node3 only, and this is node1" config set -acmedomain0 a.example,plugin=p1
	acme plugin set p1 --delete nodes --disable
	fails 78 "'pve-acme plugin set p1 --delete disable' enables it" config set -acmedomain0 a.example,plugin=p1
	acme plugin set p1 --delete disable
	acme config set -acmedomain0 a.example,plugin=p1
	fails 1 "the plugin 'p1' validates a.example of node1" plugin remove p1
	fails 64 "'api' is none of" plugin set p1 --delete api
	fails 64 "is neither dns nor standalone" plugin add mail p2 --api x
	fails 64 "needs --api" plugin add dns p2
	fails 64 "cannot be the name of a plugin" plugin add dns 2p --api x
	fails 64 "cannot be the name of an api" plugin add dns p2 --api ../x
	fails 64 "--validation-delay" plugin add dns p2 --api x --validation-delay 172801
	fails 64 "cannot be the name of a node" plugin add dns p2 --api x --nodes a_b
	fails 1 "there is a plugin 'p1' already" plugin add dns p1 --api x
	fails 69 "there is no plugin 'p9'" plugin remove p9
	fails 69 "there is no plugin 'p9'" plugin set p9 --disable
	acme config set --delete acmedomain0
	acme plugin remove p1
	[ ! -s "$plugins" ]
}

@test "a plugin is not removed while another node uses it" {
	acme plugin add dns p1 --api x
	mkdir "$root/etc/pve/nodes/node2"
	echo 'acmedomain5: z.example,plugin=p1' > "$root/etc/pve/nodes/node2/config"
	fails 1 "the plugin 'p1' validates z.example of node2" plugin remove p1
}

@test "plugins.cfg: other sections and comments stay as they are" {
	mkdir -p "${plugins%/*}"
	printf '# ours\nstandalone: standalone\n\tnodes node1\n\ndns: old\n\tapi cf\n\tdata QT1i\n\t# why\n\tfuture 1\n' > "$plugins"
	cp "$plugins" "$BATS_TEST_TMPDIR/old"
	acme plugin add dns new --api x
	acme plugin remove new
	cmp "$plugins" "$BATS_TEST_TMPDIR/old"
	acme plugin set old --validation-delay 5
	[ "$(diff "$BATS_TEST_TMPDIR/old" "$plugins" | grep -c '^[<>]')" = 1 ]
}

@test "without quorum nothing is begun" {
	echo '{"nodename":"node1","version":3,"cluster":{"name":"c","version":2,"nodes":2,"quorate":0},"nodelist":{}}' \
		> "$root/etc/pve/.members"
	fails 75 "the cluster has no quorum" config set -acmedomain0 a.example
	fails 75 "the cluster has no quorum" plugin add dns p1 --api x
	sed -i 's/"quorate":0/"quorate":1/' "$root/etc/pve/.members"
	acme config set -acmedomain0 a.example
}

@test "which node this is: the link, else the host name; else it is said" {
	rm "$root/etc/pve/local"
	fails 69 "which node is this?" config get
	mkdir -p "$root/etc"
	echo node1.example.org > "$root/etc/hostname"
	acme config set -acmedomain0 a.example
	[ -s "$config" ]
	echo node7 > "$root/etc/hostname"
	fails 69 "is node7 the name of this node?" config set -acmedomain0 b.example
}

@test "--dry-run shows the plan and changes nothing" {
	run acme config set -n -acmedomain0 a.example
	[ "$status" = 0 ]
	[[ $output == *"/etc/pve/nodes/node1/config: the properties of this node"* ]]
	[ ! -e "$config" ]
}

@test "check: unknown plugins, missing accounts, and files that cannot be read" {
	printf 'acme: account=nobody\nacmedomain0: a.example,plugin=gone\nnonsense\n' > "$config"
	run acme check -H -o severity,code,object
	[ "$status" = 2 ]
	[[ $output == *"$(printf 'critical\tACME-PLUGIN\tacmedomain0')"* ]]
	[[ $output == *"$(printf 'critical\tACME-ACCOUNT\tnobody')"* ]]
	[[ $output == *"$(printf 'critical\tACME-SYNTAX\t/etc/pve/nodes/node1/config:3')"* ]]
}
