/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <linux/magic.h>

#include "pvecommon/fs.h"
#include "pvecommon/fs_place.h"
#include "pvecommon/mem.h"

#define LINKS_MAX 40 /* as the kernel's own limit, path_resolution(7) */

int pve_fs_effect(struct pve_sys *sys, enum pve_effect effect, const char *path)
{
	int fault = sys->fault ? sys->fault(sys, effect, path) : 0;

	if (!fault)
		return 0;
	errno = fault;
	return -1;
}

static int open_parent(struct pve_sys *sys, const char *path, struct pve_fs_place *place,
		       struct pve_err *e)
{
	const char *slash = strrchr(path, '/');
	PVE_FREE char *parent = NULL;
	struct statfs fs;

	if (!slash || !slash[1] || strlen(slash + 1) > NAME_MAX)
		return pve_err_set(e, PVE_FAILED, "%s%s: not a file name", sys->root, path);
	parent = slash == path ? pve_strdup("/") : pve_strndup(path, (size_t)(slash - path));
	place->dir = pve_fs_open(sys, parent, O_RDONLY | O_DIRECTORY, 0, e);
	if (place->dir < 0)
		return -1;
	snprintf(place->name, sizeof(place->name), "%s", slash + 1);
	place->fuse = fstatfs(place->dir, &fs) == 0 && fs.f_type == FUSE_SUPER_MAGIC;
	return 0;
}

int pve_fs_locate(struct pve_sys *sys, const char *path, bool follow,
		  struct pve_fs_place *place, struct pve_err *e)
{
	PVE_FREE char *now = pve_strdup(path);
	char target[PATH_MAX];

	for (int links = 0; links < LINKS_MAX; links++) {
		char *slash = strrchr(now, '/'), *next;
		ssize_t n;

		if (open_parent(sys, now, place, e) < 0)
			return -1;
		n = follow ? readlinkat(place->dir, place->name, target, sizeof(target) - 1) : -1;
		if (n < 0)
			return 0;
		target[n] = '\0';
		close(place->dir);
		place->dir = -1;
		/* Whatever is odd in the joined path ("..", further links) the kernel resolves
		 * when the directory is opened next. */
		if (*target == '/')
			next = pve_strdup(target);
		else
			next = pve_asprintf("%.*s/%s", (int)(slash - now), now, target);
		free(now);
		now = next;
	}
	return pve_err_sys(e, ELOOP, "%s%s", sys->root, path);
}

void pve_fs_beside(const struct pve_fs_place *place, const char *tag, const char *end,
		   char name[PVE_FS_BESIDE])
{
	snprintf(name, PVE_FS_BESIDE, ".%s.%s.%s", place->name, tag, end);
}

/* pmxcfs cannot do these; everywhere else a refusal is an error. */
static bool tolerable(const struct pve_fs_place *place)
{
	return place->fuse && (errno == EPERM || errno == ENOTSUP || errno == EINVAL ||
			       errno == ENOSYS || errno == EACCES);
}

static int sync_fd(struct pve_sys *sys, const struct pve_fs_place *place, int fd,
		   const char *path)
{
	if (pve_fs_effect(sys, PVE_EFFECT_SYNC, path) < 0)
		return -1;
	return fsync(fd) < 0 && !tolerable(place) ? -1 : 0;
}

/* ACLs, security labels and user attributes. */
static int copy_xattrs(int from, int to)
{
	char names[8192], value[8192];
	ssize_t len = flistxattr(from, names, sizeof(names));

	if (len < 0)
		return errno == ENOTSUP ? 0 : -1;
	for (const char *name = names; name < names + len; name += strlen(name) + 1) {
		ssize_t n = fgetxattr(from, name, value, sizeof(value));

		if (n < 0 || fsetxattr(to, name, value, (size_t)n, 0) < 0)
			return -1;
	}
	return 0;
}

/* Gives the temporary file what the file it replaces has, or the mode asked for. */
static int copy_meta(const struct pve_fs_place *place, int tmp, mode_t mode)
{
	PVE_CLOSE int old = openat(place->dir, place->name,
				   O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct stat st, own;

	if (old < 0)
		return errno == ENOENT ? fchmod(tmp, mode) : -1;
	if (fstat(old, &st) < 0 || fstat(tmp, &own) < 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	if ((st.st_uid != own.st_uid || st.st_gid != own.st_gid) &&
	    fchown(tmp, st.st_uid, st.st_gid) < 0)
		return -1;
	if (fchmod(tmp, st.st_mode & 07777) < 0)
		return -1;
	return copy_xattrs(old, tmp);
}

static int write_all(struct pve_sys *sys, int fd, struct pve_span bytes, const char *path)
{
	if (pve_fs_effect(sys, PVE_EFFECT_WRITE, path) < 0)
		return -1;
	while (bytes.len) {
		ssize_t n = write(fd, bytes.p, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes.p += n;
		bytes.len -= (size_t)n;
	}
	return 0;
}

/* tmp: a name in the directory dir. */
static int fill(struct pve_sys *sys, const struct pve_fs_place *place, int dir, const char *tmp,
		struct pve_span bytes, mode_t mode, const char *path)
{
	PVE_CLOSE int fd = -1;

	if (pve_fs_effect(sys, PVE_EFFECT_CREATE, path) < 0)
		return -1;
	fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || write_all(sys, fd, bytes, path) < 0)
		return -1;
	if (copy_meta(place, fd, mode) < 0 && !tolerable(place))
		return -1;
	return sync_fd(sys, place, fd, path);
}

/* The directory of a temporary file that lies beside another path than its place: of one file
 * system, or no rename leads from there to here. */
static int open_beside(struct pve_sys *sys, const struct pve_fs_place *place, const char *beside,
		       struct pve_fs_place *there, struct pve_err *e)
{
	struct stat here, other;

	if (pve_fs_locate(sys, beside, false, there, e) < 0)
		return -1;
	if (fstat(place->dir, &here) == 0 && fstat(there->dir, &other) == 0 &&
	    here.st_dev == other.st_dev)
		return 0;
	close(there->dir);
	return pve_err_sys(e, EXDEV, "%s%s", sys->root, beside);
}

/* Finds a place and where its temporary file lies, which may be the same directory. */
static int locate_both(struct pve_sys *sys, const char *path, const char *beside,
		       struct pve_fs_place *place, struct pve_fs_place *there, struct pve_err *e)
{
	if (pve_fs_locate(sys, path, true, place, e) < 0)
		return -1;
	*there = *place;
	if (!beside || open_beside(sys, place, beside, there, e) == 0)
		return 0;
	close(place->dir);
	return -1;
}

static void close_both(const struct pve_fs_place *place, const struct pve_fs_place *there)
{
	if (there->dir != place->dir)
		close(there->dir);
	close(place->dir);
}

int pve_fs_stage_beside(struct pve_sys *sys, const char *path, const char *beside, const char *tag,
			struct pve_span bytes, mode_t mode, struct pve_err *e)
{
	struct pve_fs_place place = {.dir = -1}, there = {.dir = -1};
	char tmp[PVE_FS_BESIDE];
	int failed;

	if (locate_both(sys, path, beside, &place, &there, e) < 0)
		return pve_err_prefix(e, "writing %s%s", sys->root, path);
	pve_fs_beside(&there, tag, "tmp", tmp);
	/* One that a killed run left; the caller holds the tool's lock. */
	unlinkat(there.dir, tmp, 0);
	failed = fill(sys, &place, there.dir, tmp, bytes, mode, path) < 0 ? errno : 0;
	if (failed)
		unlinkat(there.dir, tmp, 0);
	close_both(&place, &there);
	return failed ? pve_err_sys(e, failed, "writing %s%s", sys->root, path) : 0;
}

int pve_fs_stage(struct pve_sys *sys, const char *path, const char *tag, struct pve_span bytes,
		 mode_t mode, struct pve_err *e)
{
	return pve_fs_stage_beside(sys, path, NULL, tag, bytes, mode, e);
}

/* Renames into the place's directory and syncs it. */
static int rename_synced(struct pve_sys *sys, int dir, const char *from,
			 const struct pve_fs_place *place, const char *to, const char *path)
{
	if (pve_fs_effect(sys, PVE_EFFECT_RENAME, path) < 0 ||
	    renameat(dir, from, place->dir, to) < 0)
		return -1;
	return sync_fd(sys, place, place->dir, path);
}

int pve_fs_commit_beside(struct pve_sys *sys, const char *path, const char *beside,
			 const char *tag, struct pve_err *e)
{
	struct pve_fs_place place = {.dir = -1}, there = {.dir = -1};
	char tmp[PVE_FS_BESIDE];
	int failed;

	if (locate_both(sys, path, beside, &place, &there, e) < 0)
		return pve_err_prefix(e, "replacing %s%s", sys->root, path);
	pve_fs_beside(&there, tag, "tmp", tmp);
	failed = rename_synced(sys, there.dir, tmp, &place, place.name, path) < 0 ? errno : 0;
	close_both(&place, &there);
	return failed ? pve_err_sys(e, failed, "replacing %s%s", sys->root, path) : 0;
}

int pve_fs_commit(struct pve_sys *sys, const char *path, const char *tag, struct pve_err *e)
{
	return pve_fs_commit_beside(sys, path, NULL, tag, e);
}

int pve_fs_unstage(struct pve_sys *sys, const char *path, const char *tag, struct pve_err *e)
{
	struct pve_fs_place place = {.dir = -1};
	char tmp[PVE_FS_BESIDE];
	int failed = 0;

	if (pve_fs_locate(sys, path, true, &place, e) < 0)
		return e && e->sys == ENOENT ? 0 : -1;
	pve_fs_beside(&place, tag, "tmp", tmp);
	if (unlinkat(place.dir, tmp, 0) < 0 && errno != ENOENT)
		failed = errno;
	close(place.dir);
	return failed ? pve_err_sys(e, failed, "removing %s%s's temporary file", sys->root, path)
		      : 0;
}

int pve_fs_write(struct pve_sys *sys, const char *path, const char *tag, struct pve_span bytes,
		 mode_t mode, struct pve_err *e)
{
	if (pve_fs_stage(sys, path, tag, bytes, mode, e) < 0)
		return -1;
	if (pve_fs_commit(sys, path, tag, e) < 0) {
		pve_fs_unstage(sys, path, tag, NULL);
		return -1;
	}
	return 0;
}

/* Renames path to its aside name or back. */
static int move_aside(struct pve_sys *sys, const char *path, const char *tag, bool back,
		      struct pve_err *e)
{
	struct pve_fs_place place = {.dir = -1};
	char old[PVE_FS_BESIDE];
	const char *from, *to;
	int failed = 0;

	if (pve_fs_locate(sys, path, false, &place, e) < 0)
		return -1;
	pve_fs_beside(&place, tag, "old", old);
	from = back ? old : place.name;
	to = back ? place.name : old;
	/* Nothing may be lost that happens to be in the way. */
	if (faccessat(place.dir, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		failed = EEXIST;
	else if (rename_synced(sys, place.dir, from, &place, to, path) < 0)
		failed = errno;
	close(place.dir);
	if (!failed)
		return 0;
	pve_err_sys(e, failed, "%s %s%s", back ? "putting back" : "removing", sys->root, path);
	if (failed == EEXIST && !back)
		pve_err_prefix(e, "%s, which an earlier run has left, is in the way", old);
	return -1;
}

int pve_fs_set_aside(struct pve_sys *sys, const char *path, const char *tag, struct pve_err *e)
{
	return move_aside(sys, path, tag, false, e);
}

int pve_fs_put_back(struct pve_sys *sys, const char *path, const char *tag, struct pve_err *e)
{
	return move_aside(sys, path, tag, true, e);
}

/* Unlinks a name of the place (flags as for unlinkat) and syncs the directory. */
static int unlink_synced(struct pve_sys *sys, const struct pve_fs_place *place, const char *name,
			 int flags, const char *path)
{
	if (pve_fs_effect(sys, PVE_EFFECT_UNLINK, path) < 0 ||
	    unlinkat(place->dir, name, flags) < 0)
		return -1;
	return sync_fd(sys, place, place->dir, path);
}

int pve_fs_drop_aside(struct pve_sys *sys, const char *path, const char *tag, struct pve_err *e)
{
	struct pve_fs_place place = {.dir = -1};
	char old[PVE_FS_BESIDE];
	int failed = 0;

	if (pve_fs_locate(sys, path, false, &place, e) < 0)
		return -1;
	pve_fs_beside(&place, tag, "old", old);
	if (unlink_synced(sys, &place, old, 0, path) < 0 && errno != ENOENT)
		failed = errno;
	close(place.dir);
	return failed ? pve_err_sys(e, failed, "removing %s%s", sys->root, path) : 0;
}

bool pve_fs_is_aside(struct pve_sys *sys, const char *path, const char *tag)
{
	struct pve_fs_place place = {.dir = -1};
	char old[PVE_FS_BESIDE];
	bool there;

	if (pve_fs_locate(sys, path, false, &place, NULL) < 0)
		return false;
	pve_fs_beside(&place, tag, "old", old);
	there = faccessat(place.dir, old, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	close(place.dir);
	return there;
}

int pve_fs_mkdir(struct pve_sys *sys, const char *path, mode_t mode, struct pve_err *e)
{
	struct pve_fs_place place = {.dir = -1};
	int failed = 0;

	if (pve_fs_locate(sys, path, false, &place, e) < 0)
		return pve_err_prefix(e, "creating %s%s", sys->root, path);
	if (pve_fs_effect(sys, PVE_EFFECT_MKDIR, path) < 0 ||
	    mkdirat(place.dir, place.name, 0700) < 0 ||
	    /* Not in one call, since the umask is the caller's and the mode is the plan's. */
	    (fchmodat(place.dir, place.name, mode, 0) < 0 && !tolerable(&place)) ||
	    sync_fd(sys, &place, place.dir, path) < 0)
		failed = errno;
	close(place.dir);
	return failed ? pve_err_sys(e, failed, "creating %s%s", sys->root, path) : 0;
}

int pve_fs_mkdir_parents(struct pve_sys *sys, const char *path, struct pve_err *e)
{
	PVE_FREE char *part = pve_strdup(path);

	for (char *p = part + 1;; p++) {
		char c = *p;

		if (c && c != '/')
			continue;
		*p = '\0';
		if (!pve_fs_exists(sys, part) && pve_fs_mkdir(sys, part, 0755, e) < 0)
			return -1;
		if (!c)
			return 0;
		*p = c;
	}
}

/* unlink and rmdir differ in one flag and in what absence means. */
static int remove_name(struct pve_sys *sys, const char *path, int flags, struct pve_err *e)
{
	struct pve_fs_place place = {.dir = -1};
	int failed = 0;

	if (pve_fs_locate(sys, path, false, &place, e) < 0)
		return -1;
	if (unlink_synced(sys, &place, place.name, flags, path) < 0 &&
	    (flags || errno != ENOENT))
		failed = errno;
	close(place.dir);
	return failed ? pve_err_sys(e, failed, "removing %s%s", sys->root, path) : 0;
}

int pve_fs_rmdir(struct pve_sys *sys, const char *path, struct pve_err *e)
{
	return remove_name(sys, path, AT_REMOVEDIR, e);
}

int pve_fs_unlink(struct pve_sys *sys, const char *path, struct pve_err *e)
{
	return remove_name(sys, path, 0, e);
}
