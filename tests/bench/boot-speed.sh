# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# pve-boot refresh on real disks, in a virtual machine: with nothing to do beside /bin/true and beside
# a script that copies everything each time; with one new kernel beside the bare writing of its bytes.

make -s -C "$tree" all build/vmtools/bootjudge build/vmtools/replay
"$tree/tests/vm/run" "$tree/tests/bench/vm/boot-speed.sh" > "$work/boot-speed" 2>&1 || { cat "$work/boot-speed" >&2; exit 1; }
figures=$tree/build/vm/boot-speed/share/figures
# shellcheck disable=SC2046
row 'pve-boot refresh, nothing to do/true' $(awk '/^nothing/ {
	printf "%.2fms %.2fms %.2fx <=3x %d", $3 / 1000, $2 / 1000, $3 / $2, ($3 <= 3 * $2) }' "$figures")
# shellcheck disable=SC2046
row 'pve-boot refresh, nothing to do/copying all' $(awk '/^nothing/ {
	printf "%.2fms %.2fms %.1fx >=50x %d", $3 / 1000, $4 / 1000, $4 / $3, ($4 >= 50 * $3) }' "$figures")
# shellcheck disable=SC2046
row 'pve-boot refresh, new kernel/raw write' $(awk '/^new/ {
	printf "%.2fs %.2fs %.3fx <=1.15x %d", $2 / 100, $3 / 100, $2 / $3, ($2 * 100 <= $3 * 115) }' "$figures")
# shellcheck disable=SC2046
row 'pve-boot refresh, new kernel: bytes/the pair' $(awk '/^new/ {
	printf "%dKiB %dKiB %.3fx <=1.03x %d", $4 / 1024, $5 / 1024, $4 / $5, ($4 * 100 <= $5 * 103) }' "$figures")
