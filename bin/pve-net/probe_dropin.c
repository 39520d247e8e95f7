/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe_dropin.h"

#include <errno.h>
#include <string.h>

#include "pvecommon/fs.h"
#include "pvecommon/mem.h"

bool probe_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n > m && strcmp(s + n - m, suffix) == 0;
}

static bool masked(struct pve_sys *sys, const char *path)
{
	PVE_BUF target = {0};

	return pve_fs_readlink(sys, path, &target, NULL) == 0 &&
	       strcmp(pve_buf_str(&target), "/dev/null") == 0;
}

/* The keys are the name, \1 and the digit of the directory: one sort gives the order of names
 * and, of one name, that of the directories. */
static int list(struct pve_sys *sys, const char *const *dirs, const char *suffix,
		struct pve_strv *keys, struct pve_err *e)
{
	for (int d = 0; dirs[d]; d++) {
		PVE_STRV names = {0};
		struct pve_err why = {0};

		if (pve_fs_list(sys, dirs[d], &names, &why) < 0) {
			if (why.sys == ENOENT)
				continue;
			if (e)
				*e = why;
			return -1;
		}
		for (size_t i = 0; i < names.n; i++)
			if (names.v[i][0] != '.' && probe_ends(names.v[i], suffix))
				pve_strv_addf(keys, "%s\1%d", names.v[i], d);
	}
	pve_strv_sort(keys);
	return 0;
}

int probe_dropins(struct pve_sys *sys, const char *const *dirs, const char *suffix,
		  struct pve_strv *paths, struct pve_err *e)
{
	PVE_STRV keys = {0};
	const char *last = "";
	size_t last_len = 0;

	if (list(sys, dirs, suffix, &keys, e) < 0)
		return -1;
	for (size_t i = 0; i < keys.n; i++) {
		const char *sep = strrchr(keys.v[i], 1);
		size_t len = (size_t)(sep - keys.v[i]);
		PVE_STRV path = {0};

		if (len == last_len && memcmp(keys.v[i], last, len) == 0)
			continue;
		last = keys.v[i];
		last_len = len;
		pve_strv_addf(&path, "%s/%.*s", dirs[sep[1] - '0'], (int)len, keys.v[i]);
		if (!masked(sys, path.v[0]))
			pve_strv_add(paths, path.v[0]);
	}
	return 0;
}

int probe_read(struct pve_sys *sys, const char *path, struct pve_buf *out, bool *there,
	       struct pve_err *e)
{
	struct pve_err why = {0};

	if (there)
		*there = true;
	if (pve_fs_read(sys, path, 0, out, NULL, &why) == 0)
		return 0;
	if (there)
		*there = false;
	if (why.sys == ENOENT || why.sys == ENOTDIR)
		return 0;
	if (e)
		*e = why;
	return -1;
}
