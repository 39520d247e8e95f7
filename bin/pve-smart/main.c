/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smart.h"

static const struct pve_cmd cmds[] = {
	{
		.name = "list",
		.operands = "[DISK...]",
		.help = "show the disks of the host and their health",
		.opts = smart_list_options,
		.opts_size = sizeof(struct smart_list_opts),
		.max = PVE_MANY,
		.cols = smart_list_cols,
		.ncols = SMART_LIST_NCOLS,
		.complete = "!list --no-smart",
		.run = smart_cmd_list,
	},
	{
		.name = "show",
		.operands = "DISK",
		.help = "show all that one disk says, in words",
		.opts = smart_ask_options,
		.opts_size = sizeof(struct smart_ask_opts),
		.min = 1,
		.max = 1,
		.cols = smart_show_cols,
		.ncols = SMART_SHOW_NCOLS,
		.complete = "!list --no-smart",
		.run = smart_cmd_show,
	},
	{
		.name = "check",
		.operands = "[DISK...]",
		.help = "say which disks are failing, or will",
		.opts = smart_ask_options,
		.opts_size = sizeof(struct smart_ask_opts),
		.max = PVE_MANY,
		.cols = pve_finding_cols,
		.ncols = PVE_FINDING_NCOLS,
		.complete = "!list --no-smart",
		.run = smart_cmd_check,
	},
	{0},
};

int main(int argc, char **argv)
{
	static const struct pve_tool tool = {
		.name = "pve-smart",
		.help = "disks and their health",
		.cmds = cmds,
	};

	return pve_main(&tool, argc, argv);
}
