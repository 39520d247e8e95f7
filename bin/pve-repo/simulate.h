/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_SIMULATE_H
#define PVE_REPO_SIMULATE_H

#include "pve-repo/updates.h"

/*
 * What apt-get says that it would do: "apt-get -s dist-upgrade", which changes nothing.
 */
enum repo_action {
	REPO_SIM_INSTALL,
	REPO_SIM_UPGRADE,
	REPO_SIM_CONFIGURE, /* what an earlier run has unpacked, and could not finish */
	REPO_SIM_REMOVE,    /* from here on it goes away */
	REPO_SIM_PURGE
};

struct repo_sim_item {
	enum repo_action action;
	const char *package;   /* with its architecture when that is a foreign one */
	const char *installed; /* version, NULL: none */
	const char *candidate; /* version, NULL: it goes away */
	const char *origin;    /* "Debian:12.1/stable", as apt writes it; or NULL */
};

struct repo_sim {
	struct repo_sim_item *v;
	size_t n, cap;
	struct pve_arena mem;
};

/* Reads the lines Inst, Remv and Purg (apt-get.cc, pkgSimulate), and Conf of what has no Inst before
 * it; all others are passed over. */
void repo_sim_parse(struct repo_sim *sim, struct pve_span text);
void repo_sim_done(struct repo_sim *sim);

/* probe_simulate.c: runs it, without apt's caches being written.  Not with --root (PVE_DENIED). */
int repo_sim_run(struct repo_sim *sim, struct pve_sys *sys, struct pve_err *e);
/* Adds to u what would be installed newly, in its place by name. */
int repo_simulate_new(struct repo_updates *u, struct pve_sys *sys, struct pve_err *e);

#endif
