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

for n in 10 100 500 1000 4000 4094; do
	bridges $n
done
"$work/fresh" 500 sh -c "'$net' apply --yes && '$net' status && [ \$(ip -o -4 addr | wc -l) = 501 ]" ||
	{ echo "pve-net apply does not make 500 bridges" >&2; exit 1; }
"$work/fresh" 500 sh -c "ip -batch '$work/apply-500/batch' && '$net' status" ||
	{ echo "ip -batch does not make the same" >&2; exit 1; }

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
		ip -br link | sed -n 's/^\(vmbr[0-9]*\).*/link set dev \1 group 9/p' | ip -batch -
		ip link del group 9
		ip link set lo down
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
	BRIDGES=$n "$work/fresh" "$n" "$work/making" "$rounds" "$net" apply --yes -- "$@" > "$work/m" ||
		{ echo "$text: not all bridges are there" >&2; return; }
	# shellcheck disable=SC2046
	row "$text" $(awk -v t="$limit" -v rel="$relation" '
		NR == 1 { a = $1 } NR == 2 { b = $1 }
		END {
			r = rel == "<=" ? a / b : b / a
			printf "%.2fms %.2fms %.2fx %s%sx %d", a / 1000, b / 1000, r, rel, t, (rel == "<=" ? (r <= t) : (r >= t))
		}' "$work/m")
}

made "pve-net apply, 500 new bridges/ip -batch" 1.3 '<=' 500 5 ip -batch "$work/apply-500/batch"
made "pve-net apply, 500 new bridges/ifreload -a" 20 '>=' 500 3 /usr/bin/python3 "$work/ifreload" -a \
	-- ip -batch "$work/apply-500/batch"
# What bounds both: the kernel's own work on 500 bridges, which no program can spare.
awk '
	NR == 1 { printf "  of pve-net in the kernel %d of %d ms", $3 / 1000, ($2 + $3) / 1000 }
	NR == 2 { b = $1 }
	NR == 3 { printf "; ip -batch in that run: %.2f ms, %.1fx of ifreload\n", $1 / 1000, b / $1 }' "$work/m"

# Nothing to do, inside one network: 500 bridges that both have seen.
"$work/fresh" 500 sh -c "'$net' apply --yes && /usr/bin/python3 '$work/ifreload' -a &&
	'$measure' 3 -- '$net' apply --yes -- /usr/bin/python3 '$work/ifreload' -a" > "$work/m" 2> /dev/null
# shellcheck disable=SC2046
row "pve-net apply, nothing to do at 500/ifreload" $(awk '
	NR == 1 { a = $1 } NR == 2 { b = $1 }
	END { printf "%.2fms %.2fms %.1fx >=100x,50ms %d", a / 1000, b / 1000, b / a, (b / a >= 100 && a <= 50000) }' "$work/m")

# What reading the same from the kernel takes with ip.
"$work/fresh" 4094 sh -c "ip -batch '$work/apply-4094/batch' &&
	'$measure' 5 -- '$net' status -- sh -c 'ip -d -j link; ip -j addr; ip -j route'" > "$work/m"
# shellcheck disable=SC2046
row "pve-net status, 4,094 links/ip -d -j" $(awk '
	NR == 1 { a = $1 } NR == 2 { b = $1 }
	END { printf "%.2fms %.2fms %.2fx <=200ms %d", a / 1000, b / 1000, a / b, (a <= 200000) }' "$work/m")

# Growth, in time of the CPU, the kernel's included: the longer of two runs meets more of whatever else
# is at work.  Making links is not linear in the kernel itself, so it is measured beside ip -batch.
for n in 10 100 1000 4000; do
	"$work/fresh" $n sh -c "'$net' apply --yes && '$measure' 12 -- '$net' apply --yes -- '$net' status" > "$work/m"
	awk -v n=$n '{ t[NR] = $4 } END { print n, t[1], t[2] }' "$work/m" >> "$work/growth"
done
for k in 2 3; do
	# shellcheck disable=SC2046
	row "pve-net $([ $k = 2 ] && echo 'apply, nothing to do' || echo status), growth 1,000 to 4,000" $(awk -v k=$k '
		{ t[NR] = $k }
		END { r = (t[4] - t[1]) / (t[3] - t[1]); printf "%.2fms %.2fms %.2fx <=5x %d", t[4] / 1000, t[3] / 1000, r, (r > 0 && r <= 5) }' "$work/growth")
	printf '  10, 100, 1,000, 4,000: %s\n' "$(awk -v k=$k '{ printf "%s%.2f ms", (NR > 1 ? ", " : ""), $k / 1000 }' "$work/growth")"
done
for n in 100 1000 4000; do
	made "pve-net apply, $n new bridges/ip -batch" 1.3 '<=' $n $((n < 4000 ? 3 : 1)) ip -batch "$work/apply-$n/batch"
done
