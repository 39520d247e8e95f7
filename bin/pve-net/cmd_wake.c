/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "node.h"
#include "probe.h"
#include "probe_dropin.h"
#include "pvecommon/fs.h"
#include "pvecommon/mem.h"
#include "pvecommon/wake.h"

#define NODES "/etc/pve/nodes"
#define PAUSE_MS 50 /* between packets, for one lost to a burst is lost with all of it */

enum { COL_NODE, COL_MAC, COL_INTERFACE, COL_BROADCAST, COL_PACKETS, COL_HEX };

const struct pve_col net_wake_cols[NET_WAKE_NCOLS] = {
	{"node", PVE_T_STR, false, "node, when one was named"},
	{"mac", PVE_T_STR, false, "MAC address to wake"},
	{"interface", PVE_T_STR, false, "interface it is sent on"},
	{"broadcast", PVE_T_STR, false, "address it is sent to"},
	{"packets", PVE_T_INT, false, "how many were sent; 0 with --dry-run"},
	{"hex", PVE_T_STR, true, "the packet's bytes"},
};

const struct pve_opt net_wake_options[] = {
	{'i', "interface", PVE_OPT_STR, offsetof(struct net_wake_opts, interface), "IFACE",
	 "send on this interface only, not on all that are up"},
	{'b', "broadcast", PVE_OPT_STR, offsetof(struct net_wake_opts, broadcast), "ADDRESS",
	 "send to this IPv4 address, not to 255.255.255.255"},
	{'c', "count", PVE_OPT_UINT, offsetof(struct net_wake_opts, count), "N",
	 "packets for each MAC and interface (3)", NULL, 1, 100},
	{0},
};

struct target {
	const char *node; /* NULL: a MAC was given */
	unsigned char mac[6];
};

struct job {
	struct target *v;
	size_t n;
	struct pve_strv interfaces;
	const char *broadcast;
	struct pve_wake_node local; /* what broadcast and an interface may point into */
};

static void job_done(struct job *j)
{
	free(j->v);
	pve_strv_done(&j->interfaces);
}

static int node_read(struct pve_ctx *ctx, const char *name, struct pve_wake_node *n)
{
	PVE_FREE char *file = pve_asprintf(NODES "/%s/config", name);
	struct pve_diags d = {0};
	PVE_BUF text = {0};
	int ret;

	if (probe_read(&ctx->sys, file, &text, NULL, &ctx->err) < 0)
		return -1;
	pve_wake_node_parse(n, (struct pve_span){text.data, text.len}, file, &d);
	ret = pve_diags_err(&d, &ctx->err);
	pve_diags_done(&d);
	return ret;
}

/* Proxmox VE's name of this node is the host name up to its first dot. */
static void local_name(struct pve_ctx *ctx, char name[64])
{
	PVE_BUF text = {0};
	struct pve_span s;

	name[0] = '\0';
	if (!ctx->sys.rooted && gethostname(name, 63) == 0) {
		name[63] = '\0';
		name[strcspn(name, ".")] = '\0';
		return;
	}
	if (probe_read(&ctx->sys, "/etc/hostname", &text, NULL, NULL) < 0)
		return;
	s = pve_span_trim((struct pve_span){text.data, text.len});
	if (s.len < 64) {
		memcpy(name, s.len ? s.p : "", s.len);
		name[s.len] = '\0';
		name[strcspn(name, ".")] = '\0';
	}
}

static int target_read(struct pve_ctx *ctx, const char *word, const char *self, struct target *t)
{
	struct pve_wake_node n;
	struct stat st;
	PVE_FREE char *dir = NULL;

	if (pve_wake_is_mac(word))
		return pve_wake_mac_parse(word, t->mac, &ctx->err);
	if (!pve_wake_is_node(word))
		return pve_err_set(&ctx->err, PVE_USAGE,
				   "'%s' is neither a MAC address nor the name of a node", word);
	if (strcmp(word, self) == 0 || strcmp(word, "localhost") == 0)
		return pve_err_set(&ctx->err, PVE_USAGE, "'%s' is this node, and it is awake",
				   word);
	dir = pve_asprintf(NODES "/%s", word);
	if (pve_fs_stat(&ctx->sys, dir, &st, NULL) < 0)
		return pve_err_set(&ctx->err, PVE_NOTHERE, "there is no node '%s' in " NODES, word);
	if (node_read(ctx, word, &n) < 0)
		return -1;
	if (!n.has_mac)
		return pve_err_set(&ctx->err, PVE_CONFIG,
				   NODES "/%s/config: has no property wakeonlan; \"pvenode config "
					 "set -wakeonlan MAC\" on that node sets it",
				   word);
	t->node = word;
	memcpy(t->mac, n.mac, 6);
	return 0;
}

/* Every interface that is up, can broadcast, has an IPv4 address and is the host's own. */
static int interfaces_read(struct pve_ctx *ctx, struct pve_strv *names)
{
	struct ifaddrs *all;

	if (ctx->sys.rooted)
		return pve_err_set(&ctx->err, PVE_USAGE,
				   "wake: with --root, --interface must be given");
	if (getifaddrs(&all) < 0)
		return pve_err_sys(&ctx->err, errno, "reading the interfaces");
	for (struct ifaddrs *i = all; i; i = i->ifa_next) {
		unsigned want = IFF_UP | IFF_BROADCAST;

		if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET || strchr(i->ifa_name, ':') ||
		    (i->ifa_flags & want) != want || i->ifa_flags & IFF_LOOPBACK ||
		    net_name_is_foreign(i->ifa_name))
			continue;
		if (!pve_strv_has(names, i->ifa_name))
			pve_strv_add(names, i->ifa_name);
	}
	freeifaddrs(all);
	if (!names->n)
		return pve_err_set(&ctx->err, PVE_NOTHERE,
				   "no interface is up and has an IPv4 address to broadcast from");
	return 0;
}

/* As in Proxmox VE the MAC is the target's, and the rest is this node's. */
static int job_read(struct pve_ctx *ctx, struct job *j)
{
	const struct net_wake_opts *o = ctx->opts;
	const char *interface = o->interface;
	char self[64];

	local_name(ctx, self);
	j->v = pve_calloc(ctx->operands.n, sizeof(*j->v));
	for (; j->n < ctx->operands.n; j->n++)
		if (target_read(ctx, ctx->operands.v[j->n], self, &j->v[j->n]) < 0)
			return -1;
	if (pve_wake_is_node(self) && node_read(ctx, self, &j->local) < 0)
		return -1;
	if (!interface && j->local.interface[0])
		interface = j->local.interface;
	j->broadcast = o->broadcast            ? o->broadcast
		       : j->local.broadcast[0] ? j->local.broadcast
					       : "255.255.255.255";
	if (!pve_wake_is_ipv4(j->broadcast))
		return pve_err_set(&ctx->err, PVE_USAGE, "'%s' is not an IPv4 address",
				   j->broadcast);
	if (!interface)
		return interfaces_read(ctx, &j->interfaces);
	if (!ctx->sys.rooted && !if_nametoindex(interface))
		return pve_err_set(&ctx->err, PVE_NOTHERE, "there is no interface '%s'", interface);
	pve_strv_add(&j->interfaces, interface);
	return 0;
}

static int send_all(struct pve_ctx *ctx, const char *interface, const char *broadcast,
		    const unsigned char packet[PVE_WAKE_SIZE], uint64_t count)
{
	static const struct timespec pause = {0, PAUSE_MS * 1000000};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PVE_WAKE_PORT)};
	PVE_CLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int on = 1;

	inet_pton(AF_INET, broadcast, &to.sin_addr);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) < 0)
		return pve_err_sys(&ctx->err, errno, "opening a socket");
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
		       (socklen_t)strlen(interface) + 1) < 0)
		return pve_err_sys(&ctx->err, errno, "binding to %s", interface);
	for (uint64_t i = 0; i < count; i++) {
		if (i)
			nanosleep(&pause, NULL);
		if (sendto(fd, packet, PVE_WAKE_SIZE, 0, (struct sockaddr *)&to, sizeof(to)) !=
		    PVE_WAKE_SIZE)
			return pve_err_sys(&ctx->err, errno, "sending to %s on %s", broadcast,
					   interface);
	}
	return 0;
}

static void row_add(struct pve_out *out, const struct target *t, const char *interface,
		    const char *broadcast, const unsigned char packet[PVE_WAKE_SIZE], uint64_t sent)
{
	struct pve_row *row = pve_out_row(out, NULL);
	char mac[PVE_WAKE_MAC_TEXT], hex[2 * PVE_WAKE_SIZE + 1];

	for (int i = 0; i < PVE_WAKE_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", packet[i]);
	pve_row_str(row, COL_NODE, t->node);
	pve_row_str(row, COL_MAC, pve_wake_mac_text(t->mac, mac));
	pve_row_str(row, COL_INTERFACE, interface);
	pve_row_str(row, COL_BROADCAST, broadcast);
	pve_row_int(row, COL_PACKETS, (int64_t)sent);
	pve_row_str(row, COL_HEX, hex);
}

/* One interface that refuses, say because it has lost its cable, does not keep the others from
 * being tried; the first reason is the command's. */
static int wake(struct pve_ctx *ctx, const struct job *j, struct pve_out *out)
{
	const struct net_wake_opts *o = ctx->opts;
	uint64_t count = ctx->dry_run ? 0 : o->count ? o->count : 3;
	struct pve_err first = {0};

	for (size_t t = 0; t < j->n; t++) {
		unsigned char packet[PVE_WAKE_SIZE];

		pve_wake_packet(packet, j->v[t].mac);
		for (size_t i = 0; i < j->interfaces.n; i++) {
			const char *interface = j->interfaces.v[i];

			if (ctx->dry_run ||
			    send_all(ctx, interface, j->broadcast, packet, count) == 0)
				row_add(out, &j->v[t], interface, j->broadcast, packet, count);
			else if (!first.code)
				first = ctx->err;
		}
	}
	ctx->err = first;
	return first.code ? -1 : 0;
}

int net_cmd_wake(struct pve_ctx *ctx)
{
	PVE_CLEANUP(job_done) struct job j = {0};
	struct pve_out *out;
	int ret;

	if (ctx->sys.rooted && !ctx->dry_run)
		return pve_err_set(&ctx->err, PVE_USAGE,
				   "wake: sends packets, so with --root there is only --dry-run");
	if (job_read(ctx, &j) < 0)
		return -1;
	out = pve_out_new(net_wake_cols, NET_WAKE_NCOLS, &ctx->out, &ctx->err);
	if (!out)
		return -1;
	ret = wake(ctx, &j, out);
	if (pve_ctx_print(ctx, out) < 0)
		ret = -1;
	pve_out_free(out);
	return ret;
}
