/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "esp_source.h"
#include "pvecommon/fs.h"

#define DEPTH_MAX 32          /* directories within directories: no ESP comes near */
#define PIECE (1024u * 1024u) /* bytes handed on at once */

/* parent is the index of its directory, SIZE_MAX at the top. */
static struct esp_node *add(struct esp_tree *t, size_t parent, const char *name)
{
	struct esp_node *node;

	t->v = pve_grow(t->v, t->n, &t->cap, sizeof(*t->v));
	node = &t->v[t->n++];
	*node = (struct esp_node){0};
	if (parent == SIZE_MAX) {
		node->path = node->name = pve_arena_strdup(&t->mem, name);
		return node;
	}
	node->depth = t->v[parent].depth + 1;
	node->path = pve_arena_printf(&t->mem, "%s/%s", t->v[parent].path, name);
	node->name = node->path + strlen(t->v[parent].path) + 1;
	return node;
}

static int open_at(int dir, const char *path, int flags)
{
	int fd;

	flags |= O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
	fd = openat(dir, path, flags | O_NOATIME);
	return fd < 0 && errno == EPERM ? openat(dir, path, flags) : fd;
}

static uint64_t whole_clusters(const struct esp_tree *t, uint64_t bytes)
{
	return (bytes + t->cluster_size - 1) / t->cluster_size * t->cluster_size;
}

static void read_dir(struct esp_tree *t, int fd, size_t parent);

static void read_node(struct esp_tree *t, int dir, size_t parent, const char *name)
{
	size_t i = t->n;
	struct esp_node *node;
	struct stat st;

	/* vfat has neither links nor devices: what is one is none of its files. */
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		return;
	node = add(t, parent, name);
	node->dir = S_ISDIR(st.st_mode);
	node->mtime = st.st_mtime;
	node->size = node->dir ? 0 : (uint64_t)st.st_size;
	node->allocated = node->dir ? t->cluster_size : whole_clusters(t, node->size);
	if (!node->dir)
		return;
	if (node->depth >= DEPTH_MAX)
		pve_diags_add(&t->damage, PVE_ERROR, node->path, 0, "too deep: not looked into");
	else
		read_dir(t, open_at(dir, name, O_DIRECTORY), i);
}

static void read_dir(struct esp_tree *t, int fd, size_t parent)
{
	const char *path = parent == SIZE_MAX ? t->device : t->v[parent].path;
	PVE_STRV names = {0};
	PVE_CLOSE int dir = fd < 0 ? -1 : dup(fd);

	if (dir < 0 || pve_fs_list_fd(fd, &names) < 0)
		pve_diags_add(&t->damage, PVE_ERROR, path, 0, "cannot be listed: %s",
			      strerror(errno));
	pve_strv_sort(&names);
	for (size_t i = 0; i < names.n; i++)
		read_node(t, dir, parent, names.v[i]);
}

int esp_dir_read(struct esp_tree *t, struct pve_err *e)
{
	struct statvfs vfs;
	int fd;

	t->kind = ESP_DIR;
	if (fstatvfs(t->source->fd, &vfs) < 0)
		return pve_err_sys(e, errno, "%s", t->device);
	t->cluster_size = (uint32_t)vfs.f_frsize;
	t->size = (uint64_t)vfs.f_blocks * vfs.f_frsize;
	fd = open_at(t->source->fd, ".", O_DIRECTORY);
	if (fd < 0)
		return pve_err_sys(e, errno, "%s", t->device);
	read_dir(t, fd, SIZE_MAX);
	return 0;
}

/* What one read gives: bytes, 0 at the end, -1. */
static ssize_t read_some(int fd, char *to)
{
	ssize_t n;

	do
		n = read(fd, to, PIECE);
	while (n < 0 && errno == EINTR);
	return n;
}

int esp_dir_stream(struct esp_tree *t, const struct esp_node *node, esp_sink *sink, void *data,
		   struct pve_err *e)
{
	PVE_CLOSE int fd = open_at(t->source->fd, node->path, 0);
	PVE_FREE char *piece = NULL;
	ssize_t n;

	if (fd < 0)
		return pve_err_sys(e, errno, "%s/%s", t->device, node->path);
	if (t->source->cold)
		posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	piece = pve_malloc(PIECE);
	while ((n = read_some(fd, piece)) > 0)
		if (sink(data, (struct pve_span){piece, (size_t)n}, e) < 0)
			return -1;
	return n < 0 ? pve_err_sys(e, errno, "reading %s/%s", t->device, node->path) : 0;
}

int esp_dir_free(struct esp_tree *t, uint64_t *bytes, struct pve_err *e)
{
	struct statvfs vfs;

	if (fstatvfs(t->source->fd, &vfs) < 0)
		return pve_err_sys(e, errno, "%s", t->device);
	*bytes = (uint64_t)vfs.f_bavail * vfs.f_frsize;
	return 0;
}
