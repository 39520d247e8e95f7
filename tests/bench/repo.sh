# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# pve-repo's reading of the package sources beside apt's own, on this machine's files and on many;
# beside /bin/true for what starting a program costs.

repo=$tree/build/bin/pve-repo

# many_sources N: a root tree with N entries, half of them lines and half of them stanzas.
many_sources() {
	mkdir -p "$work/repo-$1/etc/apt/sources.list.d" "$work/repo-$1/var/lib/dpkg"
	echo VERSION_CODENAME=bookworm > "$work/repo-$1/etc/os-release"
	seq "$(($1 / 2))" | awk '{
		printf "deb [arch=amd64 signed-by=/k] http://vendor%d.example.org/debian bookworm main contrib\n", $1
	}' > "$work/repo-$1/etc/apt/sources.list"
	seq "$(($1 / 2))" | awk '{
		printf "Types: deb\nURIs: http://other%d.example.org/debian\nSuites: bookworm\nComponents: main contrib\nSigned-By: /k\n\n", $1
	}' > "$work/repo-$1/etc/apt/sources.list.d/x.sources"
}

many_sources 1000
[ "$("$repo" --root "$work/repo-1000" list -H | wc -l)" = 1000 ] || { echo "pve-repo does not list 1,000 entries" >&2; exit 1; }

for command in list check; do
	under "pve-repo $command, this machine" 5 20 -- "$repo" $command -H
	# 5 ms where starting a program costs half of one.
	within "pve-repo $command/true" 10 20 -- "$repo" --root "$tree/tests/hosts/pve9-enterprise" $command -H -- /bin/true
	within "pve-repo $command, this machine/true" 10 20 -- "$repo" $command -H -- /bin/true
	faster "pve-repo $command/apt-get indextargets" 5 10 -- "$repo" $command -H \
		-- apt-get indextargets --no-release-info
	memory "pve-repo $command, 1,000 entries: memory/true" 16384 -- "$repo" --root "$work/repo-1000" $command -H -- /bin/true
done
