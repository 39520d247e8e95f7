/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "updates.h"

#include <stdlib.h>

#include "pve-repo/policy.h"
#include "pvecommon/debver.h"

/* apt-pkg/policy.cc, GetCandidateVer: the highest version of the highest priority, but nothing
 * older than what is installed below a priority of 1000. */
static struct policy_version *choose(const struct policy_package *pkg,
				     const struct policy_version *current)
{
	struct policy_version *best = NULL;
	int priority = -1;

	for (struct policy_version *v = pkg->version; v; v = v->next) {
		if (v->priority == 0 || v->priority <= priority)
			continue;
		if (v->priority < 1000 &&
		    pve_debver_cmp(pve_span(v->version), pve_span(current->version)) < 0)
			continue;
		priority = v->priority;
		best = v;
	}
	return best;
}

/* Does a stand before b in the order of versions? */
static bool is_above(const struct policy_version *a, const struct policy_version *b)
{
	for (a = a->next; a; a = a->next)
		if (a == b)
			return true;
	return false;
}

/* A fix stays one when a later version, from wherever, goes before it. */
static bool has_fix(const struct policy_version *from, const struct policy_version *to)
{
	for (; from != to; from = from->next)
		for (size_t i = 0; i < from->nlists; i++)
			if (repo_dist_is_security(from->list[i]->dist))
				return true;
	return false;
}

static char *copy(struct repo_updates *u, const char *s)
{
	return pve_arena_strdup(&u->mem, s);
}

static void add(struct repo_updates *u, const struct repo_policy *p,
		const struct policy_package *pkg, const struct policy_version *cand,
		const struct policy_version *current)
{
	struct repo_update *x;
	struct pve_span name = pkg->dpkg->name;
	bool native = pkg->arch == p->native;

	u->v = pve_grow(u->v, u->n, &u->cap, sizeof(*u->v));
	x = &u->v[u->n++];
	*x = (struct repo_update){
		.package = pve_arena_printf(&u->mem, "%.*s%s%s", PVE_SPAN_ARG(name),
					    native ? "" : ":", native ? "" : pkg->arch),
		.installed = copy(u, current->version),
		.candidate = copy(u, cand->version),
		.section = copy(u, cand->section),
		.source = copy(u, cand->source),
		.source_version = copy(u, cand->source_version),
		.dist = cand->from ? cand->from->dist : NULL,
		.security = has_fix(cand, current),
		.held = pkg->dpkg->want == PVE_DPKG_HOLD,
		.rebuilt = strcmp(cand->version, current->version) == 0,
		.phased = cand->phased,
		.priority = cand->priority,
		.pin = cand->by,
	};
	x->component = cand->from && cand->from->pin.component ? cand->from->pin.component : "";
	x->origin = x->dist ? repo_dist_name(x->dist) : "";
	/* apt lets security updates through at once */
	x->phased_out = !x->security && policy_phased_out(p, cand);
}

static void look_at(struct repo_updates *u, struct repo_policy *p, struct policy_package *pkg)
{
	struct policy_version *current, *cand;

	if (!pkg->arch || !pkg->version)
		return;
	current = policy_add_current(p, pkg);
	/* The usual case needs no priorities: nothing is above what is installed. */
	if (pkg->version == current)
		return;
	for (struct policy_version *v = pkg->version; v; v = v->next)
		policy_set_priority(p, pkg, v);
	cand = choose(pkg, current);
	if (cand && cand != current && is_above(cand, current))
		add(u, p, pkg, cand, current);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct repo_update *)a)->package,
		      ((const struct repo_update *)b)->package);
}

void repo_policy_updates(struct repo_policy *p, struct repo_updates *u)
{
	for (size_t i = 0; i < p->db->n; i++)
		look_at(u, p, &p->package[i]);
	if (u->n)
		qsort(u->v, u->n, sizeof(*u->v), by_name);
}

void repo_update_reason(const struct repo_update *u, struct pve_buf *out)
{
	if (u->held)
		pve_buf_puts(out, "on hold");
	else if (u->phased_out)
		pve_buf_printf(out, "given to %u%% of the hosts for now, not to this one",
			       u->phased);
	else if (!u->installed)
		pve_buf_puts(out, "new, needed by another");
	else if (u->rebuilt)
		pve_buf_puts(out, "the same version, built anew");
	else
		pve_buf_puts(out, u->security ? "security" : "newer");
	if (u->pin)
		pve_buf_printf(out, ", pinned to %d by %s", u->priority, u->pin->file);
	if (u->pin && u->pin->line)
		pve_buf_printf(out, ":%u", u->pin->line);
}

void repo_updates_done(struct repo_updates *u)
{
	free(u->v);
	pve_arena_done(&u->mem);
	*u = (struct repo_updates){0};
}
