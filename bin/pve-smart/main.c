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
	/* clang-format off */
	{.name = "watch", .operands = "[DISK...]", .help = "sample the disks, and mail what is new",
	 .more = "For cron.  Each change for the worse is told once.",
	 .opts = smart_watch_options, .opts_size = sizeof(struct smart_watch_opts), .max = PVE_MANY,
	 .cols = pve_finding_cols, .ncols = PVE_FINDING_NCOLS, .complete = "!list --no-smart",
	 .run = smart_cmd_watch},
	{.name = "history", .operands = "DISK [COLUMN...]", .help = "show the samples that are kept",
	 .opts = smart_history_options, .opts_size = sizeof(struct smart_history_opts),
	 .min = 1, .max = PVE_MANY, .cols = smart_history_cols, .ncols = SMART_HISTORY_NCOLS,
	 .complete = "!list --no-smart", .run = smart_cmd_history},
	{.name = "test", .operands = "[DISK...] [short|long|abort]",
	 .help = "show the self-tests of the disks, start one, or break it off",
	 .opts = smart_ask_options, .opts_size = sizeof(struct smart_ask_opts), .max = PVE_MANY,
	 .cols = smart_test_cols, .ncols = SMART_TEST_NCOLS, .complete = "!list --no-smart",
	 .run = smart_cmd_test},
	{.name = "enable", .operands = "DISK", .help = "turn SMART on", .min = 1, .max = 1,
	 .complete = "!list --no-smart", .run = smart_cmd_enable},
	{.name = "disable", .operands = "DISK", .help = "turn SMART off", .min = 1, .max = 1,
	 .complete = "!list --no-smart", .run = smart_cmd_disable},
	{.name = "locate", .operands = "DISK [on|off]",
	 .help = "show every name and the bay of a disk, or light its lamp", .min = 1, .max = 2,
	 .cols = smart_locate_cols, .ncols = SMART_LOCATE_NCOLS, .complete = "!list --no-smart",
	 .run = smart_cmd_locate},
	/* clang-format on */
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
