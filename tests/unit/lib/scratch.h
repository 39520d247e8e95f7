/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scratch root for tests of what changes files. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pvecommon/buf.h"
#include "pvecommon/fs.h"
#include "pvecommon/mem.h"
#include "pvecommon/sys.h"

struct scratch {
	char dir[64];
	struct pve_sys sys;
};

static inline void scratch_new(struct scratch *s)
{
	snprintf(s->dir, sizeof(s->dir), "%s/pve-unit-XXXXXX",
		 getenv("TMPDIR") && strlen(getenv("TMPDIR")) < 40 ? getenv("TMPDIR") : "/tmp");
	assert_non_null(mkdtemp(s->dir));
	assert_int_equal(pve_sys_init(&s->sys, s->dir, NULL), 0);
}

static inline int scratch_remove_one(const char *path, const struct stat *st, int type,
				     struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void scratch_done(struct scratch *s)
{
	pve_sys_done(&s->sys);
	nftw(s->dir, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Writes a file below the scratch root by plain means. */
static inline void scratch_put(const struct scratch *s, const char *path, const char *text,
			       mode_t mode)
{
	PVE_FREE char *full = pve_asprintf("%s%s", s->dir, path);
	FILE *f = fopen(full, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	chmod(full, mode);
}

/* The content of a file, or NULL when there is none; to be freed. */
static inline char *scratch_get(const struct scratch *s, const char *path)
{
	PVE_FREE char *full = pve_asprintf("%s%s", s->dir, path);
	PVE_FCLOSE FILE *f = fopen(full, "r");
	char block[65536];
	size_t n;

	if (!f)
		return NULL;
	n = fread(block, 1, sizeof(block) - 1, f);
	block[n] = '\0';
	return pve_strdup(block);
}

static inline bool scratch_is(const struct scratch *s, const char *path, const char *text)
{
	PVE_FREE char *now = scratch_get(s, path);

	return now && text ? strcmp(now, text) == 0 : !now && !text;
}

/* How many names there are in a directory. */
static inline size_t scratch_count(struct scratch *s, const char *path)
{
	PVE_STRV names = {0};

	return pve_fs_list(&s->sys, path, &names, NULL) < 0 ? 0 : names.n;
}

#endif
