/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calls.h"

const struct pve_call boot_calls[] = {
	{.name = "partition", .run = boot_call_partition},
	{.name = "type", .run = boot_call_type},
	{.name = "new-guids", .run = boot_call_new_guids},
	{.name = "appear", .run = boot_call_appear},
	{.name = "sync", .run = boot_call_sync},
	{.name = "mend", .run = boot_call_mend},
	{0},
};
