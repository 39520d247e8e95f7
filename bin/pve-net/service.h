/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_SERVICE_H
#define PVE_NET_SERVICE_H

#include "model.h"
#include "pvecommon/plan.h"
#include "pvecommon/strv.h"

/*
 * What an apply leaves to programs: Open vSwitch to ovs-vsctl(8), leases to dhclient(8).  Pure;
 * probe_service.c looks what there is.
 *
 * All stanzas of Open vSwitch are one transaction, with the commands of its own script for
 * ifupdown.  It runs when a stanza has changed, or when a bridge of it is not there.
 * A client of DHCP is started as ifupdown does, for an interface that starts at boot with the
 * method dhcp and has none running, and stopped when the method goes.
 */
struct net_services {
	bool have_ovs, have_dhclient; /* the programs are there */
	bool ovs_missing;             /* a bridge of Open vSwitch is not in the kernel */
	struct pve_strv dhcp;         /* running clients: "4 eno1", "6 vmbr0" */
};

/* A call of ovs-vsctl that makes want of old, added to argv; nothing when neither has a stanza
 * of Open vSwitch that is brought up. */
void net_ovs_argv(const struct net_model *old, const struct net_model *want, struct pve_strv *argv);
/* The command line of dhclient: family is 4 or 6; stop releases the lease. */
void net_dhcp_argv(const char *iface, int family, bool stop, struct pve_strv *argv);

/* Each adds its steps, before and after the operations on the kernel. */
void net_service_plan_before(struct pve_plan *plan, const struct net_services *s,
			     const struct net_model *old, const struct net_model *want);
void net_service_plan_after(struct pve_plan *plan, const struct net_services *s,
			    const struct net_model *want);
/* What is left out for want of a program, as warnings. */
void net_service_warn(const struct net_services *s, const struct net_model *want,
		      struct pve_diags *d);
/* What these programs cannot do, as errors: an internal port of Open vSwitch that moves to another
 * bridge.  It would be made anew, without the addresses it has. */
void net_service_refuse(const struct net_services *s, const struct net_model *old,
			const struct net_model *want, struct pve_diags *d);
void net_services_done(struct net_services *s);

#endif
