/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files below a root: nothing leads out of it, replacing keeps what the file had. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "scratch.h"

static void link_at(struct scratch *s, const char *target, const char *path)
{
	PVE_FREE char *full = pve_asprintf("%s%s", s->dir, path);

	assert_int_equal(symlink(target, full), 0);
}

static void links_stay_inside(void **state)
{
	static const char *const targets[] = {"/etc/passwd", "../../../../../../etc/passwd",
					      "/../etc/passwd"};
	struct scratch s;

	(void)state;
	scratch_new(&s);
	pve_fs_mkdir(&s.sys, "/etc", 0755, NULL);
	scratch_put(&s, "/etc/passwd", "inside", 0644);
	for (size_t i = 0; i < 3; i++) {
		PVE_BUF b = {0};
		PVE_FREE char *path = pve_asprintf("/etc/link%zu", i);

		link_at(&s, targets[i], path);
		assert_int_equal(pve_fs_read(&s.sys, path, 0, &b, NULL, NULL), 0);
		assert_string_equal(pve_buf_str(&b), "inside");
		assert_int_equal(pve_fs_write(&s.sys, path, "t", pve_span("inside"), 0644, NULL), 0);
	}
	/* Still links, and what they lead to is the file inside. */
	assert_int_equal(scratch_count(&s, "/etc"), 4);
	assert_int_equal(pve_fs_write(&s.sys, "/etc/link1", "t", pve_span("new"), 0644, NULL), 0);
	assert_true(scratch_is(&s, "/etc/passwd", "new"));
	scratch_done(&s);
}

static void errors_name_the_path(void **state)
{
	struct pve_err e = {0};
	struct scratch s;
	PVE_BUF b = {0};

	(void)state;
	scratch_new(&s);
	assert_int_equal(pve_fs_read(&s.sys, "/none", 0, &b, NULL, &e), -1);
	assert_int_equal(e.sys, ENOENT);
	assert_non_null(strstr(e.msg, s.dir));
	assert_non_null(strstr(e.msg, "/none: No such file or directory"));
	assert_int_equal(pve_fs_read(&s.sys, "none", 0, &b, NULL, &e), -1);
	pve_fs_mkdir(&s.sys, "/d", 0755, NULL);
	assert_int_equal(pve_fs_read(&s.sys, "/d", 0, &b, NULL, &e), -1);
	assert_int_equal(e.code, PVE_DATA);
	scratch_put(&s, "/big", "12345", 0644);
	assert_int_equal(pve_fs_read(&s.sys, "/big", 4, &b, NULL, &e), -1);
	assert_non_null(strstr(e.msg, "larger than 4 bytes"));
	assert_int_equal(b.len, 0);
	link_at(&s, "loop", "/loop");
	assert_int_equal(pve_fs_write(&s.sys, "/loop", "t", pve_span("x"), 0644, &e), -1);
	assert_int_equal(e.sys, ELOOP);
	scratch_done(&s);
}

static void a_fifo_does_not_block(void **state)
{
	PVE_FREE char *full = NULL;
	struct pve_err e = {0};
	struct scratch s;
	PVE_BUF b = {0};

	(void)state;
	scratch_new(&s);
	full = pve_asprintf("%s/fifo", s.dir);
	assert_int_equal(mkfifo(full, 0600), 0);
	assert_int_equal(pve_fs_read(&s.sys, "/fifo", 0, &b, NULL, &e), -1);
	assert_int_equal(e.code, PVE_DATA);
	scratch_done(&s);
}

static void replacing_keeps_mode_and_attributes(void **state)
{
	PVE_FREE char *full = NULL;
	struct scratch s;
	char value[16];
	struct stat st;
	bool attributes;

	(void)state;
	scratch_new(&s);
	scratch_put(&s, "/f", "old", 0604);
	full = pve_asprintf("%s/f", s.dir);
	attributes = setxattr(full, "user.note", "kept", 4, 0) == 0;
	assert_int_equal(pve_fs_write(&s.sys, "/f", "t", pve_span("new"), 0600, NULL), 0);
	assert_int_equal(pve_fs_stat(&s.sys, "/f", &st, NULL), 0);
	assert_int_equal(st.st_mode & 07777, 0604);
	assert_true(scratch_is(&s, "/f", "new"));
	if (attributes)
		assert_int_equal(getxattr(full, "user.note", value, sizeof(value)), 4);
	assert_int_equal(pve_fs_write(&s.sys, "/g", "t", pve_span(""), 0640, NULL), 0);
	assert_int_equal(pve_fs_stat(&s.sys, "/g", &st, NULL), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	scratch_done(&s);
}

static void owner_is_kept(void **state)
{
	PVE_FREE char *full = NULL;
	struct scratch s;
	struct stat st;

	(void)state;
	if (geteuid() != 0) {
		print_message("# skip owner_is_kept: only root can give files away\n");
		skip();
	}
	scratch_new(&s);
	scratch_put(&s, "/f", "old", 0640);
	full = pve_asprintf("%s/f", s.dir);
	assert_int_equal(chown(full, 12, 34), 0);
	assert_int_equal(pve_fs_write(&s.sys, "/f", "t", pve_span("new"), 0600, NULL), 0);
	assert_int_equal(pve_fs_stat(&s.sys, "/f", &st, NULL), 0);
	assert_int_equal(st.st_uid, 12);
	assert_int_equal(st.st_gid, 34);
	assert_int_equal(st.st_mode & 07777, 0640);
	scratch_done(&s);
}

static void aside_and_back(void **state)
{
	struct pve_err e = {0};
	struct scratch s;

	(void)state;
	scratch_new(&s);
	scratch_put(&s, "/f", "text", 0600);
	assert_int_equal(pve_fs_set_aside(&s.sys, "/f", "t", NULL), 0);
	assert_false(pve_fs_exists(&s.sys, "/f"));
	assert_true(pve_fs_is_aside(&s.sys, "/f", "t"));
	scratch_put(&s, "/f", "somebody else's", 0600);
	assert_int_equal(pve_fs_put_back(&s.sys, "/f", "t", &e), -1);
	assert_int_equal(e.sys, EEXIST);
	assert_int_equal(pve_fs_unlink(&s.sys, "/f", NULL), 0);
	assert_int_equal(pve_fs_put_back(&s.sys, "/f", "t", NULL), 0);
	assert_true(scratch_is(&s, "/f", "text"));
	assert_int_equal(pve_fs_drop_aside(&s.sys, "/f", "t", NULL), 0);
	assert_int_equal(scratch_count(&s, "/"), 1);
	scratch_done(&s);
}

static void mode_is_not_the_umask_s(void **state)
{
	mode_t before = umask(077);
	struct scratch s;
	struct stat st;

	(void)state;
	scratch_new(&s);
	assert_int_equal(pve_fs_mkdir(&s.sys, "/d", 0755, NULL), 0);
	assert_int_equal(pve_fs_stat(&s.sys, "/d", &st, NULL), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	umask(before);
	scratch_done(&s);
}

static void only_a_regular_file_is_opened_as_one(void **state)
{
	struct pve_err e = {0};
	struct scratch s;
	struct stat st;
	int fd;

	(void)state;
	scratch_new(&s);
	scratch_put(&s, "/file", "bytes", 0644);
	fd = pve_fs_open_regular(&s.sys, "/file", &st, &e);
	assert_true(fd >= 0);
	assert_int_equal(st.st_size, 5);
	close(fd);
	assert_int_equal(pve_fs_open_regular(&s.sys, "/", &st, &e), -1);
	assert_int_equal(e.code, PVE_DATA);
	assert_non_null(strstr(e.msg, "not a regular file"));
	scratch_done(&s);
}

static void an_open_directory_is_listed(void **state)
{
	PVE_STRV names = {0};
	struct scratch s;
	int fd;

	(void)state;
	scratch_new(&s);
	scratch_put(&s, "/b", "", 0644);
	scratch_put(&s, "/a", "", 0644);
	pve_strv_add(&names, "before");
	assert_int_equal(pve_fs_list_fd(pve_fs_open(&s.sys, "/", O_RDONLY, 0, NULL), &names), 0);
	assert_int_equal(names.n, 3);
	assert_string_equal(names.v[0], "before");
	assert_true(pve_strv_has(&names, "a") && pve_strv_has(&names, "b"));
	/* No directory: nothing is added, and the descriptor is closed. */
	fd = pve_fs_open(&s.sys, "/a", O_RDONLY, 0, NULL);
	assert_int_equal(pve_fs_list_fd(fd, &names), -1);
	assert_int_equal(errno, ENOTDIR);
	assert_int_equal(names.n, 3);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(pve_fs_list_fd(-1, &names), -1);
	assert_int_equal(errno, EBADF);
	scratch_done(&s);
}

static void list_is_sorted(void **state)
{
	struct scratch s;
	PVE_STRV names = {0};

	(void)state;
	scratch_new(&s);
	scratch_put(&s, "/b.list", "", 0600);
	scratch_put(&s, "/B.list", "", 0600);
	scratch_put(&s, "/a.list", "", 0600);
	assert_int_equal(pve_fs_list(&s.sys, "/", &names, NULL), 0);
	assert_int_equal(names.n, 3);
	assert_string_equal(names.v[0], "B.list");
	assert_string_equal(names.v[2], "b.list");
	scratch_done(&s);
}

static void kept_file_comes_back_as_it_was(void **state)
{
	struct pve_span old = pve_span("old"), new = pve_span("new");
	struct pve_err e = {0};
	struct stat before, after;
	struct scratch s;

	(void)state;
	scratch_new(&s);
	assert_int_equal(pve_fs_mkdir(&s.sys, "/d", 0755, NULL), 0);
	scratch_put(&s, "/d/f", "old", 0640);
	/* The place is that of the file, not that of a link to it. */
	assert_int_equal(symlinkat("d/f", s.sys.root_fd, "link"), 0);
	assert_int_equal(pve_fs_stat(&s.sys, "/d/f", &before, NULL), 0);
	assert_int_equal(pve_fs_keep(&s.sys, "/link", "t", &e), 0);
	assert_int_equal(pve_fs_write(&s.sys, "/link", "t", new, 0600, &e), 0);
	assert_true(scratch_is(&s, "/d/.f.t.old", "old"));
	/* Other bytes than those that are asked for are of no use. */
	assert_int_equal(pve_fs_restore(&s.sys, "/link", "t", new, &e), -1);
	assert_int_equal(e.sys, ENOENT);
	assert_true(scratch_is(&s, "/d/f", "new"));
	assert_int_equal(pve_fs_restore(&s.sys, "/link", "t", old, &e), 0);
	assert_int_equal(pve_fs_stat(&s.sys, "/d/f", &after, NULL), 0);
	assert_int_equal(after.st_ino, before.st_ino);
	assert_int_equal(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
	assert_int_equal(scratch_count(&s, "/d"), 1);
	assert_int_equal(pve_fs_restore(&s.sys, "/link", "t", old, &e), -1);
	assert_int_equal(pve_fs_keep(&s.sys, "/d/f", "t", &e), 0);
	assert_int_equal(pve_fs_keep(&s.sys, "/d/f", "t", &e), 0);
	assert_int_equal(pve_fs_drop_kept(&s.sys, "/d/f", "t", &e), 0);
	assert_int_equal(pve_fs_drop_kept(&s.sys, "/d/f", "t", &e), 0);
	assert_int_equal(pve_fs_drop_kept(&s.sys, "/gone/f", "t", &e), 0);
	assert_int_equal(scratch_count(&s, "/d"), 1);
	scratch_done(&s);
}

static void lock_keeps_others_out(void **state)
{
	struct pve_err e = {0};
	struct scratch s;
	int fd, second;

	(void)state;
	scratch_new(&s);
	fd = pve_fs_lock(&s.sys, "pve-test", 0, NULL);
	assert_true(fd >= 0);
	second = pve_fs_lock(&s.sys, "pve-test", 0, &e);
	assert_int_equal(second, -1);
	assert_int_equal(e.code, PVE_AGAIN);
	close(fd);
	second = pve_fs_lock(&s.sys, "pve-test", 0, &e);
	assert_true(second >= 0);
	close(second);
	assert_int_equal(scratch_count(&s, "/"), 0);
	scratch_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_stay_inside),
		cmocka_unit_test(errors_name_the_path),
		cmocka_unit_test(a_fifo_does_not_block),
		cmocka_unit_test(only_a_regular_file_is_opened_as_one),
		cmocka_unit_test(an_open_directory_is_listed),
		cmocka_unit_test(replacing_keeps_mode_and_attributes),
		cmocka_unit_test(owner_is_kept),
		cmocka_unit_test(aside_and_back),
		cmocka_unit_test(mode_is_not_the_umask_s),
		cmocka_unit_test(list_is_sorted),
		cmocka_unit_test(kept_file_comes_back_as_it_was),
		cmocka_unit_test(lock_keeps_others_out),
	};

	return cmocka_run_group_tests_name("fs", tests, NULL, NULL);
}
