/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-repo/simulate.h"
#include "pvecommon/run.h"

#define OUTPUT_MAX (16u << 20)

int repo_sim_run(struct repo_sim *sim, struct pve_sys *sys, struct pve_err *e)
{
	/* Without the two caches, which apt would write as root. */
	static const char *const argv[] = {"apt-get",
					   "-s",
					   "-q",
					   "-o",
					   "Dir::Cache::pkgcache=",
					   "-o",
					   "Dir::Cache::srcpkgcache=",
					   "dist-upgrade",
					   NULL};
	struct pve_run cmd = {.argv = argv, .limit = OUTPUT_MAX};
	struct pve_run_result res;

	*sim = (struct repo_sim){0};
	if (sys->rooted)
		return pve_err_set(e, PVE_DENIED,
				   "what an upgrade would do is worked out by apt-get, which works "
				   "on the host itself only, not below --root");
	if (pve_run_ok(sys, &cmd, &res, e) < 0)
		return -1;
	repo_sim_parse(sim, (struct pve_span){pve_buf_str(&res.out), res.out.len});
	pve_run_done(&res);
	return 0;
}

static void add_new(struct repo_updates *u, const struct repo_sim_item *x)
{
	size_t at = u->n;

	u->v = pve_grow(u->v, u->n, &u->cap, sizeof(*u->v));
	while (at > 0 && strcmp(u->v[at - 1].package, x->package) > 0) {
		u->v[at] = u->v[at - 1];
		at--;
	}
	u->v[at] = (struct repo_update){
		.package = pve_arena_strdup(&u->mem, x->package),
		.candidate = pve_arena_strdup(&u->mem, x->candidate ? x->candidate : ""),
		.phased = 100,
	};
	if (x->origin) { /* "Debian:12.1/stable": as other rows have it */
		size_t n = strcspn(x->origin, ":,");

		u->v[at].origin = pve_arena_memdup(&u->mem, x->origin, n);
		u->v[at].security = strstr(x->origin, "-Security:") != NULL ||
				    strstr(x->origin, "-security") != NULL;
	}
	u->n++;
}

int repo_simulate_new(struct repo_updates *u, struct pve_sys *sys, struct pve_err *e)
{
	struct repo_sim sim;

	if (repo_sim_run(&sim, sys, e) < 0)
		return -1;
	for (size_t i = 0; i < sim.n; i++)
		if (sim.v[i].action == REPO_SIM_INSTALL)
			add_new(u, &sim.v[i]);
	repo_sim_done(&sim);
	return 0;
}
