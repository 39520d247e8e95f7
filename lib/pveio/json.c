/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/json.h"

#include <inttypes.h>
#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

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

/* --- objects that are edited -------------------------------------------------------------- */

/* jansson's object under a name of ours: it is never looked into. */
static json_t *of(const struct pve_json *o)
{
	return (json_t *)o;
}

/* Objects that are edited may hold keys (accounts): their memory says nothing when it is free. */
static void wipe(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

static json_t *load(struct pve_span text, struct pve_err *e)
{
	json_error_t why = {0};
	json_t *v;

	json_set_alloc_funcs(malloc, wipe);
	v = json_loadb(text.len ? text.p : "", text.len, JSON_REJECT_DUPLICATES, &why);
	if (!v)
		pve_err_set(e, PVE_DATA, "line %d, column %d: %s", why.line, why.column, why.text);
	return v;
}

struct pve_json *pve_json_parse(struct pve_span text, struct pve_err *e)
{
	json_t *root = load(text, e);

	if (root && !json_is_object(root)) {
		json_decref(root);
		root = NULL;
		pve_err_set(e, PVE_DATA, "is JSON, but no object");
	}
	return (struct pve_json *)root;
}

struct pve_json *pve_json_new(void)
{
	json_t *root;

	json_set_alloc_funcs(malloc, wipe);
	root = json_object();
	if (!root)
		abort(); /* out of memory, as everywhere: mem.h */
	return (struct pve_json *)root;
}

void pve_json_free(struct pve_json *o)
{
	json_decref(of(o));
}

static void dump(const json_t *v, size_t flags, struct pve_buf *out)
{
	char *text = json_dumps(v, flags);

	if (!text)
		abort();
	pve_buf_puts(out, text);
	wipe(text);
}

void pve_json_format(const struct pve_json *o, struct pve_buf *out)
{
	dump(of(o), JSON_INDENT(3) | JSON_SORT_KEYS, out);
	pve_buf_putc(out, '\n');
}

const char *pve_json_str(const struct pve_json *o, const char *key)
{
	return json_string_value(json_object_get(of(o), key));
}

bool pve_json_get(const struct pve_json *o, const char *key, struct pve_buf *out)
{
	const json_t *v = json_object_get(of(o), key);

	if (v)
		dump(v, JSON_ENCODE_ANY | JSON_SORT_KEYS | JSON_COMPACT, out);
	return v;
}

int pve_json_set_str(struct pve_json *o, const char *key, const char *value, struct pve_err *e)
{
	json_t *v = json_string(value);

	return v && json_object_set_new(of(o), key, v) == 0
		       ? 0
		       : pve_err_set(e, PVE_DATA, "%s: the text is no UTF-8", key);
}

int pve_json_set(struct pve_json *o, const char *key, struct pve_span text, struct pve_err *e)
{
	json_t *v = load(text, e);

	if (!v)
		return pve_err_prefix(e, "%s", key);
	return json_object_set_new(of(o), key, v) == 0 ? 0 : pve_err_set(e, PVE_DATA, "%s", key);
}

bool pve_json_remove(struct pve_json *o, const char *key)
{
	return json_object_del(of(o), key) == 0;
}
