/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "repo.h"

static const struct pve_cmd cmds[] = {
	/* clang-format off */
	{.name = "list", .alias = "show", .operands = "[FILE...]",
	 .help = "show the package sources as apt reads them",
	 .opts = repo_list_options, .opts_size = sizeof(struct repo_list_opts),
	 .max = PVE_MANY, .complete = "@file",
	 .cols = repo_list_cols, .ncols = REPO_LIST_NCOLS, .run = repo_cmd_list},
	{.name = "updates", .operands = "", .help = "list the packages of which there is a newer version",
	 .opts = repo_updates_options, .opts_size = sizeof(struct repo_updates_opts),
	 .cols = repo_updates_cols, .ncols = REPO_UPDATES_NCOLS, .run = repo_cmd_updates},
	{.name = "check", .operands = "", .help = "say what is wrong with the package sources",
	 .cols = pve_finding_cols, .ncols = PVE_FINDING_NCOLS, .run = repo_cmd_check},
	/* clang-format on */
	{0},
};

int main(int argc, char **argv)
{
	static const struct pve_tool tool = {
		.name = "pve-repo",
		.help = "package sources, keys and updates of a Proxmox VE host",
		.cmds = cmds,
	};

	return pve_main(&tool, argc, argv);
}
