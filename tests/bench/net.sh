# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# pve-net beside ifupdown2's and Debian ifupdown's own reading of the same file.

net=$tree/build/bin/pve-net

scripts/fetch-peer ifupdown2 build/peers/ifupdown2
scripts/fetch-peer ifupdown build/peers/ifupdown

# N bridges, each on a VLAN of one bond, as a root tree.
vlan_bridges() {
	mkdir -p "$work/net-$1/etc/network"
	{
		printf 'auto lo\niface lo inet loopback\n\niface eno1 inet manual\n\niface eno2 inet manual\n\n'
		printf 'auto bond0\niface bond0 inet manual\n\tbond-slaves eno1 eno2\n\tbond-miimon 100\n\tbond-mode 802.3ad\n\n'
		seq "$1" | awk '{
			printf "auto bond0.%d\niface bond0.%d inet manual\n\n", $1, $1
			printf "auto vmbr%d\niface vmbr%d inet static\n\taddress 10.%d.%d.1/24\n", $1, $1, $1 / 256, $1 % 256
			printf "\tbridge-ports bond0.%d\n\tbridge-stp off\n\tbridge-fd 0\n\n", $1
		}'
	} > "$work/net-$1/etc/network/interfaces"
}

# ifupdown2 finds its parts under /usr and /etc only: it gets them in a mount namespace of its own.
cat > "$work/ifquery2" << END
#!/bin/sh
mount --make-rprivate / && mount -t overlay -o lowerdir=$tree/build/peers/ifupdown2/usr:/usr none /usr &&
mount -t overlay -o lowerdir=$tree/build/peers/ifupdown2/etc:/etc none /etc && mount -t tmpfs none /run &&
exec "\$@"
END
chmod +x "$work/ifquery2"
ln -s /usr/share/ifupdown2/__main__.py "$work/ifquery"

for n in 10 100 1000 4094; do
	vlan_bridges $n
done
big=$work/net-4094
[ "$("$net" --root "$big" list -H -o name | wc -l)" -ge 8191 ] || { echo "pve-net does not list 4,094 bridges" >&2; exit 1; }
[ "$(build/peers/ifupdown/sbin/ifquery -a --list -i "$big/etc/network/interfaces" | wc -l)" -ge 8190 ] || { echo "ifquery does not list 4,094 bridges" >&2; exit 1; }

# The namespace is made once and the measuring done inside, so that making it is not measured.
for command in list check; do
	unshare -n -m "$work/ifquery2" "$measure" 3 -- "$net" --root "$big" $command -H \
		-- /usr/bin/python3 "$work/ifquery" -a --list -i "$big/etc/network/interfaces" > "$work/m"
	# shellcheck disable=SC2046
	row "pve-net $command, 4,094 VLAN bridges/ifupdown2" $(awk '
		NR == 1 { a = $1 } NR == 2 { b = $1 }
		END { printf "%.2fms %.2fms %.1fx >=50x %d", a / 1000, b / 1000, b / a, (b / a >= 50) }' "$work/m")
	faster "pve-net $command, 4,094 VLAN bridges/ifupdown" 20 5 -- "$net" --root "$big" $command -H \
		-- build/peers/ifupdown/sbin/ifquery -a --list -i "$big/etc/network/interfaces"
	memory "pve-net $command, 4,094: memory/ifupdown" 16384 -- "$net" --root "$big" $command -H \
		-- build/peers/ifupdown/sbin/ifquery -a --list -i "$big/etc/network/interfaces"
done
# Parse, edit, check and stage: each of the two commands in turn writes, as the other wrote another
# value.  In memory where there is such a file system, so that no disk is measured.
ram=$work
[ ! -w /dev/shm ] || ram=$(mktemp -d /dev/shm/pve-bench.XXXXXX)
trap 'rm -rf "$work" "$ram"' EXIT
for n in 10 100 1000 4094; do
	mkdir -p "$ram/$n"
	cp -r "$work/net-$n/etc" "$ram/$n/"
done
unshare -n -m "$work/ifquery2" "$measure" 5 -- "$net" --root "$ram/4094" set vmbr7 bridge-fd=4 \
	-- "$net" --root "$ram/4094" set vmbr7 bridge-fd=5 \
	-- /usr/bin/python3 "$work/ifquery" -a --list -i "$big/etc/network/interfaces" > "$work/m"
# Ten milliseconds are less than a busy machine lets a program wait: the best of more rounds.
"$measure" 25 -- "$net" --root "$ram/4094" set vmbr7 bridge-fd=4 \
	-- "$net" --root "$ram/4094" set vmbr7 bridge-fd=5 > "$work/ours"
[ "$("$net" --root "$ram/4094" get vmbr7 bridge-fd -H -o value)" = 5 ] || { echo "pve-net set does not stage" >&2; exit 1; }
# shellcheck disable=SC2046
row "pve-net set, 4,094 VLAN bridges/ifupdown2" $(awk '
	NR < 3 && $1 > a { a = $1 } NR == 5 { b = $1 }
	END { printf "%.2fms %.2fms %.1fx >=100x %d", a / 1000, b / 1000, b / a, (b / a >= 100) }' "$work/ours" "$work/m")
# shellcheck disable=SC2046
row "pve-net set, 4,094 VLAN bridges/10 ms" $(awk '
	NR < 3 && $1 > a { a = $1 }
	END { printf "%.2fms 10ms %.2fx <=1x %d", a / 1000, a / 10000, (a <= 10000) }' "$work/ours")
memory "pve-net set, 4,094: memory/ifupdown" 8192 -- "$net" --root "$ram/4094" set vmbr7 bridge-fd=4 \
	-- build/peers/ifupdown/sbin/ifquery -a --list -i "$big/etc/network/interfaces"
fd_of_old() { "$net" --root "$ram/4094" set vmbr7 bridge-fd=4; }
private_before=fd_of_old
private "pve-net set, 4,094: private memory" 8192 "$net" --root "$ram/4094" set vmbr7 bridge-fd=5
# shellcheck disable=SC2034 # for private
private_before=
for fd in 4 5 4 5 4 5; do
	"$measure" 1 -- "$net" --root "$ram/10" set vmbr7 bridge-fd=$fd -- "$net" --root "$ram/100" set vmbr7 bridge-fd=$fd \
		-- "$net" --root "$ram/1000" set vmbr7 bridge-fd=$fd -- "$net" --root "$ram/4094" set vmbr7 bridge-fd=$fd
done > "$work/all"
awk '{ i = (NR - 1) % 4; if (!(i in t) || $4 < t[i]) t[i] = $4 } END { for (i = 0; i < 4; i++) print t[i] }' "$work/all" > "$work/m"
# shellcheck disable=SC2046
row "pve-net set, growth 1,000 to 4,094" $(awk '
	{ t[NR] = $1 }
	END { r = (t[4] - t[1]) / (t[3] - t[1]); printf "%.2fms %.2fms %.2fx <=6x %d", t[4] / 1000, t[3] / 1000, r, (r > 0 && r <= 6) }' "$work/m")
printf '  10, 100, 1,000, 4,094: %s\n' "$(awk '{ printf "%s%.2f ms", (NR > 1 ? ", " : ""), $1 / 1000 }' "$work/m")"
# Growth: what 4,094 cost against 1,000, without the cost of starting, for ten times and four times;
# in time of the CPU, for the longer of two runs meets more of whatever else is at work.
for command in list check; do
	"$measure" 10 -- "$net" --root "$work/net-10" $command -H -- "$net" --root "$work/net-100" $command -H \
		-- "$net" --root "$work/net-1000" $command -H -- "$net" --root "$big" $command -H > "$work/m"
	# shellcheck disable=SC2046
	row "pve-net $command, growth 1,000 to 4,094" $(awk '
		{ t[NR] = $4 }
		END { r = (t[4] - t[1]) / (t[3] - t[1]); printf "%.2fms %.2fms %.2fx <=6x %d", t[4] / 1000, t[3] / 1000, r, (r > 0 && r <= 6) }' "$work/m")
	printf '  10, 100, 1,000, 4,094: %s\n' "$(awk '{ printf "%s%.2f ms", (NR > 1 ? ", " : ""), $4 / 1000 }' "$work/m")"
done
