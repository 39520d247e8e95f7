/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as corosync.conf, mountinfo, hosts and SSH_CONNECTION, separated by NUL: every way that
 * is found begins with a link of the host. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>

#include "pve-net/lockout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pve_span part(struct pve_span *rest)
{
	const char *end = rest->len ? memchr(rest->p, '\0', rest->len) : NULL;
	struct pve_span s = {rest->p, end ? (size_t)(end - rest->p) : rest->len};

	rest->p += s.len + (end != NULL);
	rest->len -= s.len + (end != NULL);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* The masters go round in a circle, as no kernel has it. */
	struct pve_nl_link link[] = {{.index = 1, .name = "eno1", .kind = "", .master = 2},
				     {.index = 2, .name = "vmbr0", .kind = "bridge", .master = 3},
				     {.index = 3, .name = "v", .kind = "vlan", .lower = 1, .master = 1}};
	struct pve_nl_addr addr = {.index = 2, .family = AF_INET};
	struct pve_nl_route route = {.family = AF_INET, .oif = 3};
	struct pve_nl_snapshot live = {.link = link, .nlinks = 3, .addr = &addr, .naddrs = 1,
				       .route = &route, .nroutes = 1};
	struct pve_span rest = {(const char *)data, size};
	struct net_way_facts f = {.live = &live};
	struct net_ways w;
	struct pve_span ssh;
	char *text;

	inet_pton(AF_INET, "10.0.0.1", &addr.bytes);
	f.corosync = part(&rest);
	f.mounts = part(&rest);
	f.hosts = part(&rest);
	ssh = part(&rest);
	text = pve_strndup(ssh.len ? ssh.p : "", ssh.len);
	f.ssh = text;
	net_ways_find(&w, &f);
	for (size_t i = 0; i < w.n; i++)
		if (!w.v[i].link.n || net_ways_touched(&w, w.v[i].link.v[0]) == NULL)
			abort();
	net_ways_done(&w);
	free(text);
	return 0;
}
