#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pve-repo convert: both ways, with comments, disabled entries and options; what would mean
# something else is refused.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	repo=build/bin/pve-repo
	root=$BATS_TEST_TMPDIR/root
	apt=$root/etc/apt
	parts=$apt/sources.list.d
	mkdir -p "$parts"
}

ok() {
	run "$repo" --root "$root" "$@"
	[ "$status" = 0 ] || { echo "$*: $status: $output"; false; }
}

# entries: what apt reads, without places and formats.
entries() {
	"$repo" --root "$root" list -H -o enabled,types,uris,suites,components,options
}

# refused WHY: the files that are there cannot be converted, and nothing is changed.
refused() {
	cp -r "$apt" "$BATS_TEST_TMPDIR/was"
	run "$repo" --root "$root" convert --to "$to"
	[ "$status" = 65 ] || { echo "$status: $output"; false; }
	[[ $output == *"$1"* ]] || { echo "$output"; false; }
	diff -r "$apt" "$BATS_TEST_TMPDIR/was"
	rm -r "$BATS_TEST_TMPDIR/was"
}

@test "lines to stanzas" {
	cat > "$parts/x.list" << 'EOT'
# The head of the file.

# Ours, and why.
deb [arch=amd64,i386 signed-by=/k my=x] http://h/d s a b # behind
	# indented
#deb http://h/e ./

# deb is a word of prose here
deb-src http://h/d t c
# The end.
EOT
	ok convert
	[ ! -e "$parts/x.list" ]
	diff - "$parts/x.sources" << 'EOT'
# The head of the file.

# Ours, and why.
# behind
Types: deb
URIs: http://h/d
Suites: s
Components: a b
Architectures: amd64 i386
Signed-By: /k
my: x

# indented
Types: deb
URIs: http://h/e
Suites: ./
Enabled: no

# deb is a word of prose here
Types: deb-src
URIs: http://h/d
Suites: t
Components: c

# The end.
EOT
}

@test "stanzas to lines" {
	printf 'Types: deb deb-src\n# within\nURIs: http://h/a%%20b\nSuites: s t\nComponents: a\n# more\n b\nArchitectures: amd64 i386\nSigned-By: /k /l\nX-Repolib-Name: Long\n Name\nEnabled: yes\n\n# off\nTypes: deb\nURIs: cdrom:[Disc]/\nSuites: ./\nEnabled: no\n' \
		> "$parts/x.sources"
	ok convert -t list
	diff - "$parts/x.list" << 'EOT'
# within
# more
# X-Repolib-Name: Long
#  Name
deb [arch=amd64,i386 signed-by=/k,/l] http://h/a%2520b s a b
deb [arch=amd64,i386 signed-by=/k,/l] http://h/a%2520b t a b
deb-src [arch=amd64,i386 signed-by=/k,/l] http://h/a%2520b s a b
deb-src [arch=amd64,i386 signed-by=/k,/l] http://h/a%2520b t a b

# off
# deb cdrom:%5BDisc%5D/ ./
EOT
}

@test "the sample hosts, there and back, read the same" {
	for host in tests/hosts/pve*; do
		rm -rf "$root"
		cp -r "$host" "$root"
		[ -d "$apt" ] || continue
		rm -f "$parts/debian.sources.old"
		entries | sort > "$BATS_TEST_TMPDIR/was"
		if [ -e "$apt/sources.list" ]; then
			ok convert --to sources
			[ ! -e "$apt/sources.list" ]
			entries | sort | diff "$BATS_TEST_TMPDIR/was" -
			ok convert --to list
			entries | sort | diff "$BATS_TEST_TMPDIR/was" -
		else
			ok convert --to list
			ok convert --to sources
		fi
		ok undo
		ok undo
	done
}

@test "only the files that are named, in the format that they have not" {
	echo 'deb http://h/a s c' > "$parts/a.list"
	echo 'deb http://h/b s c' > "$parts/b.list"
	ok convert --to sources b.list
	[ -e "$parts/a.list" ] && [ -e "$parts/b.sources" ]
	ok convert --to sources b.sources
	run "$repo" --root "$root" convert nosuch.list
	[ "$status" = 69 ]
	echo 'deb http://h/b s c' > "$parts/b.list"
	run "$repo" --root "$root" convert
	[ "$status" = 1 ]
	[[ $output == *'b.sources is there already'* ]]
	[ -e "$parts/a.list" ]
}

@test "line ends and modes stay as they are" {
	printf '# x\r\ndeb http://h/a s c\r\n' > "$parts/a.list"
	ok convert
	printf '# x\r\nTypes: deb\r\nURIs: http://h/a\r\nSuites: s\r\nComponents: c\r\n' | cmp - "$parts/a.sources"
}

@test "what only a line can say is refused" {
	to=sources
	while read -r line; do
		printf '# x\n%s\n' "$line" > "$parts/x.list"
		refused '/etc/apt/sources.list.d/x.list:2: '
	done << 'EOT'
deb [allow-insecure=yes] http://h/a s c
deb [inrelease-path=x] http://h/a s c
deb [Packages=no] http://h/a s c
deb [Signed-By=/k] http://h/a s c
deb [Types=x] http://h/a s c
deb cdrom:[A B]/ s c
deb http://h/a s "c d"
deb http://h/a $(ARCH) c
deb [arch=amd64,,i386] http://h/a s c
deb [a:b=c] http://h/a s c
# deb cdrom:[A B]/ s c
EOT
	printf 'deb http://h/a s c\nbad\n' > "$parts/x.list"
	refused 'apt refuses the file: mend it first'
}

@test "what only a stanza can say is refused" {
	to=list
	for field in 'Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n x' 'Trusted:' 'Architectures:'; do
		printf 'Types: deb\nURIs: http://h/a\nSuites: s\nComponents: c\n%b\n' "$field" > "$parts/x.sources"
		refused '/etc/apt/sources.list.d/x.sources:1: '
	done
	# shellcheck disable=SC2016 # apt replaces it
	printf 'Types: deb\nURIs: http://h/a\nSuites: $(ARCH)\nComponents: c\n' > "$parts/x.sources"
	refused '/etc/apt/sources.list.d/x.sources:1: '
	printf 'Types: deb\nEnabled: no\n' > "$parts/x.sources"
	refused 'the stanza is not complete'
}
