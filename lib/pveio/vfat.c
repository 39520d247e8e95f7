/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/vfat.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pvecommon/fs_place.h"
#include "pvecommon/mem.h"
#include "pvecommon/strv.h"

#define PIECE (1u << 20)         /* bytes copied at once */
#define DRAIN (1u << 20)         /* bytes after which the disk is told to begin writing */
#define DEPTH_MAX 8              /* directories within one that is removed */

/* --- names --------------------------------------------------------------------------------- */

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *pve_vfat_aside(const char *path)
{
	const char *name = last_part(path);

	return pve_asprintf("%.*s.%s.new", (int)(name - path), path, name);
}

bool pve_vfat_is_aside(const char *name)
{
	size_t n = strlen(name);

	return n > strlen("..new") && *name == '.' && strcmp(name + n - 4, ".new") == 0;
}

static int failed(struct pve_vfat *v, struct pve_err *e, const char *what, const char *path)
{
	return pve_err_sys(e, errno, "%s %s on %s", what, path, v->name);
}

/* --- single steps --------------------------------------------------------------------------- */

static int effect(struct pve_vfat *v, enum pve_effect what, const char *path)
{
	return pve_fs_effect(v->sys, what, path);
}

static int open_beneath(struct pve_vfat *v, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC | O_NOFOLLOW),
		.mode = flags & O_CREAT ? 0644 : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, v->top, path, &how, sizeof(how));
}

/* The directory that a path is in, "." for the top. */
static int open_parent(struct pve_vfat *v, const char *path)
{
	PVE_FREE char *parent = pve_strndup(path, (size_t)(last_part(path) - path));

	return open_beneath(v, *parent ? parent : ".", O_RDONLY | O_DIRECTORY);
}

/* All that was written is on the medium, and nothing of what follows is. */
static int barrier(struct pve_vfat *v, int dir, const char *path, struct pve_err *e)
{
	if (effect(v, PVE_EFFECT_SYNC, path) < 0 || syncfs(v->top) < 0 || fsync(dir) < 0)
		return failed(v, e, "syncing", path);
	return 0;
}

bool pve_vfat_exists(struct pve_vfat *v, const char *path)
{
	PVE_CLOSE int fd = open_beneath(v, path, O_PATH);

	return fd >= 0;
}

int pve_vfat_mkdir(struct pve_vfat *v, const char *path, struct pve_err *e)
{
	PVE_FREE char *part = pve_strdup(path);

	for (char *p = part;; p++) {
		char c = *p;

		if (c && c != '/')
			continue;
		*p = '\0';
		if (!pve_vfat_exists(v, part)) {
			PVE_CLOSE int dir = open_parent(v, part);

			if (dir < 0 || effect(v, PVE_EFFECT_MKDIR, part) < 0 ||
			    mkdirat(dir, last_part(part), 0755) < 0)
				return failed(v, e, "making", part);
		}
		if (!c)
			return 0;
		*p = c;
	}
}

static int move(struct pve_vfat *v, const char *from, const char *to, unsigned flags,
		struct pve_err *e)
{
	PVE_CLOSE int dir = open_parent(v, to);

	if (dir < 0)
		return failed(v, e, "opening the directory of", to);
	if (barrier(v, dir, from, e) < 0)
		return -1;
	if (effect(v, PVE_EFFECT_RENAME, to) < 0 ||
	    renameat2(dir, last_part(from), dir, last_part(to), flags) < 0) {
		if (errno == EINVAL && flags == RENAME_EXCHANGE)
			return pve_err_set(e, PVE_FAILED,
					   "%s: the kernel cannot exchange names on this file "
					   "system (vfat can since Linux 6.0), so %s stays as it is",
					   v->name, to);
		return failed(v, e, "renaming", from);
	}
	return barrier(v, dir, to, e);
}

static int exchange(struct pve_vfat *v, const char *path, unsigned flags, struct pve_err *e)
{
	PVE_FREE char *aside = pve_vfat_aside(path);

	return move(v, aside, path, flags, e);
}

int pve_vfat_place(struct pve_vfat *v, const char *path, struct pve_err *e)
{
	return exchange(v, path, RENAME_NOREPLACE, e);
}

int pve_vfat_swap(struct pve_vfat *v, const char *path, struct pve_err *e)
{
	return exchange(v, path, RENAME_EXCHANGE, e);
}

/* --- contents ------------------------------------------------------------------------------- */

static int write_all(struct pve_vfat *v, int fd, const char *path, struct pve_span bytes,
		     struct pve_err *e)
{
	while (bytes.len) {
		ssize_t n = effect(v, PVE_EFFECT_WRITE, path) < 0 ? -1 : write(fd, bytes.p, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return failed(v, e, "writing", path);
		bytes.p += n;
		bytes.len -= (size_t)n;
	}
	return 0;
}

static int create(struct pve_vfat *v, const char *path, struct pve_err *e)
{
	int fd = effect(v, PVE_EFFECT_CREATE, path) < 0
			 ? -1
			 : open_beneath(v, path, O_WRONLY | O_CREAT | O_EXCL);

	if (fd < 0)
		failed(v, e, "creating", path);
	return fd;
}

/* With FALLOC_FL_KEEP_SIZE vfat takes the clusters and writes no zeros into them. */
static int take_space(struct pve_vfat *v, int fd, const char *path, uint64_t size,
		      struct pve_err *e)
{
	if (size && fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)size) < 0 && errno != EOPNOTSUPP)
		return failed(v, e, "taking space for", path);
	return 0;
}

static ssize_t read_piece(int fd, char *piece)
{
	ssize_t n;

	do
		n = read(fd, piece, PIECE);
	while (n < 0 && errno == EINTR);
	return n;
}

static int copy(struct pve_vfat *v, int to, const char *path, int fd, uint64_t size,
		int (*each)(void *data, struct pve_span piece, struct pve_err *e), void *data,
		struct pve_err *e)
{
	PVE_FREE char *piece = NULL;
	uint64_t done = 0, told = 0;
	ssize_t n;

	if (take_space(v, to, path, size, e) < 0)
		return -1;
	piece = pve_malloc(PIECE);
	while ((n = read_piece(fd, piece)) > 0) {
		struct pve_span bytes = {piece, (size_t)n};

		done += (uint64_t)n;
		if (done > size)
			break;
		if ((each && each(data, bytes, e) < 0) ||
		    write_all(v, to, path, bytes, e) < 0)
			return -1;
		/* A disk that waits for the last byte before it begins is idle for half the time. */
		if (done - told >= DRAIN) {
			(void)sync_file_range(to, (off_t)told, (off_t)(done - told),
					      SYNC_FILE_RANGE_WRITE);
			told = done;
		}
	}
	if (n < 0)
		return pve_err_sys(e, errno, "reading what is copied to %s on %s", path, v->name);
	if (done != size)
		return pve_err_set(e, PVE_AGAIN, "what is copied to %s on %s has changed meanwhile",
				   path, v->name);
	return 0;
}

int pve_vfat_copy(struct pve_vfat *v, const char *path, int fd, uint64_t size,
		  int (*each)(void *data, struct pve_span piece, struct pve_err *e), void *data,
		  struct pve_err *e)
{
	PVE_CLOSE int to = create(v, path, e);

	if (to < 0 || copy(v, to, path, fd, size, each, data, e) < 0)
		return -1;
	if (effect(v, PVE_EFFECT_SYNC, path) < 0 || fsync(to) < 0)
		return failed(v, e, "syncing", path);
	return 0;
}

int pve_vfat_copy_into(struct pve_vfat *v, const char *path, int fd, uint64_t size, struct pve_err *e)
{
	PVE_CLOSE int to = create(v, path, e);

	return to < 0 ? -1 : copy(v, to, path, fd, size, NULL, NULL, e);
}

static int write_aside(struct pve_vfat *v, const char *aside, struct pve_span bytes,
		       struct pve_err *e)
{
	PVE_CLOSE int fd = create(v, aside, e);
	int ret = -1;

	if (fd < 0)
		return -1;
	if (take_space(v, fd, aside, bytes.len, e) == 0 && write_all(v, fd, aside, bytes, e) == 0)
		ret = effect(v, PVE_EFFECT_SYNC, aside) < 0 || fsync(fd) < 0
			      ? failed(v, e, "syncing", aside)
			      : 0;
	/* Only what was made here: a name that was there already may share its clusters. */
	if (ret < 0)
		pve_vfat_remove(v, aside, NULL);
	return ret;
}

int pve_vfat_write(struct pve_vfat *v, const char *path, struct pve_span bytes, struct pve_err *e)
{
	PVE_FREE char *aside = pve_vfat_aside(path);

	if (write_aside(v, aside, bytes, e) < 0)
		return -1;
	if (!pve_vfat_exists(v, path))
		return pve_vfat_place(v, path, e);
	if (pve_vfat_swap(v, path, e) < 0)
		return -1;
	return pve_vfat_remove(v, aside, e);
}

/* --- removal -------------------------------------------------------------------------------- */

static int unlink_at(struct pve_vfat *v, int dir, const char *name, int flags)
{
	return effect(v, PVE_EFFECT_UNLINK, name) < 0 ? -1 : unlinkat(dir, name, flags);
}

static int remove_tree(struct pve_vfat *v, int dir, const char *name, unsigned depth)
{
	PVE_STRV names = {0};
	PVE_CLOSE int fd = -1;

	/* Tried first: a file is what most are. */
	if (unlink_at(v, dir, name, 0) == 0)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || pve_fs_list_fd(dup(fd), &names) < 0)
		return -1;
	if (depth == DEPTH_MAX) {
		errno = ELOOP;
		return -1;
	}
	for (size_t i = 0; i < names.n; i++)
		if (remove_tree(v, fd, names.v[i], depth + 1) < 0)
			return -1;
	return unlink_at(v, dir, name, AT_REMOVEDIR);
}

int pve_vfat_remove(struct pve_vfat *v, const char *path, struct pve_err *e)
{
	PVE_CLOSE int dir = open_parent(v, path);

	if (dir < 0 && errno == ENOENT)
		return 0;
	if (dir < 0)
		return failed(v, e, "opening the directory of", path);
	if (remove_tree(v, dir, last_part(path), 0) < 0) {
		if (errno == ENOENT)
			return 0;
		return failed(v, e, "removing", path);
	}
	return barrier(v, dir, path, e);
}

int pve_vfat_retire(struct pve_vfat *v, const char *path, struct pve_err *e)
{
	PVE_FREE char *aside = pve_vfat_aside(path);

	if (!pve_vfat_exists(v, path))
		return 0;
	return move(v, path, aside, RENAME_NOREPLACE, e) < 0 ? -1 : pve_vfat_remove(v, aside, e);
}
