/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_ENGINE_H
#define PVE_NET_ENGINE_H

#include "model.h"
#include "pvecommon/dpkg.h"
#include "pvecommon/plan.h"

/*
 * What carries a configuration into the kernel.  Pure.
 *
 *   native      pve-net itself: only what the configuration owns is touched
 *   ifupdown2   "ifreload -a".  A stock ifupdown2 takes every port off a bridge that the file
 *               does not name, so also those of running guests; Proxmox VE's own build leaves
 *               tap, veth and fwpr alone, and so does a bridge's option
 *               bridge-ports-condone-regex.  Without either it is refused
 *   reboot      nothing now: the files are put in place, and the next start of the system uses
 *               them
 */
enum net_engine { NET_ENGINE_NATIVE, NET_ENGINE_IFUPDOWN2, NET_ENGINE_REBOOT };

#define NET_ENGINES "native ifupdown2 reboot" /* for the option's choices */

/* word: one of NET_ENGINES; NULL is native. */
enum net_engine net_engine_parse(const char *word);
const char *net_engine_name(enum net_engine engine);
/* Versions of ifupdown and ifupdown2 that are installed; empty: not installed. */
struct net_engine_versions {
	struct pve_span ifupdown, ifupdown2;
};
void net_engine_versions(const struct pve_dpkg *db, struct net_engine_versions *v);
/* Is it one of Proxmox's builds, 1.2.8 or later, as its API asks for? */
bool net_engine_is_pve(struct pve_span ifupdown2);
/* The bridges of the model that a stock ifupdown2 would take the guests' ports from, added to
 * unsafe: those without a bridge-ports-condone-regex that spares tap, veth and fwpr. */
void net_engine_unsafe(const struct net_model *m, struct pve_strv *unsafe);
/* May the engine apply this configuration?  PVE_NOTHERE when its program is not installed,
 * PVE_DENIED when guests would lose their network; the message says what to do. */
int net_engine_check(enum net_engine engine, const struct net_engine_versions *v,
		     const struct net_model *m, struct pve_err *e);

/* ifreload has to run behind the files on the way there and behind them on the way back, too:
 * so there are two steps, one before the steps that write the files and one after, of which the
 * first does nothing but in the inverse.  There ("again") a failure is not one of the undoing:
 * the files are back, and nothing else must wait for an ifreload that does not work.  The call is
 * live: another boot reads the files anyway.  Nothing for the other engines. */
#define NET_RELOAD_CALL "ifreload"
void net_engine_plan_before(struct pve_plan *plan, enum net_engine engine);
void net_engine_plan_after(struct pve_plan *plan, enum net_engine engine);

#endif
