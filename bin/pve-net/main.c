/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "apply.h"
#include "net.h"
#include "node.h"
#include "staging.h"

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
		.opts = net_check_options,
		.opts_size = sizeof(struct net_check_opts),
		.cols = pve_finding_cols,
		.ncols = PVE_FINDING_NCOLS,
		.run = net_cmd_check,
	},
	/* clang-format off */
	{.name = "get", .operands = "IFACE [OPTION...]", .help = "print options of an interface, as staged",
	 .opts = net_get_options, .opts_size = sizeof(struct net_get_opts), .min = 1, .max = PVE_MANY,
	 .complete = "!list", .cols = net_get_cols, .ncols = NET_GET_NCOLS, .run = net_cmd_get},
	{.name = "set", .operands = "IFACE OPTION=VALUE...", .help = "change options of an interface",
	 .opts = net_set_options, .opts_size = sizeof(struct net_edit_opts), .min = 2, .max = PVE_MANY,
	 .more = NET_SET_MORE, .complete = "!list", .run = net_cmd_set},
	{.name = "add", .operands = "IFACE [OPTION=VALUE...]", .help = "add an interface",
	 .opts = net_add_options, .opts_size = sizeof(struct net_add_opts), .min = 1, .max = PVE_MANY,
	 .complete = "!list", .run = net_cmd_add},
	{.name = "remove", .operands = "IFACE", .help = "remove an interface",
	 .opts = net_remove_options, .opts_size = sizeof(struct net_remove_opts), .min = 1, .max = 1,
	 .complete = "!list", .run = net_cmd_remove},
	{.name = "rename", .operands = "OLD NEW", .help = "rename an interface wherever it is named",
	 .opts = net_set_options, .opts_size = sizeof(struct net_edit_opts), .min = 2, .max = 2,
	 .complete = "!list", .run = net_cmd_rename},
	{.name = "template", .operands = "KIND", .help = "add one of the set-ups of the guide",
	 .more = NET_TEMPLATE_MORE, .opts = net_template_options, .min = 1, .max = 1,
	 .opts_size = sizeof(struct net_template_opts), .complete = NET_TEMPLATE_KINDS,
	 .run = net_cmd_template},
	{.name = "pin", .operands = "IFACE NEWNAME", .help = "give a NIC a name of its own by its MAC",
	 .opts = net_pin_options, .opts_size = sizeof(struct net_pin_opts), .min = 2, .max = 2,
	 .complete = "!list", .run = net_cmd_pin},
	{.name = "diff", .operands = "", .help = "show what is staged against what is live",
	 .opts = net_diff_options, .opts_size = sizeof(struct net_diff_opts),
	 .cols = net_diff_cols, .ncols = NET_DIFF_NCOLS, .run = net_cmd_diff},
	{.name = "revert", .operands = "", .help = "drop what is staged", .run = net_cmd_revert},
	{.name = "plan", .operands = "", .help = "show what an apply would do, step by step",
	 .opts = net_plan_options, .opts_size = sizeof(struct net_plan_opts),
	 .cols = net_plan_cols, .ncols = NET_PLAN_NCOLS, .run = net_cmd_plan},
	{.name = "apply", .operands = "", .help = "make the kernel as the configuration says",
	 .opts = net_plan_options, .opts_size = sizeof(struct net_plan_opts),
	 .cols = net_plan_cols, .ncols = NET_PLAN_NCOLS, .run = net_cmd_apply},
	{.name = "status", .operands = "[IFACE...]", .help = "say where the kernel is not as configured",
	 .opts = net_status_options, .opts_size = sizeof(struct net_status_opts),
	 .max = PVE_MANY, .complete = "!list",
	 .cols = net_status_cols, .ncols = NET_STATUS_NCOLS, .run = net_cmd_status},
	{.name = "explain", .operands = "NAME...", .help = "say what the name of an interface tells",
	 .min = 1, .max = PVE_MANY, .complete = "!list",
	 .cols = net_explain_cols, .ncols = NET_EXPLAIN_NCOLS, .run = net_cmd_explain},
	{.name = "wake", .operands = "NODE|MAC...", .help = "wake computers by Wake-on-LAN",
	 .opts = net_wake_options, .opts_size = sizeof(struct net_wake_opts),
	 .min = 1, .max = PVE_MANY,
	 .cols = net_wake_cols, .ncols = NET_WAKE_NCOLS, .run = net_cmd_wake},
	{.name = "wol", .operands = "IFACE [on|off]", .help = "say whether a NIC can be woken, and set it",
	 .min = 1, .max = 2, .complete = "!list",
	 .cols = net_wol_cols, .ncols = NET_WOL_NCOLS, .run = net_cmd_wol},
	{.name = "ipv6", .operands = "[show|off|on] [IFACE...]", .help = "turn IPv6 off and on again",
	 .max = PVE_MANY, .complete = "show off on",
	 .cols = net_ipv6_cols, .ncols = NET_IPV6_NCOLS, .run = net_cmd_ipv6},
	{.name = "ntp", .operands = "[show|set|check] [SERVER...]",
	 .help = "show, set and ask the time servers", .max = PVE_MANY, .complete = "show set check",
	 .cols = net_ntp_cols, .ncols = NET_NTP_NCOLS, .run = net_cmd_ntp},
	/* clang-format on */
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
