/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "pve-repo/changelog.h"
#include "pve-repo/refresh.h"
#include "pve-repo/simulate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What apt says and what changelogs and the state of refresh hold: anything is borne; what is kept of an
 * outcome is read again as the same; a changelog is only cut, never made up. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct repo_dist dist = {.uri = "http://h/d/", .suite = "s", .site = "h"};
	struct repo_dist other = {.uri = "https://enterprise.proxmox.com/debian/pve/",
				  .suite = "b"};
	struct repo_dist *dists[] = {&dist, &other};
	const struct repo_lists lists = {.dist = dists, .ndists = 2};
	struct pve_span text = {(const char *)data, size};
	struct repo_refreshes said, again;
	struct repo_sim sim = {0};
	PVE_BUF one = {0}, two = {0}, cut = {0};

	repo_refresh_parse(&said, &lists, text);
	repo_refresh_format(&said, &one);
	repo_refresh_read(&again, (struct pve_span){pve_buf_str(&one), one.len});
	assert(again.n == said.n);
	repo_refresh_format(&again, &two);
	assert(pve_span_eq((struct pve_span){pve_buf_str(&one), one.len}, pve_buf_str(&two)));
	for (size_t i = 0; i < said.n; i++)
		assert((said.v[i].state == REPO_FETCH_FAILED) == (*said.v[i].reason != '\0') ||
		       !*said.v[i].said);
	repo_refreshes_done(&again);
	repo_refreshes_done(&said);
	repo_refresh_read(&said, text);
	repo_refreshes_done(&said);
	repo_sim_parse(&sim, text);
	for (size_t i = 0; i < sim.n; i++)
		assert(sim.v[i].package && (sim.v[i].action != REPO_SIM_UPGRADE || sim.v[i].installed));
	repo_sim_done(&sim);
	repo_changelog_cut(text, "1.0", &cut);
	assert(cut.len <= size);
	return 0;
}
