# shellcheck shell=bash disable=SC2154 # bats sets variables
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A host for the tests of pve-acme: the tree $root, of which $node is the folder of the node node1.

# new_root: the tree, empty but for that folder.  The tool is called from the top of the source tree.
new_root() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	root=$BATS_TEST_TMPDIR/root
	node=$root/etc/pve/nodes/node1
	mkdir -p "$node"
	ln -s nodes/node1 "$root/etc/pve/local"
	export LC_ALL=C.UTF-8
}

acme() {
	build/bin/pve-acme --root "$root" "$@"
}

# ends CODE TEXT COMMAND...: it ends so, and says that.
ends() {
	local code=$1 text=$2
	shift 2
	run "$@"
	[ "$status" = "$code" ] || { echo "$*: exit code $status: $output"; return 1; }
	[[ $output == *"$text"* ]] || { echo "$*: $output"; return 1; }
}

# fails CODE TEXT WORD...: the tool ends so, says that, and changes nothing.
fails() {
	local code=$1 text=$2
	shift 2
	tree > "$BATS_TEST_TMPDIR/before"
	ends "$code" "$text" acme "$@"
	tree | diff "$BATS_TEST_TMPDIR/before" -
}

tree() {
	(cd "$root" && find . -type f -exec sha256sum {} + | sort)
}
