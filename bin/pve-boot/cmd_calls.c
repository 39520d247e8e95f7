/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calls.h"

const struct pve_call boot_calls[] = {
	{.name = "sync", .run = boot_call_sync},
	{.name = "mend", .run = boot_call_mend},
	{.name = "partition", .run = boot_call_partition},
	{.name = "type", .run = boot_call_type},
	{.name = "new-guids", .run = boot_call_new_guids},
	{.name = "install", .run = boot_call_install},
	{.name = "reinstall", .run = boot_call_reinstall},
	{.name = "one-shot", .run = boot_call_one_shot},
	{.name = "grubenv", .run = boot_call_grubenv},
	{.name = "try-once", .run = boot_call_try_once},
	{.name = "forget", .run = boot_call_forget},
	{.name = "found", .run = boot_call_found},
	{.name = "appear", .run = boot_call_appear},
	{0},
};
