# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# For the tests of pve-repo: sourced by them.

# subscription STATUS CHECKTIME [KEY]: a file like /etc/subscription, of a made-up key.
subscription() {
	key=${3-pve2c-0123456789}
	json=$(printf '{"status":"%s","checktime":%s,"key":"%s","serverid":"0123456789ABCDEF0123456789ABCDEF","nextduedate":"2027-11-01","productname":"made up"}' \
		"$1" "$2" "$key" | base64 -w 0)
	sum=$(printf '%s%skjfdlskfhiuewhfk947368' "$2" "$json" | md5sum | cut -c 1-32)
	printf '%s\n%s\n%s\n' "$key" "$(printf '%s' "$sum" | perl -ne 'chomp; print pack "H*", $_' | base64)" "$json"
}
