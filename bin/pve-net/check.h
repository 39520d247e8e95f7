/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_CHECK_H
#define PVE_NET_CHECK_H

#include <sys/types.h>

#include "check_codes.h"
#include "engine.h"
#include "ipv6.h"
#include "model.h"
#include "pvecommon/findings.h"
#include "pveio/nl.h"

/*
 * What is wrong with a configuration.  Pure: all that the checks know besides the
 * configuration stands in struct check_facts.
 *
 * Each finding has as its object the place, "FILE:LINE"; its message names the interface;
 * its fix is the command of pve-net that mends it, or the editor at that line where only
 * the administrator can know what was meant.
 */
enum check_staged {
	CHECK_STAGED_NOTHING,
	CHECK_STAGED_GOOD,
	CHECK_STAGED_STALE, /* the live file is not the one that it is based on */
};

struct check_facts {
	struct pve_map ring;    /* addresses of the cluster network: the literal as bytes (4
				 * or 16 of them, network order) -> anything; empty outside
				 * of a cluster.  Filled by check_facts_corosync */
	struct pve_arena mem;   /* of the keys of ring */
	struct ipv6_rules ipv6; /* what sysctl.d(5) will do at boot */
	bool sdn;               /* there is /etc/network/interfaces.d/sdn */
	bool ifupdown2;         /* the engine is ifupdown2 */
	struct net_engine_versions engine; /* as dpkg has them installed */
	bool gui;                          /* pve-manager is installed */
	bool many_aware;                   /* a policy of ifupdown2 allows it several VLAN-aware
					    * bridges; see check_facts_policy */
	mode_t mode;                       /* of the main file; 0: not known */
	mode_t writable;                   /* bits of it that let others write */
	uid_t owner;                       /* of the main file; 0: root, or not known */
	enum check_staged staged;
	struct pve_map absent;      /* absolute paths that are not there, among those that hooks
				     * begin with -> anything; see check_hook_programs */
	unsigned legacy;            /* 1 << position in check_legacy: that program is there */
	const struct pve_map *link; /* name or altname -> struct pve_nl_link; NULL: not known */
	const struct pve_nl_snapshot *live; /* behind link; NULL when link is */
};

/* Programs that hooks of old call and that Debian 12 does not install; ends with NULL. */
extern const char *const check_legacy[];

/* Adds what the checks find, by place in the order in which the files are read.  Linear in
 * stanzas, options and links. */
void net_check(const struct net_conf *conf, const struct net_model *model,
	       const struct check_facts *facts, struct pve_findings *out);

/* corosync.conf(5): every ringX_addr that is a literal address. */
void check_facts_corosync(struct check_facts *facts, struct pve_span text);
/* A policy file of ifupdown2 (JSON): multiple_vlan_aware_bridge_support. */
void check_facts_policy(struct check_facts *facts, struct pve_span text);
/* The absolute paths of the programs that hooks call, each added to paths once. */
void check_hook_programs(const struct net_conf *conf, struct pve_strv *paths);
void check_facts_done(struct check_facts *facts);

#endif
