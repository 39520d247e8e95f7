/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/json.h"

#include <inttypes.h>
#include <jansson.h>

#include "pvecommon/mem.h"

static char *value_text(const json_t *v)
{
	if (json_is_string(v))
		return pve_strdup(json_string_value(v));
	if (json_is_integer(v))
		return pve_asprintf("%" PRId64, (int64_t)json_integer_value(v));
	if (json_is_real(v))
		return pve_asprintf("%.17g", json_real_value(v));
	if (json_is_boolean(v))
		return pve_strdup(json_is_true(v) ? "true" : "false");
	return NULL;
}

int pve_json_each(struct pve_span text, void (*f)(const char *key, const char *value, void *data),
		  void *data, struct pve_err *e)
{
	json_error_t why = {0};
	json_t *root = json_loadb(text.len ? text.p : "", text.len, 0, &why);
	const char *key;
	json_t *v;

	if (!json_is_object(root)) {
		json_decref(root);
		return pve_err_set(e, PVE_DATA, "no JSON object: %s", *why.text ? why.text : "a value");
	}
	json_object_foreach(root, key, v) {
		PVE_FREE char *as_text = value_text(v);

		if (as_text)
			f(key, as_text, data);
	}
	json_decref(root);
	return 0;
}
