/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of interfaces: what the kernel takes, what belongs to others. */
#include "check_impl.h"
#include "value.h"

#include <net/if.h>
#include <stdio.h>

/* A stanza that nothing starts and nothing stands on may be there to be inherited from or
 * mapped to only; then the kernel never sees its name. */
static bool is_logical(const struct net_iface *i)
{
	return i->start == NET_START_NO && !i->upper && !i->lower;
}

static void valid(struct check *c, const struct net_iface *i)
{
	const char *why = net_name_refusal(i->name);

	if (why && !is_logical(i))
		check_stanza(c, CHECK_NAME_INVALID, i->stanza[0],
			     "the name %.40s %s: the kernel refuses it", i->name, why);
}

static void guest(struct check *c, const struct net_iface *i)
{
	static const char *const pattern[] = {"tap#i#",  "veth#i#", "fwpr#p#", "fwln#i#",
					      "fwln#o#", "fwbr#i#", NULL};

	for (size_t p = 0; pattern[p]; p++)
		if (net_name_matches(i->name, pattern[p]))
			check_stanza(c, CHECK_NAME_GUEST, i->stanza[0],
				     "%s is what Proxmox VE calls a port of a guest: both would "
				     "fight over it",
				     i->name);
}

static bool in_sdn_file(const struct net_stanza *s)
{
	const char *slash = strrchr(s->head->file->path, '/');

	return !strcmp(slash ? slash + 1 : s->head->file->path, "sdn");
}

static void sdn(struct check *c, const struct net_iface *i)
{
	static const char *const prefix[] = {"ln_", "pr_", "vxlan_", NULL};

	for (size_t p = 0; prefix[p]; p++)
		if (!strncmp(i->name, prefix[p], strlen(prefix[p])) && !in_sdn_file(i->stanza[0]))
			check_stanza(c, CHECK_NAME_SDN, i->stanza[0],
				     "%s begins like what the SDN makes, and is replaced when it "
				     "makes one of this name",
				     i->name);
}

/* The first vmbrN that nobody uses. */
static void fix_rename(struct check *c, struct pve_finding *f, const char *old, const char *prefix)
{
	char name[IFNAMSIZ];

	for (unsigned n = 0; n < 4095; n++) {
		snprintf(name, sizeof(name), "%s%u", prefix, n);
		if (!net_model_find(c->model, name)) {
			check_fix(f, "rename", old, "%s", name);
			return;
		}
	}
}

/* Proxmox VE makes BRIDGEvTAG for the VLAN of a guest on a bridge that is not VLAN-aware. */
static void bridge(struct check *c, const struct net_iface *i)
{
	if (i->type != NET_T_BRIDGE || i->vlan_aware || strlen(i->name) <= 10 ||
	    net_name_refusal(i->name))
		return;
	fix_rename(c,
		   check_stanza(c, CHECK_NAME_BRIDGE_LONG, i->stanza[0],
				"the bridge name %s is over 10 characters: %sv4094 is no name, so "
				"guests cannot use VLANs on it",
				i->name, i->name),
		   i->name, "vmbr");
}

static void bond(struct check *c, const struct net_iface *i)
{
	if (i->type != NET_T_BOND || net_name_matches(i->name, "bond#"))
		return;
	fix_rename(
		c,
		check_stanza(c, CHECK_NAME_BOND, i->stanza[0],
			     "the GUI knows bonds by the name bondN only: when it saves, %s loses "
			     "its bond options",
			     i->name),
		i->name, "bond");
}

void check_names(struct check *c)
{
	for (size_t n = 0; n < c->model->nifaces; n++) {
		const struct net_iface *i = c->model->iface[n];

		valid(c, i);
		guest(c, i);
		sdn(c, i);
		bridge(c, i);
		bond(c, i);
	}
}
