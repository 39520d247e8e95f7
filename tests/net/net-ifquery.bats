#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Second readers: what Debian's ifupdown and ifupdown2 make of every interface that an edit (set,
# add, remove) does not concern is the same before and after it.  Both are unpacked, not installed
# (scripts/fetch-peer).

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	# In namespaces of their own mounts, since ifupdown2 finds its parts under /usr and /etc only.
	cat > "$BATS_FILE_TMPDIR/ifupdown2" << EOT
#!/bin/sh
mount --make-rprivate / &&
mount -t overlay -o lowerdir=$PWD/build/peers/ifupdown2/usr:/usr none /usr &&
mount -t overlay -o lowerdir=$PWD/build/peers/ifupdown2/etc:/etc none /etc &&
mount -t tmpfs none /run && exec /usr/bin/python3 "\$@"
EOT
	chmod +x "$BATS_FILE_TMPDIR/ifupdown2"
	# It tells by this name what to do.
	ln -s /usr/share/ifupdown2/__main__.py "$BATS_FILE_TMPDIR/ifquery"
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	net=build/bin/pve-net
	corpus="tests/net/ifquery/* tests/hosts/pve*/etc/network/interfaces"
	edits=0
}

# What each reader says of interfaces of a file: view_READER FILE NAME...
view_ifupdown() {
	file=$1
	shift
	for name; do
		echo "== $name"
		build/peers/ifupdown/sbin/ifquery -i "$file" "$name" 2>&1 || return
	done
	# Without what the edit itself takes out and adds.
	build/peers/ifupdown/sbin/ifquery -i "$file" -a --list | grep -vx -e "$iface" -e added
}

view_ifupdown2() {
	file=$1
	shift
	unshare -m "$BATS_FILE_TMPDIR/ifupdown2" "$BATS_FILE_TMPDIR/ifquery" -o json -i "$file" "$@" \
		2> "$BATS_TEST_TMPDIR/stderr"
}

# others: names of all interfaces of $root but $1 and what its own edit may concern.
others() {
	"$net" --root "$root" list -H -o name,file | awk -F '\t' -v n="$1" '$2 && $1 != n { print $1 }'
}

# holds READER FILE: each edit of each interface of FILE leaves the view of all others.  With
# $together one reading serves all edits of an interface, which are then made one upon the other.
holds() {
	for iface in $("$net" --root "$root" list -H -o name,file | awk -F '\t' '$2 { print $1 }' | $pick); do
		# What inherits from it is to change.
		if [ "$iface" = lo ] || grep -q "inherits $iface" "$2"; then continue; fi
		# shellcheck disable=SC2046
		set -- "$1" "$2" $(others "$iface")
		[ $# -gt 2 ] || continue
		"view_$1" "$root/etc/network/interfaces" "${@:3}" > "$BATS_TEST_TMPDIR/before" ||
			{ refused=$((refused + 1)); return 0; }
		rm -rf "$root/etc/network/interfaces.new" "${root:?}/var"
		for edit in mtu=1280 address+=192.0.2.77/32 address+=2001:db8::77/128 'post-up+=true' description=x; do
			edit "$@" -- set --force "$iface" "$edit" || return
		done
		edit "$@" -- add --force added address=192.0.2.78/32 mtu=1400 bridge-ports=none || return
		# What others stand on cannot be taken out alone.
		if "$net" -n --root "$root" remove "$iface" > "$BATS_TEST_TMPDIR/removal" 2>&1; then
			removed=$((removed + 1))
			edit "$@" -- remove --force "$iface" || return
		fi
		[ ! "$together" ] || same_view "$@" || { echo "$2: edits of $iface"; return 1; }
	done
}

# edit READER FILE NAME... -- COMMAND...: one edit, looked at unless that is done $together.
edit() {
	seen=()
	while [ "$1" != -- ]; do
		seen+=("$1")
		shift
	done
	shift
	"$net" -q --root "$root" "$@" || { echo "${seen[1]}: $*"; return 1; }
	edits=$((edits + 1))
	[ ! "$together" ] || return 0
	same_view "${seen[@]}" || { echo "${seen[1]}: $*"; return 1; }
	rm -rf "$root/etc/network/interfaces.new" "${root:?}/var"
}

# same_view READER FILE NAME...: what is staged is to the reader as what was there before.
same_view() {
	cp "$root/etc/network/interfaces.new" "$root/etc/network/edited"
	"view_$1" "$root/etc/network/edited" "${@:3}" > "$BATS_TEST_TMPDIR/after"
	diff -u "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}

# reader NAME: the whole corpus.
reader() {
	refused=0 removed=0
	for file in $corpus; do
		root=$BATS_TEST_TMPDIR/root
		rm -rf "$root"
		mkdir -p "$root/etc/network"
		cp "$file" "$root/etc/network/interfaces"
		holds "$1" "$file" || return
	done
	echo "# $1: $edits edits, $removed removals, $refused files that it refuses as they are"
}

@test "Debian ifupdown reads all other stanzas as before" {
	[ -x build/peers/ifupdown/sbin/ifquery ] || skip 'ifupdown could not be fetched'
	pick='cat' together=
	reader ifupdown
	[ "$edits" -gt 300 ] && [ "$removed" -gt 30 ]
	[ "$refused" -le 1 ]
}

@test "ifupdown2 reads all other stanzas as before" {
	[ -d build/peers/ifupdown2/usr ] || skip 'ifupdown2 could not be fetched'
	unshare -m "$BATS_FILE_TMPDIR/ifupdown2" -c pass 2> /dev/null || skip 'needs root and overlay mounts'
	pick='tail -n 1' together=1 # it takes a quarter of a second for each reading
	reader ifupdown2
	[ "$edits" -gt 90 ] && [ "$removed" -gt 10 ]
	[ "$refused" -le 1 ]
}

@test "what check says that ifupdown2 does not know, it does not know" {
	[ -d build/peers/ifupdown2/usr ] || skip 'ifupdown2 could not be fetched'
	unshare -m "$BATS_FILE_TMPDIR/ifupdown2" -c pass 2> /dev/null || skip 'needs root and overlay mounts'
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/etc/network/ifupdown2" "$root/etc/network/more" "$root/var/lib/dpkg"
	: > "$root/etc/network/ifupdown2/ifupdown2.conf"
	printf 'Package: ifupdown2\nStatus: install ok installed\nArchitecture: all\nVersion: 3.0.0-1.1\n' \
		> "$root/var/lib/dpkg/status"
	printf 'iface more0 inet manual\n' > "$root/etc/network/more/m"
	file=$root/etc/network/interfaces
	cat > "$file" << EOT
iface b inet manual
	mtu 1400
iface a inet static inherits b
	address 192.0.2.7/24
	mtu? 1500
iface c can static
iface d inet6 auto
iface e inet manual
no-auto-down a
no-scripts a
rename x=y
mapping eth*
	script /bin/true
source-directory $root/etc/network/more
EOT
	run "$net" --root "$root" check -H -o code,object
	[ "$(grep READING <<< "$output" | sed 's/.*://' | uniq | paste -sd ' ')" = '3 5 6 7 9 10 11 12 14' ] ||
		{ echo "$output"; false; }
	view() { unshare -m "$BATS_FILE_TMPDIR/ifupdown2" "$BATS_FILE_TMPDIR/ifquery" -i "$file" "$1" 2>&1 | sed 's/^[ \t]*//'; }
	said=$(view a)
	# It has no MTU of b, and an option of its own with a question mark.
	[[ $said == *'address 192.0.2.7/24'*'mtu? 1500'* && $said != *'mtu 1400'* ]]
	[[ $said == *"unsupported address family 'can'"* && $said == *"unsupported address method 'auto'"* ]]
	# Words that it does not know are options of the stanza above, for it.
	said=$(view e)
	for line in 'no-auto-down a' 'no-scripts a' 'rename x=y' 'mapping eth*' "source-directory $root/etc/network/more"; do
		grep -qxF "$line" <<< "$said" || { echo "$line: $said"; false; }
	done
	[[ $(view more0) == *'cannot find interfaces: more0'* ]]
}
