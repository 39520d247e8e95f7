/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check --suite: can this host move to that release, or why not? */
#include <stdlib.h>
#include <string.h>

#include "pve-repo/check.h"
#include "pve-repo/suite.h"
#include "pvecommon/debver.h"

static bool blocked(struct repo_check *c, const char *object, const char *fix, const char *why)
{
	struct pve_finding *f = repo_check_about(c, REPO_CHECK_UPGRADE_BLOCKED, object, "%s", why);

	if (fix)
		pve_finding_fix(f, "%s", fix);
	return true;
}

/* One release at a time, and only forward. */
static bool check_order(struct repo_check *c)
{
	const struct repo_suite *from = c->facts->suite, *to = c->facts->next;
	int step;

	if (!from)
		return blocked(c, "/etc/os-release", NULL,
			       "the release of this host is not known here");
	step = repo_suite_order(to->codename) - repo_suite_order(from->codename);
	if (step == 1)
		return false;
	return blocked(c, "/etc/os-release", NULL,
		       pve_arena_printf(&c->mem, "the way from %s to %s is %s", from->codename,
					to->codename,
					step < 1 ? "no upgrade" : "more than one release"));
}

/* The last point release first. */
static bool check_version(struct repo_check *c)
{
	const struct repo_suite *from = c->facts->suite;
	const char *have = c->facts->pve_version, *want = from ? from->min_version : NULL;

	if (!want || !have || pve_debver_cmp(pve_span(have), pve_span(want)) >= 0)
		return false;
	return blocked(c, "pve-manager", "pve-repo upgrade",
		       pve_arena_printf(&c->mem,
					"pve-manager %s is older than %s, from which the way leads on",
					have, want));
}

/* What the rule of each entry says. */
static bool check_entries(struct repo_check *c)
{
	struct repo_move m = {.s = c->s, .to = c->facts->next};
	bool bad = false;

	m.edits = pve_calloc(c->s->nfiles + 1, sizeof(*m.edits));
	repo_move(&m);
	for (size_t i = 0; i < m.said.n; i++) {
		const struct pve_diag *d = &m.said.v[i];
		bool error = d->severity == PVE_ERROR;

		repo_check_at(c, error ? REPO_CHECK_UPGRADE_BLOCKED : REPO_CHECK_UPGRADE_ASK, d->file,
			      d->line, "%s", d->msg);
		bad |= error;
	}
	for (size_t i = 0; i < c->s->nfiles; i++)
		repo_edits_done(&m.edits[i]);
	free(m.edits);
	repo_move_done(&m);
	return bad;
}

/* A Ceph that the next release does not have must be upgraded here first, repository or not. */
static bool check_ceph(struct repo_check *c)
{
	unsigned long major = c->facts->ceph_version ? strtoul(c->facts->ceph_version, NULL, 10) : 0;

	for (size_t i = 0; i < repo_ncephs; i++)
		if (repo_cephs[i].major == major &&
		    !repo_ceph_channels(&repo_cephs[i], c->facts->next))
			return blocked(c, "ceph-common", NULL,
				       pve_arena_printf(&c->mem,
							"Ceph %s is installed, which %s does not have: "
							"upgrade Ceph first",
							repo_cephs[i].name, c->facts->next->codename));
	return false;
}

void repo_check_upgrade(struct repo_check *c)
{
	bool bad = false;

	if (!c->facts->next)
		return;
	if (c->s->diags.errors)
		bad = blocked(c, REPO_SOURCE_LIST, "pve-repo check", "apt refuses the sources as they are");
	bad |= check_order(c);
	bad |= check_version(c);
	bad |= check_ceph(c);
	bad |= check_entries(c);
	if (!bad)
		pve_finding_fix(repo_check_about(c, REPO_CHECK_UPGRADE_READY, c->facts->next->codename,
						 "the package sources can move to %s, Proxmox VE %u",
						 c->facts->next->codename, c->facts->next->pve),
				"pve-repo suite %s -n", c->facts->next->codename);
}
