/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The recipe that replaces files and directories: at each of its effects it may fail, or the process
 * may die, and the old content or the new one is there.  What a power cut leaves of it on vfat is
 * looked at by tests/vm/boot-crash.sh. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "pveio/vfat.h"
#include "scratch.h"

struct fixture {
	struct scratch s;
	struct pve_vfat v;
};

static void setup(struct fixture *f)
{
	scratch_new(&f->s);
	f->v = (struct pve_vfat){&f->s.sys, open(f->s.dir, O_RDONLY | O_DIRECTORY), "the test"};
	assert_true(f->v.top >= 0);
}

static void teardown(struct fixture *f)
{
	close(f->v.top);
	scratch_done(&f->s);
}

/* --- faults ---------------------------------------------------------------------------------- */

struct fault {
	int left;  /* effects until it strikes */
	bool kill; /* it ends the process */
};

static int strike(struct pve_sys *sys, enum pve_effect effect, const char *path)
{
	struct fault *fault = sys->test;

	(void)effect;
	(void)path;
	if (fault->left-- > 0)
		return 0;
	if (fault->kill)
		_exit(9);
	return EIO;
}

static int put_pair(struct fixture *f, const char *content, struct pve_err *e);

enum action { WRITE_NEW, WRITE_OVER, PAIR_OVER };

static int act(struct fixture *f, enum action action)
{
	if (action == PAIR_OVER)
		return put_pair(f, "new", NULL);
	return pve_vfat_write(&f->v, "d/file", pve_span("new"), NULL);
}

static bool whole(struct fixture *f, enum action action)
{
	if (action == WRITE_NEW)
		return scratch_is(&f->s, "/d/file", NULL) || scratch_is(&f->s, "/d/file", "new");
	if (action == WRITE_OVER)
		return scratch_is(&f->s, "/d/file", "old") || scratch_is(&f->s, "/d/file", "new");
	return (scratch_is(&f->s, "/d/6.8/a", "old") && scratch_is(&f->s, "/d/6.8/b", "old")) ||
	       (scratch_is(&f->s, "/d/6.8/a", "new") && scratch_is(&f->s, "/d/6.8/b", "new"));
}

/* The action with a fault behind so many effects; false: it ended well, with effects to spare. */
static bool strikes(enum action action, int after, bool kill)
{
	struct fixture f;
	struct fault fault = {after, kill};
	int status = 0, ret = -1;

	setup(&f);
	assert_int_equal(0, pve_vfat_mkdir(&f.v, "d", NULL));
	if (action == WRITE_OVER)
		scratch_put(&f.s, "/d/file", "old", 0644);
	if (action == PAIR_OVER)
		assert_int_equal(0, put_pair(&f, "old", NULL));
	f.s.sys.fault = strike;
	f.s.sys.test = &fault;
	if (kill) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0)
			_exit(act(&f, action) < 0);
		assert_int_equal(child, waitpid(child, &status, 0));
		ret = status ? -1 : 0;
	} else {
		ret = act(&f, action);
	}
	assert_true(whole(&f, action));
	/* What is left over is removed, and then it works. */
	f.s.sys.fault = NULL;
	assert_int_equal(0, pve_vfat_remove(&f.v, action == PAIR_OVER ? "d/.6.8.new" : "d/.file.new",
					    NULL));
	assert_int_equal(0, act(&f, action));
	assert_true(scratch_is(&f.s, action == PAIR_OVER ? "/d/6.8/b" : "/d/file", "new"));
	assert_int_equal(1, scratch_count(&f.s, "/d"));
	teardown(&f);
	return ret < 0;
}

static void test_faults(void **state)
{
	(void)state;
	for (int action = WRITE_NEW; action <= PAIR_OVER; action++)
		for (int kill = 0; kill < 2; kill++) {
			int n = 0;

			while (strikes((enum action)action, n, kill))
				n++;
			assert_true(n >= 5);
		}
}

/* --- pairs ----------------------------------------------------------------------------------- */

static int nothing(void *data, struct pve_span piece, struct pve_err *e)
{
	(void)e;
	*(size_t *)data += piece.len;
	return 0;
}

static int copy_text(struct fixture *f, const char *path, const char *text, uint64_t size,
		     struct pve_err *e)
{
	int fds[2];
	size_t seen = 0;
	int ret;

	assert_int_equal(0, pipe(fds));
	assert_int_equal(strlen(text), write(fds[1], text, strlen(text)));
	close(fds[1]);
	ret = pve_vfat_copy(&f->v, path, fds[0], size, nothing, &seen, e);
	close(fds[0]);
	if (ret == 0)
		assert_int_equal(size, seen);
	return ret;
}

static int put_pair(struct fixture *f, const char *content, struct pve_err *e)
{
	if (pve_vfat_mkdir(&f->v, "d/.6.8.new", e) < 0 ||
	    copy_text(f, "d/.6.8.new/a", content, strlen(content), e) < 0 ||
	    copy_text(f, "d/.6.8.new/b", content, strlen(content), e) < 0)
		return -1;
	if (!pve_vfat_exists(&f->v, "d/6.8"))
		return pve_vfat_place(&f->v, "d/6.8", e);
	if (pve_vfat_swap(&f->v, "d/6.8", e) < 0)
		return -1;
	return pve_vfat_remove(&f->v, "d/.6.8.new", e);
}

/* --- edges ----------------------------------------------------------------------------------- */

static void test_names(void **state)
{
	PVE_FREE char *deep = pve_vfat_aside("EFI/proxmox/6.8.12-4-pve"), *top = pve_vfat_aside("a.b");

	(void)state;
	assert_string_equal("EFI/proxmox/.6.8.12-4-pve.new", deep);
	assert_string_equal(".a.b.new", top);
	assert_true(pve_vfat_is_aside(".a.b.new"));
	assert_false(pve_vfat_is_aside("a.new"));
	assert_false(pve_vfat_is_aside("..new"));
	assert_false(pve_vfat_is_aside(".hidden"));
}

static void test_copy(void **state)
{
	struct fixture f;
	struct pve_err e = {0};

	(void)state;
	setup(&f);
	assert_int_equal(0, copy_text(&f, "a", "12345", 5, &e));
	assert_true(scratch_is(&f.s, "/a", "12345"));
	/* It is there already; it was longer, or shorter, than told. */
	assert_int_equal(-1, copy_text(&f, "a", "1", 1, &e));
	assert_int_equal(EEXIST, e.sys);
	assert_int_equal(-1, copy_text(&f, "b", "12345", 4, &e));
	assert_int_equal(PVE_AGAIN, e.code);
	assert_int_equal(-1, copy_text(&f, "c", "12345", 6, &e));
	assert_int_equal(PVE_AGAIN, e.code);
	teardown(&f);
}

/* Nothing leads out of the file system, and no link is followed or removed with what it leads to. */
static void test_links(void **state)
{
	struct fixture f;
	PVE_FREE char *link = NULL, *loop = NULL;

	(void)state;
	setup(&f);
	link = pve_asprintf("%s/link", f.s.dir);
	assert_int_equal(0, symlink("/tmp", link));
	assert_int_equal(-1, pve_vfat_write(&f.v, "link/x", pve_span("x"), NULL));
	assert_int_equal(-1, pve_vfat_write(&f.v, "../x", pve_span("x"), NULL));
	assert_int_equal(0, pve_vfat_mkdir(&f.v, "tree/deep", NULL));
	loop = pve_asprintf("%s/tree/deep/out", f.s.dir);
	assert_int_equal(0, symlink("/tmp", loop));
	assert_int_equal(0, pve_vfat_remove(&f.v, "tree", NULL));
	assert_int_equal(0, access("/tmp", F_OK));
	assert_false(pve_vfat_exists(&f.v, "tree"));
	assert_int_equal(0, pve_vfat_remove(&f.v, "no/such", NULL));
	teardown(&f);
}

/* What somebody else left aside may share its clusters: it is neither used nor removed. */
static void test_aside_is_there(void **state)
{
	struct fixture f;
	struct pve_err e = {0};

	(void)state;
	setup(&f);
	assert_int_equal(0, pve_vfat_write(&f.v, ".x.new", pve_span("left over"), NULL));
	assert_int_equal(-1, pve_vfat_write(&f.v, "x", pve_span("new"), &e));
	assert_int_equal(EEXIST, e.sys);
	assert_true(pve_vfat_exists(&f.v, ".x.new"));
	assert_false(pve_vfat_exists(&f.v, "x"));
	teardown(&f);
}

/* A file that is retired is whole under its name, or has it not. */
static void test_retire(void **state)
{
	struct fixture f;
	struct fault fault = {0};

	(void)state;
	setup(&f);
	assert_int_equal(0, pve_vfat_retire(&f.v, "x", NULL));
	for (int n = 0;; n++) {
		int ret;

		f.s.sys.fault = NULL;
		assert_int_equal(0, pve_vfat_remove(&f.v, ".x.new", NULL));
		if (!pve_vfat_exists(&f.v, "x"))
			assert_int_equal(0, pve_vfat_write(&f.v, "x", pve_span("content"), NULL));
		fault = (struct fault){.left = n};
		f.s.sys.test = &fault;
		f.s.sys.fault = strike;
		ret = pve_vfat_retire(&f.v, "x", NULL);
		f.s.sys.fault = NULL;
		/* Synced, renamed, synced, removed, synced. */
		assert_int_equal(pve_vfat_exists(&f.v, "x"), n <= 1);
		assert_int_equal(ret, n < 5 ? -1 : 0);
		if (ret == 0)
			break;
	}
	assert_false(pve_vfat_exists(&f.v, "x"));
	assert_false(pve_vfat_exists(&f.v, ".x.new"));
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_aside_is_there),
		cmocka_unit_test(test_retire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
