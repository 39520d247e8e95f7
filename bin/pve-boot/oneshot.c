/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries for one attempt. */
#include "oneshot.h"

#include <string.h>
#include <strings.h>

#include "pvecommon/textfile.h"

#define ENTRIES "loader/entries"

/* proxmox-next+1.conf, proxmox-6.8.12-4-pve.next+0-1.conf: "next" behind the dash or a dot. */
bool boot_oneshot_is_entry(const char *name)
{
	size_t n = strlen(name);
	const char *next;

	if (n < 5 || strncasecmp(name, "proxmox-", 8) != 0 || strcasecmp(name + n - 5, ".conf") != 0)
		return false;
	next = strstr(name, "next+");
	return next && (next == name + 8 || next[-1] == '.');
}

bool boot_oneshot_has_entry(const struct esp_tree *t)
{
	const struct esp_node *dir = esp_find(t, ENTRIES), *node = NULL;

	while (dir && (node = esp_child(t, dir, node)))
		if (boot_oneshot_is_entry(node->name))
			return true;
	return false;
}

/* systemd-boot sorts entries with a sort-key before those without, so the first entry that the
 * default's pattern matches is this one, as long as it has an attempt left. */
void boot_oneshot_entry(struct pve_span entry, struct pve_buf *out)
{
	struct pve_textfile t = {0};

	pve_textfile_parse(&t, entry);
	pve_textfile_insert(&t, t.n, pve_span("sort-key proxmox-next"), NULL);
	pve_textfile_format(&t, out);
	pve_textfile_done(&t);
}
