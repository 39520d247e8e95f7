/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pve-repo/check.h"

/* A conflict goes when one of the two entries does; which one is right only its maker knows, and
 * the later one is what came last. */
void repo_check_syntax(struct repo_check *c)
{
	for (size_t i = 0; i < c->s->diags.n; i++) {
		const struct pve_diag *d = &c->s->diags.v[i];
		bool conflict = repo_is_conflict(d);
		struct pve_finding *f = repo_check_at(c, conflict ? REPO_CHECK_CONFLICT : REPO_CHECK_SYNTAX,
						      d->file, d->line, "%s", d->msg);

		/* As a comment it holds nothing up, and nothing is lost; what is no text is nothing to
		 * edit. */
		if (conflict || !strstr(d->msg, "NUL byte"))
			pve_finding_fix(f, "pve-repo disable %s:%u", d->file, d->line);
	}
}
