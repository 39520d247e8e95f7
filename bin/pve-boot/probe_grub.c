/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "grub.h"
#include "pvecommon/fs.h"
#include "pvecommon/mem.h"

#define DEFAULTS "/etc/default/grub"
#define DEFAULTS_DIR "/etc/default/grub.d"
#define CUSTOM "/etc/grub.d/40_custom"

/* A missing file sets nothing. */
static int read_one(struct pve_sys *sys, const char *path, struct pve_buf *text, struct pve_err *e)
{
	struct pve_err own = {0};

	if (pve_fs_read(sys, path, 0, text, NULL, &own) == 0 || own.sys == ENOENT ||
	    own.sys == ENOTDIR)
		return 0;
	*e = own;
	return -1;
}

static int add_file(struct boot_grub_settings *s, struct pve_sys *sys, const char *path,
		    struct pve_err *e)
{
	PVE_BUF text = {0};

	if (read_one(sys, path, &text, e) < 0)
		return -1;
	return boot_grub_settings_add(s, (struct pve_span){pve_buf_str(&text), text.len}, path, e);
}

int boot_grub_settings_read(struct boot_grub_settings *s, struct pve_sys *sys, struct pve_err *e)
{
	PVE_STRV names = {0};
	PVE_BUF script = {0};

	if (add_file(s, sys, DEFAULTS, e) < 0)
		return -1;
	if (pve_fs_list(sys, DEFAULTS_DIR, &names, NULL) < 0)
		names.n = 0;
	for (size_t i = 0; i < names.n; i++) {
		PVE_FREE char *path = pve_asprintf(DEFAULTS_DIR "/%s", names.v[i]);
		size_t n = strlen(names.v[i]);

		if (n > 4 && strcmp(names.v[i] + n - 4, ".cfg") == 0 &&
		    add_file(s, sys, path, e) < 0)
			return -1;
	}
	if (read_one(sys, CUSTOM, &script, e) < 0)
		return -1;
	boot_grub_custom((struct pve_span){pve_buf_str(&script), script.len}, &s->custom);
	return 0;
}
