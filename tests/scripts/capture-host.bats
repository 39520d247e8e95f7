#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# scripts/capture-host on a host made up for the test, with secrets planted everywhere.
# Each secret has the word HUNTER in it, or follows it, so that one grep finds all that got through.

setup() {
	capture=$BATS_TEST_DIRNAME/../../scripts/capture-host
	host=$BATS_TEST_TMPDIR/host
	copy=$BATS_TEST_TMPDIR/copy
}

# plant PATH: standard input becomes that file of the host.
plant() {
	mkdir -p "$host/${1%/*}"
	cat > "$host/$1"
}

survivors() {
	grep -rn HUNTER "$copy"
}

@test "files that hold secrets are not copied" {
	local file
	for file in etc/shadow etc/pve/priv/authkey.key etc/pve/priv/storage/pbs.pw \
		etc/pve/nodes/a/pve-ssl.key etc/pve/authkey.pub.key etc/apt/auth.conf \
		etc/apt/auth.conf.d/pve.conf etc/network/wpa_supplicant.conf \
		etc/default/secrets.env etc/pve/ceph.client.admin.keyring etc/network/id_rsa; do
		echo HUNTER2 | plant "$file"
	done
	echo a | plant etc/hostname
	"$capture" --root "$host" "$copy"
	[ "$(find "$copy" -type f)" = "$copy/etc/hostname" ]
}

@test "a link does not lead to a secret" {
	echo HUNTER2 | plant etc/pve/priv/a.cfg
	ln -s priv/a.cfg "$host/etc/pve/b.cfg"
	"$capture" --root "$host" "$copy"
	[ ! -e "$copy/etc" ]
}

@test "secrets in the syntax of every file are scrubbed" {
	plant etc/network/interfaces << 'END'
auto wlan0
iface wlan0 inet dhcp
	wpa-ssid home
	wpa-psk HUNTER two words HUNTER
	wireless-key1 s:HUNTER
	wpa-private-key-passwd HUNTER
	# wpa-psk HUNTER
	post-up curl -u a -H "Authorization: Bearer HUNTER" https://a:HUNTER@example.org/
	post-up curl -H 'Proxy-Authorization: Basic HUNTER==' --password HUNTER --token=HUNTER x
	post-up ip macsec add macsec0 tx sa 0 pn 1 on key 01 0123456789abcdef0123456789abcdef
	post-up wg set wg0 peer aGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8gaGU=
	mtu 1400
END
	plant etc/default/metrics << 'END'
INFLUX_TOKEN="HUNTER quoted HUNTER"
export API_KEY='HUNTER'
SMTP_PASS=HUNTER
PRESHARED_KEY = HUNTER
ROOT_HASH=$6$HUNTERsalt$HUNTERHUNTER
VERBOSE=yes
END
	plant etc/pve/nodes/a/qemu-server/100.conf << 'END'
#root password%3A HUNTER
cipassword: HUNTER
sshkeys: ssh-rsa%20HUNTER
net0: virtio=BC:24:11:00:00:01,bridge=vmbr0
END
	plant etc/pve/storage.cfg << 'END'
cifs: share
	username admin
	password HUNTER
	options vers=3,password=HUNTER,uid=0
pbs: backup
	encryption-key HUNTER
END
	plant etc/pve/status.cfg << 'END'
influxdb: a
	server 192.0.2.1
	token HUNTER
	headers {"password": "HUNTER", "secret":"HUNTER","a":"kept"}
END
	plant etc/pve/jobs.cfg << 'END'
	script curl -H PVEAPIToken=root@pam!mon=01234567-89ab-cdef-0123-456789abcdef
	other root@pam!mon=01234567-89ab-cdef-0123-456789abcdef
END
	plant etc/pve/cert.pem << 'END'
-----BEGIN CERTIFICATE-----
kept
-----END CERTIFICATE-----
-----BEGIN RSA PRIVATE KEY-----
HUNTER
-----END RSA PRIVATE KEY-----
kept too
-----BEGIN PRIVATE KEY-----
HUNTER, and never ends
END
	plant etc/apt/apt.conf.d/proxy <<< 'Acquire::http::Proxy "http://a:HUNTER@192.0.2.1:3128";'
	plant etc/apt/sources.list <<< 'deb https://user:HUNTER@example.org/debian bookworm main'
	plant proc/cmdline <<< 'root=/dev/sda1 rd.luks.key=HUNTER quiet'
	"$capture" --root "$host" "$copy"
	run survivors
	[ "$status" -eq 1 ] || { echo "$output"; return 1; }
	run grep -rnE '0123456789abcdef|456789abcdef|aGVsbG8' "$copy"
	[ "$status" -eq 1 ] || { echo "$output"; return 1; }

	# What is no secret stays, and so does the syntax.
	grep -qx '	mtu 1400' "$copy/etc/network/interfaces"
	grep -qx '	wpa-psk SCRUBBED' "$copy/etc/network/interfaces"
	grep -qx 'INFLUX_TOKEN="SCRUBBED"' "$copy/etc/default/metrics"
	grep -qx 'VERBOSE=yes' "$copy/etc/default/metrics"
	grep -qx '	options vers=3,password=SCRUBBED,uid=0' "$copy/etc/pve/storage.cfg"
	grep -q '{"password": "SCRUBBED", "secret":"SCRUBBED","a":"kept"}' "$copy/etc/pve/status.cfg"
	[ "$(grep -c kept "$copy/etc/pve/cert.pem")" -eq 2 ]
	grep -qx 'deb https://SCRUBBED@example.org/debian bookworm main' "$copy/etc/apt/sources.list"
	grep -qx 'root=/dev/sda1 rd.luks.key=SCRUBBED quiet' "$copy/proc/cmdline"
	grep -q bridge=vmbr0 "$copy/etc/pve/nodes/a/qemu-server/100.conf"
}

@test "a file without secrets keeps every byte" {
	printf 'auto lo\r\n\n  iface lo inet loopback\n\ttoken: 3000\n# end' | plant etc/network/interfaces
	"$capture" --root "$host" "$copy"
	cmp "$host/etc/network/interfaces" "$copy/etc/network/interfaces"
}

@test "links between directories and between interfaces are kept, os-release is followed" {
	echo a | plant etc/pve/nodes/a/lrm_status
	ln -s nodes/a "$host/etc/pve/local"
	echo ID=debian | plant usr/lib/os-release
	ln -s ../usr/lib/os-release "$host/etc/os-release"
	echo 1500 | plant sys/devices/virtual/net/bond0/mtu
	echo 1500 | plant sys/devices/pci/net/eth0/mtu
	mkdir -p "$host/sys/class/net"
	ln -s ../../devices/virtual/net/bond0 ../../devices/pci/net/eth0 "$host/sys/class/net"
	ln -s ../../../virtual/net/bond0 "$host/sys/devices/pci/net/eth0/master"
	"$capture" --root "$host" "$copy"
	[ "$(readlink "$copy/etc/pve/local")" = nodes/a ]
	[ "$(cat "$copy/etc/os-release")" = ID=debian ]
	[ "$(cat "$copy/sys/class/net/eth0/master/mtu")" = 1500 ]
	[ "$(readlink "$copy/sys/class/net/eth0/master")" = ../bond0 ]
}

@test "binary files are left out" {
	printf 'HUNTER\0' | plant etc/default/binary
	"$capture" --root "$host" "$copy"
	[ ! -e "$copy/etc/default/binary" ]
}

@test "nothing is written over, and nothing half is left" {
	mkdir "$host" "$copy"
	run "$capture" --root "$host" "$copy"
	[ "$status" -eq 1 ]
	[ "$output" = "capture-host: error: $copy is there already" ]
	[ "$(ls "$BATS_TEST_TMPDIR")" = "copy
host" ]
}

@test "this machine can be captured" {
	command -v ip > /dev/null || skip "no iproute2"
	"$capture" "$copy"
	jq -e '.[] | select(.ifname == "lo")' "$copy/netlink/link.json" > /dev/null
	[ "$(cat "$copy/sys/class/net/lo/mtu")" = "$(cat /sys/class/net/lo/mtu)" ]
	[ "$(stat -c %a "$copy")" = 700 ]
	[ ! -e "$copy/etc/pve/priv" ]
}

@test "wrong usage" {
	run "$capture"
	[ "$status" -eq 64 ]
	run "$capture" --root /nonexistent "$copy"
	[ "$status" -eq 64 ]
}
