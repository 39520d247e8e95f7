/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "staging.h"
#include "template.h"

#define OPT(field) offsetof(struct net_template_opts, field)

const struct pve_opt net_template_options[] = {
	NET_EDIT_OPTIONS,
	{'i', "nic", PVE_OPT_LIST, OPT(nics), "NIC",
	 "port of the bridge; several times: of the bond"},
	{'a', "address", PVE_OPT_STR, OPT(address), "ADDRESS/PREFIX", "of this host"},
	{'g', "gateway", PVE_OPT_STR, OPT(gateway), "ADDRESS", "of this host"},
	{'b', "bridge", PVE_OPT_STR, OPT(bridge), "NAME", "of the bridge (vmbr0)"},
	{0, "bond", PVE_OPT_STR, OPT(bond), "NAME", "of the bond (bond0)"},
	{0, "mode", PVE_OPT_STR, OPT(mode), "MODE", "of the bond (802.3ad)"},
	{0, "hash", PVE_OPT_STR, OPT(hash), "POLICY",
	 "transmit hash policy of the bond (layer2+3)"},
	{0, "vlan", PVE_OPT_STR, OPT(vlan), "ID", "VLAN of this host (5)"},
	{0, "guests", PVE_OPT_STR, OPT(guests), "ADDRESS/PREFIX",
	 "of the bridge to the guests: routed, masquerade"},
	{0, "bond-address", PVE_OPT_STR, OPT(bond_address), "ADDRESS/PREFIX",
	 "of a bond beside the bridge: bond"},
	{0, "bridge-nic", PVE_OPT_STR, OPT(bridge_nic), "NIC",
	 "port of the bridge beside it: bond"},
	{0},
};

int net_cmd_template(struct pve_ctx *ctx)
{
	const struct net_template_opts *o = ctx->opts;
	struct net_template t = {
		.kind = net_template_find(ctx->operands.v[0]),
		.nics = o->nics,
		.bridge = o->bridge ? o->bridge : "vmbr0",
		.bond = o->bond ? o->bond : "bond0",
		.mode = o->mode,
		.hash = o->hash,
		.vlan = o->vlan ? o->vlan : "5",
		.address = o->address,
		.gateway = o->gateway,
		.guests = o->guests,
		.bond_address = o->bond_address,
		.bridge_nic = o->bridge_nic,
	};
	NET_EDITING x = {0};

	if (!t.kind)
		return pve_err_set(&ctx->err, PVE_USAGE, "template %s: %s are known",
				   ctx->operands.v[0], NET_TEMPLATE_KINDS);
	if (net_editing_begin(ctx, &x) < 0)
		return -1;
	net_template_apply(&x.ed, &t);
	return net_editing_end(ctx, &x);
}
