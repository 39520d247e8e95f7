#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-net get, set, add, remove, rename, pin, diff, revert on host trees.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	net=build/bin/pve-net
	root=$BATS_TEST_TMPDIR/root
	live=$root/etc/network/interfaces
	new=$live.new
	staged=$root/var/lib/pve-net/staged
	mkdir -p "$root/etc/network/interfaces.d"
	cat > "$live" << 'EOT'
# The network of this host.

auto lo
iface lo inet loopback

iface eno1 inet manual

auto vmbr0
# to the guests
iface vmbr0 inet dhcp
	bridge_ports eno1
	bridge_stp off
	bridge_fd 0

	post-up echo 1 > /proc/sys/net/ipv4/conf/eno1/proxy_arp

iface vmbr0 inet6 auto

source interfaces.d/*
EOT
	printf 'auto eno1.5\r\niface eno1.5 inet static\r\n  address 192.0.2.5/24\r\n' \
		> "$root/etc/network/interfaces.d/vlans"
}

# edit ARG...: pve-net on the tree; it must end well.
edit() {
	run "$net" --root "$root" "$@"
	[ "$status" = 0 ] || { echo "$output"; false; }
}

# refused CODE TEXT ARG...: it ends with CODE and says TEXT; no file below the root changes.
refused() {
	code=$1 text=$2
	shift 2
	before=$(tree)
	run "$net" --root "$root" "$@"
	[ "$status" = "$code" ] || { echo "exit code $status: $output"; false; }
	[[ $output == *"$text"* ]] || { echo "$output"; false; }
	[ "$(tree)" = "$before" ]
}

# tree: every file below the root but the lock and the journal.
tree() {
	find "$root" -path '*/pve-tools' -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
}

# changed: what differs between live and staged, without places.
changed() {
	"$net" --root "$root" diff | grep '^[-+][^-+]' || :
}

@test "set changes one line and leaves the live file alone" {
	before=$(sha256sum "$live")
	edit set vmbr0 bridge_stp=on
	[ "$(sha256sum "$live")" = "$before" ]
	[ "$(changed)" = '-	bridge_stp off
+	bridge_stp on' ]
	edit set vmbr0 bridge-stp=off
	[ ! -e "$new" ]
	[ ! -e "$staged/etc%2Fnetwork%2Finterfaces.base" ]
}

@test "set keeps dhcp and inet6 auto" {
	edit set eno1 mtu=1400
	edit set vmbr0 mtu=1400
	edit get vmbr0 method method6 -H -o option,value
	[ "$output" = "$(printf 'method\tdhcp\nmethod6\tauto')" ]
	[ "$(changed)" = '+	mtu 1400
+	mtu 1400' ]
}

@test "an interface is edited in the file where it stands, which no glob reads twice" {
	edit set eno1.5 mtu=1400
	[ ! -e "$new" ]
	[ "$(cat "$staged/etc%2Fnetwork%2Finterfaces.d%2Fvlans.new")" = "$(
		printf 'auto eno1.5\r\niface eno1.5 inet static\r\n  address 192.0.2.5/24\r\n  mtu 1400\r\n')" ]
	[ "$(ls "$root/etc/network/interfaces.d")" = vlans ]
	edit get eno1.5 mtu -H -o value
	[ "$output" = 1400 ]
	edit get --live eno1.5 mtu -H -o value
	[ -z "$output" ]
	edit revert
	[ -z "$(ls "$staged")" ]
}

@test "get: what is there, with file and line" {
	edit get vmbr0 -H -o option,value,line
	[ "$output" = "$(printf '%s\t%s\t%s\n' autostart yes 8 method dhcp 10 method6 auto 17 \
		bridge_ports eno1 11 bridge_stp off 12 bridge_fd 0 13 \
		post-up 'echo 1 > /proc/sys/net/ipv4/conf/eno1/proxy_arp' 15)" ]
	edit get vmbr0 bridge-ports post-up -H -o option
	[ "$output" = "$(printf 'bridge_ports\npost-up')" ]
	refused 65 'vmbr7: no such interface' get vmbr7
}

@test "unknown interface, unknown option, wrong value: a line each, nothing staged" {
	refused 65 'vmbr7: no such interface' set vmbr7 mtu=1500
	refused 64 'is it mtu?' set vmbr0 mut=1500
	refused 64 'bytes, 68 to 65535' set vmbr0 mtu=12
	refused 64 'control character' set vmbr0 "description=a
	up reboot"
	refused 64 "'mtu' is not OPTION=VALUE" set vmbr0 mtu
	refused 64 'mtu= is given twice' set vmbr0 mtu=1500 mtu=1400
	run "$net" --root "$root" set vmbr0 mtu=1 bond-mode=x
	[ "$status" = 64 ]
	[ "${#lines[@]}" = 2 ]
	edit set --force vmbr0 mut=1500
	[ "$(changed)" = '+	mut 1500' ]
}

@test "control characters are refused by each command that writes, wherever they stand" {
	for bad in $'x\nup reboot' $'x\r' $'x\033[2J' $'x\177' $'x\ty'; do
		for words in "set|vmbr0|description=$bad" "set|vmbr0|--force|$bad=1" "set|vmbr0|ovs_options=$bad" \
			"set|vmbr0|up+=$bad" "set|vmbr0|address+=192.0.2.7/24$bad" "add|$bad" "add|vmbr1|description=$bad" \
			"rename|eno1|$bad" "pin|eno1|$bad|--mac|02:00:00:00:00:01" "pin|eno1|nic0|--mac|02:00:00:00:00:01$bad" \
			"template|bridged|--bridge|vmbr1|--nic|$bad|--address|192.0.2.7/24" \
			"template|bridged|--bridge|$bad|--nic|eno2|--address|192.0.2.7/24" \
			"template|bridged|--bridge|vmbr1|--nic|eno2|--address|192.0.2.7/24$bad"; do
			mapfile -d '|' -t words <<< "$words"
			words[-1]=${words[-1]%$'\n'}
			refused 64 'pve-net: error: ' "${words[@]}"
			[[ $output != *$'\033'* ]] || { echo "${words[0]}: a control character in the message"; false; }
		done
	done
}

@test "a new critical finding is refused, an old one is no reason" {
	refused 65 NET-MTU-CHAIN set vmbr0 mtu=9000
	[[ $output == *--force* ]]
	edit set --force vmbr0 mtu=9000
	edit set vmbr0 bridge-stp=on
	run "$net" --root "$root" check
	[ "$status" != 2 ]
	run "$net" --root "$root" check --staged -H -o code
	[ "$status" = 2 ]
	[[ $output == *NET-MTU-CHAIN* ]]
}

@test "add and remove" {
	edit add vmbr1 address=198.51.100.1/24
	[ "$(changed)" = '+auto vmbr1
+iface vmbr1 inet static
+	address 198.51.100.1/24
+	bridge-ports none
+	bridge-stp off
+	bridge-fd 0' ]
	[ "$(tail -n 1 "$new")" = 'source interfaces.d/*' ]
	refused 65 'vmbr1 exists already' add vmbr1
	refused 64 'a bond needs bond-slaves' add bond0 --type bond
	edit remove vmbr1
	[ ! -e "$new" ]
	refused 65 'vmbr0 has eno1 in bridge_ports' remove eno1
	refused 65 'eno1.5 stands on eno1' remove eno1
	edit remove --cascade eno1
	[[ $output == *'eno1.5 goes, too'* ]]
	[[ $output == *'this hook of vmbr0 names eno1'* ]]
	edit get vmbr0 bridge-ports -H -o value
	[ "$output" = none ]
	[ ! -s "$staged/etc%2Fnetwork%2Finterfaces.d%2Fvlans.new" ]
	refused 65 'eno1: no such interface' remove eno1
}

@test "rename: every reference, hooks for review, the host's firewall" {
	mkdir -p "$root/etc/pve/local"
	printf '%s\n' '[RULES]' '' '# eno1' 'IN ACCEPT -i eno1 -p tcp -dport 22' 'IN DROP -i eno10' \
		> "$root/etc/pve/local/host.fw"
	edit rename eno1 nic0
	[[ $output == *'interfaces:15: changed in a hook'* ]]
	[[ $output == *'host.fw: changed in the firewall'* ]]
	[ "$(changed | grep '^+' | grep -v '^+++')" = "$(printf '%s\n' '+iface nic0 inet manual' '+	bridge_ports nic0' \
		'+	post-up echo 1 > /proc/sys/net/ipv4/conf/nic0/proxy_arp' \
		"+auto nic0.5$(printf '\r')" "+iface nic0.5 inet static$(printf '\r')" \
		'+IN ACCEPT -i nic0 -p tcp -dport 22')" ] || { changed; false; }
	refused 65 'vmbr0 exists already' rename nic0 vmbr0
	refused 65 'eno1: no such interface' rename eno1 eth0
	refused 64 'longer than 15' rename nic0 averyveryverylongname
	edit rename nic0 eno1
	[ -z "$(changed)" ]
	[ -z "$(ls "$staged")" ]
}

@test "rename, remove and pin: each line of other files that has the name, with its place" {
	mkdir -p "$root"/etc/pve/{sdn,firewall,qemu-server,lxc,local} "$root"/etc/{sysctl.d,udev/rules.d,default} \
		"$root/etc/network/if-up.d"
	printf 'vlan: zone1\n\tbridge vmbr0\n\nvlan: zone2\n\tbridge vmbr01\n' > "$root/etc/pve/sdn/zones.cfg"
	printf '%s\n' '[RULES]' '# -i vmbr0' 'IN ACCEPT -i vmbr0 -p tcp' > "$root/etc/pve/firewall/cluster.fw"
	printf '%s\n' '[RULES]' 'IN DROP -i vmbr0.5' > "$root/etc/pve/firewall/100.fw"
	printf '#vmbr0 is the uplink\nname: x\nnet0: virtio=02:00:00:00:00:01,bridge=vmbr0,tag=5\n' > "$root/etc/pve/qemu-server/100.conf"
	printf 'net0: name=eth0,bridge=vmbr0\nnet1: name=eth1,bridge=my-vmbr0\n' > "$root/etc/pve/lxc/101.conf"
	printf 'wakeonlan: 02:00:00:00:00:09,bind-interface=vmbr0\n' > "$root/etc/pve/local/config"
	printf '%s\n' '#!/bin/sh' 'ip route add 198.51.100.0/24 dev vmbr0' > "$root/etc/network/if-up.d/routes"
	printf '; vmbr0\nnet.ipv4.conf.vmbr0.rp_filter = 0\nnet/ipv4/conf/vmbr0/forwarding=1\n' > "$root/etc/sysctl.d/90-x.conf"
	printf 'auto vmbr0:1\n' > "$root/etc/network/interfaces.d/old.bak"
	printf 'INTERFACESv4="vmbr0"\n' > "$root/etc/default/isc-dhcp-server"
	want='/etc/pve/sdn/zones.cfg:2
/etc/pve/firewall/100.fw:2
/etc/pve/firewall/cluster.fw:3
/etc/pve/qemu-server/100.conf:3
/etc/pve/lxc/101.conf:1
/etc/network/interfaces.d/old.bak:1
/etc/network/if-up.d/routes:2
/etc/sysctl.d/90-x.conf:2
/etc/sysctl.d/90-x.conf:3
/etc/pve/local/config:1
/etc/default/isc-dhcp-server:1'
	# The pattern of this host's source line reads every name but that of a dotfile or backup.
	sed -i 's|interfaces.d/\*|interfaces.d/vlans|' "$live"
	before=$(find "$root" -type f | sort | xargs sha256sum)
	run "$net" --root "$root" -n rename vmbr0 vmbr7
	[ "$status" = 0 ]
	[ "$(sed -n 's/^pve-net: \(.*\): names vmbr0 and was not changed: .*/\1/p' <<< "$output")" = "$want" ] || { echo "$output"; false; }
	[[ $output == *'cluster.fw:3: names vmbr0 and was not changed: IN ACCEPT -i vmbr0 -p tcp'* ]]
	[ "$(find "$root" -type f | grep -v pve-tools | sort | xargs sha256sum)" = "$(grep -v pve-tools <<< "$before")" ]
	run "$net" --root "$root" -n remove vmbr0
	[ "$(grep -c 'names vmbr0 and was not changed' <<< "$output")" = 11 ]
	printf 'options -i eno1\n' > "$root/etc/dnsmasq.conf"
	run "$net" --root "$root" -n pin eno1 nic0 --mac 02:00:00:00:00:01
	[[ $output == *'/etc/dnsmasq.conf:1: names eno1 and was not changed: options -i eno1'* ]]
}

@test "pin: a link file by MAC, and the name everywhere" {
	edit pin eno1 nic0 --mac 02:00:5E:00:53:01
	[[ $output == *update-initramfs* ]]
	[ "$(cat "$staged/usr%2Flocal%2Flib%2Fsystemd%2Fnetwork%2F50-pmx-nic0.link.new")" = '# FormerName=eno1
[Match]
MACAddress=02:00:5e:00:53:01
Type=ether

[Link]
Name=nic0' ]
	edit get vmbr0 bridge-ports -H -o value
	[ "$output" = nic0 ]
	refused 64 'no MAC address' pin nic0 nic1 --mac 02:00
	refused 69 'no NIC of this host' pin nic0 nic1
}

@test "pin: the permanent address of a captured host" {
	cp -r tests/hosts/pve8-cluster-node/. "$root"
	nic=$(jq -r '[.[] | select(.permaddr)][0].ifname // empty' "$root/netlink/link.json")
	mac=$(jq -r '[.[] | select(.permaddr)][0].permaddr // empty' "$root/netlink/link.json")
	[ -n "$nic" ] || {
		nic=$(jq -r '[.[] | select(.link_type == "ether" and (.linkinfo.info_kind | not))][0].ifname' "$root/netlink/link.json")
		mac=$(jq -r '[.[] | select(.link_type == "ether" and (.linkinfo.info_kind | not))][0].address' "$root/netlink/link.json")
	}
	edit pin "$nic" nic7
	grep -qx "MACAddress=$mac" "$staged/usr%2Flocal%2Flib%2Fsystemd%2Fnetwork%2F50-pmx-nic7.link.new"
}

@test "diff: text and meaning, exit code 1 when there is one" {
	run "$net" --root "$root" diff
	[ "$status" = 0 ]
	[ -z "$output" ]
	edit set vmbr0 bridge_stp=on address+=2001:db8::2/64
	run "$net" --root "$root" diff
	[ "$status" = 1 ]
	[ "${lines[0]}" = '--- /etc/network/interfaces' ]
	[ "${lines[1]}" = '+++ /etc/network/interfaces.new' ]
	cp "$live" "$BATS_TEST_TMPDIR/patched"
	"$net" --root "$root" diff | patch -s "$BATS_TEST_TMPDIR/patched"
	cmp "$BATS_TEST_TMPDIR/patched" "$new"
	run "$net" --root "$root" diff -H
	[ "$status" = 1 ]
	[ "$output" = "$(printf 'vmbr0\tmethod6\t\tstatic\nvmbr0\taddress\t\t2001:db8::2/64\nvmbr0\tbridge-stp\toff\ton')" ]
	# Another order and another spelling of the same is no difference in meaning.
	sed 's/bridge_/bridge-/; s/^# The.*//' "$live" > "$new"
	run "$net" --root "$root" diff --meaning
	[ "$status" = 0 ]
	[ -z "$output" ]
}

@test "a live file that changed underneath is refused; --rebase merges" {
	edit set vmbr0 bridge_stp=on
	sed -i 's/^# The network.*/# Another head./' "$live"
	refused 65 'changed after the staged changes were made' set vmbr0 bridge_fd=4
	edit set --rebase vmbr0 bridge_fd=4
	[ "$(head -n 1 "$new")" = '# Another head.' ]
	[ "$(changed)" = '-	bridge_stp off
-	bridge_fd 0
+	bridge_stp on
+	bridge_fd 4' ]
	sed -i 's/^# Another head.*/# A third head./' "$live"
	refused 64 '--rebase alone' set
	refused 64 '--rebase alone' set vmbr0
	edit set --rebase
	[ "$(head -n 1 "$new")" = '# A third head.' ]
	edit set vmbr0 bridge_fd=5
	sed -i 's/bridge_stp off/bridge_stp yes/' "$live"
	refused 65 'iface vmbr0 inet' set --rebase vmbr0 bridge_fd=6
	run "$net" --root "$root" diff
	[[ $output == *'changed after the staged changes'* ]]
}

@test "Open vSwitch stanzas, and files of a source-directory: only the lines that must change" {
	rm "$root/etc/network/interfaces.d/vlans"
	printf 'auto tag8\r\niface tag8 inet manual\r\n  mtu 1400\r\n' > "$root/etc/network/interfaces.d/more"
	cat > "$live" << 'EOT'
source-directory interfaces.d

auto eno1
# the uplink
iface eno1 inet manual
	ovs_type  OVSPort
	ovs_bridge vmbr0
	ovs_options  other_config:a=b \
	  trunks=1,2
	ovs-mtu 1500

auto vmbr0
iface vmbr0 inet manual
	ovs_type OVSBridge
	ovs_ports  eno1  tag7

auto tag7
iface tag7 inet static
	ovs_type OVSIntPort
	ovs_bridge vmbr0
	ovs_options tag=7 vlan_mode=access
	address 192.0.2.2/24
EOT
	edit set eno1 ovs_mtu=1400
	edit set tag7 ovs_options=tag=8
	edit set tag8 mtu=1500
	[ "$(changed)" = "-	ovs-mtu 1500
+	ovs-mtu 1400
-	ovs_options tag=7 vlan_mode=access
+	ovs_options tag=8
-  mtu 1400$(printf '\r')
+  mtu 1500$(printf '\r')" ] || { changed; false; }
	[ "$(ls "$root/etc/network/interfaces.d")" = more ]
	refused 65 'NET-OVS-PORT: /etc/network/interfaces:15: vmbr0 has the port tag9, which nothing defines' \
		set vmbr0 ovs_ports+=tag9
	refused 65 'vmbr0 has tag7 in ovs_ports (/etc/network/interfaces:15)' remove tag7
	edit add tag9 --type OVSIntPort ovs_bridge=vmbr0 ovs_options=tag=9
	edit set vmbr0 ovs_ports+=tag9
	edit rename eno1 nic0
	[[ $(changed) == *'+	ovs_ports  nic0  tag7 tag9'* ]] || { changed; false; }
	run "$net" --root "$root" check --staged -H -o severity
	[ "$status" -le 1 ]
}

@test "what the GUI staged is edited further" {
	sed 's/bridge_stp off/bridge_stp on/' "$live" > "$new"
	edit set vmbr0 bridge_fd=4
	[[ $output == *'staged by another program'* ]]
	[ "$(changed)" = '-	bridge_stp off
-	bridge_fd 0
+	bridge_stp on
+	bridge_fd 4' ]
}

@test "--dry-run stages nothing and shows the files" {
	before=$(tree)
	run "$net" --root "$root" -n set vmbr0 bridge_stp=on
	[ "$status" = 0 ]
	[[ $output == *'/etc/network/interfaces.new: '* ]]
	[ "$(tree)" = "$before" ]
}

@test "a template that an engine renders is not edited" {
	printf '%% for i in [1]:\niface vmbr9 inet manual\n%% endfor\n' >> "$live"
	refused 65 'made by template lines' set vmbr9 mtu=1500
	refused 65 'made by template lines' rename vmbr9 vmbr8
	refused 65 'made by template lines' remove vmbr9
}

@test "mode of a private file" {
	chmod 600 "$live"
	edit set vmbr0 bridge_stp=on
	[ "$(stat -c %a "$new")" = 600 ]
}

@test "a second run waits for the lock" {
	mkfifo "$BATS_TEST_TMPDIR/f"
	exec 8> >(flock "$root" cat "$BATS_TEST_TMPDIR/f" 2>/dev/null)
	pid=$!
	for _ in $(seq 50); do flock -n "$root" true || break; sleep 0.1; done
	run "$net" --root "$root" --wait 0 set vmbr0 bridge_stp=on
	: > "$BATS_TEST_TMPDIR/f"
	exec 8>&-
	wait "$pid" 2> /dev/null || :
	[ "$status" = 75 ]
}

@test "the fixes of check are commands that are understood" {
	rm -rf "$root"
	cp -r tests/hosts/broken "$root"
	rm "$new" "$root"/var/lib/pve-net/staged/*
	n=0
	while read -r fix; do
		# shellcheck disable=SC2086 # a fix is words, as check_fix makes sure
		set -- $fix
		shift
		run "$net" --root "$root" -n "$@"
		# What is asked for is understood; the file around it is too broken to stage much.
		[ "$status" != 64 ] || { echo "$fix: $output"; false; }
		[ "$status" != 65 ] || [[ $output == *NET-* || $output == *'stands on'* || $output == *'exists already'* ]] ||
			{ echo "$fix: $output"; false; }
		n=$((n + 1))
	done < <("$net" --root "$root" check -H -o fix | grep -E '^pve-net (set|add|remove|rename) ' | sort -u)
	[ "$n" -gt 10 ]
}

@test "a fix mends its finding" {
	cat > "$live" << 'EOT'
auto lo
iface lo inet loopback

iface eno1 inet manual
iface eno2 inet manual

auto bond0
iface bond0 inet manual
	bond-slaves eno1 eno2
	bond-mode active-backup
	bond-lacp-rate fast

auto vmbr0
iface vmbr0 inet static
	address 192.0.2.2/24
	bridge-ports bond0
	bridge-vids 2-9
	mtu 9000
EOT
	for code in NET-BOND-LACP NET-BOND-MONITOR NET-BRIDGE-UNAWARE NET-MTU-CHAIN; do
		fix=$("$net" --root "$root" check --staged -H -o code,fix |
			awk -F '\t' -v c="$code" '$1 == c { print $2; exit }')
		[ -n "$fix" ] || { "$net" --root "$root" check --staged; false; }
		# shellcheck disable=SC2086
		set -- $fix
		shift
		edit "$@"
		run "$net" --root "$root" check --staged -H -o code
		! grep -qx "$code" <<< "$output"
	done
}
