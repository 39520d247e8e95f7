/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net.h"

static const struct pve_cmd cmds[] = {
	{
		.name = "list",
		.alias = "show",
		.operands = "[IFACE...]",
		.help = "show the interfaces of the host",
		.more = "Interfaces of the files come first, in their order, then links that\n"
			"are in no file.  Links of guests are left out without --all.",
		.opts = net_list_options,
		.opts_size = sizeof(struct net_list_opts),
		.max = PVE_MANY,
		.cols = net_list_cols,
		.ncols = NET_LIST_NCOLS,
		.complete = "!list",
		.run = net_cmd_list,
	},
	{
		.name = "graph",
		.operands = "",
		.help = "draw what stands on what: NIC, bond, VLAN, bridge",
		.opts = net_graph_options,
		.opts_size = sizeof(struct net_graph_opts),
		.cols = net_graph_cols,
		.ncols = NET_GRAPH_NCOLS,
		.run = net_cmd_graph,
	},
	{
		.name = "check",
		.operands = "",
		.help = "say what is wrong with the configuration",
		.cols = pve_finding_cols,
		.ncols = PVE_FINDING_NCOLS,
		.run = net_cmd_check,
	},
	{0},
};

int main(int argc, char **argv)
{
	static const struct pve_tool tool = {
		.name = "pve-net",
		.help = "network configuration of a Proxmox VE host",
		.cmds = cmds,
	};

	return pve_main(&tool, argc, argv);
}
