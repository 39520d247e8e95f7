/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is JSON, and what stands in it, is as jansson has it; a text that is cut becomes whole by
 * more of it, one that is none does not. */
#include <jansson.h>

#include "pvecommon/jsonread.h"
#include "pvecommon/text.h"

#include "edits.h"

static bool same(const struct pve_jsonval *v, const json_t *o, struct pve_arena *mem);

static bool same_object(const struct pve_jsonval *v, const json_t *o, struct pve_arena *mem)
{
	const struct pve_jsonval *name = v + 1;

	for (uint32_t i = 0; i < v->len; i++, name += 1 + name[1].span) {
		char *key = pve_jsonval_str(name, mem), *path;
		const struct pve_jsonval *last;

		path = pve_arena_memdup(mem, name->p + 1, name->len - 2);
		/* Names with a dot or an escape cannot be asked for. */
		last = strpbrk(path, ".\\") || !*path ? NULL : pve_jsonval_at(v, path);
		if (!json_object_get(o, key) || (last && !same(last, json_object_get(o, key), mem)))
			return false;
	}
	return json_object_size(o) <= v->len;
}

static bool same_array(const struct pve_jsonval *v, const json_t *o, struct pve_arena *mem)
{
	const struct pve_jsonval *e = NULL;
	size_t n = 0;

	while ((e = pve_jsonval_next(v, e)))
		if (!same(e, json_array_get(o, n++), mem))
			return false;
	return n == json_array_size(o);
}

/* Our own powers of ten may be off by one in the last digit of a double. */
static bool same_real(const struct pve_jsonval *v, double real)
{
	int64_t got = pve_jsonval_int(v, INT64_MIN, INT64_MAX, INT64_MIN);

	if (*v->p != '-' && (*v->p < '0' || *v->p > '9'))
		return false;
	return real < -1e15 || real > 1e15 || (got >= (int64_t)real - 1 && got <= (int64_t)real + 1);
}

static bool same(const struct pve_jsonval *v, const json_t *o, struct pve_arena *mem)
{
	if (json_is_object(o))
		return *v->p == '{' && same_object(v, o, mem);
	if (json_is_array(o))
		return *v->p == '[' && same_array(v, o, mem);
	if (json_is_string(o))
		return strcmp(pve_jsonval_str(v, mem), json_string_value(o)) == 0;
	if (json_is_integer(o))
		return pve_jsonval_int(v, INT64_MIN, INT64_MAX, 1) == json_integer_value(o);
	return json_is_real(o) ? same_real(v, json_real_value(o))
			       : pve_jsonval_bool(v) == (json_is_true(o)    ? 1
							 : json_is_false(o) ? 0
									    : -1);
}

/* Not: bytes that are no UTF-8, and half surrogates, which jansson refuses, and a NUL, at which it
 * may stop. */
static bool is_usual(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (data[i] >= 0x80 || !data[i] || data[i] == '\\')
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data, size};
	struct pve_arena mem = {0};
	struct pve_jsontext t;
	const struct pve_jsonval *v = pve_jsontext_parse(&t, text);
	enum json_error_code code = json_error_unknown;
	json_error_t why;
	json_t *o = json_loadb(size ? text.p : "", size, JSON_ALLOW_NUL | JSON_DECODE_ANY, &why);

	if (!o)
		code = json_error_code(&why);
	if (v ? *t.why || t.cut : !*t.why || !t.line)
		abort();
	if (o && is_usual(data, size) && (!v || !same(v, o, &mem)))
		abort();
	if (v && !o && is_usual(data, size) && code != json_error_numeric_overflow &&
	    code != json_error_stack_overflow)
		abort();
	json_decref(o);
	pve_jsontext_done(&t);
	pve_arena_done(&mem);
	return 0;
}
