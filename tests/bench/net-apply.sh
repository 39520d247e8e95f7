# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# pve-net apply and status beside ip -batch, which is what the kernel itself takes, and ifupdown2.

net=$tree/build/bin/pve-net
scripts/fetch-peer ifupdown2 build/peers/ifupdown2
# Without brctl(8) ifupdown2 makes no bridge.
scripts/fetch-peer bridge-utils build/peers/bridge-utils

# N bridges with an address each: as files of a host, and for ip.
bridges() {
	mkdir -p "$work/apply-$1/etc/network" "$work/apply-$1/var" "$work/apply-$1/run/lock"
	{
		printf 'auto lo\niface lo inet loopback\n\n'
		seq "$1" | awk '{
			printf "auto vmbr%d\niface vmbr%d inet static\n\taddress 10.%d.%d.1/24\n", $1, $1, $1 / 250, $1 % 250
			printf "\tbridge-ports none\n\tbridge-stp off\n\tbridge-fd 0\n\n"
		}'
	} > "$work/apply-$1/etc/network/interfaces"
	seq "$1" | awk '
		BEGIN { print "link set lo up" }
		{
			printf "link add vmbr%d type bridge forward_delay 0 stp_state 0\n", $1
			printf "addr add 10.%d.%d.1/24 broadcast + dev vmbr%d\n", $1 / 250, $1 % 250, $1
			printf "link set vmbr%d up\n", $1
		}' > "$work/apply-$1/batch"
}

# inside HOST COMMAND...: as that host, with ifupdown2 in /usr; once in new namespaces.
cat > "$work/inside" << END
#!/bin/sh
host=\$1
shift
mount --make-rprivate / && mount -t overlay -o lowerdir=$tree/build/peers/ifupdown2/usr:$tree/build/peers/bridge-utils/usr:/usr none /usr &&
mount -t overlay -o lowerdir=\$host/etc:$tree/build/peers/ifupdown2/etc:/etc none /etc &&
mount -t tmpfs none /var/lib && mount -t tmpfs none /run && mkdir /run/lock /run/network || exit 1
# What packages of this machine have hung in there is run for each bridge, by all alike.
for hooks in /etc/network/if-*.d; do
	[ ! -d "\$hooks" ] || mount -t tmpfs none "\$hooks" || exit 1
done
exec "\$@"
END
chmod +x "$work/inside"
ln -s /usr/share/ifupdown2/__main__.py "$work/ifreload"

# fresh N COMMAND...: in a network of its own, which is thrown away.
cat > "$work/fresh" << END
#!/bin/sh
n=\$1
shift
exec unshare -n -m "$work/inside" "$work/apply-\$n" "\$@"
END
chmod +x "$work/fresh"

for n in 10 100 500 1000 4094; do
	bridges $n
done

# cleared: the bridges go, all at once, and it waits for that.  The kernel takes 20 ms for each
# (br_multicast_dev_del waits for rcu_barrier) and holds the lock of all networks meanwhile, also
# when a network that still has them ends: then whatever is measured next would wait for it.
cat > "$work/cleared" << 'END'
#!/bin/sh
ip -br link | sed -n 's/^\(vmbr[0-9]*\).*/link set dev \1 group 9/p' | ip -batch -
ip link del group 9
ip link set lo down
END
chmod +x "$work/cleared"

"$work/fresh" 500 sh -c "'$net' apply --yes && '$net' status && [ \$(ip -o -4 addr | wc -l) = 501 ] &&
	'$work/cleared' && ip -batch '$work/apply-500/batch' && '$net' status && '$work/cleared'" ||
	{ echo "pve-net apply, or ip -batch, does not make 500 bridges" >&2; exit 1; }

# making ROUNDS COMMAND...: best time of a command that makes bridges, which are deleted afterwards,
# all at once.  Several commands, with "--" between them, take turns.
cat > "$work/making" << 'END'
#!/bin/bash
rounds=$1 commands=() best=() current=
shift
for word; do
	if [ "$word" = -- ]; then commands+=("$current") current=; else current+=" '$word'"; fi
done
commands+=("$current")
for ((r = 0; r < rounds; r++)); do
	for k in "${!commands[@]}"; do
		TIMEFORMAT='%R %U %S'
		# In microseconds: wall time, and of the CPU that of the program and that of the kernel.
		took=$({ time eval "${commands[k]}" > /dev/null 2>&1; } 2>&1 | awk '{ print int($1 * 1e6), int($2 * 1e6), int($3 * 1e6) }')
		[ -n "${best[k]-}" ] && [ "${best[k]%% *}" -le "${took%% *}" ] || best[k]=$took
		[ "$(ip -br link | grep -c ^vmbr)" = "$BRIDGES" ] || exit 1
		"$CLEARED"
	done
done
printf '%s\n' "${best[@]}"
END
chmod +x "$work/making"

# made TEXT LIMIT RELATION N ROUNDS PEER...: a row of pve-net apply that makes N bridges beside a
# peer's command: at most LIMIT times as long ("<="), or the peer at least LIMIT times (">=").
made() {
	text=$1 limit=$2 relation=$3 n=$4 rounds=$5
	shift 5
	BRIDGES=$n CLEARED=$work/cleared "$work/fresh" "$n" "$work/making" "$rounds" "$net" apply --yes -- "$@" > "$work/m" ||
		{ echo "$text: not all bridges are there" >&2; return; }
	# shellcheck disable=SC2046
	row "$text" $(awk -v t="$limit" -v rel="$relation" '
		NR == 1 { a = $1 } NR == 2 { b = $1 }
		END {
			r = rel == "<=" ? a / b : b / a
			printf "%.2fms %.2fms %.2fx %s%sx %d", a / 1000, b / 1000, r, rel, t, (rel == "<=" ? (r <= t) : (r >= t))
		}' "$work/m")
}

made "pve-net apply, 500 new bridges/ip -batch" 1.3 '<=' 500 3 ip -batch "$work/apply-500/batch"
made "pve-net apply, 500 new bridges/ifreload -a" 20 '>=' 500 3 /usr/bin/python3 "$work/ifreload" -a \
	-- ip -batch "$work/apply-500/batch"
# What bounds both: the kernel's own work on 500 bridges, which no program can spare.  Of it (perf,
# Linux 6.18) two thirds are register_netdevice and what that tells to others: the files in sysfs a
# quarter of all, those of /proc/sys/net for IPv4, IPv6 and neighbours an eighth, IPv6's own
# addresses and routes a fifth.  A bridge is one request with all its attributes, IFF_UP among them,
# and an address one; the requests and their acknowledgements themselves are 3 in 100.
awk '
	NR == 1 { printf "  of pve-net in the kernel %d of %d ms", $3 / 1000, ($2 + $3) / 1000 }
	NR == 2 { b = $1 }
	NR == 3 { printf "; ip -batch in that run: %.2f ms, %.1fx of ifreload\n", $1 / 1000, b / $1 }' "$work/m"

# Nothing to do, inside one network: 500 bridges that both have seen.
"$work/fresh" 500 sh -c "'$net' apply --yes && /usr/bin/python3 '$work/ifreload' -a &&
	'$measure' 3 -- '$net' apply --yes -- /usr/bin/python3 '$work/ifreload' -a > '$work/m' && '$work/cleared'" > /dev/null 2>&1
# shellcheck disable=SC2046
row "pve-net apply, nothing to do at 500/ifreload" $(awk '
	NR == 1 { a = $1 } NR == 2 { b = $1 }
	END { printf "%.2fms %.2fms %.1fx >=100x,50ms %d", a / 1000, b / 1000, b / a, (b / a >= 100 && a <= 50000) }' "$work/m")

# Growth, in time of the CPU, the kernel's included: the longer of two runs meets more of whatever
# else is at work.  grown N prints "WHAT WALL CPU", in microseconds.
cat > "$work/grown" << END
#!/bin/sh
n=\$1
took() { awk -v what="\$1" '{ print what, \$1, \$4; exit }'; }
'$measure' 5 -- '$net' plan | took plan
'$measure' 1 -- '$net' apply --yes | took create
[ "\$(ip -br link | grep -c ^vmbr)" = "\$n" ] || exit 1
'$measure' 12 -- '$net' apply --yes | took nothing
'$measure' 12 -- '$net' status | took status
# What reading the same from the kernel takes with ip.
'$measure' 3 -- sh -c 'ip -d -j link; ip -j addr; ip -j route' | took ip-status
'$work/cleared' || exit 1
'$measure' 1 -- ip -batch '$work/apply-'\$n/batch | took ip-create
[ "\$(ip -br link | grep -c ^vmbr)" = "\$n" ] || exit 1
'$work/cleared'
END
chmod +x "$work/grown"
for n in 10 100 1000 4094; do
	"$work/fresh" $n "$work/grown" $n > "$work/m" || { echo "$n bridges: not all are there" >&2; exit 1; }
	sed "s/^/$n /" "$work/m" >> "$work/growth"
done
# growth WHAT TEXT: what 4,094 take against 1,000, without the cost of starting.
growth() {
	# shellcheck disable=SC2046
	row "pve-net $2, growth 1,000 to 4,094" $(awk -v what="$1" '
		$2 == what { t[++k] = $4 }
		END { r = (t[4] - t[1]) / (t[3] - t[1]); printf "%.2fms %.2fms %.2fx <=5x %d", t[4] / 1000, t[3] / 1000, r, (r > 0 && r <= 5) }' "$work/growth")
	numbers "$1"
}
numbers() {
	printf '  10, 100, 1,000, 4,094: %s\n' "$(awk -v what="$1" '
		$2 == what { printf "%s%.2f ms", (k++ ? ", " : ""), $4 / 1000 }' "$work/growth")"
}
# shellcheck disable=SC2046
row "pve-net status, 4,094 links/ip -d -j" $(awk '
	$1 == 4094 && $2 == "status" { a = $3 } $1 == 4094 && $2 == "ip-status" { b = $3 }
	END { printf "%.2fms %.2fms %.2fx <=200ms %d", a / 1000, b / 1000, a / b, (a <= 200000) }' "$work/growth")
growth status status
growth nothing 'apply, nothing to do'
# All that it does itself when it makes them.
growth plan 'plan, all new'
# Making links is not linear in the kernel itself, so it stands beside ip -batch: IPv6 puts the routes
# of a link, to fe80::/64 and ff00::/8, behind those of all others (fib6_add_rt2node) and walks
# through all routes whenever one comes up (fib6_ifup): at 4,000 links a third of the time of both.
# Ours has all links before the first address, since ports and sysctls come between: when making
# them lasts longer than a second, IGMP speaks on links that have no address yet and looks for one on
# all others (inet_select_addr, a sixth at 4,000).  The row of growth shows how much that is.
for n in 10 100 1000 4094; do
	# shellcheck disable=SC2046
	row "pve-net apply, $n new bridges/ip -batch" $(awk -v n=$n '
		$1 == n && $2 == "create" { a = $4 } $1 == n && $2 == "ip-create" { b = $4 }
		END { printf "%.2fms %.2fms %.2fx <=1.3x %d", a / 1000, b / 1000, a / b, (a <= 1.3 * b) }' "$work/growth")
done
# shellcheck disable=SC2046
row "  the same, growth 1,000 to 4,094/ip -batch" $(awk '
	$2 == "create" { a[++k] = $4 } $2 == "ip-create" { b[++j] = $4 }
	END {
		r = (a[4] - a[1]) / (a[3] - a[1]); p = (b[4] - b[1]) / (b[3] - b[1])
		printf "%.2fx %.2fx %.2fx <=1.3x %d", r, p, r / p, (p > 0 && r <= 1.3 * p)
	}' "$work/growth")
