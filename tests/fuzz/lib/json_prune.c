/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON without some of its members is what jansson makes of it when it deletes them. */
#include <jansson.h>

#include "pveio/json.h"

#include "edits.h"

static const char *const names[] = {"flags", "x", NULL};

static void take_out(json_t *o)
{
	const char *key;
	json_t *v;
	size_t i;

	for (const char *const *name = names; *name; name++)
		json_object_del(o, *name);
	json_object_foreach(o, key, v)
		take_out(v);
	json_array_foreach(o, i, v)
		take_out(v);
}

/* A name may be written with escapes, and two members may have one name: then jansson does
 * not see what is there to be pruned. */
static bool is_plain(const uint8_t *data, size_t size)
{
	return !size || !memchr(data, '\\', size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data, size};
	PVE_BUF pruned = {0};
	json_t *whole, *rest;

	pve_json_prune(text, names, &pruned);
	if (pruned.len > size)
		abort();
	whole = json_loadb(size ? text.p : "", size, JSON_REJECT_DUPLICATES, NULL);
	rest = json_loadb(pve_buf_str(&pruned), pruned.len, JSON_REJECT_DUPLICATES, NULL);
	if (whole && is_plain(data, size)) {
		take_out(whole);
		if (!rest || !json_equal(whole, rest))
			abort();
	}
	json_decref(whole);
	json_decref(rest);
	return 0;
}
