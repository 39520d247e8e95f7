/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_DELTA_H
#define PVE_NET_DELTA_H

#include "gen.h"
#include "ops.h"
#include "probe.h"
#include "probe_pin.h"
#include "service.h"
#include "stage.h"

/*
 * What lies between the configuration and the kernel, as the commands plan, apply and status
 * read it: what is wanted, what is, what was owned, and the operations between them.
 */
struct net_delta {
	struct net_stage stage;
	struct net_conf conf; /* the one that is wanted: staged, or live when nothing is */
	struct net_model model;
	struct net_conf before; /* as the host has it in its files */
	struct net_model before_model;
	struct net_gen last; /* what was put into effect last; its configuration and meaning */
	bool have_last;
	struct net_conf last_conf;
	struct net_model last_model;

	struct net_host host; /* live state only */
	struct net_state want, now, owned, owned_more;
	struct net_guests guests;
	struct net_pins pins;    /* read when a link is missing */
	struct net_services services;
	struct pve_map started; /* name -> net_iface: were not there, or down, and come up */
	struct net_ops ops;
	struct pve_diags diags; /* of the wanted configuration */
	enum net_stage_view view; /* which one that is */
};

struct net_delta_opts {
	const struct net_gen *target; /* the files of this generation instead of what is staged;
				       * with NET_VIEW_STAGED; PVE_DENIED when any is */
	enum net_stage_view view;
	bool force;
	bool compare; /* do not plan: only what is wanted and what is */
};

/* Reads all of it and plans.  Errors of the configuration, and refusals of the planner, are in
 * d->diags and d->ops.diags: see net_delta_check.  On failure *d is empty. */
int net_delta_read(struct net_delta *d, struct pve_sys *sys, const struct net_delta_opts *opts,
		   struct pve_err *e);
/* PVE_DATA when the configuration has errors, PVE_DENIED when the planner refuses: all lines of
 * it. */
int net_delta_check(const struct net_delta *d, struct pve_err *e);
/* Reads the kernel again and plans anew: PVE_FAILED when something is still not as it should
 * be, with the first thing that is not. */
int net_delta_verify(struct net_delta *d, struct pve_sys *sys, const struct net_delta_opts *opts,
		     struct pve_err *e);
/* What is in effect, as far as hooks and services go: the files before, unless these are what is to
 * be applied; then what was applied last. */
const struct net_model *net_delta_in_effect(const struct net_delta *d);
void net_delta_done(struct net_delta *d);

#endif
