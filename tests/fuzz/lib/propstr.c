/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/propstr.h"

#include "edits.h"

/* Sets a key, and finds it when the result is read again. */
static void edit(struct pve_propstr *p, const char *key, struct pve_span text)
{
	struct pve_propstr again = {0};
	const struct pve_prop *part;
	PVE_BUF b = {0};

	assert(pve_propstr_set(p, key, pve_span("a=b c"), NULL) == 0);
	pve_propstr_format(p, &b);
	assert_one_place(text, span_of(&b), 16);
	pve_propstr_parse(&again, span_of(&b), "domain", NULL, 0, NULL);
	part = pve_propstr_find(&again, key);
	assert(part && pve_span_eq(part->value, "a=b c"));
	assert(again.n == p->n);
	pve_propstr_done(&again);
	assert(pve_propstr_remove(p, key) && !pve_propstr_find(p, key));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data, size};
	struct pve_propstr p = {0};
	struct pve_diags d = {0};
	PVE_BUF b = {0};

	pve_propstr_parse(&p, text, "domain", "f", 1, &d);
	pve_propstr_format(&p, &b);
	assert_same(text, &b);
	edit(&p, size % 2 ? "domain" : "alias", text);
	pve_propstr_done(&p);
	pve_diags_done(&d);
	return 0;
}
