/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify.h"

#include <string.h>
#include <strings.h>

/* What bootctl copies. */
#define LOADER "EFI/systemd/systemd-bootx64.efi"
#define LOADER_SOURCE "/usr/lib/systemd/boot/efi/systemd-bootx64.efi"

static struct verify_file *add(struct verify_files *files, const char *path, const char *source,
			       const struct esp_node *node)
{
	struct verify_file *f;

	files->v = pve_grow(files->v, files->n, &files->cap, sizeof(*files->v));
	f = &files->v[files->n++];
	*f = (struct verify_file){.path = path, .source = source, .node = node};
	return f;
}

static void add_unlisted(struct verify_files *files, const struct manifest *m,
			 const struct esp_node *node, const char *name, const char *version)
{
	if (node && !manifest_find(m, node->path))
		add(files, node->path, pve_arena_printf(&files->mem, "/boot/%s-%s", name, version),
		    node);
}

/* A module of GRUB: "grub/x86_64-efi/normal.mod". */
static const char *source_of_module(struct verify_files *files, const char *path)
{
	size_t n = strlen(path);

	if (strncasecmp(path, "grub/", 5) != 0 || n < 9 || strcasecmp(path + n - 4, ".mod") != 0)
		return "";
	return pve_arena_printf(&files->mem, "/usr/lib/%s", path);
}

static bool is_taken(const struct verify_files *files, const struct esp_node *node)
{
	for (size_t i = 0; i < files->n; i++)
		if (files->v[i].node == node)
			return true;
	return false;
}

/* What nobody noted is read, too: a medium that fails shows there as well as anywhere. */
static void add_others(struct verify_files *files, const struct esp_tree *t)
{
	size_t taken = files->n;

	for (size_t i = 0; i < t->n; i++) {
		const struct esp_node *node = &t->v[i];
		struct verify_files first = {.v = files->v, .n = taken};
		bool is_loader = strcasecmp(node->path, LOADER) == 0;

		if (node->dir || is_taken(&first, node) ||
		    strcasecmp(node->path, MANIFEST_PATH) == 0)
			continue;
		add(files, node->path,
		    is_loader ? LOADER_SOURCE : source_of_module(files, node->path), node)
			->optional = true;
	}
}

void verify_list(struct verify_files *files, const struct manifest *m, struct esp_tree *t)
{
	struct esp_kernels kernels = {0};

	for (size_t i = 0; i < m->n; i++) {
		const struct esp_node *node = esp_find_listed(t, m->v[i].path);
		struct verify_file *f =
			add(files, m->v[i].path, m->v[i].source, node && !node->dir ? node : NULL);

		memcpy(f->want, m->v[i].sha256, sizeof(f->want));
	}
	esp_kernels_find(&kernels, t);
	for (size_t i = 0; i < kernels.n; i++) {
		const struct esp_kernel *k = &kernels.v[i];

		add_unlisted(files, m, k->image, "vmlinuz", k->version);
		add_unlisted(files, m, k->initrd, "initrd.img", k->version);
	}
	esp_kernels_done(&kernels);
	add_others(files, t);
}

enum verify_state verify_state(const struct verify_file *f)
{
	if (!f->node)
		return VERIFY_MISSING;
	if (!*f->is)
		return VERIFY_UNREADABLE;
	if (*f->want && strcmp(f->is, f->want) != 0)
		return VERIFY_CHANGED;
	if (!*f->want && (!*f->source || (f->optional && !*f->host)))
		return VERIFY_READ;
	if (!*f->source || strcmp(f->is, f->host) == 0)
		return VERIFY_OK;
	if (*f->want)
		return *f->host ? VERIFY_STALE : VERIFY_NO_SOURCE;
	return *f->host ? VERIFY_DIFFERS : VERIFY_UNKNOWN;
}

const char *verify_state_name(enum verify_state state)
{
	static const char *const names[] = {
		[VERIFY_OK] = "ok",
		[VERIFY_READ] = "read",
		[VERIFY_NO_SOURCE] = "no-source",
		[VERIFY_STALE] = "stale",
		[VERIFY_DIFFERS] = "differs",
		[VERIFY_UNKNOWN] = "unknown",
		[VERIFY_CHANGED] = "changed",
		[VERIFY_MISSING] = "missing",
		[VERIFY_UNREADABLE] = "unreadable",
	};

	return names[state];
}

bool verify_is_damage(enum verify_state state)
{
	return state >= VERIFY_CHANGED;
}

const struct manifest_file *verify_first_drift(const struct manifest *m, const struct esp_tree *t)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct esp_node *node = esp_find_listed(t, m->v[i].path);

		if (!node || node->dir || node->size != m->v[i].size)
			return &m->v[i];
	}
	return NULL;
}

void verify_files_done(struct verify_files *files)
{
	free(files->v);
	pve_arena_done(&files->mem);
	*files = (struct verify_files){0};
}
