/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/conf_section.h"

#include "edits.h"

/* Sets a key of the section, takes it away again, and drops the section. */
static void edit(struct pve_conf_section_file *f, struct pve_conf_section *s, struct pve_span file)
{
	size_t n = f->n, nkeys = f->nkeys;
	const struct pve_conf_section_key *k;
	PVE_BUF b = {0};

	k = pve_conf_section_get(f, s, "key");
	nkeys += k == NULL;
	assert(pve_conf_section_set(f, s, "key", pve_span("a: b"), NULL) == 0);
	assert(f->n == n && f->nkeys == nkeys);
	k = pve_conf_section_get(f, s, "key");
	assert(k && pve_span_eq(k->value, "a: b"));
	pve_conf_section_format(f, &b);
	assert_one_place(file, span_of(&b), file.len + 20);
	assert(pve_conf_section_remove(f, s, "key") && !pve_conf_section_get(f, s, "key"));
	assert(f->n == n);
	pve_conf_section_drop(f, s);
	assert(f->n == n - 1);
}

static void add(struct pve_conf_section_file *f)
{
	struct pve_conf_section *s;
	size_t n = f->n;

	if (pve_conf_section_add(f, "t", "new:id", &s, NULL) < 0)
		return;
	assert(f->n == n + 1 && s == pve_conf_section_find(f, "T", "new:id") && !s->nkeys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span file = {(const char *)data, size};
	struct pve_conf_section_file f = {0};
	struct pve_diags d = {0};
	PVE_BUF b = {0};

	pve_conf_section_parse(&f, file, "f", &d);
	pve_conf_section_format(&f, &b);
	assert_same(file, &b);
	if (f.n)
		edit(&f, &f.v[size % f.n], file);
	add(&f);
	pve_conf_section_done(&f);
	pve_diags_done(&d);
	return 0;
}
