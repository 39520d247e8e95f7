/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <limits.h>
#include <unistd.h>

#include "pvecommon/fs.h"
#include "pvecommon/fs_place.h"
#include "pvecommon/mem.h"

/* A file's second name, by which it outlives being replaced. */

static int synced(struct pve_sys *sys, const struct pve_fs_place *place, const char *path)
{
	if (pve_fs_effect(sys, PVE_EFFECT_SYNC, path) < 0)
		return -1;
	return fsync(place->dir);
}

static bool no_links(int error)
{
	return error == EPERM || error == EOPNOTSUPP || error == ENOSYS || error == EMLINK;
}

static int link_synced(struct pve_sys *sys, const struct pve_fs_place *place, const char *old,
		       const char *path)
{
	/* One that a killed run left; the caller holds the tool's lock. */
	if (unlinkat(place->dir, old, 0) < 0 && errno != ENOENT)
		return -1;
	if (pve_fs_effect(sys, PVE_EFFECT_CREATE, path) < 0)
		return -1;
	if (linkat(place->dir, place->name, place->dir, old, 0) < 0)
		return no_links(errno) ? 0 : -1;
	return synced(sys, place, path);
}

int pve_fs_keep(struct pve_sys *sys, const char *path, const char *tag, struct pve_err *e)
{
	struct pve_fs_place place = {.dir = -1};
	char old[PVE_FS_BESIDE];
	int failed;

	if (pve_fs_locate(sys, path, true, &place, e) < 0)
		return -1;
	pve_fs_beside(&place, tag, "old", old);
	failed = link_synced(sys, &place, old, path) < 0 ? errno : 0;
	close(place.dir);
	return failed ? pve_err_sys(e, failed, "keeping %s%s", sys->root, path) : 0;
}

/* 0, or the errno: ENOENT when old is missing or is not what it was. */
static int check_kept(const struct pve_fs_place *place, const char *old, struct pve_span bytes)
{
	PVE_CLOSE int fd = openat(place->dir, old, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	char block[16384];
	ssize_t n;

	if (fd < 0)
		return errno;
	while ((n = read(fd, block, sizeof(block))) > 0) {
		if ((size_t)n > bytes.len || memcmp(block, bytes.p, (size_t)n) != 0)
			return ENOENT;
		bytes.p += n;
		bytes.len -= (size_t)n;
	}
	if (n < 0)
		return errno;
	return bytes.len ? ENOENT : 0;
}

int pve_fs_restore(struct pve_sys *sys, const char *path, const char *tag, struct pve_span bytes,
		   struct pve_err *e)
{
	struct pve_fs_place place = {.dir = -1};
	char old[PVE_FS_BESIDE];
	int failed;

	if (pve_fs_locate(sys, path, true, &place, e) < 0)
		return -1;
	pve_fs_beside(&place, tag, "old", old);
	failed = check_kept(&place, old, bytes);
	if (!failed && (pve_fs_effect(sys, PVE_EFFECT_RENAME, path) < 0 ||
			renameat(place.dir, old, place.dir, place.name) < 0 ||
			synced(sys, &place, path) < 0))
		failed = errno;
	close(place.dir);
	return failed ? pve_err_sys(e, failed, "putting back %s%s", sys->root, path) : 0;
}

int pve_fs_drop_kept(struct pve_sys *sys, const char *path, const char *tag, struct pve_err *e)
{
	struct pve_fs_place place = {.dir = -1};
	struct pve_err why = {0};
	char old[PVE_FS_BESIDE];
	int failed = 0;

	/* The directory may be gone, when the plan had made it and it was undone. */
	if (pve_fs_locate(sys, path, true, &place, &why) < 0)
		return why.sys == ENOENT ? 0 : pve_err_set(e, why.code, "%s", why.msg);
	pve_fs_beside(&place, tag, "old", old);
	if (faccessat(place.dir, old, F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (pve_fs_effect(sys, PVE_EFFECT_UNLINK, path) < 0 || unlinkat(place.dir, old, 0) < 0 ||
	     synced(sys, &place, path) < 0))
		failed = errno;
	close(place.dir);
	return failed ? pve_err_sys(e, failed, "removing what was kept of %s%s", sys->root, path)
		      : 0;
}
