/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot.h"
#include "compat.h"

static const struct pve_cmd cmds[] = {
	/* clang-format off */
	{.name = "status", .operands = "", .help = "say what each ESP is set up for",
	 .more = "Quiet (-q): nothing is printed, 0 when ESPs are kept in sync here, else 2.",
	 .cols = boot_status_cols, .ncols = BOOT_STATUS_NCOLS, .run = boot_cmd_status},
	{.name = "list", .operands = "", .help = "list the kernels on each ESP",
	 .cols = boot_list_cols, .ncols = BOOT_LIST_NCOLS, .run = boot_cmd_list},
	{.name = "loader", .operands = "",
	 .help = "say which firmware and loader boot this host, and how that is known",
	 .cols = boot_loader_cols, .ncols = BOOT_LOADER_NCOLS, .run = boot_cmd_loader},
	{.name = "verify", .operands = "",
	 .help = "read back every file on each ESP, against its manifest and /boot",
	 .opts = boot_verify_options, .opts_size = sizeof(struct boot_verify_opts),
	 .cols = boot_verify_cols, .ncols = BOOT_VERIFY_NCOLS, .run = boot_cmd_verify},
	{.name = "check", .operands = "", .help = "say what would keep the host from booting",
	 .cols = pve_finding_cols, .ncols = PVE_FINDING_NCOLS, .run = boot_cmd_check},
	{.name = "partition", .operands = "DISK", .help = "partition an empty disk that shall boot",
	 .opts = boot_partition_options, .opts_size = sizeof(struct boot_partition_opts),
	 .min = 1, .max = 1, .complete = "@file", .run = boot_cmd_partition},
	{.name = "format", .operands = "PART", .help = "make an empty ESP of a partition",
	 .opts = boot_format_options, .opts_size = sizeof(struct boot_format_opts),
	 .min = 1, .max = 1, .complete = "@file", .run = boot_cmd_format},
	{.name = "init", .operands = "PART [grub|systemd-boot]",
	 .help = "put a loader on an ESP and keep it in sync", .min = 1, .max = 2,
	 .complete = "@file", .run = boot_cmd_init},
	{.name = "reinit", .operands = "", .help = "bring the loaders on all ESPs up to date",
	 .run = boot_cmd_reinit},
	{.name = "replace", .operands = "OLD-UUID PART",
	 .help = "format and init a partition in place of an ESP that is gone",
	 .opts = boot_replace_options, .opts_size = sizeof(struct boot_replace_opts),
	 .min = 2, .max = 2, .complete = "!list", .run = boot_cmd_replace},
	{.name = "refresh", .operands = "", .help = "bring every ESP in step with /boot",
	 .more = "Only what differs is written.  At no instant is an ESP without a kernel to boot.",
	 .opts = boot_refresh_options, .opts_size = sizeof(struct boot_refresh_opts),
	 .run = boot_cmd_refresh},
	{.name = "clean", .operands = "", .help = "take ESPs that are gone off the list",
	 .run = boot_cmd_clean},
	{.name = "kernel", .alias = "kernels", .help = "choose kernels, or pin one",
	 .operands = "[ACTION [VERSION...]]",
	 .more = "ACTION: list, add VERSION..., remove VERSION..., pin VERSION, unpin.",
	 .opts = boot_kernel_options, .opts_size = sizeof(struct boot_kernel_opts), .max = PVE_MANY,
	 .cols = boot_kernel_cols, .ncols = BOOT_KERNEL_NCOLS,
	 .complete = "list add remove pin unpin", .run = boot_cmd_kernel},
	{.name = "cmdline", .operands = "[ACTION [WORD...]]",
	 .help = "show or change the words that kernels are given",
	 .more = "ACTION: show, set TEXT, add WORD..., remove WORD...", .max = PVE_MANY,
	 .cols = boot_cmdline_cols, .ncols = BOOT_CMDLINE_NCOLS, .complete = "show set add remove",
	 .run = boot_cmd_cmdline},
	/* clang-format on */
	{0},
};

int main(int argc, char **argv)
{
	static const struct pve_tool tool = {
		.name = "pve-boot",
		.help = "EFI system partitions, kernels and loaders",
		.cmds = cmds,
	};

	if (boot_compat_is(argv[0]))
		return boot_compat_main(&tool, argc, argv);
	return pve_main(&tool, argc, argv);
}
