/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "esp_source.h"
#include "pvecommon/fs.h"
#include "pveio/blk.h"

int boot_open_quietly(struct pve_sys *sys, const char *path, struct pve_err *e)
{
	int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
	struct pve_err own = {0};
	int fd = pve_fs_open(sys, path, flags | O_NOATIME, 0, &own);

	if (fd < 0 && own.sys == EPERM)
		return pve_fs_open(sys, path, flags, 0, e);
	if (fd < 0 && own.sys == ENOENT)
		own.code = PVE_NOTHERE;
	if (fd < 0 && e)
		*e = own;
	return fd;
}

int esp_open(struct esp_tree *t, struct pve_sys *sys, const char *path, struct pve_err *e)
{
	struct stat st;
	int fd = boot_open_quietly(sys, path, e);

	t->path = pve_strdup(path);
	if (fd < 0)
		return -1;
	t->source = pve_calloc(1, sizeof(*t->source));
	t->source->fd = fd;
	t->device = pve_fs_name(sys, fd);
	if (!t->device)
		t->device = pve_strdup(path);
	if (fstat(fd, &st) < 0)
		return pve_err_sys(e, errno, "%s", t->device);
	if (S_ISDIR(st.st_mode))
		return esp_dir_read(t, e);
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return pve_err_set(e, PVE_DATA, "%s: no device, image or directory", t->device);
	t->kind = S_ISREG(st.st_mode) ? ESP_IMAGE : ESP_DEVICE;
	return esp_fat_read(t, e);
}

/* A sink that keeps all. */
struct whole {
	struct pve_buf *out;
	size_t max;
};

static int keep(void *data, struct pve_span piece, struct pve_err *e)
{
	struct whole *w = data;

	(void)e;
	/* A file that grows while it is read is cut: its size was looked at before. */
	pve_buf_add(w->out, piece.p, piece.len < w->max ? piece.len : w->max);
	w->max -= piece.len < w->max ? piece.len : w->max;
	return 0;
}

int esp_read(struct esp_tree *t, const struct esp_node *node, size_t max, struct pve_buf *out,
	     struct pve_err *e)
{
	struct whole w = {out, max};
	size_t before = out->len;

	if (node->dir || node->size > max)
		return pve_err_set(e, PVE_DATA, "%s: %s is %s", t->device, node->path,
				   node->dir ? "a directory" : "larger than it can be");
	pve_buf_reserve(out, (size_t)node->size);
	if (esp_stream(t, node, keep, &w, e) == 0)
		return 0;
	out->len = before;
	return -1;
}

int esp_stream(struct esp_tree *t, const struct esp_node *node, esp_sink *sink, void *data,
	       struct pve_err *e)
{
	if (t->kind == ESP_DIR)
		return esp_dir_stream(t, node, sink, data, e);
	return esp_fat_stream(t, node, sink, data, e);
}

int esp_free(struct esp_tree *t, uint64_t *bytes, struct pve_err *e)
{
	return t->kind == ESP_DIR ? esp_dir_free(t, bytes, e) : esp_fat_free(t, bytes, e);
}

void esp_drop_cache(struct esp_tree *t)
{
	t->source->cold = true;
	if (t->kind != ESP_DIR)
		posix_fadvise(t->source->fd, 0, 0, POSIX_FADV_DONTNEED);
}

void esp_close(struct esp_tree *t)
{
	if (t->source) {
		close(t->source->fd);
		pve_fat_tree_done(&t->source->tree);
		pve_fat_done(&t->source->fat);
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

bool esp_links_missing(struct pve_sys *sys, struct pve_buf *why)
{
	if (sys->rooted && !pve_fs_exists(sys, ESP_BY_UUID))
		pve_buf_printf(why, "there is no %s" ESP_BY_UUID " (mount --rbind /dev %s/dev)",
			       sys->root, sys->root);
	else if (!sys->rooted && !pve_blk_udev_runs(sys))
		pve_buf_puts(why, "udev, which makes " ESP_BY_UUID ", does not run "
				  "(/lib/systemd/systemd-udevd --daemon; udevadm trigger --settle)");
	return why->len > 0;
}

void esp_list_open(struct esp_list *l, struct pve_sys *sys)
{
	for (size_t i = 0; i < l->n; i++) {
		PVE_FREE char *path = pve_asprintf(ESP_BY_UUID "/%s", l->v[i].uuid);
		struct pve_err own = {0}, *e = &l->v[i].err;
		PVE_BUF why = {0};

		if (esp_open(&l->v[i].tree, sys, path, &own) == 0)
			continue;
		*e = own;
		if (own.code == PVE_NOTHERE && esp_links_missing(sys, &why))
			pve_err_set(e, PVE_NOTHERE, "%s; %s", own.msg, pve_buf_str(&why));
	}
}

static void esp_free_one(struct esp *esp)
{
	esp_close(&esp->tree);
	free(esp->uuid);
}

void esp_list_drop(struct esp_list *l, const char *uuid)
{
	size_t i = 0;

	while (i < l->n && strcasecmp(l->v[i].uuid, uuid) != 0)
		i++;
	if (i == l->n)
		return;
	esp_free_one(&l->v[i]);
	l->n--;
	memmove(&l->v[i], &l->v[i + 1], (l->n - i) * sizeof(*l->v));
}

void esp_list_done(struct esp_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		esp_free_one(&l->v[i]);
	free(l->v);
	pve_diags_done(&l->diags);
	*l = (struct esp_list){0};
}
