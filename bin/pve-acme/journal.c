/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/journal.h"

#include <string.h>

#include "pvecommon/mem.h"
#include "pvecommon/num.h"
#include "pveio/base64.h"

static void set(char **field, struct pve_span value)
{
	free(*field);
	*field = pve_strndup(value.len ? value.p : "", value.len);
}

static bool set_key(struct acme_journal *j, struct pve_span value)
{
	PVE_BUF pem = {0};

	if (!pve_base64_decode(value, &pem) || !pem.len ||
	    memchr(pve_buf_str(&pem), '\0', pem.len))
		return false;
	free(j->key);
	j->key = pve_buf_take(&pem);
	return j->key != NULL;
}

/* False for a line that is none of ours. */
static bool take_line(struct acme_journal *j, struct pve_span line)
{
	struct pve_span rest = line, word = pve_span_word(&rest);
	uint64_t number;

	rest = pve_span_trim(rest);
	if (!rest.len)
		return false;
	if (pve_span_eq(word, "directory"))
		set(&j->directory, rest);
	else if (pve_span_eq(word, "account"))
		set(&j->account, rest);
	else if (pve_span_eq(word, "order"))
		set(&j->url, rest);
	else if (pve_span_eq(word, "csr"))
		set(&j->csr, rest);
	else if (pve_span_eq(word, "name"))
		pve_strv_add_span(&j->names, rest);
	else if (pve_span_eq(word, "left"))
		pve_strv_add_span(&j->left, rest);
	else if (pve_span_eq(word, "begun") && pve_num_span(rest, INT64_MAX, &number) == 0)
		j->begun = (time_t)number;
	else
		return pve_span_eq(word, "key") && set_key(j, rest);
	return true;
}

int acme_journal_parse(struct acme_journal *j, struct pve_span text, const char *file,
		       struct pve_err *e)
{
	unsigned line = 0, bad = 0;

	while (text.len) {
		const char *end = memchr(text.p, '\n', text.len);
		size_t n = end ? (size_t)(end - text.p) : text.len;

		line++;
		if ((memchr(text.p, '\0', n) || !take_line(j, (struct pve_span){text.p, n})) && !bad)
			bad = line;
		text.p += end ? n + 1 : n;
		text.len -= end ? n + 1 : n;
	}
	if (!bad)
		return 0;
	acme_journal_done(j);
	return pve_err_set(e, PVE_DATA, "%s:%u: no line of a journal", file, bad);
}

static void add_line(struct pve_buf *out, const char *word, const char *value)
{
	if (value && *value)
		pve_buf_printf(out, "%s %s\n", word, value);
}

void acme_journal_format(const struct acme_journal *j, struct pve_buf *out)
{
	add_line(out, "directory", j->directory);
	add_line(out, "account", j->account);
	if (j->begun)
		pve_buf_printf(out, "begun %lld\n", (long long)j->begun);
	add_line(out, "order", j->url);
	if (j->key) {
		pve_buf_puts(out, "key ");
		pve_base64_encode(pve_span(j->key), out);
		pve_buf_putc(out, '\n');
	}
	add_line(out, "csr", j->csr);
	for (size_t i = 0; i < j->names.n; i++)
		add_line(out, "name", j->names.v[i]);
	for (size_t i = 0; i < j->left.n; i++)
		add_line(out, "left", j->left.v[i]);
}

void acme_journal_done(struct acme_journal *j)
{
	free(j->directory);
	free(j->account);
	free(j->url);
	free(j->key);
	free(j->csr);
	pve_strv_done(&j->names);
	pve_strv_done(&j->left);
	*j = (struct acme_journal){0};
}

bool acme_journal_fits(const struct acme_journal *j, const char *directory, const char *account,
		       const struct pve_strv *names)
{
	if (!j->directory || !j->account || !j->key || !j->csr || j->names.n != names->n ||
	    strcmp(j->directory, directory) != 0 || strcmp(j->account, account) != 0)
		return false;
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(j->names.v[i], names->v[i]) != 0)
			return false;
	return true;
}
