/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernels.h"

#include <ctype.h>
#include <string.h>

#include "pvecommon/textfile.h"

#define VERSION_MAX 100

bool boot_version_valid(struct pve_span v)
{
	if (!v.len || v.len > VERSION_MAX || !isalnum((unsigned char)v.p[0]))
		return false;
	for (size_t i = 0; i < v.len; i++)
		if (!v.p[i] || (!isalnum((unsigned char)v.p[i]) && !strchr(".+~_-", v.p[i])))
			return false;
	return true;
}

/* The version on a line, .len 0 for an empty line or a comment. */
static struct pve_span version_on(const struct pve_textfile_line *line)
{
	struct pve_span v = pve_span_trim(line->text);

	if (v.len && v.p[0] == '#')
		v.len = 0;
	return v;
}

void boot_manual_parse(struct pve_strv *versions, struct pve_span text, const char *file,
		       struct pve_diags *d)
{
	struct pve_textfile t = {0};

	pve_textfile_parse(&t, text);
	for (size_t i = 0; i < t.n; i++) {
		struct pve_span v = version_on(&t.v[i]);

		if (boot_version_valid(v))
			pve_strv_add_span(versions, v);
		else if (v.len && d)
			pve_diags_add(d, PVE_WARNING, file, (unsigned)i + 1,
				      "is no kernel's version, so it is passed over");
	}
	pve_strv_sort(versions);
	pve_strv_uniq(versions);
	pve_textfile_done(&t);
}

bool boot_manual_add(struct pve_span text, const char *version, struct pve_buf *out)
{
	struct pve_textfile t = {0};
	struct pve_span want = pve_span(version);
	size_t at = 0;
	bool there = false;

	pve_textfile_parse(&t, text);
	for (size_t i = 0; i < t.n; i++) {
		struct pve_span v = version_on(&t.v[i]);
		size_t n = v.len < want.len ? v.len : want.len;
		int order = n ? memcmp(v.p, want.p, n) : 0;

		there |= pve_span_same(v, want);
		if (!v.len || order < 0 || (order == 0 && v.len < want.len))
			at = i + 1;
	}
	/* A version has no line feed, the one reason for which this could fail. */
	if (!there && pve_textfile_insert(&t, at, want, NULL) == 0)
		pve_textfile_format(&t, out);
	pve_textfile_done(&t);
	return !there;
}

bool boot_manual_remove(struct pve_span text, const char *version, struct pve_buf *out)
{
	struct pve_textfile t = {0};
	bool there = false;

	pve_textfile_parse(&t, text);
	for (size_t i = t.n; i-- > 0;)
		if (pve_span_eq(version_on(&t.v[i]), version)) {
			pve_textfile_delete(&t, i);
			there = true;
		}
	if (there)
		pve_textfile_format(&t, out);
	pve_textfile_done(&t);
	return there;
}

struct pve_span boot_pin_parse(struct pve_span text)
{
	const char *end = text.len ? memchr(text.p, '\n', text.len) : NULL;
	struct pve_span v;

	if (end)
		text.len = (size_t)(end - text.p);
	text = pve_span_trim(text);
	v = pve_span_word(&text);
	return boot_version_valid(v) ? v : (struct pve_span){0};
}
