#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	net=build/bin/pve-net
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/etc/systemd/system"
}

# The tree of each daemon.
timesyncd() {
	printf '[Time]\nNTP=a.example b.example\nFallbackNTP=f.example\n' > "$root/etc/systemd/timesyncd.conf"
}

chrony() {
	mkdir -p "$root/etc/chrony/conf.d" "$root/etc/systemd/system/multi-user.target.wants"
	ln -s /lib/systemd/system/chrony.service "$root/etc/systemd/system/multi-user.target.wants/"
	printf 'confdir /etc/chrony/conf.d\npool p.example iburst\nsourcedir /etc/chrony/sources.d\n' \
		> "$root/etc/chrony/chrony.conf"
	printf 'server c.example\n' > "$root/etc/chrony/conf.d/c.conf"
}

@test "ntp show: timesyncd, its drop-ins and masks" {
	timesyncd
	run $net --root "$root" ntp -H
	[ "$status" = 0 ]
	[ "$output" = 'a.example	server	timesyncd		/etc/systemd/timesyncd.conf:2
b.example	server	timesyncd		/etc/systemd/timesyncd.conf:2
f.example	fallback	timesyncd		/etc/systemd/timesyncd.conf:3' ]
	mkdir -p "$root/etc/systemd/timesyncd.conf.d" "$root/usr/lib/systemd/timesyncd.conf.d"
	printf '[Time]\nNTP=\nNTP=x\n' > "$root/usr/lib/systemd/timesyncd.conf.d/60-x.conf"
	run $net --root "$root" ntp show -H -o server,file
	[ "${lines[1]}" = 'x	/usr/lib/systemd/timesyncd.conf.d/60-x.conf:3' ]
	ln -s /dev/null "$root/etc/systemd/timesyncd.conf.d/60-x.conf"
	run $net --root "$root" ntp show -H -o server
	[ "${lines[0]}" = a.example ]
}

@test "ntp show: of timesyncd's drop-ins with one name the first directory's counts, in the order of names" {
	timesyncd
	while read -r place server; do
		file=$root/${place%/*}/systemd/timesyncd.conf.d/${place##*/}.conf
		mkdir -p "${file%/*}"
		printf '[Time]\nNTP=%s\n' "$server" > "$file"
	done <<- 'end'
		usr/lib/50-a 4
		usr/local/lib/50-a 3
		run/50-a 2
		etc/50-a 1
		usr/lib/40-b 4
		usr/local/lib/40-b 3
		run/40-b 2
		usr/lib/60-c 4
		usr/local/lib/60-c 3
		usr/lib/30-d 4
		etc/.20-hidden 1
	end
	run $net --root "$root" ntp show -H -o server,file
	[ "$output" = "$(printf '%s\t%s\n' a.example /etc/systemd/timesyncd.conf:2 b.example /etc/systemd/timesyncd.conf:2 \
		f.example /etc/systemd/timesyncd.conf:3 4 /usr/lib/systemd/timesyncd.conf.d/30-d.conf:2 \
		2 /run/systemd/timesyncd.conf.d/40-b.conf:2 1 /etc/systemd/timesyncd.conf.d/50-a.conf:2 \
		3 /usr/local/lib/systemd/timesyncd.conf.d/60-c.conf:2)" ] || { echo "$output"; false; }
	# systemd's own reader has the same files.
	command -v systemd-analyze > /dev/null || skip 'systemd-analyze is not installed'
	systemd-analyze --root="$root" cat-config systemd/timesyncd.conf | sed -n "s|^# \($root\)*/|/|p" > "$BATS_TEST_TMPDIR/theirs"
	sed 's/.*\t//; s/:.*//' <<< "$output" | uniq | diff "$BATS_TEST_TMPDIR/theirs" -
}

@test "ntp set: our drop-in is replaced, not one of its name elsewhere" {
	timesyncd
	mkdir -p "$root/run/systemd/timesyncd.conf.d"
	printf '[Time]\nNTP=other\n' > "$root/run/systemd/timesyncd.conf.d/50-pve-net.conf"
	$net --root "$root" ntp set n1.example
	run $net --root "$root" ntp show -H -o server
	[ "$output" = "$(printf '%s\n' f.example n1.example)" ]
	grep -q other "$root/run/systemd/timesyncd.conf.d/50-pve-net.conf"
	$net --root "$root" ntp reset
	run $net --root "$root" ntp show -H -o server
	[ "$output" = "$(printf '%s\n' a.example b.example f.example other)" ]
}

@test "ntp show: chrony goes before timesyncd, and its other files are read" {
	timesyncd
	chrony
	run $net --root "$root" ntp -H -o server,kind,daemon,file
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 2 ]
	[[ $output == *'c.example	server	chrony	/etc/chrony/conf.d/c.conf:1'* ]]
	[[ $output == *'p.example	pool	chrony	/etc/chrony/chrony.conf:2'* ]]
}

@test "ntp set: timesyncd gets a drop-in that replaces the list" {
	timesyncd
	before=$(sha256sum "$root/etc/systemd/timesyncd.conf")
	run $net --root "$root" -n ntp set n1.example 2001:db8::1
	[ "$status" = 0 ]
	[ "${lines[0]}" = 'mkdir /etc/systemd/timesyncd.conf.d: for the file in it' ]
	[ ! -e "$root/etc/systemd/timesyncd.conf.d" ]
	run $net --root "$root" ntp set n1.example 2001:db8::1
	[ "$status" = 0 ]
	[ -z "$output" ]
	[ "$(cat "$root/etc/systemd/timesyncd.conf.d/50-pve-net.conf")" = '[Time]
NTP=
NTP=n1.example 2001:db8::1' ]
	[ "$(sha256sum "$root/etc/systemd/timesyncd.conf")" = "$before" ]
	run $net --root "$root" ntp show -H -o server
	[ "$output" = 'f.example
n1.example
2001:db8::1' ]
	printf '[Time]\nNTP=late\n' > "$root/etc/systemd/timesyncd.conf.d/90-late.conf"
	run $net --root "$root" ntp set n2.example
	[[ $output == *'90-late.conf:2: server late stays in use'* ]]
}

@test "ntp set: chrony gets a sources file, if it reads one" {
	chrony
	run $net --root "$root" ntp set --keep n1.example
	[ "$status" = 0 ]
	[[ $output == *'/etc/chrony/chrony.conf:2: pool p.example stays in use'* ]]
	[ "$(cat "$root/etc/chrony/sources.d/pve-net.sources")" = 'server n1.example iburst' ]
	run $net --root "$root" ntp show -H -o server
	[[ $output == *n1.example* ]]
	[[ $output == *p.example* ]]
	echo 'pool p.example' > "$root/etc/chrony/chrony.conf"
	run $net --root "$root" ntp set n2.example
	[ "$status" = 65 ]
	[ "$(cat "$root/etc/chrony/sources.d/pve-net.sources")" = 'server n1.example iburst' ]
}

@test "ntp set: chrony's other servers become comments, and reset makes them what they were" {
	chrony
	printf '# kept\r\n  POOL q.example\nnotserver x\n#pve-net: no source\npeer r' >> "$root/etc/chrony/conf.d/c.conf"
	cp -r "$root/etc/chrony" "$BATS_TEST_TMPDIR/before"
	mkdir -p "$root/run/chrony-dhcp"
	echo 'sourcedir /run/chrony-dhcp' >> "$root/etc/chrony/chrony.conf"
	cp "$root/etc/chrony/chrony.conf" "$BATS_TEST_TMPDIR/before"
	echo 'server d.example' > "$root/run/chrony-dhcp/eno1.sources"
	run $net --root "$root" -n ntp set n1.example
	[ "$status" = 0 ]
	diff -r "$root/etc/chrony" "$BATS_TEST_TMPDIR/before"
	run $net --root "$root" ntp set n1.example
	[ "$status" = 0 ]
	[[ $output == *'eno1.sources:1: server d.example stays in use as well' ]]
	run $net --root "$root" ntp show -H -o server
	[ "$output" = 'd.example
n1.example' ] || [ "$output" = 'n1.example
d.example' ]
	run diff "$BATS_TEST_TMPDIR/before/conf.d/c.conf" "$root/etc/chrony/conf.d/c.conf"
	[ "$(grep -c '^>' <<< "$output")" = 3 ]
	[[ $output == *'> #pve-net:   POOL q.example'* ]]
	# Once more is nothing.
	run $net --root "$root" -n ntp set n1.example
	[ "$status" = 0 ]
	[[ $output != *change* ]]
	run $net --root "$root" ntp reset
	[ "$status" = 0 ]
	[ -z "$output" ]
	rm -r "$root/etc/chrony/sources.d"
	diff -r "$root/etc/chrony" "$BATS_TEST_TMPDIR/before"
}

@test "ntp set: what a pattern of chrony's includes goes too" {
	chrony
	echo 'include /etc/chrony/*.inc' >> "$root/etc/chrony/chrony.conf"
	echo 'server i.example' > "$root/etc/chrony/site.inc"
	run $net --root "$root" ntp show -H -o server,file
	[[ $output == *'i.example	/etc/chrony/site.inc:1'* ]]
	run $net --root "$root" ntp set n1.example
	[ "$status" = 0 ]
	[ "$(cat "$root/etc/chrony/site.inc")" = '#pve-net: server i.example' ]
	run $net --root "$root" ntp show -H -o server
	[ "$output" = n1.example ]
	# What somebody added since stays, and what they took out as well.
	echo 'server later.example' >> "$root/etc/chrony/site.inc"
	sed -i '/p.example/d' "$root/etc/chrony/chrony.conf"
	$net --root "$root" ntp reset
	[ "$(cat "$root/etc/chrony/site.inc")" = 'server i.example
server later.example' ]
	run $net --root "$root" ntp show -H -o server
	[ "$(sort <<< "$output" | paste -sd ' ')" = 'c.example i.example later.example' ]
}

@test "ntp reset: timesyncd has the list of its other files again" {
	timesyncd
	$net --root "$root" ntp set n1.example
	run $net --root "$root" ntp reset
	[ "$status" = 0 ]
	[ ! -e "$root/etc/systemd/timesyncd.conf.d/50-pve-net.conf" ]
	run $net --root "$root" ntp show -H -o server
	[ "$output" = "$(printf '%s\n' a.example b.example f.example)" ]
}

@test "ntp: no daemon, no server, wrong words" {
	run $net --root "$root" ntp set n1.example
	[ "$status" = 69 ]
	run $net --root "$root" ntp check -H -o severity,code
	[ "$status" = 2 ]
	[ "$output" = 'critical	NTP-NO-DAEMON' ]
	timesyncd
	for words in 'set' 'set a_b/c' 'show x' 'reset x' 'show --keep' 'sets a'; do
		# shellcheck disable=SC2086 # words
		run $net --root "$root" ntp $words
		[ "$status" = 64 ]
	done
	chrony
	mkdir -p "$root/etc/systemd/system/sysinit.target.wants"
	ln -s /lib/systemd/system/systemd-timesyncd.service "$root/etc/systemd/system/sysinit.target.wants/"
	: > "$root/etc/chrony/chrony.conf"
	run $net --root "$root" ntp check -H -o severity,code
	[ "$status" = 1 ]
	[ "$output" = 'warning	NTP-TWO-DAEMONS' ]
}
