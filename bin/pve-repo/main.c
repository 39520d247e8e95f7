/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "repo.h"
#include "select.h"

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
	{.name = "key", .operands = "[list|add FILE|verify [FILE...]]",
	 .help = "show, verify and add the keys that apt relies on",
	 .opts = repo_key_options, .opts_size = sizeof(struct repo_key_opts),
	 .max = PVE_MANY, .complete = "list add verify @file",
	 .cols = repo_key_cols, .ncols = REPO_KEY_NCOLS, .run = repo_cmd_key},
	{.name = "verify", .operands = "",
	 .help = "verify the fetched Releases and lists, without the network",
	 .cols = repo_verify_cols, .ncols = REPO_VERIFY_NCOLS, .run = repo_cmd_verify},
	{.name = "refresh", .operands = "",
	 .help = "fetch the lists anew, with an outcome for each repository",
	 .cols = repo_refresh_cols, .ncols = REPO_REFRESH_NCOLS, .run = repo_cmd_refresh},
	{.name = "upgrade", .operands = "", .help = "upgrade the packages, behind guards",
	 .cols = repo_upgrade_cols, .ncols = REPO_UPGRADE_NCOLS, .run = repo_cmd_upgrade},
	{.name = "changelog", .operands = "PACKAGE...",
	 .help = "show what changed between the installed version and the candidate",
	 .min = 1, .max = PVE_MANY, .complete = "!updates", .run = repo_cmd_changelog},
	{.name = "notify", .operands = "", .help = "mail about new packages and what failed",
	 .opts = repo_notify_options, .opts_size = sizeof(struct repo_notify_opts), .run = repo_cmd_notify},
	{.name = "check", .operands = "", .help = "say what is wrong with the package sources",
	 .opts = repo_check_options, .opts_size = sizeof(struct repo_check_opts),
	 .cols = pve_finding_cols, .ncols = PVE_FINDING_NCOLS, .run = repo_cmd_check},
	{.name = "status", .operands = "[HANDLE...]", .max = PVE_MANY,
	 .help = "show the standard repositories of this release",
	 .opts = repo_status_options, .opts_size = sizeof(struct repo_status_opts),
	 .complete = "!status",
	 .cols = repo_status_cols, .ncols = REPO_STATUS_NCOLS, .run = repo_cmd_status},
	{.name = "subscription", .operands = "", .help = "show the subscription and what must fit",
	 .opts = repo_subscription_options, .opts_size = sizeof(struct repo_subscription_opts),
	 .cols = repo_subscription_cols, .ncols = REPO_SUBSCRIPTION_NCOLS,
	 .run = repo_cmd_subscription},
	{.name = "add", .operands = "HANDLE...", .help = "use a standard repository",
	 .opts = repo_add_options, .opts_size = sizeof(struct repo_add_opts),
	 .min = 1, .max = PVE_MANY, .complete = "!status", .run = repo_cmd_add},
	{.name = "enable", .operands = "HANDLE|FILE:LINE...", .help = "let apt use what is disabled",
	 .opts = repo_narrow_options, .opts_size = sizeof(struct repo_narrow),
	 .min = 1, .max = PVE_MANY, .complete = "!status", .run = repo_cmd_enable},
	{.name = "disable", .operands = "HANDLE|FILE:LINE...", .help = "let apt use it no more",
	 .opts = repo_narrow_options, .opts_size = sizeof(struct repo_narrow),
	 .min = 1, .max = PVE_MANY, .complete = "!status", .run = repo_cmd_disable},
	{.name = "remove", .operands = "HANDLE|FILE:LINE...", .help = "take the entry out of its file",
	 .opts = repo_narrow_options, .opts_size = sizeof(struct repo_narrow),
	 .min = 1, .max = PVE_MANY, .complete = "!status", .run = repo_cmd_remove},
	{.name = "repair", .operands = "FILE:LINE...", .help = "mend what is not what it looks like",
	 .min = 1, .max = PVE_MANY, .run = repo_cmd_repair},
	{.name = "suite", .operands = "RELEASE", .help = "move the package sources to another release",
	 .opts = repo_suite_options, .opts_size = sizeof(struct repo_suite_opts),
	 .min = 1, .max = 1, .complete = "bullseye bookworm trixie forky", .run = repo_cmd_suite},
	{.name = "convert", .operands = "[FILE...]", .help = "write files in the other format",
	 .opts = repo_convert_options, .opts_size = sizeof(struct repo_convert_opts),
	 .max = PVE_MANY, .complete = "@file", .run = repo_cmd_convert},
	{.name = "undo", .operands = "", .help = "take back the last change of the package sources",
	 .run = repo_cmd_undo},
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
