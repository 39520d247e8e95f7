/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe.h"

#include <errno.h>

#include "pvecommon/fs.h"
#include "value.h"

/* --- a captured host: /netlink ------------------------------------------------- */

/* A file that need not be there. */
static int read_optional(struct pve_sys *sys, const char *path, struct pve_buf *b,
			 struct pve_err *e)
{
	struct pve_err own = {0};

	if (pve_fs_read(sys, path, 0, b, NULL, &own) == 0 || own.sys == ENOENT)
		return 0;
	*e = own;
	return -1;
}

static int read_capture(struct net_host *h, struct pve_sys *sys, struct pve_err *e)
{
	PVE_BUF link = {0};
	PVE_BUF addr = {0};
	PVE_BUF route = {0};

	if (read_optional(sys, "/netlink/link.json", &link, e) < 0 ||
	    read_optional(sys, "/netlink/addr.json", &addr, e) < 0 ||
	    read_optional(sys, "/netlink/route.json", &route, e) < 0)
		return -1;
	if (pve_nl_snapshot_parse(&h->live, (struct pve_span){link.data, link.len},
				  (struct pve_span){addr.data, addr.len},
				  (struct pve_span){route.data, route.len}, e) < 0)
		return pve_err_prefix(e, "%s/netlink", sys->root);
	h->have_live = true;
	return 0;
}

/* --- a copied /sys/class/net --------------------------------------------------- */

#define SYS_NET "/sys/class/net"

/* The content of an attribute without its final newline, in the arena; NULL: not there. */
static const char *attribute(struct net_host *h, struct pve_sys *sys, const char *dev,
			     const char *name)
{
	PVE_FREE char *path = pve_asprintf(SYS_NET "/%s/%s", dev, name);
	PVE_BUF b = {0};
	struct pve_span t;

	if (pve_fs_read(sys, path, 4096, &b, NULL, NULL) < 0)
		return NULL;
	t = pve_span_trim((struct pve_span){pve_buf_str(&b), b.len});
	return pve_arena_memdup(&h->live.mem, t.p, t.len);
}

static uint32_t attribute_number(struct net_host *h, struct pve_sys *sys, const char *dev,
				 const char *name)
{
	const char *text = attribute(h, sys, dev, name);

	return text ? (uint32_t)strtoul(text, NULL, 0) : 0;
}

/* "DEVTYPE=bridge" in uevent. */
static const char *devtype(struct net_host *h, struct pve_sys *sys, const char *dev)
{
	static const char mark[] = "DEVTYPE=";
	const char *text = attribute(h, sys, dev, "uevent");
	const char *at = text ? strstr(text, mark) : NULL;

	if (!at || (at > text && at[-1] != '\n'))
		return "";
	at += strlen(mark);
	return pve_arena_memdup(&h->live.mem, at, strcspn(at, "\n"));
}

static void read_sys_link(struct net_host *h, struct pve_sys *sys, const char *dev)
{
	const char *mac = attribute(h, sys, dev, "address");
	const char *state = attribute(h, sys, dev, "operstate");
	const char *alias = attribute(h, sys, dev, "ifalias");
	struct pve_nl_link *l;

	if (!state) /* bonding_masters is a file */
		return;
	l = pve_nl_link_add(&h->live);
	l->name = pve_arena_strdup(&h->live.mem, dev);
	l->operstate = state;
	l->mac = mac ? mac : "";
	l->alias = alias ? alias : "";
	l->kind = devtype(h, sys, dev);
	l->index = (int)attribute_number(h, sys, dev, "ifindex");
	l->mtu = attribute_number(h, sys, dev, "mtu");
	l->type = attribute_number(h, sys, dev, "type");
	l->flags = attribute_number(h, sys, dev, "flags");
}

static void read_sys_master(struct net_host *h, struct pve_sys *sys, struct pve_nl_link *l)
{
	PVE_FREE char *path = pve_asprintf(SYS_NET "/%s/master", l->name);
	PVE_BUF b = {0};
	const char *slash;

	if (pve_fs_readlink(sys, path, &b, NULL) < 0)
		return;
	slash = strrchr(pve_buf_str(&b), '/');
	for (size_t i = 0; slash && i < h->live.nlinks; i++)
		if (strcmp(h->live.link[i].name, slash + 1) == 0)
			l->master = h->live.link[i].index;
}

static void read_sys(struct net_host *h, struct pve_sys *sys)
{
	PVE_STRV names = {0};

	if (pve_fs_list(sys, SYS_NET, &names, NULL) < 0)
		return;
	h->have_live = true;
	for (size_t i = 0; i < names.n; i++)
		read_sys_link(h, sys, names.v[i]);
	pve_nl_links_sort(&h->live);
	for (size_t i = 0; i < h->live.nlinks; i++)
		read_sys_master(h, sys, &h->live.link[i]);
}

int net_host_read_live(struct net_host *h, struct pve_sys *sys, unsigned want, struct pve_err *e)
{
	if (!sys->rooted) {
		h->have_live = true;
		return pve_nl_snapshot_read(&h->live, want, e);
	}
	if (pve_fs_exists(sys, "/netlink/link.json"))
		return read_capture(h, sys, e);
	read_sys(h, sys);
	return 0;
}

/* --- what belongs to a link ---------------------------------------------------- */

static void chain_init(struct net_host *h, struct net_chain *c, size_t nitems)
{
	c->head = pve_arena_alloc(&h->live.mem, h->live.nlinks * sizeof(*c->head));
	c->tail = pve_arena_alloc(&h->live.mem, h->live.nlinks * sizeof(*c->tail));
	c->next = pve_arena_alloc(&h->live.mem, nitems * sizeof(*c->next));
}

static void chain_add(struct net_host *h, struct net_chain *c, int index, size_t item)
{
	const struct pve_nl_link *link = pve_nl_link_by_index(&h->live, index);
	size_t n;

	if (!link)
		return;
	n = (size_t)(link - h->live.link);
	if (c->head[n])
		c->next[c->tail[n] - 1] = (uint32_t)item + 1;
	else
		c->head[n] = (uint32_t)item + 1;
	c->tail[n] = (uint32_t)item + 1;
}

static void index_items(struct net_host *h)
{
	const struct pve_nl_snapshot *s = &h->live;

	chain_init(h, &h->addrs, s->naddrs);
	chain_init(h, &h->ports, s->nlinks);
	chain_init(h, &h->gateways, s->nroutes);
	for (size_t i = 0; i < s->naddrs; i++)
		if (s->addr[i].scope == 0)
			chain_add(h, &h->addrs, s->addr[i].index, i);
	for (size_t i = 0; i < s->nlinks; i++)
		if (s->link[i].master)
			chain_add(h, &h->ports, s->link[i].master, i);
	for (size_t i = 0; i < s->nroutes; i++)
		if (!s->route[i].prefix && s->route[i].has_gateway)
			chain_add(h, &h->gateways, s->route[i].oif, i);
}

const struct pve_nl_addr *net_host_addr(const struct net_host *h, const struct pve_nl_link *l,
					const struct pve_nl_addr *prev)
{
	uint32_t n = prev ? h->addrs.next[prev - h->live.addr] : h->addrs.head[l - h->live.link];

	return n ? &h->live.addr[n - 1] : NULL;
}

const struct pve_nl_link *net_host_port(const struct net_host *h, const struct pve_nl_link *l,
					const struct pve_nl_link *prev)
{
	uint32_t n = prev ? h->ports.next[prev - h->live.link] : h->ports.head[l - h->live.link];

	return n ? &h->live.link[n - 1] : NULL;
}

const struct pve_nl_route *net_host_gateway(const struct net_host *h, const struct pve_nl_link *l,
					    const struct pve_nl_route *prev)
{
	uint32_t n =
		prev ? h->gateways.next[prev - h->live.route] : h->gateways.head[l - h->live.link];

	return n ? &h->live.route[n - 1] : NULL;
}

/* --- all of it ----------------------------------------------------------------- */

static void index_links(struct net_host *h)
{
	for (size_t i = 0; i < h->live.nlinks; i++) {
		struct pve_nl_link *l = &h->live.link[i];

		pve_map_set(&h->link, pve_span(l->name), l);
		for (unsigned k = 0; k < l->naltnames; k++)
			pve_map_set(&h->link, pve_span(l->altname[k]), l);
	}
}

int net_host_read(struct net_host *h, struct pve_sys *sys, unsigned want, struct pve_err *e)
{
	*h = (struct net_host){0};
	if (net_conf_read(&h->conf, sys, NET_INTERFACES, e) < 0 || net_host_read_live(h, sys, want, e) < 0) {
		net_host_done(h);
		return -1;
	}
	net_model_read(&h->model, &h->conf);
	index_links(h);
	index_items(h);
	return 0;
}

void net_host_done(struct net_host *h)
{
	net_model_done(&h->model);
	net_conf_done(&h->conf);
	pve_map_done(&h->link);
	pve_nl_snapshot_free(&h->live);
	*h = (struct net_host){0};
}

const struct pve_nl_link *net_host_link(const struct net_host *h, const char *name)
{
	return pve_map_get(&h->link, pve_span(name));
}

const struct pve_nl_link *net_host_link_at(const struct net_host *h, int index)
{
	return pve_nl_link_by_index(&h->live, index);
}

/* --- names and kinds ----------------------------------------------------------- */

static bool match_any(const char *name, const char *const *patterns)
{
	for (; *patterns; patterns++)
		if (net_name_matches(name, *patterns))
			return true;
	return false;
}

bool net_name_is_foreign(const char *name)
{
	static const char *const patterns[] = {
		/* Proxmox VE: guests, their firewall, SDN. */
		"tap#i#", "veth#i#", "fwpr#p#", "fwln#i#", "fwln#o#", "fwbr#i#", "ln_*", "pr_*",
		"vxlan_*", "vrf_*",
		/* Containers, virtual machines and VPNs of others. */
		"docker#", "veth*", "virbr*", "vnet#", "cali*", "lxcbr#", "podman#", "wg*",
		"tailscale*", "zt*", "ovs-system", NULL};

	return match_any(name, patterns) || (strncmp(name, "br-", 3) == 0 && strlen(name) == 15 &&
					     strspn(name + 3, "0123456789abcdef") == 12);
}

/* What Proxmox VE makes for guests with a tag on a bridge that is not VLAN-aware. */
static bool is_tag_bridge(const char *name)
{
	static const char *const patterns[] = {"vmbr#v#", NULL};

	return match_any(name, patterns);
}

bool net_link_is_foreign(const struct net_host *h, const struct pve_nl_link *l)
{
	const struct pve_nl_link *master = NULL;

	if (net_name_is_foreign(l->name) || is_tag_bridge(l->name))
		return true;
	if (l->master)
		master = pve_nl_link_by_index(&h->live, l->master);
	return master && (net_name_is_foreign(master->name) || is_tag_bridge(master->name));
}

enum net_type net_type_of_link(const struct pve_nl_link *l)
{
	static const struct {
		const char *kind;
		enum net_type type;
	} kinds[] = {
		{"bridge", NET_T_BRIDGE},
		{"bond", NET_T_BOND},
		{"vlan", NET_T_VLAN},
		{"vxlan", NET_T_VXLAN},
		{"dummy", NET_T_DUMMY},
		{"veth", NET_T_VETH},
		{"vrf", NET_T_VRF},
		{"ipip", NET_T_TUNNEL},
		{"sit", NET_T_TUNNEL},
		{"gre", NET_T_TUNNEL},
		{"ppp", NET_T_PPP},
		{"wlan", NET_T_ETH},
		{"openvswitch", NET_T_OVS_BRIDGE},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(l->kind, kinds[i].kind) == 0)
			return kinds[i].type;
	if (l->type == 772) /* ARPHRD_LOOPBACK */
		return NET_T_LOOPBACK;
	/* Ethernet and Infiniband */
	return !*l->kind && (l->type == 1 || l->type == 32) ? NET_T_ETH : NET_T_UNKNOWN;
}
