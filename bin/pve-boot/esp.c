/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "esp.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <strings.h>

#include "bls.h"
#include "pvecommon/debver.h"

const struct esp_node *esp_find(const struct esp_tree *t, const char *path)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcasecmp(t->v[i].path, path) == 0)
			return &t->v[i];
	return NULL;
}

const struct esp_node *esp_findf(const struct esp_tree *t, const char *fmt, ...)
{
	PVE_FREE char *path = NULL;
	va_list ap;

	va_start(ap, fmt);
	path = pve_vasprintf(fmt, ap);
	va_end(ap);
	return esp_find(t, path);
}

const struct esp_node *esp_child(const struct esp_tree *t, const struct esp_node *dir,
				 const struct esp_node *prev)
{
	unsigned depth = dir ? dir->depth + 1 : 0;
	const struct esp_node *node = prev ? prev + 1 : dir ? dir + 1 : t->v;

	/* What lies in a directory follows it, and ends where the depth falls again. */
	for (; node && node < t->v + t->n && node->depth >= depth; node++)
		if (node->depth == depth)
			return node;
	return NULL;
}

bool esp_lies_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && path[n] == '/';
}

enum esp_mode esp_mode(const struct esp_tree *t)
{
	const struct esp_node *grub;

	if (esp_find(t, ESP_GRUB_IMAGE))
		return ESP_MODE_GRUB;
	if (esp_find(t, "loader/loader.conf"))
		return ESP_MODE_SYSTEMD;
	grub = esp_find(t, "grub");
	return grub && grub->dir ? ESP_MODE_GRUB : ESP_MODE_NONE;
}

const char *esp_mode_name(enum esp_mode mode)
{
	static const char *const names[] = {"none", "systemd-boot", "grub"};

	return names[mode];
}

/* What stands behind the prefix of a file's name; NULL for another name, or a directory. */
static const char *version_of(const struct esp_node *node, const char *prefix)
{
	size_t n = strlen(prefix);

	if (node->dir || strncasecmp(node->name, prefix, n) != 0 || !node->name[n])
		return NULL;
	return node->name + n;
}

static const struct esp_node *entry_of(const struct esp_tree *t, const char *version)
{
	const struct esp_node *dir = esp_find(t, "loader/entries");

	for (const struct esp_node *f = NULL; dir && (f = esp_child(t, dir, f));)
		if (!f->dir && bls_entry_is(f->name, version))
			return f;
	return NULL;
}

const struct esp_node *esp_find_listed(const struct esp_tree *t, const char *path)
{
	static const char entry[] = "loader/entries/proxmox-";
	const struct esp_node *node = esp_find(t, path);
	size_t n = strlen(path), at = sizeof(entry) - 1, end = n - strlen(".conf");
	PVE_FREE char *version = NULL;
	char *plus;

	if (node || n < at + 6 || strncasecmp(path, entry, at) != 0 || strcasecmp(path + end, ".conf") != 0)
		return node;
	version = pve_strndup(path + at, end - at);
	plus = strrchr(version, '+');
	if (plus && bls_entry_counts(path + at - strlen("proxmox-")))
		*plus = '\0';
	return entry_of(t, version);
}

static struct esp_kernel *add(struct esp_kernels *k, const char *version, enum esp_mode layout)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].layout == layout && strcasecmp(k->v[i].version, version) == 0)
			return &k->v[i];
	k->v = pve_grow(k->v, k->n, &k->cap, sizeof(*k->v));
	k->v[k->n] = (struct esp_kernel){.version = version, .layout = layout};
	return &k->v[k->n++];
}

/* A directory EFI/proxmox/V is one of ours when a kernel or an initrd of that name is in it. */
static void find_systemd(struct esp_kernels *k, const struct esp_tree *t)
{
	const struct esp_node *dir = esp_find(t, "EFI/proxmox");

	for (const struct esp_node *d = NULL; dir && (d = esp_child(t, dir, d));) {
		const struct esp_node *image, *initrd;
		struct esp_kernel *kernel;

		if (!d->dir)
			continue;
		image = esp_findf(t, "%s/vmlinuz-%s", d->path, d->name);
		initrd = esp_findf(t, "%s/initrd.img-%s", d->path, d->name);
		if (!image && !initrd)
			continue;
		kernel = add(k, d->name, ESP_MODE_SYSTEMD);
		kernel->image = image;
		kernel->initrd = initrd;
		kernel->entry = entry_of(t, d->name);
	}
}

static void find_grub(struct esp_kernels *k, const struct esp_tree *t)
{
	for (const struct esp_node *f = NULL; (f = esp_child(t, NULL, f));) {
		const char *version;

		if ((version = version_of(f, "vmlinuz-")))
			add(k, version, ESP_MODE_GRUB)->image = f;
		else if ((version = version_of(f, "initrd.img-")))
			add(k, version, ESP_MODE_GRUB)->initrd = f;
	}
}

static int by_layout_and_age(const void *a, const void *b)
{
	const struct esp_kernel *x = a, *y = b;

	if (x->layout != y->layout)
		return x->layout < y->layout ? -1 : 1;
	return pve_debver_cmp(pve_span(y->version), pve_span(x->version));
}

void esp_kernels_find(struct esp_kernels *k, struct esp_tree *t)
{
	find_systemd(k, t);
	find_grub(k, t);
	if (k->n)
		qsort(k->v, k->n, sizeof(*k->v), by_layout_and_age);
}

void esp_kernels_done(struct esp_kernels *k)
{
	free(k->v);
	*k = (struct esp_kernels){0};
}

bool esp_is_between(const struct esp_tree *t, const struct esp_kernels *k)
{
	const struct esp_node *sd = esp_find(t, ESP_SD_IMAGE);
	const struct esp_node *fallback = esp_find(t, "EFI/BOOT/BOOTX64.EFI");
	enum esp_mode mode = esp_mode(t);
	bool other = false;

	for (size_t i = 0; i < k->n; i++)
		other |= k->v[i].layout != mode;
	if (!other || !sd || esp_find(t, ESP_GRUB_IMAGE))
		return other && sd != NULL;
	return mode == ESP_MODE_SYSTEMD && fallback && fallback->size != sd->size;
}

bool esp_is_uuid(struct pve_span s)
{
	if (s.len != 9 || s.p[4] != '-')
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (i != 4 && !isxdigit((unsigned char)s.p[i]))
			return false;
	return true;
}

static const struct esp *listed(const struct esp_list *l, struct pve_span uuid)
{
	for (size_t i = 0; i < l->n; i++)
		if (strncasecmp(l->v[i].uuid, uuid.p, uuid.len) == 0)
			return &l->v[i];
	return NULL;
}

static void parse_line(struct esp_list *l, struct pve_span s, unsigned line)
{
	const struct esp *before;

	s = pve_span_trim(s);
	if (!s.len)
		return;
	if (!esp_is_uuid(s)) {
		pve_diags_add(&l->diags, PVE_ERROR, ESP_LIST, line,
			      "'%.*s' is no vfat serial number (such as 0A1B-2C3D)",
			      PVE_SPAN_ARG(s));
		return;
	}
	before = listed(l, s);
	if (before) {
		pve_diags_add(&l->diags, PVE_WARNING, ESP_LIST, line, "%.*s is in line %u already",
			      PVE_SPAN_ARG(s), before->line);
		return;
	}
	l->v = pve_grow(l->v, l->n, &l->cap, sizeof(*l->v));
	l->v[l->n++] = (struct esp){.uuid = pve_strndup(s.p, s.len), .line = line};
}

void esp_list_parse(struct esp_list *l, struct pve_span text)
{
	const char *p = text.p, *end = p ? p + text.len : p;

	l->exists = true;
	for (unsigned line = 1; p < end; line++) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));

		parse_line(l, (struct pve_span){p, (size_t)((eol ? eol : end) - p)}, line);
		p = eol ? eol + 1 : end;
	}
}
