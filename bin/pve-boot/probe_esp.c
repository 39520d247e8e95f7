/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "esp_source.h"
#include "pvecommon/fs.h"

/* What a descriptor leads to, as a path below the root; in want of better, path itself. */
static char *device_of(struct pve_sys *sys, int fd, const char *path)
{
	char link[32], target[PATH_MAX];
	size_t root = strlen(sys->root);
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, target, sizeof(target) - 1);
	if (n <= 0)
		return pve_strdup(path);
	target[n] = '\0';
	if (strncmp(target, sys->root, root) == 0 && target[root] == '/')
		return pve_strdup(target + root);
	return pve_strdup(target);
}

/* Without a change of the access time, which only the owner of a file may ask for. */
static int open_quietly(struct pve_sys *sys, const char *path, struct pve_err *e)
{
	int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
	int fd = pve_fs_open(sys, path, flags | O_NOATIME, 0, e);

	return fd < 0 && e->sys == EPERM ? pve_fs_open(sys, path, flags, 0, e) : fd;
}

int esp_open(struct esp_tree *t, struct pve_sys *sys, const char *path, struct pve_err *e)
{
	struct stat st;
	int fd = open_quietly(sys, path, e);

	t->path = pve_strdup(path);
	if (fd < 0) {
		if (e->sys == ENOENT)
			e->code = PVE_NOTHERE;
		return -1;
	}
	t->source = pve_calloc(1, sizeof(*t->source));
	t->source->fd = fd;
	t->device = device_of(sys, fd, path);
	if (fstat(fd, &st) < 0)
		return pve_err_sys(e, errno, "%s", t->device);
	if (S_ISDIR(st.st_mode))
		return esp_dir_read(t, e);
	return pve_err_set(e, PVE_DATA, "%s: is no directory", t->device);
}

void esp_close(struct esp_tree *t)
{
	if (t->source) {
		close(t->source->fd);
		free(t->source);
	}
	free(t->path);
	free(t->device);
	free(t->v);
	pve_diags_done(&t->damage);
	pve_arena_done(&t->mem);
	*t = (struct esp_tree){0};
}

int esp_list_read(struct esp_list *l, struct pve_sys *sys, struct pve_err *e)
{
	PVE_BUF text = {0};
	struct pve_err own = {0};

	if (pve_fs_read(sys, ESP_LIST, 0, &text, NULL, &own) == 0) {
		esp_list_parse(l, (struct pve_span){text.data, text.len});
		return 0;
	}
	if (own.sys == ENOENT)
		return 0;
	*e = own;
	return -1;
}

void esp_list_open(struct esp_list *l, struct pve_sys *sys)
{
	for (size_t i = 0; i < l->n; i++) {
		PVE_FREE char *path = pve_asprintf(ESP_BY_UUID "/%s", l->v[i].uuid);

		esp_open(&l->v[i].tree, sys, path, &l->v[i].err);
	}
}

void esp_list_done(struct esp_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		esp_close(&l->v[i].tree);
		free(l->v[i].uuid);
	}
	free(l->v);
	pve_diags_done(&l->diags);
	*l = (struct esp_list){0};
}
