/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries of the firmware's boot menu that lead nowhere any more. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "calls.h"
#include "firmware.h"
#include "install.h"
#include "pvecommon/fs.h"
#include "pvecommon/run.h"

#define EFIBOOTMGR_MS 30000

/* Partitions of which udev did not tell the GUID make every answer a guess. */
static bool all_known(const struct pve_blk_list *blk)
{
	for (size_t i = 0; i < blk->n; i++)
		if (blk->dev[i].partition && !*blk->dev[i].part_uuid)
			return false;
	return true;
}

static bool is_there(const struct pve_blk_list *blk, const char *guid)
{
	for (size_t i = 0; i < blk->n; i++)
		if (strcasecmp(blk->dev[i].part_uuid, guid) == 0)
			return true;
	return false;
}

void boot_stale_plan(struct pve_plan *plan, struct pve_sys *sys, const struct pve_blk_list *blk)
{
	PVE_FREE char *program = pve_run_find("efibootmgr");
	struct efivars v;

	if (sys->rooted || !program || !all_known(blk))
		return;
	efivars_read(&v, sys);
	for (size_t i = 0; i < v.nentries; i++) {
		const struct efi_entry *entry = &v.entry[i];
		PVE_FREE char *what = pve_asprintf("remove the firmware's entry Boot%04X", entry->number);
		PVE_FREE char *number = pve_asprintf("%04X", entry->number);
		const char *const forget[] = {"forget", number, NULL};

		if (*entry->part && firmware_is_ours(entry) && !is_there(blk, entry->part))
			pve_plan_call(plan, what, forget, NULL,
				      "%s, %s: its partition is gone", entry->description,
				      entry->file);
	}
	efivars_done(&v);
}

/* forget NUMBER: an entry that is gone already is fine. */
int boot_call_forget(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	PVE_FREE char *program = pve_run_find("efibootmgr");
	PVE_FREE char *path = pve_asprintf(EFIVARS "/Boot%s-" EFI_GLOBAL, args[1]);
	const char *const argv[] = {program, "--quiet", "--bootnum", args[1], "--delete-bootnum", NULL};
	const struct pve_run cmd = {.argv = argv, .timeout_ms = EFIBOOTMGR_MS};

	(void)data;
	if (!program || !pve_fs_exists(sys, path))
		return 0;
	return pve_run_ok(sys, &cmd, NULL, e);
}
