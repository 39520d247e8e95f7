# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154,SC3045
# pve-repo updates beside apt, on this machine's own lists, plain and compressed by lz4.

repo=$tree/build/bin/pve-repo

# host NAME: a root with this machine's sources, status and Releases; the lists are still missing.
host() {
	mkdir -p "$work/$1/etc/apt" "$work/$1/var/lib/apt/lists/partial" "$work/$1/var/lib/dpkg" \
		"$work/$1/var/cache/apt/archives/partial"
	cp -r /etc/apt/sources.list* /etc/apt/trusted.gpg.d "$work/$1/etc/apt/"
	cp /var/lib/dpkg/status "$work/$1/var/lib/dpkg/"
	cp /var/lib/apt/lists/*Release "$work/$1/var/lib/apt/lists/"
	printf 'Dir "%s";\nDir::State::status "%s/var/lib/dpkg/status";\n' "$work/$1" "$work/$1" > "$work/$1.conf"
}

host plain
host lz4
for list in /var/lib/apt/lists/*_Packages*; do
	name=${list##*/}
	name=${name%%_Packages*}_Packages
	case $list in
	*.lz4) lz4 -dcq "$list" ;;
	*.gz) gzip -dc "$list" ;;
	*.xz) xz -dc "$list" ;;
	*.zst) zstd -dcq "$list" ;;
	*) cat "$list" ;;
	esac > "$work/plain/var/lib/apt/lists/$name"
	# blocks of 64 KiB, as apt itself makes them
	lz4 -cq -B4 "$work/plain/var/lib/apt/lists/$name" > "$work/lz4/var/lib/apt/lists/$name.lz4"
done

# The peer's best case: its cache is there already, as on a host where apt ran a moment ago.
printf '#!/bin/sh\nAPT_CONFIG=%s/plain.conf exec apt list --upgradable\n' "$work" > "$work/apt-warm"
printf '#!/bin/sh\nAPT_CONFIG=%s/lz4.conf exec apt -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= list --upgradable\n' \
	"$work" > "$work/apt-cold"
# shellcheck disable=SC2016 # for the inner shell
printf '#!/bin/sh\nfor f in %s/lz4/var/lib/apt/lists/*.lz4; do lz4 -dcq "$f"; done\n' "$work" > "$work/unpack"
chmod +x "$work/apt-warm" "$work/apt-cold" "$work/unpack"
"$work/apt-warm" > "$work/warm" 2> /dev/null
"$work/apt-cold" > "$work/cold" 2> /dev/null
[ "$("$repo" --root "$work/plain" updates -H | wc -l)" = "$(grep -c upgradable "$work/warm")" ] ||
	{ echo "pve-repo and apt do not have the same updates" >&2; exit 1; }

under "pve-repo updates, plain lists" 40 10 -- "$repo" --root "$work/plain" updates -H
under "pve-repo updates, lz4 lists" 60 10 -- "$repo" --root "$work/lz4" updates -H
faster "pve-repo updates, plain/apt with its cache" 6 5 -- "$repo" --root "$work/plain" updates -H -- "$work/apt-warm"
faster "pve-repo updates, lz4/apt without cache" 12 5 -- "$repo" --root "$work/lz4" updates -H -- "$work/apt-cold"
within "pve-repo updates, lz4/only unpacking them" 2.5 10 -- "$repo" --root "$work/lz4" updates -H -- "$work/unpack"
private "pve-repo updates, plain: private memory" 8192 "$repo" --root "$work/plain" updates -H
private "pve-repo updates, lz4: private memory" 8192 "$repo" --root "$work/lz4" updates -H

# The peer does nothing but hash the same lists.  Neither's programs for signatures count for it.
# shellcheck disable=SC2016 # for the inner shell
printf '#!/bin/sh\nexec sha256sum %s/plain/var/lib/apt/lists/*_Packages\n' "$work" > "$work/hash-plain"
# shellcheck disable=SC2016
printf '#!/bin/sh\nfor f in %s/lz4/var/lib/apt/lists/*.lz4; do lz4 -dcq "$f" | sha256sum; done\n' "$work" > "$work/hash-lz4"
chmod +x "$work/hash-plain" "$work/hash-lz4"
mkdir -p "$work/plain/usr/share" "$work/lz4/usr/share"
cp -r /usr/share/keyrings "$work/plain/usr/share/"
cp -r /usr/share/keyrings "$work/lz4/usr/share/"
within "pve-repo verify, plain/only hashing" 1.2 5 -- "$repo" --root "$work/plain" verify -H -- "$work/hash-plain"
within "pve-repo verify, lz4/only hashing" 1.2 5 -- "$repo" --root "$work/lz4" verify -H -- "$work/hash-lz4"
under "pve-repo check with keys and Releases" 5 20 -- "$repo" --root "$work/plain" check -H
under "pve-repo key" 5 20 -- "$repo" --root "$work/plain" key -H
