/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe_refs.h"

#include <errno.h>

#include "pvecommon/fs.h"
#include "refs.h"

/* Files that a person would look through; "" as suffix: all of the directory. */
static const struct {
	const char *dir, *suffix;
} dirs[] = {
	{"/etc/pve/sdn", ".cfg"},
	{"/etc/pve/firewall", ".fw"},
	{"/etc/pve/qemu-server", ".conf"},
	{"/etc/pve/lxc", ".conf"},
	{"/etc/network/interfaces.d", ""},
	{"/etc/network/if-pre-up.d", ""},
	{"/etc/network/if-up.d", ""},
	{"/etc/network/if-down.d", ""},
	{"/etc/network/if-post-down.d", ""},
	{"/etc/sysctl.d", ".conf"},
	{"/etc/systemd/network", ""},
	{"/etc/udev/rules.d", ".rules"},
	{"/etc/dnsmasq.d", ""},
};

/* The host's own firewall is edited, where it is named. */
static const char *const files[] = {"/etc/pve/local/config", "/etc/sysctl.conf",
				    "/etc/dnsmasq.conf", "/etc/default/isc-dhcp-server",
				    "/etc/dhcp/dhclient.conf"};

#define REF_MAX (1u << 20) /* of one file: pmxcfs has none larger */

static bool is_of(const struct net_conf *c, const char *path)
{
	for (size_t i = 0; i < c->nfiles; i++)
		if (strcmp(c->file[i]->path, path) == 0)
			return true;
	return false;
}

void net_refs_read_file(struct pve_sys *sys, const char *path, const char *name, struct pve_buf *out)
{
	struct pve_err why = {0};
	PVE_BUF text = {0};

	if (pve_fs_read(sys, path, REF_MAX, &text, NULL, &why) == 0)
		net_refs_find((struct pve_span){text.data, text.len}, path, name, out);
	else if (why.sys && why.sys != ENOENT && why.sys != ENOTDIR)
		pve_buf_printf(out, "%s: may name %s: %s\n", path, name, why.msg);
}

static bool ends_with(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n > m && strcmp(s + n - m, suffix) == 0;
}

void net_refs_read(struct pve_sys *sys, const struct net_conf *c, const char *name,
		   struct pve_buf *out)
{
	for (size_t d = 0; d < sizeof(dirs) / sizeof(dirs[0]); d++) {
		PVE_STRV names = {0};

		pve_fs_list(sys, dirs[d].dir, &names, NULL);
		for (size_t i = 0; i < names.n; i++) {
			PVE_FREE char *path = pve_asprintf("%s/%s", dirs[d].dir, names.v[i]);

			if (ends_with(names.v[i], dirs[d].suffix) && !is_of(c, path))
				net_refs_read_file(sys, path, name, out);
		}
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		net_refs_read_file(sys, files[i], name, out);
}
