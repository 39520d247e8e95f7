/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plan - one plan of every kind of file step, for the crash tests in tests/vm
 *
 *     plan setup DIR     make the files that the plan is about
 *     plan apply DIR     apply it
 *     plan replace DIR   then another plan, of one write: that takes no journal
 *     plan judge DIR     after a power cut: end what was interrupted as the next run of a tool
 *                        would; exit 0 when all is old, or all is new, and nothing else is there
 *     plan clean DIR     judge, but only the new state will do
 *     plan crash IMAGE   judge the ext4 file system in an image: the kernel replays its journal.
 *                        Mounted by this process, since programs start slowly when emulated
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <linux/loop.h>

#include "pvecommon/exec.h"
#include "pvecommon/fs.h"

#define TOOL "plan"
#define LARGE 70000u /* bytes; more than one block, less than makes the log long */

static const struct {
	const char *path, *was, *becomes; /* NULL: no such file; a digit stands for LARGE of it */
} files[] = {
	{"/etc/first", "first old\n", "first new, and longer than before\n"},
	{"/etc/large", "1", "2"},
	{"/etc/gone", "gone old\n", NULL},
	{"/etc/new.d/made", NULL, "made\n"},
	{"/etc/last", "last old\n", "last new\n"},
};
#define NFILES (sizeof(files) / sizeof(*files))
#define LAST (NFILES - 1)
#define REPLACED "replaced, as a whole\n" /* what the last file holds in the end */

static struct pve_sys sys;
static struct pve_err e;

static void die(const char *what)
{
	errx(1, "%s: %s", what, e.msg);
}

static void content(const char *text, struct pve_buf *out)
{
	if (text[1]) {
		pve_buf_puts(out, text);
		return;
	}
	for (unsigned i = 0; i < LARGE; i++)
		pve_buf_putc(out, text[0]);
}

static struct pve_span span(const struct pve_buf *b)
{
	return (struct pve_span){b->data, b->len};
}

static void setup(void)
{
	if (pve_fs_mkdir_parents(&sys, "/etc", &e) < 0 ||
	    pve_fs_mkdir_parents(&sys, "/var/lib/pve-tools", &e) < 0)
		die("setup");
	for (size_t i = 0; i < NFILES; i++) {
		PVE_BUF bytes = {0};

		if (!files[i].was)
			continue;
		content(files[i].was, &bytes);
		if (pve_fs_write(&sys, files[i].path, TOOL, span(&bytes), 0644, &e) < 0)
			die("setup");
	}
}

static void apply(void)
{
	static const struct pve_exec_opts opts = {.tool = TOOL};
	struct pve_exec *x = pve_exec_open(&sys, &opts, &e);
	PVE_PLAN plan = {0};

	if (!x)
		die("open");
	pve_plan_mkdir(&plan, "/etc/new.d", 0755, "for what is made there");
	for (size_t i = 0; i < NFILES; i++) {
		PVE_BUF was = {0};
		PVE_BUF becomes = {0};
		struct pve_span before;

		if (files[i].was)
			content(files[i].was, &was);
		if (files[i].becomes)
			content(files[i].becomes, &becomes);
		before = span(&was);
		if (files[i].becomes)
			pve_plan_write(&plan, files[i].path, files[i].was ? &before : NULL,
				       span(&becomes), 0644, "the test says so");
		else
			pve_plan_remove(&plan, files[i].path, &before, "the test says so");
	}
	if (pve_exec_apply(x, &plan, &e) < 0)
		die("apply");
	pve_exec_close(x);
}

static void replace(void)
{
	static const struct pve_exec_opts opts = {.tool = TOOL};
	struct pve_exec *x = pve_exec_open(&sys, &opts, &e);
	struct pve_span before = pve_span(files[LAST].becomes);
	PVE_PLAN plan = {0};

	if (!x)
		die("open");
	pve_plan_write(&plan, files[LAST].path, &before, pve_span(REPLACED), 0644,
		       "the test says so");
	if (pve_exec_apply(x, &plan, &e) < 0)
		die("replace");
	pve_exec_close(x);
}

/* Is the file as it should be? */
static bool fits(const char *path, const char *text)
{
	PVE_BUF now = {0};
	PVE_BUF want = {0};

	if (!text)
		return !pve_fs_exists(&sys, path);
	content(text, &want);
	return pve_fs_read(&sys, path, 0, &now, NULL, NULL) == 0 &&
	       pve_span_same(span(&now), span(&want));
}

static unsigned count(const char *dir)
{
	PVE_STRV names = {0};

	return pve_fs_list(&sys, dir, &names, NULL) < 0 ? 0 : (unsigned)names.n;
}

static int judge(bool only_new)
{
	static const struct pve_exec_opts opts = {.tool = TOOL};
	bool old = true, new = true;
	struct pve_exec *x = pve_exec_open(&sys, &opts, &e);

	if (!x) {
		warnx("what was interrupted cannot be ended: %s", e.msg);
		return 1;
	}
	pve_exec_close(x);
	for (size_t i = 0; i < NFILES; i++) {
		old = old && fits(files[i].path, files[i].was);
		new = new && (fits(files[i].path, files[i].becomes) ||
			      (i == LAST && fits(files[i].path, REPLACED)));
	}
	/* Four files are old; new are three and the directory with the fourth. */
	old = old && count("/etc") == 4 && !pve_fs_exists(&sys, "/etc/new.d");
	new = new && count("/etc") == 4 && count("/etc/new.d") == 1;
	if (count("/var/lib/pve-tools")) {
		warnx("a journal, or a temporary file, was not tidied up");
		return 1;
	}
	if (new || (old && !only_new))
		return 0;
	for (size_t i = 0; i < NFILES; i++)
		fprintf(stderr, "%s: %s\n", files[i].path,
			fits(files[i].path, files[i].was)       ? "old"
			: fits(files[i].path, files[i].becomes) ? "new"
								 : "neither");
	return 1;
}

#define LOOP "/dev/loop0"
#define MOUNTED "/mnt"

/* Mounts the image; the loop device goes with the mount. */
static void mount_image(const char *image)
{
	struct loop_config config = {.info.lo_flags = LO_FLAGS_AUTOCLEAR};
	int loop = open(LOOP, O_RDWR | O_CLOEXEC);
	int file = open(image, O_RDWR | O_CLOEXEC);

	config.fd = (unsigned)file;
	if (loop < 0 || file < 0 || ioctl(loop, LOOP_CONFIGURE, &config) < 0)
		err(2, "%s on %s", image, LOOP);
	if (mount(LOOP, MOUNTED, "ext4", 0, NULL) < 0)
		err(2, "mounting %s", image);
	close(file);
	close(loop);
}

static int crash(const char *image)
{
	int ret;

	mount_image(image);
	if (pve_sys_init(&sys, MOUNTED, &e) < 0)
		die(MOUNTED);
	ret = judge(false);
	pve_sys_done(&sys);
	if (umount(MOUNTED) < 0)
		err(2, "%s", MOUNTED);
	return ret;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		errx(64, "usage: plan setup|apply|replace|judge|clean DIR, or plan crash IMAGE");
	if (strcmp(argv[1], "crash") == 0)
		return crash(argv[2]);
	if (pve_sys_init(&sys, argv[2], &e) < 0)
		die(argv[2]);
	if (strcmp(argv[1], "setup") == 0)
		setup();
	else if (strcmp(argv[1], "apply") == 0)
		apply();
	else if (strcmp(argv[1], "replace") == 0)
		replace();
	else
		return judge(strcmp(argv[1], "clean") == 0);
	return 0;
}
