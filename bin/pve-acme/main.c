/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "acme.h"

static const struct pve_cmd cmds[] = {
	/* clang-format off */
	{.name = "list", .operands = "",
	 .help = "show the names that this node is to be certified for, and how",
	 .cols = acme_list_cols, .ncols = ACME_LIST_NCOLS, .run = acme_cmd_list},
	{.name = "config", .operands = "get|set [-KEY VALUE...]",
	 .help = "show or change the configuration of this node",
	 .opts = acme_config_options, .opts_size = sizeof(struct acme_config_opts),
	 .min = 1, .max = PVE_MANY, .complete = "get set", .one_dash = true,
	 .cols = acme_config_cols, .ncols = ACME_CONFIG_NCOLS, .run = acme_cmd_config},
	{.name = "account", .operands = "VERB [NAME] [CONTACT...]",
	 .help = "show or change the accounts at servers",
	 .more = "list, info [NAME], register [NAME] CONTACT..., update [NAME] [CONTACT...],\n"
		 "deactivate [NAME], rollover [NAME]; NAME is \"default\" by default.",
	 .opts = acme_account_options, .opts_size = sizeof(struct acme_account_opts),
	 .min = 1, .max = PVE_MANY, .complete = "list info register update deactivate rollover", .one_dash = true,
	 .cols = acme_account_cols, .ncols = ACME_ACCOUNT_NCOLS, .run = acme_cmd_account},
	{.name = "plugin", .operands = "VERB [TYPE] [ID]",
	 .help = "show or change the plugins that meet challenges",
	 .more = "list, config ID, add dns|standalone ID, set ID, remove ID.",
	 .opts = acme_plugin_options, .opts_size = sizeof(struct acme_plugin_opts),
	 .min = 1, .max = PVE_MANY, .complete = "list config add set remove", .one_dash = true,
	 .cols = acme_plugin_cols, .ncols = ACME_PLUGIN_NCOLS, .run = acme_cmd_plugin},
	{.name = "cert", .operands = "VERB [FILE...]",
	 .help = "show or change the certificates of this node",
	 .more = "info, status, order, renew, revoke, set CERTS [KEY], delete [RESTART].",
	 .opts = acme_cert_options, .opts_size = sizeof(struct acme_cert_opts),
	 .min = 1, .max = PVE_MANY, .complete = "info status order renew revoke set delete @file", .one_dash = true,
	 .cols = acme_cert_cols, .ncols = ACME_CERT_NCOLS, .run = acme_cmd_cert},
	{.name = "check", .operands = "", .help = "say what keeps this node from having a good certificate",
	 .cols = pve_finding_cols, .ncols = PVE_FINDING_NCOLS, .run = acme_cmd_check},
	/* clang-format on */
	{0},
};

int main(int argc, char **argv)
{
	static const struct pve_tool tool = {
		.name = "pve-acme",
		.help = "certificates of a Proxmox VE node, and the configuration of the node",
		.cmds = cmds,
	};

	return pve_main(&tool, argc, argv);
}
