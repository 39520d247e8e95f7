/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "leftovers.h"

#include <string.h>

#include "esp.h"
#include "job.h"
#include "mend.h"

static bool is_within(const struct pve_strv *asides, const char *path)
{
	for (size_t i = 0; i < asides->n; i++)
		if (strcmp(path, asides->v[i]) == 0 || esp_lies_below(path, asides->v[i]))
			return true;
	return false;
}

static void list(const struct esp_tree *t, struct pve_strv *asides)
{
	for (size_t i = 0; i < t->n; i++)
		if (pve_vfat_is_aside(t->v[i].name) && !is_within(asides, t->v[i].path))
			pve_strv_add(asides, t->v[i].path);
}

/* The first that may only go as a name; NULL when there is none. */
static const char *first_that_must(const struct esp_tree *t, const struct pve_strv *asides)
{
	for (size_t i = 0; i < asides->n; i++)
		if (boot_must_go(t, asides->v[i]))
			return asides->v[i];
	return NULL;
}

/* One look: *more when a name was removed, after which all may look different. */
static int look(struct pve_sys *sys, const char *path, struct pve_strv *asides, bool *more,
		struct pve_err *e)
{
	struct esp_tree t = {0};
	const char *name;
	uint64_t free_bytes;
	int ret = esp_open(&t, sys, path, e);

	*more = false;
	if (ret == 0)
		list(&t, asides);
	if (ret == 0 && asides->n) {
		ret = esp_free(&t, &free_bytes, e);
		name = ret == 0 ? first_that_must(&t, asides) : NULL;
		*more = name != NULL;
		if (ret == 0)
			ret = name ? esp_drop_name(&t, sys, name, e) : esp_refuse_damage(&t, e);
	}
	esp_close(&t);
	return ret;
}

int boot_leftovers_find(struct pve_sys *sys, const char *path, struct pve_strv *asides,
			struct pve_err *e)
{
	bool more = true;

	while (more) {
		pve_strv_done(asides);
		*asides = (struct pve_strv){0};
		if (look(sys, path, asides, &more, e) < 0)
			return -1;
	}
	return 0;
}

int boot_leftovers_remove(struct pve_vfat *v, const struct pve_strv *asides, struct pve_err *e)
{
	for (size_t i = 0; i < asides->n; i++)
		if (pve_vfat_remove(v, asides->v[i], e) < 0)
			return -1;
	return 0;
}
