/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/dpkg.h"

#include "edits.h"
#include "pvecommon/deb822.h"
#include "pvecommon/debver.h"

static bool inside(struct pve_span part, struct pve_span whole)
{
	return !part.len || (part.p >= whole.p && part.p + part.len <= whole.p + whole.len);
}

/* The end of a stanza as one would find it byte by byte. */
static size_t slow_end(struct pve_span t)
{
	for (size_t i = 0; i + 1 < t.len; i++) {
		if (t.p[i] != '\n')
			continue;
		if (t.p[i + 1] == '\n')
			return i + 2;
		if (i + 2 < t.len && t.p[i + 1] == '\r' && t.p[i + 2] == '\n')
			return i + 3;
	}
	return 0;
}

/* All parts lie in the text, and the order of versions is one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data, size};
	struct pve_dpkg db = {0};
	struct pve_diags d = {0};

	assert(pve_deb822_end(text) == slow_end(text));
	pve_buf_add(&db.text, data, size);
	text = (struct pve_span){pve_buf_str(&db.text), size};
	pve_dpkg_parse(&db, "status", &d);
	for (size_t i = 0; i < db.n; i++) {
		struct pve_dpkg_package *p = &db.v[i], *q = &db.v[db.n - 1 - i];
		int x = pve_debver_cmp(p->version, q->version),
		    y = pve_debver_cmp(q->version, p->version);

		assert(inside(p->stanza, text) && inside(p->name, p->stanza));
		assert(inside(p->version, p->stanza) && inside(p->source, p->stanza));
		assert(pve_dpkg_find(&db, p->name));
		assert((x < 0) == (y > 0) && (x == 0) == (y == 0));
		assert(pve_debver_cmp(p->version, p->version) == 0);
	}
	pve_diags_done(&d);
	pve_dpkg_done(&db);
	return 0;
}
