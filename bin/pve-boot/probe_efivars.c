/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include "efivars.h"
#include "pvecommon/fs.h"

#define EFI_DIR "/sys/firmware/efi"
#define VAR_MAX 65536 /* bytes of a variable that is looked at */

/* Those that efivars_take knows: reading a variable may ask the firmware, which is slow. */
static bool is_wanted(const char *name)
{
	static const char *const prefixes[] = {"Boot",   "SecureBoot-",   "SetupMode-",
					     "Loader", "MokSBStateRT-", "SbatLevelRT-"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

static void read_one(struct efivars *v, struct pve_sys *sys, const char *name)
{
	PVE_FREE char *path = pve_asprintf(EFIVARS "/%s", name);
	PVE_BUF bytes = {0};
	struct pve_err e = {0};

	/* A variable may go while the directory is read. */
	if (pve_fs_read(sys, path, VAR_MAX, &bytes, NULL, &e) == 0)
		efivars_take(v, name, (struct pve_span){bytes.data, bytes.len});
	else if (e.sys != ENOENT)
		pve_diags_add(&v->diags, PVE_WARNING, pve_arena_strdup(&v->mem, name), 0, "%s",
			      e.msg);
}

static unsigned read_bits(struct pve_sys *sys)
{
	PVE_BUF bytes = {0};

	if (pve_fs_read(sys, EFI_DIR "/fw_platform_size", 64, &bytes, NULL, NULL) < 0)
		return 0;
	return strncmp(bytes.data, "64", 2) == 0 ? 64 : strncmp(bytes.data, "32", 2) == 0 ? 32 : 0;
}

void efivars_read(struct efivars *v, struct pve_sys *sys)
{
	PVE_STRV names = {0};
	struct pve_err e = {0};

	efivars_init(v);
	v->efi = pve_fs_exists(sys, EFI_DIR);
	if (!v->efi)
		return;
	v->bits = read_bits(sys);
	if (pve_fs_list(sys, EFIVARS, &names, &e) < 0)
		pve_diags_add(&v->diags, PVE_WARNING, EFIVARS, 0, "%s", e.msg);
	v->readable = names.n > 0;
	for (size_t i = 0; i < names.n; i++)
		if (is_wanted(names.v[i]))
			read_one(v, sys, names.v[i]);
	efivars_finish(v);
}
