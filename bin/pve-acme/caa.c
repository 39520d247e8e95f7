/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/caa.h"

#include <string.h>
#include <strings.h>

#include "pvecommon/mem.h"
#include "pvecommon/span.h"

/* Cuts what stands before the first of that character off *rest. */
static struct pve_span cut(struct pve_span *rest, char at)
{
	const char *end = rest->len ? memchr(rest->p, at, rest->len) : NULL;
	struct pve_span first = {rest->p, end ? (size_t)(end - rest->p) : rest->len};

	rest->p += first.len + (end ? 1 : 0);
	rest->len -= first.len + (end ? 1 : 0);
	return pve_span_trim(first);
}

static bool same(struct pve_span a, const char *b, size_t len)
{
	return a.len == len && (!len || strncasecmp(a.p, b, len) == 0);
}

/* Is the word in the list, which has that character between? */
static bool has_word(const char *list, char between, struct pve_span word)
{
	struct pve_span rest = pve_span(list);

	while (rest.len) {
		struct pve_span one = cut(&rest, between);

		if (one.len && same(word, one.p, one.len))
			return true;
	}
	return false;
}

/* RFC 8657: what the record says beside the name of the CA.  Parameters that are not known are not
 * ours to judge. */
static bool takes(struct pve_span parameters, const struct acme_caa_want *want)
{
	while (parameters.len) {
		struct pve_span value = cut(&parameters, ';'), key = cut(&value, '=');
		PVE_BUF text = {0};

		value = pve_span_trim(value);
		pve_buf_span(&text, value);
		if (same(key, "accounturi", 10) && want->account &&
		    strcmp(pve_buf_str(&text), want->account) != 0)
			return false;
		if (same(key, "validationmethods", 17) &&
		    !has_word(pve_buf_str(&text), ',', pve_span(want->challenge)))
			return false;
	}
	return true;
}

static bool permits(const struct acme_caa *record, const struct acme_caa_want *want)
{
	struct pve_span rest = pve_span(record->value), name = cut(&rest, ';');

	return name.len && has_word(want->ca, ' ', name) && takes(rest, want);
}

bool acme_caa_allows(const struct acme_caa *records, size_t n, const struct acme_caa_want *want,
		     struct pve_buf *why)
{
	const char *tag = "issue";
	size_t seen = 0;
	PVE_BUF list = {0};

	/* Of wildcards issuewild speaks alone, when it is there (RFC 8659, section 4.3). */
	for (size_t i = 0; want->wildcard && i < n; i++)
		if (strcasecmp(records[i].tag, "issuewild") == 0)
			tag = "issuewild";
	for (size_t i = 0; i < n; i++) {
		if (strcasecmp(records[i].tag, tag) != 0)
			continue;
		if (permits(&records[i], want))
			return true;
		pve_buf_printf(&list, "%s%s \"%s\"", seen++ ? ", " : "", tag, records[i].value);
	}
	if (!seen) /* none of them restricts who may issue */
		return true;
	pve_buf_printf(why, "%s, and this CA is %s", pve_buf_str(&list), want->ca);
	return false;
}

const char *acme_caa_critical(const struct acme_caa *records, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (records[i].critical && !has_word("issue issuewild iodef", ' ', pve_span(records[i].tag)))
			return records[i].tag;
	return NULL;
}
