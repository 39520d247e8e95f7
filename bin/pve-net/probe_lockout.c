/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe_lockout.h"

#include <errno.h>
#include <stdlib.h>

#include "pvecommon/fs.h"

static int read_text(struct pve_sys *sys, const char *path, struct pve_buf *text, struct pve_err *e)
{
	struct pve_err why = {0};

	if (pve_fs_read(sys, path, 0, text, NULL, &why) == 0 || why.sys == ENOENT ||
	    why.sys == ENOTDIR || why.sys == ENOTCONN)
		return 0;
	return pve_err_set(e, why.code, "%s", why.msg);
}

static struct pve_span span(const struct pve_buf *b)
{
	return (struct pve_span){pve_buf_str(b), b->len};
}

int net_ways_read(struct net_ways *w, struct pve_sys *sys, const struct pve_nl_snapshot *live,
		  struct pve_err *e)
{
	PVE_BUF corosync = {0};
	PVE_BUF mounts = {0};
	PVE_BUF hosts = {0};
	struct net_way_facts f = {.live = live};

	/* The second copy is the one that corosync itself reads; pmxcfs may not be mounted. */
	if (read_text(sys, "/etc/pve/corosync.conf", &corosync, e) < 0 ||
	    (!corosync.len && read_text(sys, "/etc/corosync/corosync.conf", &corosync, e) < 0) ||
	    read_text(sys, "/proc/self/mountinfo", &mounts, e) < 0 ||
	    read_text(sys, "/etc/hosts", &hosts, e) < 0)
		return -1;
	f.ssh = getenv("SSH_CONNECTION");
	f.corosync = span(&corosync);
	f.mounts = span(&mounts);
	f.hosts = span(&hosts);
	net_ways_find(w, &f);
	return 0;
}
