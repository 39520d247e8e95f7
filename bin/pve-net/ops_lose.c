/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel takes away of its own accord, when a link goes down or its MTU falls. */
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "ops_impl.h"

#define IPV6_MIN_MTU 1280 /* RFC 8200, section 5 */

static bool owned_ip(const struct net_planner *p, const struct net_link *l,
		     const struct net_ip *ip)
{
	const struct net_link *owned = net_op_owned(p, l->name);

	return owned && net_link_find_ip(owned, &ip->a);
}

static bool owned_hop(const struct net_planner *p, const struct net_link *l,
		      const struct net_hop *hop)
{
	const struct net_link *owned = net_op_owned(p, l->name);

	return owned && net_link_find_hop(owned, &hop->r);
}

struct net_link *net_op_want_back(struct net_planner *p, const struct net_link *l)
{
	struct net_link *want = net_state_find(p->want, l->name);

	if (want)
		return want;
	want = net_state_add(p->want, l->name);
	want->kind = l->kind;
	return want;
}

static void lose_ips(struct net_planner *p, struct net_link *l, struct pve_buf *undo)
{
	struct net_ip *ip, *next;

	for (ip = l->ip; ip; ip = next) {
		next = ip->next;
		if (ip->a.family != AF_INET6 || ip->a.scope == RT_SCOPE_LINK ||
		    !(ip->a.flags & IFA_F_PERMANENT))
			continue;
		pve_buf_puts(undo, net_op_ip(p, "addr+", l, ip));
		net_link_drop_ip(l, ip);
		if (!owned_ip(p, l, ip)) {
			struct net_link *want = net_op_want_back(p, l);

			if (!net_link_find_ip(want, &ip->a))
				net_link_add_ip(p->want, want, ip);
		}
	}
}

/* Routes that a router advertises come back by themselves. */
static void lose_hops(struct net_planner *p, struct net_link *l, struct pve_buf *undo)
{
	struct net_hop *hop, *next;

	for (hop = l->hop; hop; hop = next) {
		next = hop->next;
		net_link_drop_hop(l, hop);
		if (hop->r.protocol == RTPROT_RA)
			continue;
		pve_buf_puts(undo, net_op_hop(p, "route+", l, hop));
		if (!owned_hop(p, l, hop)) {
			struct net_link *want = net_op_want_back(p, l);

			if (!net_link_find_hop(want, &hop->r))
				net_link_add_hop(p->want, want, hop);
		}
	}
}

/* VLANs on it go down with it, and up again. */
static void lose(struct net_planner *p, struct net_link *l, unsigned depth, struct pve_buf *undo)
{
	lose_ips(p, l, undo);
	lose_hops(p, l, undo);
	for (size_t i = 0; depth && i < p->now->n; i++) {
		struct net_link *on = p->now->link[i];

		if (!on->gone && strcmp(on->kind, "vlan") == 0 &&
		    strcmp(net_link_text(on, PVE_NL_LOWER), l->name) == 0)
			lose(p, on, depth - 1, undo);
	}
}

const char *net_ops_lose(struct net_planner *p, struct net_link *l)
{
	PVE_BUF undo = {0};

	lose(p, l, 8, &undo);
	return net_op_text(p, "%s", pve_buf_str(&undo));
}

/* The kernel makes them anew, with its defaults. */
static void ipv6_sysctls(struct net_planner *p, const struct net_link *l, struct pve_buf *undo)
{
	PVE_FREE char *dir = pve_asprintf("net/ipv6/conf/%s/", l->name);

	for (const struct net_sysctl *s = p->now->sysctl; s; s = s->next)
		if (s->value && strncmp(s->path, dir, strlen(dir)) == 0)
			pve_buf_puts(undo, net_op_sysctl(p, s->path, s->value));
}

void net_ops_mtu_ipv6(struct net_planner *p, const struct net_link *l, uint64_t mtu,
		      struct pve_buf *undo)
{
	if (mtu >= IPV6_MIN_MTU || net_link_number(l, PVE_NL_MTU, 0) < IPV6_MIN_MTU)
		return;
	ipv6_sysctls(p, l, undo);
	for (const struct net_ip *ip = l->ip; ip; ip = ip->next)
		if (ip->a.family == AF_INET6 && ip->a.scope != RT_SCOPE_LINK &&
		    ip->a.flags & IFA_F_PERMANENT)
			pve_buf_puts(undo, net_op_ip(p, "addr+", l, ip));
	for (const struct net_hop *hop = l->hop; hop; hop = hop->next)
		if (hop->r.family == AF_INET6 && hop->r.protocol != RTPROT_RA)
			pve_buf_puts(undo, net_op_hop(p, "route+", l, hop));
}

void net_ops_mtu_follows(struct net_planner *p, const struct net_link *now, uint64_t mtu,
			 unsigned depth, struct pve_buf *undo)
{
	for (size_t i = 0; depth && i < p->now->n; i++) {
		struct net_link *l = p->now->link[i];
		uint64_t is = net_link_number(l, PVE_NL_MTU, 0);
		bool slave = strcmp(now->kind, "bond") == 0 && is != mtu &&
			     strcmp(net_link_text(l, PVE_NL_MASTER), now->name) == 0;
		bool vlan = strcmp(l->kind, "vlan") == 0 && is > mtu &&
			    strcmp(net_link_text(l, PVE_NL_LOWER), now->name) == 0;

		if (l->gone || (!slave && !vlan))
			continue;
		pve_buf_printf(undo, "set\t%s\tmtu=%u\n", l->name, (unsigned)is);
		net_ops_mtu_ipv6(p, l, mtu, undo);
		net_link_set_number(l, PVE_NL_MTU, mtu);
		net_ops_mtu_follows(p, l, mtu, depth - 1, undo);
	}
}
