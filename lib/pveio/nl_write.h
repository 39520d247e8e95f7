/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_NL_WRITE_H
#define PVEIO_NL_WRITE_H

#include "pveio/nl.h"

/*
 * Changes of the network by rtnetlink(7).  Tools call these from the call steps of a plan
 * only.  Each is one request, acknowledged by the kernel.  A refusal is an error with the
 * kernel's own words (extended acknowledgement, Linux 4.12) behind the name of the link,
 * and its errno in e->sys.
 */
struct pve_nl;

/* PVE_NOTHERE when there is no rtnetlink.  Ends with pve_nl_close; NULL is fine there. */
struct pve_nl *pve_nl_open(struct pve_err *e);
void pve_nl_close(struct pve_nl *nl);

/* By name or altname; 0 when there is none. */
int pve_nl_index(struct pve_nl *nl, const char *name);

/* Makes a link with these attributes; EEXIST when there is one of that name.  The links
 * that master, lower and the like name must be there. */
int pve_nl_link_create(struct pve_nl *nl, const char *name, const char *kind,
		       const struct pve_nl_value *v, size_t n, struct pve_err *e);
/* Changes attributes in the order of the kernel: of its kind, as a port, MAC, MTU, alias,
 * master, up.  With kind, which may be NULL, a link of another kind is refused. */
int pve_nl_link_change(struct pve_nl *nl, const char *name, const char *kind,
		       const struct pve_nl_value *v, size_t n, struct pve_err *e);
int pve_nl_link_delete(struct pve_nl *nl, const char *name, struct pve_err *e);

struct pve_nl_addr_more {
	const char *label;           /* IPv4: "eth0:1"; NULL: the name of the link */
	bool has_broadcast;          /* IPv4 */
	struct in_addr broadcast;
};

/* index, family, prefix, scope, bytes, peer and preferred of *a count.  more may be NULL.
 * Adding one that is there (EEXIST) and removing one that is not (EADDRNOTAVAIL) are
 * errors. */
int pve_nl_addr_add(struct pve_nl *nl, const char *name, const struct pve_nl_addr *a,
		    const struct pve_nl_addr_more *more, struct pve_err *e);
int pve_nl_addr_del(struct pve_nl *nl, const char *name, const struct pve_nl_addr *a,
		    struct pve_err *e);
/* Adds a route in place of one with the same destination, metric and table.  oif is that
 * of name.  onlink: the gateway need not be in a subnet of the link. */
int pve_nl_route_replace(struct pve_nl *nl, const char *name, const struct pve_nl_route *r,
			 bool onlink, struct pve_err *e);
int pve_nl_route_del(struct pve_nl *nl, const char *name, const struct pve_nl_route *r,
		     struct pve_err *e);
/* In the table of a port, or with self of the bridge itself. */
int pve_nl_vlan_add(struct pve_nl *nl, const char *name, bool self, const struct pve_nl_vlan *v,
		    struct pve_err *e);
int pve_nl_vlan_del(struct pve_nl *nl, const char *name, bool self, const struct pve_nl_vlan *v,
		    struct pve_err *e);
int pve_nl_remote_add(struct pve_nl *nl, const char *name, const struct pve_nl_remote *r,
		      struct pve_err *e);
int pve_nl_remote_del(struct pve_nl *nl, const char *name, const struct pve_nl_remote *r,
		      struct pve_err *e);

#endif
