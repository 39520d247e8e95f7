/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The executor on a real file system that is full, or read-only: a tmpfs of its own in a
 * private mount namespace. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "pvecommon/exec_hold.h"
#include "scratch.h"

static const struct pve_exec_opts opts = {.tool = "pve-test"};

static bool may_mount(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(unshare(CLONE_NEWNS) < 0 ||
		      mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		      mount("none", "/tmp", "tmpfs", 0, NULL) < 0);
	waitpid(pid, &status, 0);
	return status == 0;
}

/* Runs the body in a child whose scratch root is a tmpfs of this many bytes. */
static void on_tmpfs(const char *options, void (*body)(struct scratch *))
{
	int status;
	pid_t pid;

	if (!may_mount()) {
		print_message("# skip: mounting a tmpfs is not allowed here\n");
		skip();
	}
	pid = fork();
	if (pid == 0) {
		struct scratch s;

		scratch_new(&s);
		if (unshare(CLONE_NEWNS) < 0 ||
		    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		    mount("none", s.dir, "tmpfs", 0, options) < 0)
			_exit(99);
		pve_sys_done(&s.sys);
		assert_int_equal(pve_sys_init(&s.sys, s.dir, NULL), 0);
		body(&s);
		pve_sys_done(&s.sys);
		umount2(s.dir, MNT_DETACH);
		rmdir(s.dir);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                 \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

static int change(struct scratch *s, size_t size, struct pve_err *e)
{
	struct pve_exec *x = pve_exec_open(&s->sys, &opts, e);
	struct pve_span old = pve_span("old");
	PVE_PLAN plan = {0};
	PVE_BUF big = {0};
	int ret;

	if (!x)
		return -1;
	memset(pve_buf_reserve(&big, size), 'x', size);
	big.len = size;
	pve_plan_write(&plan, "/a", &old, pve_span("new"), 0644, "to test");
	pve_plan_write(&plan, "/b", &old, (struct pve_span){big.data, big.len}, 0644, "to test");
	ret = pve_exec_apply(x, &plan, e);
	pve_exec_close(x);
	return ret;
}

static void full_body(struct scratch *s)
{
	struct pve_err e = {0};

	scratch_put(s, "/a", "old", 0644);
	scratch_put(s, "/b", "old", 0644);
	/* From the journal not fitting to the second copy not fitting. */
	for (size_t size = 16 << 10; size <= 1 << 20; size += 16 << 10) {
		int ret = change(s, size, &e);

		if (ret == 0) {
			CHECK(scratch_is(s, "/a", "new"));
			scratch_put(s, "/a", "old", 0644);
			scratch_put(s, "/b", "old", 0644);
			continue;
		}
		CHECK(strstr(e.msg, "No space left on device"));
		CHECK(strstr(e.msg, "nothing was changed"));
		CHECK(scratch_is(s, "/a", "old") && scratch_is(s, "/b", "old"));
		CHECK(scratch_count(s, "/") == 2);
	}
	CHECK(e.code == PVE_FAILED);
}

/* Takes every block that is left. */
static void fill(struct scratch *s)
{
	PVE_FREE char *path = pve_asprintf("%s/fill", s->dir);
	PVE_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	char block[512] = "x";

	CHECK(fd >= 0);
	while (write(fd, block, sizeof(block)) > 0)
		;
	CHECK(errno == ENOSPC);
}

/* Held while the disk becomes full: neither way out needs space. */
static void held_body(struct scratch *s)
{
	static const struct pve_exec_opts hold = {.tool = "pve-test", .hold_s = 600};
	struct pve_span old = pve_span("old");
	struct pve_err e = {0};

	for (int keep = 0; keep < 2; keep++) {
		PVE_PLAN plan = {0};
		struct pve_exec *x;

		scratch_put(s, "/a", "old", 0644);
		scratch_put(s, "/b", "old", 0644);
		x = pve_exec_open(&s->sys, &hold, &e);
		CHECK(x);
		pve_plan_write(&plan, "/a", &old, pve_span("new"), 0644, "to test");
		pve_plan_remove(&plan, "/b", &old, "to test");
		pve_plan_mkdir(&plan, "/d", 0755, "to test");
		CHECK(pve_exec_apply(x, &plan, &e) == 0);
		pve_exec_close(x);
		fill(s);
		CHECK((keep ? pve_exec_confirm : pve_exec_revert)(&s->sys, &hold, &e) == 0);
		CHECK(scratch_is(s, "/a", keep ? "new" : "old"));
		CHECK(scratch_is(s, "/b", keep ? NULL : "old"));
		CHECK(scratch_count(s, "/") == (size_t)4);
		CHECK(pve_fs_unlink(&s->sys, "/fill", NULL) == 0);
	}
}

static void full_disk_while_held(void **state)
{
	(void)state;
	on_tmpfs("size=512k", held_body);
}

static void full_disk_changes_nothing(void **state)
{
	(void)state;
	on_tmpfs("size=512k", full_body);
}

static void read_only_body(struct scratch *s)
{
	struct pve_err e = {0};

	scratch_put(s, "/a", "old", 0644);
	scratch_put(s, "/b", "old", 0644);
	CHECK(mount(NULL, s->dir, NULL, MS_REMOUNT | MS_RDONLY, "size=512k") == 0);
	CHECK(change(s, 10, &e) == -1);
	CHECK(strstr(e.msg, "Read-only file system"));
	CHECK(scratch_is(s, "/a", "old") && scratch_is(s, "/b", "old"));
}

static void read_only_file_system(void **state)
{
	(void)state;
	on_tmpfs("size=512k", read_only_body);
}

/* One file, whose temporary file cannot lie where a journal would: there is one after all. */
static void replace_with_var(struct scratch *s, const char *from, const char *type, unsigned long flags)
{
	PVE_FREE char *var = pve_asprintf("%s/var", s->dir);
	struct pve_span old = pve_span("old");
	struct pve_err e = {0};
	struct pve_exec *x;
	PVE_PLAN plan = {0};

	scratch_put(s, "/a", "old", 0644);
	CHECK(mount(from, var, type, flags, NULL) == 0);
	x = pve_exec_open(&s->sys, &opts, &e);
	CHECK(x);
	pve_plan_write(&plan, "/a", &old, pve_span("new"), 0644, "to test");
	CHECK(pve_exec_apply(x, &plan, &e) == 0);
	CHECK(plan.v->state == PVE_STEP_DONE);
	pve_exec_close(x);
	CHECK(scratch_is(s, "/a", "new"));
	CHECK(scratch_count(s, "/var") == 0);
	CHECK(umount2(var, MNT_DETACH) == 0);
}

/* Another file system, and then another mount of the same one. */
static void other_body(struct scratch *s)
{
	PVE_FREE char *elsewhere = pve_asprintf("%s/elsewhere", s->dir);

	CHECK(pve_fs_mkdir(&s->sys, "/var", 0755, NULL) == 0);
	CHECK(pve_fs_mkdir(&s->sys, "/elsewhere", 0755, NULL) == 0);
	replace_with_var(s, "none", "tmpfs", 0);
	replace_with_var(s, elsewhere, NULL, MS_BIND);
	CHECK(scratch_count(s, "/") == 3);
}

static void journal_on_another_file_system(void **state)
{
	(void)state;
	on_tmpfs(NULL, other_body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_disk_changes_nothing),
		cmocka_unit_test(full_disk_while_held),
		cmocka_unit_test(read_only_file_system),
		cmocka_unit_test(journal_on_another_file_system),
	};

	return cmocka_run_group_tests_name("exec_disk", tests, NULL, NULL);
}
