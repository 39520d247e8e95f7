/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls that change partition tables. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calls.h"
#include "pvecommon/fs.h"
#include "pvecommon/num.h"
#include "pvecommon/strv.h"
#include "pveio/blk.h"
#include "pveio/gpt.h"

/* How long udev may take with a new partition or file system. */
#define APPEAR_S 20

static int open_disk(struct pve_sys *sys, const char *disk, struct pve_err *e)
{
	return pve_fs_open(sys, disk, O_RDWR, 0, e);
}

static int parse_number(const char *text, uint64_t max, uint64_t *v, struct pve_err *e)
{
	return pve_num_u64(text, 0, max, v, e);
}

/* "2:2048:1050623:c12a7328-...:name"; only the name may be empty, or hold colons. */
static int parse_part(const char *arg, struct pve_gpt_part *part, struct pve_err *e)
{
	PVE_FREE char *copy = pve_strdup(arg);
	const char *field[5] = {copy, "", "", "", ""};
	uint64_t no;

	for (int i = 1; i < 5; i++) {
		char *colon = strchr(field[i - 1], ':');

		if (!colon)
			break;
		*colon = '\0';
		field[i] = colon + 1;
	}
	*part = (struct pve_gpt_part){0};
	if (parse_number(field[0], 128, &no, e) < 0 ||
	    parse_number(field[1], UINT64_MAX, &part->first, e) < 0 ||
	    parse_number(field[2], UINT64_MAX, &part->last, e) < 0)
		return -1;
	part->no = (unsigned)no;
	snprintf(part->type, sizeof(part->type), "%s", field[3]);
	snprintf(part->name, sizeof(part->name), "%s", field[4]);
	return 0;
}

static bool same(const struct pve_gpt *gpt, const struct pve_gpt_part *want, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct pve_gpt_part *is = pve_gpt_find(gpt, want[i].no);

		if (!is || is->first != want[i].first || is->last != want[i].last ||
		    strcmp(is->type, want[i].type) != 0)
			return false;
	}
	return gpt->label == PVE_GPT_GPT && gpt->n == n;
}

static int make_table(int fd, const char *disk, const struct pve_gpt_part *want, size_t n,
		      struct pve_err *e)
{
	struct pve_gpt gpt = {0};
	bool done, empty;

	if (pve_gpt_read(fd, disk, &gpt, e) < 0)
		return -1;
	done = same(&gpt, want, n);
	empty = gpt.label == PVE_GPT_NONE || (gpt.label == PVE_GPT_GPT && gpt.n == 0);
	pve_gpt_done(&gpt);
	if (!done && !empty)
		return pve_err_set(e, PVE_AGAIN, "%s: somebody else has partitioned it meanwhile",
				   disk);
	if (!done && pve_gpt_create(fd, disk, want, n, e) < 0)
		return -1;
	return pve_gpt_reread(fd, disk, e);
}

int boot_call_partition(struct pve_sys *sys, const char *const *args, void *data,
			struct pve_err *e)
{
	PVE_FREE struct pve_gpt_part *want = NULL;
	size_t n = 0, cap = 0;
	PVE_CLOSE int fd = -1;

	(void)data;
	for (const char *const *arg = args + 2; *arg; arg++) {
		want = pve_grow(want, n, &cap, sizeof(*want));
		if (parse_part(*arg, &want[n++], e) < 0)
			return -1;
	}
	fd = open_disk(sys, args[1], e);
	return fd < 0 ? -1 : make_table(fd, args[1], want, n, e);
}

int boot_call_type(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	PVE_CLOSE int fd = open_disk(sys, args[1], e);
	uint64_t no;

	(void)data;
	if (fd < 0 || parse_number(args[2], 128, &no, e) < 0)
		return -1;
	return pve_gpt_set_type(fd, args[1], (unsigned)no, args[3], e);
}

int boot_call_new_guids(struct pve_sys *sys, const char *const *args, void *data,
			struct pve_err *e)
{
	PVE_CLOSE int fd = open_disk(sys, args[1], e);

	(void)data;
	return fd < 0 ? -1 : pve_gpt_renew(fd, args[1], e);
}

/* udev watches for programs that close a device they wrote to, but not while it deals with another
 * event of that device, as one that was partitioned an instant ago has. */
static void announce(struct pve_sys *sys, const char *node)
{
	const char *slash = strrchr(node, '/');
	PVE_FREE char *path = pve_asprintf("/sys/class/block/%s/uevent", slash ? slash + 1 : node);
	PVE_CLOSE int fd = pve_fs_open(sys, path, O_WRONLY, 0, NULL);

	if (fd >= 0)
		(void)!write(fd, "change", 6);
}

int boot_call_found(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	(void)data;
	/* In a rescue shell nobody makes the link; what needs it says so. */
	if (!pve_blk_udev_runs(sys))
		return 0;
	announce(sys, args[1]);
	return pve_blk_wait(sys, args[2], APPEAR_S, e);
}

int boot_call_appear(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	(void)data;
	for (const char *const *node = args + 1; *node; node++)
		if (pve_blk_wait(sys, *node, APPEAR_S, e) < 0)
			return -1;
	return 0;
}
