/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulate.h"

/* "(VERSION ORIGIN, ORIGIN [ARCH])" behind what is passed over. */
static void parse_candidate(struct repo_sim *sim, struct repo_sim_item *x, struct pve_span rest)
{
	const char *open = rest.len ? memchr(rest.p, '(', rest.len) : NULL, *end;
	struct pve_span version;

	if (!open)
		return;
	rest.len -= (size_t)(open + 1 - rest.p);
	rest.p = open + 1;
	version = pve_span_word(&rest);
	x->candidate = pve_arena_memdup(&sim->mem, version.p, version.len);
	rest = pve_span_trim(rest);
	end = rest.len ? memmem(rest.p, rest.len, " [", 2) : NULL;
	if (end)
		x->origin = pve_arena_memdup(&sim->mem, rest.p, (size_t)(end - rest.p));
}

static bool has_line(const struct repo_sim *sim, const char *package)
{
	for (size_t i = 0; i < sim->n; i++)
		if (strcmp(sim->v[i].package, package) == 0)
			return true;
	return false;
}

static void parse_line(struct repo_sim *sim, struct pve_span line)
{
	struct pve_span verb = pve_span_word(&line), name = pve_span_word(&line);
	struct repo_sim_item x = {.action = REPO_SIM_INSTALL};
	const char *close;

	if (!name.len)
		return;
	if (pve_span_eq(verb, "Remv"))
		x.action = REPO_SIM_REMOVE;
	else if (pve_span_eq(verb, "Purg"))
		x.action = REPO_SIM_PURGE;
	else if (pve_span_eq(verb, "Conf"))
		x.action = REPO_SIM_CONFIGURE;
	else if (!pve_span_eq(verb, "Inst"))
		return;
	x.package = pve_arena_memdup(&sim->mem, name.p, name.len);
	line = pve_span_trim(line);
	if (line.len && *line.p == '[' && (close = memchr(line.p, ']', line.len))) {
		x.installed = pve_arena_memdup(&sim->mem, line.p + 1, (size_t)(close - line.p) - 1);
		line.len -= (size_t)(close + 1 - line.p);
		line.p = close + 1;
	}
	if (x.action == REPO_SIM_CONFIGURE && has_line(sim, x.package))
		return;
	if (x.action <= REPO_SIM_CONFIGURE)
		parse_candidate(sim, &x, line);
	if (x.action == REPO_SIM_INSTALL && x.installed)
		x.action = REPO_SIM_UPGRADE;
	if (x.action == REPO_SIM_CONFIGURE)
		x.installed = x.candidate;
	sim->v = pve_grow(sim->v, sim->n, &sim->cap, sizeof(*sim->v));
	sim->v[sim->n++] = x;
}

void repo_sim_parse(struct repo_sim *sim, struct pve_span text)
{
	while (text.len) {
		const char *nl = memchr(text.p, '\n', text.len);
		size_t n = nl ? (size_t)(nl - text.p) : text.len;

		parse_line(sim, (struct pve_span){text.p, n});
		n += nl != NULL;
		text.p += n;
		text.len -= n;
	}
}

void repo_sim_done(struct repo_sim *sim)
{
	free(sim->v);
	pve_arena_done(&sim->mem);
	*sim = (struct repo_sim){0};
}
