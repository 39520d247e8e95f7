# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154 # the variables of those that source it
# For the tests of pve-repo: a host with a subscription.  Sourced by them.

# subscription STATUS CHECKTIME [KEY]: a file like /etc/subscription, of a made-up key.
subscription() {
	key=${3-pve2c-0123456789}
	json=$(printf '{"status":"%s","checktime":%s,"key":"%s","serverid":"0123456789ABCDEF0123456789ABCDEF","nextduedate":"2027-11-01","productname":"made up"}' \
		"$1" "$2" "$key" | base64 -w 0)
	sum=$(printf '%s%skjfdlskfhiuewhfk947368' "$2" "$json" | md5sum | cut -c 1-32)
	printf '%s\n%s\n%s\n' "$key" "$(printf '%s' "$sum" | perl -ne 'chomp; print pack "H*", $_' | base64)" "$json"
}

# bare CODENAME: Debian's own entries and the enterprise repository, with a subscription.
bare() {
	rm -rf "$root"
	mkdir -p "$apt/sources.list.d" "$apt/auth.conf.d"
	echo "VERSION_CODENAME=$1" > "$root/etc/os-release"
	"$repo" --root "$root" add debian debian-updates debian-security enterprise
	subscription active "$(date +%s)" > "$root/etc/subscription"
	printf 'machine enterprise.proxmox.com/debian/pve login pve2c-0123456789 password 0123456789ABCDEF0123456789ABCDEF\nmachine enterprise.proxmox.com/debian/ceph login pve2c-0123456789 password 0123456789ABCDEF0123456789ABCDEF\n' \
		> "$apt/auth.conf.d/pve.conf"
}
