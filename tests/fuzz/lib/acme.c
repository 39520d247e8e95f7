/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/acme.h"

#include "edits.h"

/* Each object is read whole, or not at all. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span json = {(const char *)data, size};
	struct pve_acme_directory d;
	struct pve_acme_account a;
	struct pve_acme_order o;
	struct pve_acme_authz z;
	struct pve_acme_renewal r;
	struct pve_acme_problem p;
	PVE_STRV urls = {0};
	PVE_BUF text = {0};

	if (pve_acme_directory_parse(&d, json, NULL) == 0)
		assert(*d.new_nonce && *d.new_account && *d.new_order);
	pve_arena_done(&d.mem);
	if (pve_acme_account_parse(&a, json, NULL) == 0)
		assert(*a.status);
	pve_arena_done(&a.mem);
	if (pve_acme_order_parse(&o, json, NULL) == 0)
		assert(*o.status && *o.finalize && !o.authorizations[o.nauthorizations]);
	pve_arena_done(&o.mem);
	if (pve_acme_authz_parse(&z, json, NULL) == 0)
		for (size_t i = 0; i < z.n; i++)
			assert(!z.v[i].token || !strpbrk(z.v[i].token, "/.% \n"));
	pve_arena_done(&z.mem);
	if (pve_acme_renewal_parse(&r, json, NULL) == 0)
		assert(r.end > r.start);
	pve_arena_done(&r.mem);
	pve_acme_problem_parse(&p, json);
	pve_acme_problem_text(&p, &text);
	pve_arena_done(&p.mem);
	pve_acme_orders_parse(json, &urls);
	return 0;
}
