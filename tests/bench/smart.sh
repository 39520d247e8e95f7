# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# pve-smart beside /bin/true, and beside smartctl started for one disk after another.

smart=$tree/build/bin/pve-smart

# smart_host N: a host with N disks, each with three partitions, and what they say.
smart_host() {
	root=$work/smart-$1
	mkdir -p "$root/smartctl" "$root/proc"
	seq "$1" | awk -v base="${2-}" '
		# sda, sdb, ..., sdz, sdaa, ...
		function name(i,  s) {
			for (; i > 0; i = int((i - 1) / 26)) s = sprintf("%c", 97 + (i - 1) % 26) s
			return "sd" s
		}
		{
			d = name($1); at = base ? " at=pci0000:00/ata" $1 "/host" $1 "/target0:0:0/0:0:0:0" : ""
			printf "%s 8:%d size=4T rota=1 vendor=ATA model=EXAMPLE serial=HDD%05d%s ID_BUS=ata ID_MODEL=EXAMPLE ID_REVISION=A1 ID_SERIAL_SHORT=HDD%05d ID_WWN=0x5000c500%08x ID_ATA_ROTATION_RATE_RPM=7200 ID_PART_TABLE_TYPE=gpt link=disk/by-id/ata-EXAMPLE_HDD%05d link=disk/by-id/wwn-0x5000c500%08x\n", d, $1 * 16, $1, at, $1, $1, $1, $1
			printf "%s/%s1 8:%d size=1M ID_PART_ENTRY_TYPE=21686148-6449-6e6f-744e-656564454649\n", d, d, $1 * 16 + 1
			printf "%s/%s2 8:%d size=1G ID_FS_TYPE=vfat ID_PART_ENTRY_TYPE=c12a7328-f81f-11d2-ba4b-00a0c93ec93b\n", d, d, $1 * 16 + 2
			printf "%s/%s3 8:%d size=3T ID_FS_TYPE=zfs_member ID_FS_LABEL=tank ID_FS_UUID_SUB=%d link=disk/by-id/ata-EXAMPLE_HDD%05d-part3\n", d, d, $1 * 16 + 3, $1, $1
		}' > "$work/disks"
	tests/hosts/make-disks "$root" < "$work/disks"
	awk '$1 !~ "/" { print $1 }' "$work/disks" | while read -r disk; do
		cp "$tree/tests/smartctl/hdd-good.json" "$root/smartctl/$disk.json"
	done
}


smart_host 24 1
h24=$work/smart-24
[ "$("$smart" --root "$h24" list --no-smart -H -o device | wc -l)" = 24 ] || { echo "pve-smart does not list 24 disks" >&2; exit 1; }
within 'pve-smart list --no-smart, 24 disks/true' 8 100 -- "$smart" --root "$h24" list --no-smart -H -- /bin/true
# shellcheck disable=SC2046
row 'pve-smart list --no-smart, 24 disks' $(awk 'NR == 1 { a = $1 } NR == 2 { b = $1 }
	END { printf "%.2fms %.2fms %.2fx <=30ms %d", a / 1000, b / 1000, a / b, a <= 30000 }' "$work/m")

# Disks that take 100 ms to answer, in a namespace where /sys/block has them.
smart_host 24
rm -rf "$work/smart-live"
mkdir -p "$work/smart-live" "$work/smart-bin"
tests/hosts/make-disks "$work/smart-live" < "$work/disks"
ln -sf "$tree/build/bench/smartctl" "$work/smart-bin/smartctl"
awk '$1 !~ "/" { print $1 }' "$work/disks" > "$work/names"
cat > "$work/smart-serial" << END
#!/bin/sh
while read -r disk; do smartctl --json=c -i -H -A "/dev/\$disk"; done < $work/names
END
chmod +x "$work/smart-serial"
cat > "$work/smart-inside" << END
#!/bin/sh
mount --make-rprivate / && mount --bind $work/smart-live/sys/block /sys/block || exit 1
mount -t tmpfs none /run && mkdir /run/udev && mount --bind $work/smart-live/run/udev /run/udev || exit 1
PATH=$work/smart-bin:\$PATH SMARTCTL_REPORT=$tree/tests/smartctl/hdd-good.json SMARTCTL_MS=100
export PATH SMARTCTL_REPORT SMARTCTL_MS
[ "\$($smart list -H -o health | grep -c '^ok\$')" = 24 ] || { echo "pve-smart does not judge 24 disks" >&2; exit 1; }
exec "\$@"
END
chmod +x "$work/smart-inside"
unshare -m "$work/smart-inside" "$measure" 5 -- "$smart" list -H -- "$work/smart-serial" > "$work/m"
# shellcheck disable=SC2046
row 'pve-smart list, 24 disks/smartctl in turn' $(awk 'NR == 1 { a = $1 } NR == 2 { b = $1 }
	END { printf "%.2fms %.2fms %.1fx >=8x %d", a / 1000, b / 1000, b / a, (b / a >= 8) }' "$work/m")
# shellcheck disable=SC2046
row 'pve-smart list, 24 disks of 100 ms' $(awk 'NR == 1 { a = $1 }
	END { printf "%.2fms 100ms %.2fx <=130ms %d", a / 1000, a / 100000, a <= 130000 }' "$work/m")
# shellcheck disable=SC2046
row 'pve-smart list, 24 disks: CPU of its own' $(awk 'NR == 1 { a = $4 }
	END { printf "%.2fms - - <=8ms %d", a / 1000, (a <= 8000 && a > 0) }' "$work/m")

# Growth: what 1,000 disks cost against 100 in CPU time, without the cost of starting.
for n in 10 100 1000; do
	smart_host "$n" 1
	awk -v n="$n" 'BEGIN {
		print "time\tdisk\thealth\ttold\ttemperature"
		for (t = 0; t < 48; t++) for (i = 1; i <= n; i++) printf "%d\tHDD%05d\tok\t\t35\n", 1795600000 + t * 3600, i
	}' > "$work/recent"
	mkdir -p "$work/smart-$n/var/lib/pve-smart"
	cp "$work/recent" "$work/smart-$n/var/lib/pve-smart/recent"
done
for command in 'list --no-smart' list check; do
	# shellcheck disable=SC2086 # a command and its option
	"$measure" 5 -- "$smart" --root "$work/smart-10" $command -H -- "$smart" --root "$work/smart-100" $command -H \
		-- "$smart" --root "$work/smart-1000" $command -H > "$work/m"
	# shellcheck disable=SC2046
	row "pve-smart $command, growth 100 to 1,000" $(awk '
		{ t[NR] = $4 }
		END { r = (t[3] - t[1]) / (t[2] - t[1]); printf "%.2fms %.2fms %.2fx <=14x %d", t[3] / 1000, t[2] / 1000, r, (r > 0 && r <= 14) }' "$work/m")
	printf '  10, 100, 1,000: %s\n' "$(awk '{ printf "%s%.2f ms", (NR > 1 ? ", " : ""), $4 / 1000 }' "$work/m")"
done
