/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses and routes: the new ones first, the old ones when those are there. */
#include <arpa/inet.h>
#include <linux/rtnetlink.h>

#include "ops_impl.h"
#include "pvecommon/text.h"

static const char *ip_text(struct net_planner *p, const struct net_ip *ip)
{
	PVE_BUF text = {0};

	net_ip_format(ip, &text);
	return net_op_text(p, "%s", pve_buf_str(&text));
}

static const char *gateway_text(const struct net_hop *h, char text[INET6_ADDRSTRLEN])
{
	return inet_ntop(h->r.family, &h->r.gateway, text, INET6_ADDRSTRLEN);
}

static bool same_subnet(const struct net_ip *a, const struct net_ip *b)
{
	struct net_addr x = {.family = a->a.family, .prefix = (int)a->a.prefix, .bytes = a->a.bytes};
	struct net_addr y = {.family = b->a.family, .bytes = b->a.bytes};

	return a->a.prefix == b->a.prefix && net_addr_covers(&x, &y);
}

/* The kernel drops the other addresses of a subnet together with its first one, and routes
 * with the last address of a link (net.ipv4.conf.*.promote_secondaries is 0): they are set
 * again, which does nothing when they are there. */
static void set_again(struct net_planner *p, const struct net_link *now, const struct net_ip *gone,
		      struct pve_buf *words)
{
	bool any = false;

	for (const struct net_ip *ip = now->ip; ip; ip = ip->next)
		if (ip != gone && ip->a.family == AF_INET && same_subnet(gone, ip)) {
			pve_buf_puts(words, net_op_ip(p, "addr+", now, ip));
			any = true;
		}
	for (const struct net_hop *h = now->hop; any && h; h = h->next)
		if (h->r.family == AF_INET)
			pve_buf_puts(words, net_op_hop(p, "route+", now, h));
}

/* --- new ones ------------------------------------------------------------------ */

static void add_ips(struct net_planner *p, const struct net_link *want, struct net_link *now)
{
	for (const struct net_ip *ip = want->ip; ip; ip = ip->next) {
		PVE_BUF undo = {0};

		if (net_link_find_ip(now, &ip->a))
			continue;
		/* On the way back the old ones have come after this one. */
		pve_buf_puts(&undo, net_op_ip(p, "addr-", now, ip));
		if (ip->a.family == AF_INET)
			set_again(p, now, ip, &undo);
		net_op_add(p, NET_RISK_NONE, now->name, net_op_ip(p, "addr+", now, ip),
			   net_op_text(p, "%s", pve_buf_str(&undo)), "it is configured and not there");
		net_op_action(p, "add address %s", ip_text(p, ip));
		net_link_add_ip(p->now, now, ip);
	}
}

static void add_remotes(struct net_planner *p, const struct net_link *want, struct net_link *now)
{
	for (const struct net_remote *r = want->remote; r; r = r->next) {
		if (net_link_has_remote(now, &r->r))
			continue;
		net_op_add(p, NET_RISK_NONE, now->name, net_op_remote(p, "remote+", now, &r->r),
			   net_op_remote(p, "remote-", now, &r->r), "it is configured and not there");
		net_op_action(p, "add remote");
		net_link_add_remote(p->now, now, &r->r);
	}
}

static void drop_remotes(struct net_planner *p, const struct net_link *want, struct net_link *now)
{
	const struct net_link *owned = net_op_owned(p, want->name);

	for (const struct net_remote *r = now->remote; r; r = r->next) {
		if (net_link_has_remote(want, &r->r) || !owned || !net_link_has_remote(owned, &r->r))
			continue;
		net_op_add(p, NET_RISK_OUTAGE, now->name, net_op_remote(p, "remote-", now, &r->r),
			   net_op_remote(p, "remote+", now, &r->r), "it is not configured any more");
		net_op_action(p, "remove remote");
	}
}

/* A route that the new one takes the place of: of any link. */
static struct net_hop *find_rival(struct net_planner *p, const struct net_hop *hop,
				  struct net_link **link)
{
	for (size_t i = 0; i < p->now->n; i++) {
		struct net_hop *h = p->now->link[i]->gone ? NULL : p->now->link[i]->hop;

		for (; h; h = h->next)
			if (h->r.family == hop->r.family && h->r.prefix == hop->r.prefix &&
			    h->r.table == hop->r.table && h->r.metric == hop->r.metric &&
			    memcmp(&h->r.dst, &hop->r.dst, sizeof(h->r.dst)) == 0) {
				*link = p->now->link[i];
				return h;
			}
	}
	return NULL;
}

static void add_hop(struct net_planner *p, struct net_link *now, const struct net_hop *hop)
{
	struct net_link *old_link = NULL;
	struct net_hop *old = find_rival(p, hop, &old_link);
	char a[INET6_ADDRSTRLEN], b[INET6_ADDRSTRLEN];

	net_op_add(p, old ? NET_RISK_BLIP : NET_RISK_NONE, now->name,
		   net_op_hop(p, "route+", now, hop),
		   old ? net_op_hop(p, "route+", old_link, old) : net_op_hop(p, "route-", now, hop),
		   "it is configured and not there");
	if (old)
		net_op_action(p, "gateway %s (%s) > %s", gateway_text(old, a), old_link->name,
			      gateway_text(hop, b));
	else
		net_op_action(p, "add gateway %s", gateway_text(hop, b));
	if (old)
		net_link_drop_hop(old_link, old);
	net_link_add_hop(p->now, now, hop);
}

static void add_hops(struct net_planner *p, const struct net_link *want, struct net_link *now)
{
	for (const struct net_hop *hop = want->hop; hop; hop = hop->next)
		if (!net_link_find_hop(now, &hop->r))
			add_hop(p, now, hop);
}

/* --- old ones ------------------------------------------------------------------ */

static void drop_ip(struct net_planner *p, struct net_link *now, struct net_ip *ip)
{
	PVE_BUF words = {0};
	size_t alone;

	pve_buf_puts(&words, net_op_ip(p, "addr-", now, ip));
	alone = words.len;
	if (ip->a.family == AF_INET)
		set_again(p, now, ip, &words);
	net_op_add(p, words.len > alone ? NET_RISK_BLIP : NET_RISK_OUTAGE, now->name,
		   net_op_text(p, "%s", pve_buf_str(&words)), net_op_ip(p, "addr+", now, ip),
		   "it is not configured any more");
	net_op_action(p, "remove address %s", ip_text(p, ip));
	net_link_drop_ip(now, ip);
}

static bool will_be_deleted(const struct net_planner *p, const struct net_link *owned)
{
	for (size_t i = 0; i < p->nold; i++)
		if (p->old[i] == owned)
			return owned->make;
	return false;
}

static void drop_hops(struct net_planner *p, const struct net_link *owned, struct net_link *now)
{
	const struct net_link *want = net_state_find(p->want, now->name);
	char text[INET6_ADDRSTRLEN];

	for (const struct net_hop *h = owned->hop; h; h = h->next) {
		struct net_hop *is = net_link_find_hop(now, &h->r);

		if (!is || (want && net_link_find_hop(want, &h->r)))
			continue;
		net_op_add(p, NET_RISK_OUTAGE, now->name, net_op_hop(p, "route-", now, is),
			   net_op_hop(p, "route+", now, is), "it is not configured any more");
		net_op_action(p, "remove gateway %s", gateway_text(h, text));
		net_link_drop_hop(now, is);
	}
}

static void drop_ips(struct net_planner *p, const struct net_link *owned, struct net_link *now)
{
	const struct net_link *want = net_state_find(p->want, now->name);

	for (const struct net_ip *ip = owned->ip; ip; ip = ip->next) {
		struct net_ip *is = net_link_find_ip(now, &ip->a);

		if (is && !(want && net_link_find_ip(want, &ip->a)))
			drop_ip(p, now, is);
	}
}

static void drop_old(struct net_planner *p)
{
	const struct net_state *owned = p->opts->owned;
	struct net_link *now;

	for (size_t i = 0; owned && i < owned->n; i++)
		if ((now = net_state_find(p->now, owned->link[i]->name)) &&
		    !will_be_deleted(p, owned->link[i]))
			drop_hops(p, owned->link[i], now);
	for (size_t i = 0; owned && i < owned->n; i++)
		if ((now = net_state_find(p->now, owned->link[i]->name)) &&
		    !will_be_deleted(p, owned->link[i]))
			drop_ips(p, owned->link[i], now);
}

void net_ops_addresses(struct net_planner *p)
{
	struct net_link *now;

	for (size_t i = 0; i < p->n; i++)
		if ((now = net_state_find(p->now, p->up[i]->name))) {
			add_remotes(p, p->up[i], now);
			drop_remotes(p, p->up[i], now);
			add_ips(p, p->up[i], now);
		}
	for (size_t i = 0; i < p->n; i++)
		if ((now = net_state_find(p->now, p->up[i]->name)))
			add_hops(p, p->up[i], now);
	drop_old(p);
}

/* --- sysctl -------------------------------------------------------------------- */

/* Some values are several numbers with tabs between them. */
const char *net_op_sysctl(struct net_planner *p, const char *path, const char *value)
{
	PVE_BUF text = {0};

	pve_text_escape(&text, pve_span(value));
	return net_op_text(p, "sysctl\t%s\t%s\n", path, pve_buf_str(&text));
}

/* now has the value of each path that is wanted, in the same order; NULL when the link is
 * yet to be made. */
void net_ops_sysctls(struct net_planner *p)
{
	const struct net_sysctl *is = p->now->sysctl;

	for (const struct net_sysctl *s = p->want->sysctl; s; s = s->next) {
		const char *was = is ? is->value : NULL;

		is = is ? is->next : NULL;
		if ((was && strcmp(was, s->value) == 0) || !net_state_find(p->now, s->link->name))
			continue;
		net_op_add(p, NET_RISK_NONE, s->link->name,
			   net_op_sysctl(p, s->path, s->value),
			   was ? net_op_sysctl(p, s->path, was) : "",
			   "the configuration says otherwise");
		net_op_action(p, "%s = %s", s->path, s->value);
	}
}
