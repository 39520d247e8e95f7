#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Pure files make no system call: nothing in them opens, reads, runs, waits or asks the time.

# What a pure object must not refer to.
forbidden='^(open|openat|open64|fopen|fopen64|fdopen|freopen|opendir|readdir|close|read|write|pread|pwrite'
forbidden=$forbidden'|ioctl|fcntl|stat|lstat|fstat|fstatat|stat64|access|faccessat|rename|renameat|unlink|unlinkat'
forbidden=$forbidden'|mkdir|rmdir|chmod|chown|mount|umount|fsync|socket|connect|bind|send|recv|poll|select'
forbidden=$forbidden'|fork|vfork|exec[a-z]*|posix_spawn[a-z]*|system|popen|waitpid|kill|syscall|sleep|nanosleep'
forbidden=$forbidden'|time|clock_gettime|gettimeofday|getenv|getpid|geteuid|getuid|printf|puts|putchar|fputs|fwrite'
forbidden=$forbidden'|exit|_exit|pve_fs_.*|pve_run.*|pve_sys_.*|pve_nl_.*|pve_log_.*)$'

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
}

# breaches OBJECT...: "object: symbol" for each forbidden reference.
breaches() {
	for object; do
		# Tables, comparisons and look-ups: their objects are looked at below.
		nm -u "$object" | awk '{ print $2 }' | sed 's/@.*//; s/__isoc99_//' |
			grep -vE '^pve_nl_(attr|value|link_by)' | grep -E "$forbidden" |
			sed "s|^|$object: |"
	done
	:
}

@test "the library's pure files make no system call" {
	objects=
	for name in buf strv map num journal plan textfile conf_section conf_colon propstr diff debver deb822 jsonread \
		blkdev udevdb fat fat_check fat_dir fat_name lvm_meta zpool_cache guest_conf wake disk disk_facts disk_serves; do
		[ -f "build/obj/lib/pvecommon/$name.o" ]
		objects="$objects build/obj/lib/pvecommon/$name.o"
	done
	for name in nl_attr nl_snapshot; do
		[ -f "build/obj/lib/pveio/$name.o" ]
		objects="$objects build/obj/lib/pveio/$name.o"
	done
	# shellcheck disable=SC2086
	run breaches $objects
	[ -z "$output" ] || { echo "$output"; false; }
}

# A tool that lives by talking to others names the files that do so in a file `impure`.
is_impure() {
	grep -qxF "${1##*/}" "${1%/*}/impure" 2> /dev/null
}

@test "a tool's files other than main, probe, source, cmd_* and impure ones make no system call" {
	found=0
	for file in bin/*/*.c; do
		case ${file##*/} in main.c | probe*.c | source*.c | cmd_*.c) continue ;; esac
		! is_impure "$file" || continue
		found=$((found + 1))
		run breaches "build/obj/${file%.c}.o"
		[ -z "$output" ] || { echo "$output"; false; }
	done
	[ "$found" -gt 0 ]
}

@test "the check itself finds a breach" {
	run breaches build/obj/lib/pvecommon/fs.o
	[[ $output == *fs.o:\ * ]]
}
