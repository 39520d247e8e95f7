# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034 # used by those that load it
# For tests of pve-repo: a tree with one really signed repository, http://h.example/r, and what apt would
# have fetched of it.  Loaded by bats files.

load ../repo-signed.sh

setup_file() {
	new_key good
	new_key other
	GPG_TIME=20200101T000000 new_key old ed25519 2020-12-31
	new_key soon ed25519 30d
	new_key short rsa1024
	end_gpg
}

teardown_file() {
	end_gpg
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	repo=build/bin/pve-repo
	root=$BATS_TEST_TMPDIR/root
	lists=$root/var/lib/apt/lists
	site=$BATS_TEST_TMPDIR/site
	key=$root/usr/share/keyrings/k.gpg
	packages=$site/dists/s/main/binary-amd64/Packages
	mkdir -p "$root"/etc/apt/{trusted.gpg.d,keyrings,sources.list.d} "$root/var/lib/dpkg" "$lists/partial" \
		"${packages%/*}" "${key%/*}"
	echo amd64 > "$root/var/lib/dpkg/arch"
	printf 'Package: x\nVersion: 1\nArchitecture: amd64\n\n' > "$packages"
	echo 'deb [signed-by=/usr/share/keyrings/k.gpg] http://h.example/r s main' > "$root/etc/apt/sources.list"
	export_key good "$key"
	chmod -R a+rX "$root"
}

# fetch: puts into the lists what apt would.
fetch() {
	cp "$site/dists/s/InRelease" "$lists/h.example_r_dists_s_InRelease"
	cp "$packages" "$lists/h.example_r_dists_s_main_binary-amd64_Packages"
}

# good_one [FIELD...]
good_one() {
	make_dist "$site" s Origin=A "$@"
	sign "$site" s good
	fetch
}
