/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "explain.h"
#include "node.h"

enum { COL_NAME, COL_TYPE, COL_MEANING, COL_PCI, COL_MAC, COL_GUEST, COL_VLAN, COL_PARENT };

const struct pve_col net_explain_cols[NET_EXPLAIN_NCOLS] = {
	{"name", PVE_T_STR, false, "as given"},
	{"type", PVE_T_STR, false, "kind of interface; unknown, invalid"},
	{"meaning", PVE_T_STR, false, "what the name says"},
	{"pci", PVE_T_STR, true, "PCI address as lspci writes it"},
	{"mac", PVE_T_STR, true, "MAC address in the name"},
	{"guest", PVE_T_INT, true, "VMID of the guest it belongs to"},
	{"vlan", PVE_T_INT, true, "VLAN id in the name"},
	{"parent", PVE_T_STR, true, "interface it stands on"},
};

static void add(struct pve_out *out, const char *name)
{
	struct pve_row *row = pve_out_row(out, NULL);
	struct explain x = {0};

	explain_name(&x, name);
	pve_row_str(row, COL_NAME, name);
	pve_row_str(row, COL_TYPE, x.type);
	pve_row_str(row, COL_MEANING, pve_buf_str(&x.text));
	if (x.has_pci)
		pve_row_fmt(row, COL_PCI, "%04x:%02x:%02x.%u", x.domain, x.bus, x.slot, x.function);
	if (x.mac[0])
		pve_row_str(row, COL_MAC, x.mac);
	if (x.guest >= 0)
		pve_row_int(row, COL_GUEST, x.guest);
	if (x.vlan >= 0)
		pve_row_int(row, COL_VLAN, x.vlan);
	if (x.parent)
		pve_row_fmt(row, COL_PARENT, "%.*s", (int)x.parent, name);
	explain_done(&x);
}

int net_cmd_explain(struct pve_ctx *ctx)
{
	struct pve_out *out =
		pve_out_new(net_explain_cols, NET_EXPLAIN_NCOLS, &ctx->out, &ctx->err);
	int ret;

	if (!out)
		return -1;
	for (size_t i = 0; i < ctx->operands.n; i++)
		add(out, ctx->operands.v[i]);
	ret = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return ret;
}
