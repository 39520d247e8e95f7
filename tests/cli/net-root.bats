#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every command of pve-net with --root on a tree, as nobody: watched by strace, it reads and changes
# what lies below the tree and nothing else, and talks to nobody.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	command -v strace > /dev/null || skip 'strace is not installed'
	net=$PWD/build/bin/pve-net
	root=$BATS_TEST_TMPDIR/root
	trace=$BATS_TEST_TMPDIR/trace
	mkdir "$trace"
	cp -r tests/hosts/pve8-cluster-node "$root"
	# A link with the name of a file of the host is one below the root.
	ln -s /etc/network/more "$root/etc/network/interfaces.d/link"
	printf 'iface more0 inet manual\n' > "$root/etc/network/more"
	mkdir -p "$root/var/lib/pve-net/generations"
	printf '%s\n' 'pve-net generation 1' 'time 1780000001' 'user root' 'login ' 'from ' 'via apply' 'why ' \
		'plan 0' '' 'file 23 0644 /etc/network/interfaces' 'iface a inet manual' '   ' 'end' \
		> "$root/var/lib/pve-net/generations/1"
	printf '[Time]\nNTP=127.0.7.7\n' > "$root/etc/systemd/timesyncd.conf"
	# Nobody needs the way to the program and the tree, and that only.
	as=
	[ "$(id -u)" != 0 ] || {
		chown -Rh 65534:65534 "$root" "$trace"
		as='setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all,+dac_read_search --ambient-caps=+dac_read_search'
	}
	# Languages and time zones are those of whoever calls.
	export LC_ALL=C TZ=UTC
	bad=0
}

# strays: of the calls that strace has written down, those that leave the tree.  The loader and the C
# library may have what they need.
strays() {
	ROOT=$root PEER=${PEER-} BUILD=$PWD/build perl -ne '
		sub fine {
			my ($p) = @_;
			return $p =~ m{^\Q$ENV{ROOT}\E(/|$)} || $p =~ m{^\Q$ENV{BUILD}\E/} || $p =~ m{^/dev/(null|urandom)$} ||
				$p =~ m{^(/usr)?/lib/[^ ]*\.so[.0-9]*$} || $p =~ m{^(/usr)?/lib(/[^/]*-linux-gnu)?(/glibc-hwcaps/[^/]*|/tls|/x86_64)*$} ||
				$p =~ m{^/etc/ld\.so\.(cache|preload)$} || $p eq "/proc/self/exe" || $p =~ m{^/usr/share/zoneinfo/};
		}
		next unless s/^\d+ +(\w+)\(//;
		my ($call, $bad) = ($1, 0);
		$bad = 1 if $call =~ /^(socket|uname|connect|bind|sendto|sendmsg|sendmmsg)$/ &&
			!($ENV{PEER} && ($call eq "socket" && /AF_INET/ || $call eq "connect" && /"\Q$ENV{PEER}\E"/ ||
				$call eq "sendto" && /, NULL, 0\)/));
		my $inside = /RESOLVE_IN_ROOT/;
		my $here = /AT_FDCWD/ || !/^\d+</;
		while (/(?<!AT_FDCWD)<(\/[^>]*)>/g) { $bad = 1 unless fine($1 =~ s/ ?\(deleted\)$//r) }
		if (!$inside && $call ne "execve") {
			while (/"([^"]*)"/g) { $bad = 1 if $1 ne "" && ($here || $1 =~ m{^/|\.\.(/|$)}) && !fine($1) }
		}
		$bad = 1 if $inside && $here;
		$bad = 1 if $call eq "execve" && !/^"\Q$ENV{BUILD}\E/;
		print "$call($_" if $bad;' "$@"
}

# inside CODE ARG...: the command ends with that code and stays in the tree.  PEER: an address to which
# it may talk.
inside() {
	code=$1
	shift
	# shellcheck disable=SC2086 # words
	run $as strace -f -y -s 4096 -e trace=%file,%network,openat2,uname -o "$trace/calls" "$net" --root "$root" "$@"
	[ "$status" = "$code" ] || { echo "pve-net $*: exit code $status, not $code: $output"; bad=1; }
	grep -q 'exited with' "$trace/calls" || { echo "pve-net $*: strace saw nothing"; bad=1; }
	strays "$trace/calls" > "$BATS_TEST_TMPDIR/strays"
	[ ! -s "$BATS_TEST_TMPDIR/strays" ] || { echo "pve-net $*:"; head -5 "$BATS_TEST_TMPDIR/strays"; bad=1; }
}

# What is called of each command of the table, with exit codes.
uses() {
	case $1 in
	list | show) inside 0 "$1" -a; [[ $output == *more0* ]] || { echo "$1: $output"; bad=1; } ;;
	graph) inside 0 graph -a; inside 0 graph --dot ;;
	check) inside 0 check; inside 0 check --staged ;;
	get) inside 0 get vmbr0 mtu method ;;
	set) inside 0 set vmbr2 mtu=1400; inside 0 -n set more0 mtu=1400; inside 64 set vmbr2 mtu=x ;;
	add) inside 0 add vmbr9 address=198.51.100.1/24 ;;
	rename) inside 0 rename vmbr2 vmbr3 ;;
	remove) inside 0 remove vmbr9 ;;
	template) inside 0 template bridged --nic eno9 --bridge vmbr7 --address 203.0.113.2/24 ;;
	pin) inside 0 pin eno3 nic3 ;;
	diff) inside 1 diff; inside 1 diff --meaning ;;
	plan) inside 0 plan ;;
	status) inside 0 status; inside 0 status -a vmbr0 ;;
	explain) inside 0 explain eno1 tap100i0 ;;
	history) inside 0 history; inside 0 history 1 ;;
	confirm) inside 69 confirm ;;
	wol)
		inside 0 wol -H eno1
		[ "$output" = $'eno1\t\t\t' ] || { echo "wol: $output"; bad=1; }
		inside 0 wol eno1 on
		inside 0 wol -H eno1
		[ "$output" = $'eno1\t1\tg\t' ] || { echo "wol: $output"; bad=1; }
		inside 65 wol nothere0
		;;
	ipv6) inside 0 ipv6; inside 0 ipv6 off; inside 0 ipv6 on ;;
	ntp)
		inside 0 ntp show
		inside 0 ntp set n1.example
		inside 0 ntp reset
		# It asks the servers of the tree, from here.
		PEER=127.0.7.7 inside 3 ntp check
		[[ $output == *127.0.7.7*NTP-SILENT* ]] || { echo "ntp check: $output"; bad=1; }
		;;
	revert) inside 0 revert ;;
	help) inside 0 help list ;;
	completion) inside 0 completion bash ;;
	# What changes or asks a running system is refused, and shown with --dry-run where that can be.
	apply) inside 64 apply --yes; inside 0 -n apply ;;
	rollback) inside 64 rollback 1 --yes; inside 0 -n rollback 1 --force ;;
	wake) inside 64 wake 02:00:00:00:00:01; inside 0 -n wake --interface eno1 02:00:00:00:00:01 ;;
	*) echo "$1: say in this test what of it is called"; bad=1 ;;
	esac
}

@test "--root: every command stays below it, without privilege" {
	# Going back is refused while something is staged.
	for command in $("$net" help --table | awk -F '\t' '$1 ~ /^(command|alias)$/ { print $3, ($3 == "rollback") + ($3 ~ /^(revert|rollback)$/) }' |
		sort -s -k 2n | cut -d ' ' -f 1); do
		uses "$command"
	done
	[ "$bad" = 0 ]
	[ "$(find "$root" -name '*.new')" = '' ]
}

@test "--root: the test sees a call that leaves the tree" {
	touch "$trace/calls"
	for line in 'openat(AT_FDCWD</>, "/etc/network/interfaces", O_RDONLY) = 3</etc/network/interfaces>' \
		'openat(3</etc>, "hostname", O_RDONLY) = -1 ENOENT (No such file or directory)' \
		'openat2(3<'"$root"'>, "/etc/hosts", {flags=O_RDONLY, resolve=RESOLVE_IN_ROOT}, 24) = 4</etc/hosts>' \
		'openat2(AT_FDCWD</tmp>, "/etc/hosts", {flags=O_RDONLY, resolve=RESOLVE_IN_ROOT}, 24) = -1 EACCES (Permission denied)' \
		'unlinkat(3<'"$root"'>, "../x", 0) = 0' 'access("/proc/net/route", R_OK) = 0' \
		'renameat(3<'"$root"'/a>, "a", 4</b>, "b") = 0' 'newfstatat(AT_FDCWD</tmp>, "x", 0x1, 0) = 0' \
		'socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_ROUTE) = 3<NETLINK:[1]>' 'execve("/bin/sh", ["sh"], 0x1) = 0'; do
		echo "17 $line" > "$trace/calls"
		[ -n "$(strays "$trace/calls")" ] || { echo "not seen: $line"; bad=1; }
	done
	[ "$bad" = 0 ]
	echo '17 openat2(3<'"$root"'>, "/etc/hosts", {flags=O_RDONLY, resolve=RESOLVE_IN_ROOT}, 24) = 4<'"$root"'/etc/hosts>' > "$trace/calls"
	[ -z "$(strays "$trace/calls")" ]
}
