/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

void acme_confine_memory(void)
{
	const struct rlimit none = {0, 0};

	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &none);
}

#define READING (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
/* All rights of the first version of Landlock (Linux 5.13): what is not given is refused. */
#define HANDLED                                                                                    \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | READING |                    \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |                          \
	 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |                             \
	 LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

static void allow_reading(int ruleset, const char *path)
{
	struct landlock_path_beneath_attr below = {
		.allowed_access = READING,
		.parent_fd = open(path, O_PATH | O_CLOEXEC),
	};

	if (below.parent_fd < 0)
		return; /* nothing there to be read */
	syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &below, 0);
	close(below.parent_fd);
}

static void confine_files(void)
{
	/* Libraries; resolver, certificates and trust; random numbers and the time zone. */
	static const char *const readable[] = {"/usr", "/lib", "/lib64", "/etc",
					       "/run/systemd/resolve", "/dev/urandom"};
	const struct landlock_ruleset_attr attr = {.handled_access_fs = HANDLED};
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

	if (ruleset < 0)
		return; /* a kernel without Landlock, or one that has it turned off */
	for (size_t i = 0; i < sizeof(readable) / sizeof(*readable); i++)
		allow_reading(ruleset, readable[i]);
	syscall(SYS_landlock_restrict_self, ruleset, 0);
	close(ruleset);
}

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#define ARCH 0
#endif

#define REFUSE(call)                                                                               \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1),                                     \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

/* The system calls that a process which only talks never makes, and an intruder would. */
static void confine_calls(void)
{
	static struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		REFUSE(execve),
		REFUSE(execveat),
		REFUSE(ptrace),
		REFUSE(process_vm_readv),
		REFUSE(process_vm_writev),
		REFUSE(mount),
		REFUSE(umount2),
		REFUSE(pivot_root),
		REFUSE(unshare),
		REFUSE(setns),
		REFUSE(bpf),
		REFUSE(perf_event_open),
		REFUSE(keyctl),
		REFUSE(add_key),
		REFUSE(request_key),
		REFUSE(init_module),
		REFUSE(finit_module),
		REFUSE(kexec_load),
		REFUSE(userfaultfd),
		REFUSE(open_by_handle_at),
		REFUSE(io_uring_setup),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof(filter) / sizeof(*filter), filter};

	if (ARCH)
		syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void confine_descriptors(const int *keep, size_t n)
{
	int sorted[8];
	unsigned from = STDERR_FILENO + 1;

	n = n < 8 ? n : 8;
	memcpy(sorted, keep, n * sizeof(*keep));
	qsort(sorted, n, sizeof(*sorted), by_number);
	for (size_t i = 0; i < n; i++) {
		if ((unsigned)sorted[i] > from)
			close_range(from, (unsigned)sorted[i] - 1, 0);
		if ((unsigned)sorted[i] >= from)
			from = (unsigned)sorted[i] + 1;
	}
	close_range(from, ~0u, 0);
}

int acme_confine(const int *keep, size_t n, struct pve_err *e)
{
	confine_descriptors(keep, n);
	if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setresgid(ACME_NOBODY, ACME_NOBODY, ACME_NOBODY) < 0 ||
			       setresuid(ACME_NOBODY, ACME_NOBODY, ACME_NOBODY) < 0))
		return pve_err_sys(e, errno, "becoming nobody");
	acme_confine_memory(); /* a change of the user turns dumping on again */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return pve_err_sys(e, errno, "giving up new privileges");
	confine_files();
	confine_calls();
	return 0;
}
