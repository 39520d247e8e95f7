#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What pve-repo check finds about keys and about what was fetched.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a process of its own; the variables of repo-tree.sh

load ../repo-tree.sh

# finds SEVERITY CODE OBJECT [FIX]
finds() {
	run "$repo" --root "$root" check -H -o severity,code,object,fix
	grep -qxF "$1	$2	$3	${4-}" <<< "$output" || { echo "$output"; false; }
}

# silent CODE...
silent() {
	run "$repo" --root "$root" check -H -o code
	for code; do
		if grep -qx "$code" <<< "$output"; then
			echo "$output"
			return 1
		fi
	done
}

place=/etc/apt/sources.list:1

@test "check: all is well with keys and lists" {
	good_one
	silent REPO-KEY-MISSING REPO-KEY-WRONG REPO-KEY-UNUSABLE REPO-KEY-EXPIRED REPO-KEY-WEAK REPO-KEY-EXPIRING \
		REPO-UNSIGNED REPO-NOT-FETCHED REPO-RELEASE-OLD REPO-RELEASE-EXPIRED REPO-RELEASE-SUITE REPO-LISTS-OLD
}

@test "check: keyrings that are missing, unreadable, damaged, or another's" {
	good_one
	rm "$root/usr/share/keyrings/k.gpg"
	finds critical REPO-KEY-MISSING $place
	echo junk > "$root/usr/share/keyrings/k.gpg"
	finds critical REPO-KEY-UNUSABLE $place 'pve-repo key verify /usr/share/keyrings/k.gpg'
	export_key other "$root/usr/share/keyrings/k.gpg"
	finds critical REPO-KEY-WRONG $place 'pve-repo verify'
	export_key good "$root/usr/share/keyrings/k.gpg"
	chmod 600 "$root/usr/share/keyrings/k.gpg"
	finds critical REPO-KEY-UNUSABLE $place 'chmod 644 /usr/share/keyrings/k.gpg'
	echo 'deb http://h.example/r s main' > "$root/etc/apt/sources.list"
	finds critical REPO-KEY-MISSING $place
	export_key good "$root/etc/apt/trusted.gpg.d/good.asc"
	silent REPO-KEY-MISSING REPO-KEY-WRONG
	mv "$root/etc/apt/trusted.gpg.d/good.asc" "$root/etc/apt/trusted.gpg.d/good.gpg"
	finds warning REPO-KEY-NAME /etc/apt/trusted.gpg.d/good.gpg \
		'mv -n /etc/apt/trusted.gpg.d/good.gpg /etc/apt/trusted.gpg.d/good.asc'
	mv -n "$root"/etc/apt/trusted.gpg.d/good.{gpg,asc}
	silent REPO-KEY-NAME REPO-KEY-MISSING
	export_key other "$root/etc/apt/trusted.gpg.d/proxmox-release-bookworm.gpg"
	finds critical REPO-KEY-FORGED /etc/apt/trusted.gpg.d/proxmox-release-bookworm.gpg \
		'pve-repo key verify /etc/apt/trusted.gpg.d/proxmox-release-bookworm.gpg'
}

@test "check: the fix of a keyring that a source names, or has in it, is no rename" {
	good_one
	export_key good "$root/usr/share/keyrings/k.asc"
	mv "$root/usr/share/keyrings/k.asc" "$root/usr/share/keyrings/k.gpg"
	finds warning REPO-KEY-NAME /usr/share/keyrings/k.gpg 'pve-repo key verify /usr/share/keyrings/k.gpg'
	rm "$root/etc/apt/sources.list"
	embed() {
		printf 'Types: deb\nURIs: http://h.example/r\nSuites: s\nComponents: main\nSigned-By:\n'
		gpg_quiet --armor --export "$1" | sed 's/^$/./; s/^/ /'
	}
	place=/etc/apt/sources.list.d/e.sources:1
	embed good | sed '/^ m/s/m/M/' > "$root${place%:1}"
	finds critical REPO-KEY-UNUSABLE $place "editor +1 ${place%:1}"
	sign "$site" s soon
	fetch
	embed soon > "$root${place%:1}"
	finds warning REPO-KEY-EXPIRING $place "editor +1 ${place%:1}"
}

@test "check: keys that are only in trusted.gpg, which apt 3 does not heed" {
	echo 'deb http://h.example/r s main' > "$root/etc/apt/sources.list"
	good_one
	export_key good "$root/etc/apt/trusted.gpg"
	echo VERSION_CODENAME=bookworm > "$root/etc/os-release"
	silent REPO-KEY-LEGACY REPO-KEY-MISSING
	echo VERSION_CODENAME=trixie > "$root/etc/os-release"
	finds warning REPO-KEY-LEGACY /etc/apt/trusted.gpg 'pve-repo key add --to /etc/apt/trusted.gpg.d /etc/apt/trusted.gpg'
	"$repo" --root "$root" key add --to /etc/apt/trusted.gpg.d "$root/etc/apt/trusted.gpg"
	silent REPO-KEY-LEGACY
	rm "$root/etc/apt/trusted.gpg.d/"*
	echo 'deb [signed-by=/usr/share/keyrings/k.gpg] http://h.example/r s main' > "$root/etc/apt/sources.list"
	silent REPO-KEY-LEGACY
}

@test "check: keys that have expired, will soon, or are weak" {
	good_one
	sign "$site" s old --faked-system-time 20200601T000000
	fetch
	export_key old "$root/usr/share/keyrings/k.gpg"
	finds critical REPO-KEY-EXPIRED $place 'pve-repo key verify /usr/share/keyrings/k.gpg'
	sign "$site" s soon
	fetch
	export_key soon "$root/usr/share/keyrings/k.gpg"
	finds warning REPO-KEY-EXPIRING $place 'pve-repo key verify /usr/share/keyrings/k.gpg'
	sign "$site" s short
	fetch
	export_key short "$root/usr/share/keyrings/k.gpg"
	finds warning REPO-KEY-WEAK $place 'pve-repo key verify /usr/share/keyrings/k.gpg'
}

@test "check: what was fetched is old, unsigned, of another suite, or not there" {
	good_one
	make_dist "$site" s 'Valid-Until=Sat, 09 May 2020 10:27:00 UTC'
	sign "$site" s good
	fetch
	finds critical REPO-RELEASE-EXPIRED $place 'pve-repo refresh'
	make_dist "$site" s 'Date=Sat, 09 May 2099 10:27:00 UTC'
	sign "$site" s good
	fetch
	finds critical REPO-RELEASE-FUTURE $place 'pve-net ntp check'
	make_dist "$site" s Suite=t Codename=u
	sign "$site" s good
	fetch
	finds warning REPO-RELEASE-SUITE $place 'editor +1 /etc/apt/sources.list'
	make_dist "$site" s
	sed -i '/^SHA256:/,$d' "$site/dists/s/Release"
	sign "$site" s good
	fetch
	finds critical REPO-RELEASE-WEAK $place 'pve-repo refresh'
	make_dist "$site" s Suite=s-security 'Date=Sat, 09 May 2020 10:27:00 UTC'
	sign "$site" s good
	fetch
	finds warning REPO-RELEASE-OLD $place 'pve-repo refresh'
	cp "$site/dists/s/Release" "$lists/h.example_r_dists_s_InRelease"
	finds critical REPO-UNSIGNED $place 'pve-repo refresh'
	echo 'deb [trusted=yes] http://h.example/other s main' >> "$root/etc/apt/sources.list"
	finds warning REPO-NOT-FETCHED /etc/apt/sources.list:2 'pve-repo refresh'
	touch -d '20 days ago' "$lists/partial"
	finds warning REPO-LISTS-OLD /var/lib/apt/lists 'pve-repo refresh'
}
